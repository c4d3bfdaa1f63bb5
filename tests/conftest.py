"""What the tests share: what a plain machine may lack is skipped by name, with the reason."""

import functools
import os
import shutil
import zlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STRICT = os.environ.get("COURSE_TEST_STRICT") == "1"

# COURSE_TEST_ATTEMPTS=all takes everything, which is hours on a small machine: once a week.
ALL = os.environ.get("COURSE_TEST_ATTEMPTS") == "all"

# Of the cases of a test marked `sampled`, one in this many runs outside .ci/run. `sampled(rarer=4)`
# is one in four there, and one in twenty elsewhere: for what costs much, or is much alike.
ONE_IN = 5

# Under another name, inherited by the workers: no test but the full-data ones may depend on it.
if "COURSE_DIGITS" in os.environ:
    os.environ["COURSE_TEST_MNIST"] = os.environ.pop("COURSE_DIGITS")
_MNIST = os.environ.get("COURSE_TEST_MNIST")


def pytest_report_header():
    """What is left out to save time is said."""
    if not ALL:
        left_out = "tests marked `weekly`, most of many cases that are alike and take long"
        if not STRICT:
            alike = f"{ONE_IN - 1} in {ONE_IN} of those marked `sampled`"
            left_out = f"tests marked `slow` or `weekly`, {alike}"
        return f"left out: {left_out}; COURSE_TEST_ATTEMPTS=all takes all"


def pytest_collection_modifyitems(config, items):
    """Leave out most of what is marked `sampled`, what is `weekly`, outside .ci/run what is `slow`.

    A file named on the command line runs with its slow tests. What of these runs in .ci/run does so
    at full speed, as all but the first case of any test do: lines that tests reach are counted in
    the others.
    """
    # The longest first, so that no worker is left alone with them at the end.
    items.sort(key=lambda item: item.path.name != "test_lessons.py")
    named = {Path(argument.split("::")[0]).resolve() for argument in config.args}
    slow = {item for item in items if item.get_closest_marker("slow")}
    weekly = {item for item in items if item.get_closest_marker("weekly")}
    cases = {}
    for item in items:
        if marker := item.get_closest_marker("sampled"):
            kind = item.nodeid.split("[")[0], marker.kwargs.get("rarer", 1)
            cases.setdefault(kind, {})[item.name] = item
    left_out = set() if ALL else weekly
    if not (ALL or STRICT):
        left_out = weekly | {item for item in slow if item.path not in named}
    for (_, rarer), alike in cases.items():
        left_out |= {alike[name] for name in alike.keys() - set(tried(alike, rarer))}
    if STRICT or ALL:
        first = {item.nodeid.split("[")[0]: item for item in reversed(items)}.values()
        uncounted = slow.union(
            set(items) - set(first), *(alike.values() for alike in cases.values())
        )
        for item in uncounted:
            item.add_marker("no_cover")
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


def tried(names, rarer: int = 1) -> list[str]:
    """Those of these names that this run tries, always the same: one in `rarer` in .ci/run."""
    return list(names) if ALL else sample(names, rarer if STRICT else rarer * ONE_IN)


def sample(names, one_in: int) -> list[str]:
    """One in `one_in` of these names, at least one: a name is chosen for itself, not for its place.

    So the others stay as they are when one comes in, goes or moves.
    """
    names = list(names)
    return [name for name in names if _draw(name) < 2**32 // one_in] or [min(names, key=_draw)]


def _draw(name: str) -> int:
    """The number from 0 to 2**32 - 1 that a name always draws, in every process."""
    return zlib.crc32(name.encode())


def missing(what: str, reason: str):
    """Skip this test by name; where nothing may be skipped (.ci/run), fail it instead."""
    message = f"{what}: {reason}"
    if STRICT:
        pytest.fail(f"{message} (and COURSE_TEST_STRICT=1 allows no skipped test)")
    pytest.skip(message)


@pytest.fixture(scope="module")
def quick_start():
    """The fork server imports nothing ahead: for tests of what goes on around it."""
    from autograder.sandbox.outside import pool, server_handle

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server_handle, "WARM_MODULES", ())
        pool.stop()
        yield
        pool.stop()


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root folder."""
    return ROOT


@pytest.fixture(scope="session")
def mnist_path() -> Path:
    """The real MNIST, by the path that COURSE_DIGITS gave to the test run."""
    if not _MNIST:
        missing("the real MNIST", "set COURSE_DIGITS to its file to run the full-data tests")
    return Path(_MNIST)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium browser: that in COURSE_TEST_CHROMIUM, or the system's."""
    own = os.environ.get("COURSE_TEST_CHROMIUM")
    path = own or shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        missing("chromium", "no chromium on the PATH; the browser tests need it")
    return path


@functools.cache
def _walls_missing() -> str:
    """Why this machine cannot wall in a process, or nothing."""
    from autograder.sandbox.inside import linux

    try:
        process = os.fork()
        if not process:
            try:
                linux.unshare(linux.NEW_USER | linux.NEW_MOUNTS | linux.NEW_PIDS)
                os._exit(0)
            except BaseException:
                os._exit(1)
        return "" if os.waitpid(process, 0)[1] == 0 else "user namespaces are not permitted here"
    except (AttributeError, OSError, TypeError) as error:
        return str(error)


def missing_walls():
    """Skip this test on machines that cannot wall in a process."""
    if reason := _walls_missing():
        missing("user namespaces", reason)
