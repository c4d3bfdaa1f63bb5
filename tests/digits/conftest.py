"""An empty home, and loaders as in a new process, whose network is made up."""

import urllib.error
from pathlib import Path

import pytest

from course import digits
from course.digits import download, embedded


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """All these in one worker: the text that the package carries takes seconds to parse."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.xdist_group("digits"))


@pytest.fixture(autouse=True)
def empty_home(monkeypatch, tmp_path):
    """No copy of any digits, and no path to them."""
    home = tmp_path / "home"
    home.mkdir()
    for name, folder in {
        "HOME": home,
        "USERPROFILE": home,
        "KERAS_HOME": home / ".keras",
        "XDG_CACHE_HOME": home / ".cache",
    }.items():
        monkeypatch.setenv(name, str(folder))
    monkeypatch.delenv("COURSE_DIGITS", raising=False)


class Network:
    """Answers each connection with what `answer()` returns or raises; remembers the addresses."""

    def __init__(self):
        self.addresses = []
        self.answer = self.unreachable

    def unreachable(self):
        raise urllib.error.URLError("no route to host")

    def connect(self, address, timeout):
        self.addresses.append(address)
        return self.answer()


@pytest.fixture
def network():
    """There is none, until a test sets its `answer`."""
    return Network()


@pytest.fixture(scope="session")
def sample_rows():
    """The text that the package carries, parsed once for all tests."""
    return embedded.parse()


@pytest.fixture
def parsings():
    """A list that grows whenever the text of the embedded sample is parsed."""
    return []


@pytest.fixture
def new_loader(network, sample_rows, parsings):
    """Return a new loader when called, as a new process would have it."""

    def parse():
        parsings.append(1)
        return sample_rows

    def make(file=download.MNIST):
        return digits.Loader(fetch=lambda: download.fetch(file, network.connect), parse=parse)

    return make


@pytest.fixture
def loader(new_loader):
    """A new loader."""
    return new_loader()


@pytest.fixture
def keras_cache():
    """The path of Keras's copy of MNIST, which is not there; its folder is."""
    path = digits.mnist_cache()
    path.parent.mkdir(parents=True)
    return path
