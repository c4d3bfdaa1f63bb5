"""What the tests share: what a plain machine may lack is skipped by name, with the reason."""

import functools
import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STRICT = os.environ.get("COURSE_TEST_STRICT") == "1"

_EVERY = 1 if STRICT else 5

# Of tests of which others show most, but not all.
thorough = pytest.mark.skipif(
    not STRICT, reason="takes long: .ci/run runs it, as does COURSE_TEST_STRICT=1"
)

# Under another name, inherited by the workers: no test but the full-data ones may depend on it.
if "COURSE_DIGITS" in os.environ:
    os.environ["COURSE_TEST_MNIST"] = os.environ.pop("COURSE_DIGITS")
_MNIST = os.environ.get("COURSE_TEST_MNIST")


def pytest_report_header():
    """What was left out to save time is said."""
    if not STRICT:
        return (
            f"one in {_EVERY} of the attempts of the banks, the attacks, the lessons that are run "
            "and the scripts; COURSE_TEST_STRICT=1 takes all, as .ci/run does"
        )


def sampled(many) -> list:
    """All of a long list of much the same in .ci/run; elsewhere one in five, to save time."""
    return list(many)[_EVERY // 2 :: _EVERY]


def missing(what: str, reason: str):
    """Skip this test by name; where nothing may be skipped (.ci/run), fail it instead."""
    message = f"{what}: {reason}"
    if STRICT:
        pytest.fail(f"{message} (and COURSE_TEST_STRICT=1 allows no skipped test)")
    pytest.skip(message)


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
    """The path of a Chromium browser."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        missing("chromium", "no chromium on the PATH; the browser tests need it")
    return path


@functools.cache
def _walls_missing() -> str:
    """Why this machine cannot wall in a process, or nothing."""
    from autograder.sandbox import linux

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
