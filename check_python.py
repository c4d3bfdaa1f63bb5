"""Say in one sentence why the course cannot be installed into this Python: exit code 1 if so.

`python3 check_python.py` comes before pip, whose own errors name innocent packages. It has to run
on any Python, so it uses the standard library alone, and none of its newer parts.
"""

import platform
import sys
import sysconfig

OLDEST, NEWEST = (3, 11), (3, 13)
# Where TensorFlow is published, in the words of the module `platform`.
MACHINES = {
    "Linux": ("x86_64", "aarch64"),
    "Darwin": ("arm64",),
    "Windows": ("AMD64",),
}


def problem(version, system, machine, build="", advice=""):
    """What is wrong with a Python on a machine, in one sentence; nothing if it will do.

    `build` says what kind of Python it is, if not the usual one; `advice` may say what to do then.
    """
    needed = "the course needs Python {}.{} to {}.{}".format(*(OLDEST + NEWEST))
    if advice:
        needed += ": " + advice
    this = "Python " + ".".join(str(part) for part in version[:3])
    if version[:2] < OLDEST:
        return "{} is too old; {}".format(this, needed)
    if version[:2] > NEWEST:
        return "{} is too new for TensorFlow; {}".format(this, needed)
    if (system, machine) == ("Darwin", "x86_64"):
        return (
            "TensorFlow is no longer published for Macs with an Intel processor, nor for a Python "
            "made for these: use a Mac with Apple silicon and a Python made for it, or Linux."
        )
    if machine not in MACHINES.get(system, ()):
        return (
            "TensorFlow is not published for {} on {}: use Linux (x86_64 or aarch64), macOS on "
            "Apple silicon, or Windows (x86_64).".format(system, machine)
        )
    if build:
        return "TensorFlow is not published for {}; {}".format(build, needed)
    return ""


def unusual_build():
    """What kind of Python this is, if it is not the usual CPython with 64 bits."""
    if platform.python_implementation() != "CPython":
        return platform.python_implementation()
    if sys.maxsize < 2**32:
        return "a Python with 32 bits"
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        return "a free-threaded Python"
    if "musl" in (sysconfig.get_config_var("SOABI") or ""):
        return "the Python of Alpine Linux"
    return ""


def main(advice=""):
    """Exit with the sentence, if there is one."""
    found = problem(
        tuple(sys.version_info[:3]),
        platform.system(),
        platform.machine(),
        unusual_build(),
        advice,
    )
    if found:
        sys.exit(found)


if __name__ == "__main__":
    main(*sys.argv[1:])
