# -*- coding: utf-8 -*-
"""Say in one sentence why the course cannot be installed into this Python: exit code 1 if so.

`python3 check_python.py` comes before pip, whose own errors name innocent packages. It has to run
on any Python, so it uses the standard library alone, and none of its newer parts.
"""

import platform
import sys
import sysconfig

OLDEST, NEWEST = (3, 11), (3, 13)
OLDEST_MACOS = 12
# Where TensorFlow is published, in the words of the module `platform`.
MACHINES = {
    "Linux": ("x86_64", "aarch64"),
    "Darwin": ("arm64",),
    "Windows": ("AMD64",),
}


# These texts in another language, by the English ones: a kit's copy of this file has them here.
TEXTS = {}


def _(text):
    """A text in the language of the kit."""
    return TEXTS.get(text, text)


def problem(version, system, machine, build="", advice="", macos=""):
    """What is wrong with a Python on a machine, in one sentence; nothing if it will do.

    `build` says what kind of Python it is, if not the usual one; `advice` may say what to do then.
    `macos` is the version of macOS, on a Mac.
    """
    needed = why = ""
    if version[:2] < OLDEST:
        needed = _("Python {version} is too old; the course needs Python {oldest} to {newest}")
    elif version[:2] > NEWEST:
        needed = _(
            "Python {version} is too new for TensorFlow; the course needs Python {oldest} to "
            "{newest}"
        )
    elif (system, machine) == ("Darwin", "x86_64"):
        why = _(
            "TensorFlow is no longer published for Macs with an Intel processor, nor for a Python "
            "built for them: use a Mac with Apple silicon and a Python built for it, or Linux."
        )
    elif machine not in MACHINES.get(system, ()):
        why = _(
            "TensorFlow is not published for {system} on {machine}: use Linux (x86_64 or aarch64), "
            "macOS on Apple silicon, or Windows (x86_64)."
        )
    elif macos.startswith("11."):  # the only one before 12; to some Pythons, all are 10.16
        why = _(
            "TensorFlow is not published for macOS {macos}: update to macOS {oldest_macos} or "
            "later."
        )
    elif build:
        needed = _(
            "TensorFlow is not published for {build}; the course needs Python {oldest} to {newest}"
        )
    said = (needed or why).format(
        version=".".join(str(part) for part in version[:3]),
        oldest="{}.{}".format(*OLDEST),
        newest="{}.{}".format(*NEWEST),
        system=system,
        machine=machine,
        build=build,
        macos=macos,
        oldest_macos=OLDEST_MACOS,
    )
    return _("{said}: {advice}").format(said=said, advice=advice) if needed and advice else said


def unusual_build():
    """What kind of Python this is, if it is not the usual CPython with 64 bits."""
    if platform.python_implementation() != "CPython":
        return platform.python_implementation()
    if sys.maxsize < 2**32:
        return _("a 32-bit Python")
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        return _("a free-threaded Python")
    if "musl" in (sysconfig.get_config_var("SOABI") or ""):
        return _("the Python of Alpine Linux")
    return ""


def main(advice=""):
    """Exit with the sentence, if there is one."""
    found = problem(
        tuple(sys.version_info[:3]),
        platform.system(),
        platform.machine(),
        unusual_build(),
        advice,
        platform.mac_ver()[0],
    )
    if found:
        sys.exit(found)


if __name__ == "__main__":
    main(*sys.argv[1:])
