"""MNIST from Keras's cache, and by download where the cache is empty."""

import hashlib
import io
import os
import urllib.request
from http.client import IncompleteRead
from pathlib import Path

import numpy as np
import pytest

from course import digits
from course.digits import download
from course.digits.download import PublishedFile
from tests.digits.made_digits import blank_mnist, refusal, save_npz

# The cache ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["auto", "mnist"])
def test_keras_cache_comes_before_the_network(source, keras_cache, loader, network):
    np.savez_compressed(keras_cache, **blank_mnist())
    data = loader.load(source)
    assert (data.source, data.path) == ("mnist", keras_cache)
    assert [len(split.labels) for split in data] == [50_000, 10_000, 10_000]
    assert network.addresses == []


def test_keras_cache_is_looked_for_where_keras_keeps_it(monkeypatch):
    assert digits.mnist_cache() == Path.home() / ".keras" / "datasets" / "mnist.npz"
    monkeypatch.setenv("KERAS_HOME", "/somewhere/else")
    assert digits.mnist_cache() == Path("/somewhere/else/datasets/mnist.npz")
    monkeypatch.delenv("KERAS_HOME")
    assert digits.mnist_cache() == Path.home() / ".keras" / "datasets" / "mnist.npz"


def damage_cut(path):
    content = save_npz(path).read_bytes()
    path.write_bytes(content[: len(content) // 2])


def damage_empty(path):
    path.write_bytes(b"")


def damage_other_digits(path):
    save_npz(path)


@pytest.mark.parametrize("damage", [damage_cut, damage_empty, damage_other_digits])
def test_damaged_cache_is_named(damage, keras_cache, loader, network):
    damage(keras_cache)
    message = refusal(loader.load, "mnist")
    assert "damaged" in message
    assert f"Delete the file {keras_cache}" in message
    assert keras_cache.exists()
    assert network.addresses == []


# The download -------------------------------------------------------------------------------------


def test_mnist_by_name_without_network_is_an_error(loader, network):
    for _ in range(2):
        message = refusal(loader.load, "mnist")
        assert "no route to host" in message
        assert str(digits.mnist_cache()) in message
        assert "'embedded'" in message
    assert len(network.addresses) == 2, "a person who asks by name may have connected meanwhile"


@pytest.fixture
def published(network, tmp_path):
    """A small file in the place of the one that Keras publishes; its bytes."""
    content = save_npz(tmp_path / "published.npz").read_bytes()
    network.answer = lambda: io.BytesIO(content)
    return content


@pytest.fixture
def downloader(new_loader, published):
    """A loader that expects the small file."""
    digest = hashlib.sha256(published).hexdigest()
    return new_loader(PublishedFile("https://example.org/mnist.npz", digest, len(published)))


def test_download_fills_the_cache(published, downloader, network, capfd):
    data = downloader.load("mnist")
    assert network.addresses == ["https://example.org/mnist.npz"]
    assert data.source == "mnist"
    assert [len(split.labels) for split in data] == [100, 20, 20]
    assert data.path.read_bytes() == published
    assert list(data.path.parent.iterdir()) == [data.path]
    assert capfd.readouterr().err == ""


def test_download_without_a_writable_cache_has_no_path(downloader):
    (Path.home() / ".keras").write_text("a file where the folder should be")
    data = downloader.load("mnist")
    assert data.source == "mnist"
    assert data.path is None


class Broken(io.BytesIO):
    """A connection that breaks off half-way."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def read(self, size=-1):
        raise self.error


@pytest.mark.parametrize(
    "answer",
    [
        lambda: io.BytesIO(b"<html>Please log in</html>"),
        lambda: io.BytesIO(bytes(20_000_000)),
        lambda: Broken(ConnectionResetError("reset")),
        lambda: Broken(TimeoutError("timed out")),
        lambda: Broken(IncompleteRead(b"half")),
    ],
    ids=["log-in page", "too long", "reset", "timed out", "incomplete"],
)
def test_download_of_anything_else_is_refused(answer, loader, network, capfd):
    network.answer = answer
    assert "could not be downloaded" in refusal(loader.load, "mnist")
    assert not digits.mnist_cache().exists()
    assert loader.load().source == "embedded"
    assert capfd.readouterr().err == ""


def test_certificates_are_trusted_where_the_system_has_none(monkeypatch):
    """As with Python from python.org on a Mac, until *Install Certificates* is run."""
    monkeypatch.setenv("SSL_CERT_FILE", os.devnull)
    monkeypatch.setenv("SSL_CERT_DIR", os.devnull)
    given = []

    def connect(_address, **settings):
        given.append(settings)
        raise OSError("that is enough")

    monkeypatch.setattr(urllib.request, "urlopen", connect)
    with pytest.raises(download.DownloadError, match="that is enough"):
        download.fetch()
    assert given[0]["context"].get_ca_certs()


def test_any_failure_to_connect_stays_off_the_screen(loader, network, capfd):
    def fail():
        raise RuntimeError("a proxy that nobody foresaw")

    network.answer = fail
    assert "a proxy that nobody foresaw" in refusal(loader.load, "mnist")
    assert capfd.readouterr().err == ""
