"""What a student's process sees of this machine: a list of what notebooks need, and no more.

Programs and libraries of the system, Python with its packages, the package `course`, fonts,
languages, time zones and certificates. Whatever else lies between them is somebody else's.
"""

import glob
import os
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

# Below /usr, and as far as there is such a thing below /.
_SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libexec")
# Below /usr/local, where much else may lie: a Python there is found as any other is.
_LOCAL = ("bin", "sbin", "lib64", "lib/*.so*", "lib/*-linux-*")
# Below the folder of a Python or of an environment, unless it is one of the system's.
_PREFIX = ("bin", "lib", "lib64", "pyvenv.cfg", "ssl")
# Below the `share` of each.
_SHARE = (
    *("ca-certificates", "fontconfig", "fonts", "i18n", "locale", "mime", "misc", "perl", "perl5"),
    *("tcltk", "terminfo", "zoneinfo"),
)
_ETC = (
    *("alternatives", "fonts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime"),
    *("mime.types", "nsswitch.conf", "ssl/certs", "ssl/openssl.cnf"),
)
_OF_SYSTEM = ("/", "/usr", "/usr/local")


@dataclass(frozen=True)
class Visible:
    """Files and folders by their real paths, and links, {path: real path}, that lead to them."""

    places: list[str]
    links: dict[str, str]


def visible() -> Visible:
    """What is visible, as this process finds it."""
    places, links = set(), {}
    for path in filter(os.path.exists, map(os.path.abspath, _paths())):
        real = os.path.realpath(path)
        places.add(real)
        if real != path:
            links[path] = real
    return Visible(sorted(places), links)


def _paths():
    import course

    prefixes = dict.fromkeys([sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix])
    yield from _below("/", _SYSTEM)
    yield from _below("/usr", _SYSTEM)
    yield from _below("/usr/local", _LOCAL)
    yield from _below("/etc", _ETC)
    for prefix in prefixes:
        if os.path.realpath(prefix) not in _OF_SYSTEM:
            yield from _below(prefix, _PREFIX)
    for prefix in ("/usr", "/usr/local", *prefixes):
        yield from _below(os.path.join(prefix, "share"), _SHARE)
    paths = sysconfig.get_paths()
    yield from (paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    yield from (path for path in sys.path if path.endswith(("/site-packages", "/dist-packages")))
    yield os.path.realpath(sys.executable)
    yield str(Path(course.__file__).parent)


def _below(folder, patterns):
    for pattern in patterns:
        yield from glob.glob(os.path.join(glob.escape(folder), pattern))
