"""The files of this machine that a student's process can see: only what notebooks need.

These are the programs and libraries of the system, Python with its packages, the package `course`,
the course's own packages, fonts, languages, time zones and certificates.
"""

import glob
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

# Below /usr, and below / where it exists.
_SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libexec")
# Below /usr/local, which may hold anything else; a Python there is found like any other.
_LOCAL = ("bin", "sbin", "lib64", "lib/*.so*", "lib/*-linux-*")
# Below the folder of a Python or an environment, except those of the system.
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
_SYSTEM_PREFIXES = ("/", "/usr", "/usr/local")


@dataclass(frozen=True)
class Visible:
    """The real paths of files and folders, and the links that lead to them: {path: real path}."""

    places: list[str]
    links: dict[str, str]


def find_visible(packages: Iterable[str] = ()) -> Visible:
    """Find what is visible on this machine, with these folders of packages."""
    places, links = set(), {}
    for path in filter(os.path.exists, map(os.path.abspath, (*_paths(), *packages))):
        real = os.path.realpath(path)
        places.add(real)
        if real != path:
            links[path] = real
    return Visible(sorted(places), links)


def _paths() -> Iterator[str]:
    import course

    prefixes = dict.fromkeys([sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix])
    yield from _below("/", _SYSTEM)
    yield from _below("/usr", _SYSTEM)
    yield from _below("/usr/local", _LOCAL)
    yield from _below("/etc", _ETC)
    for prefix in prefixes:
        if os.path.realpath(prefix) not in _SYSTEM_PREFIXES:
            yield from _below(prefix, _PREFIX)
    for prefix in ("/usr", "/usr/local", *prefixes):
        yield from _below(os.path.join(prefix, "share"), _SHARE)
    paths = sysconfig.get_paths()
    yield from (paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    yield from (path for path in sys.path if path.endswith(("/site-packages", "/dist-packages")))
    yield os.path.realpath(sys.executable)
    yield str(Path(course.__file__).parent)


def _below(folder: str, patterns: Iterable[str]) -> Iterator[str]:
    for pattern in patterns:
        yield from glob.glob(os.path.join(glob.escape(folder), pattern))
