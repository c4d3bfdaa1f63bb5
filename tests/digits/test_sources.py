"""Which digits are loaded: the order of the sources, what is announced, what is refused."""

from pathlib import Path

import numpy as np
import pytest

from course import digits
from tests import tiny_course
from tests.digits.made_digits import (
    assert_same,
    blank_mnist,
    refusal,
    rows,
    save_idx,
    save_npz,
    some_arrays,
)


def test_course_digits_comes_first(tmp_path, monkeypatch, loader, network):
    path = save_npz(tmp_path / "mine.npz")
    monkeypatch.setenv("COURSE_DIGITS", str(path))
    data = loader.load()
    assert (data.source, data.path) == (str(path), path)
    assert network.addresses == []


def test_course_digits_does_not_replace_a_source_by_name(tmp_path, monkeypatch, loader):
    monkeypatch.setenv("COURSE_DIGITS", str(save_npz(tmp_path / "mine.npz")))
    assert loader.load("embedded").source == "embedded"
    assert "could not be downloaded" in refusal(loader.load, "mnist")


def test_damaged_course_digits_is_an_error_never_a_fallback(tmp_path, monkeypatch, loader):
    monkeypatch.setenv("COURSE_DIGITS", str(tmp_path / "nothing.npz"))
    message = refusal(loader.load, "auto")
    assert message.startswith("COURSE_DIGITS points to")
    assert "nothing.npz" in message
    assert "unset COURSE_DIGITS" in message


def test_empty_course_digits_means_unset(monkeypatch, loader):
    monkeypatch.setenv("COURSE_DIGITS", "")
    assert loader.load().source == "embedded"


def test_auto_without_network_says_so_and_uses_the_embedded_sample(capfd, loader, network):
    assert loader.load() is loader.load() is loader.load("embedded")
    output = capfd.readouterr()
    assert output.out.splitlines() == [
        "MNIST could not be downloaded (no route to host); the embedded sample is used.",
        "Digits: the embedded sample of MNIST (3,500 training, 500 validation, 1,000 test).",
    ]
    assert output.err == ""
    assert len(network.addresses) == 1, "a failed download is not repeated"


def test_auto_notices_a_cache_that_comes_later(keras_cache, loader):
    assert loader.load().source == "embedded"
    np.savez_compressed(keras_cache, **blank_mnist())
    assert loader.load().source == "mnist"


def test_auto_says_that_the_cache_is_damaged_and_goes_on(keras_cache, capsys, loader):
    keras_cache.write_bytes(b"half of a file")
    assert loader.load().source == "embedded"
    output = capsys.readouterr().out
    assert f"Delete the file {keras_cache}" in output
    assert "the embedded sample is used" in output


def test_auto_goes_on_where_the_cache_may_not_be_looked_into(keras_cache, loader):
    keras_cache.parent.parent.chmod(0)
    with tiny_course.ordinary_user():
        assert loader.load().source == "embedded"
        assert loader.load().source == "embedded"


def test_a_source_is_announced_once_and_not_on_standard_error(tmp_path, capfd, loader):
    path = save_npz(tmp_path / "mine.npz")
    announced = [
        "Digits: the embedded sample of MNIST (3,500 training, 500 validation, 1,000 test).",
        f"Digits: {path} (100 training, 20 validation, 20 test).",
    ]
    for _ in range(2):
        loader.load("embedded")
        loader.load(path)
    output = capfd.readouterr()
    assert output.out.splitlines() == announced
    assert output.err == ""
    loader.announce_again()
    loader.load(path)
    assert capfd.readouterr().out.splitlines() == announced[1:]


def test_the_package_loads_and_announces_as_a_loader_does(tmp_path, capsys):
    path = save_npz(tmp_path / "mine.npz")
    for expected in (1, 0):
        assert digits.load(path).source == str(path)
        assert capsys.readouterr().out.count("Digits: ") == expected
    digits.announce_again()
    digits.load(path)
    assert capsys.readouterr().out.count("Digits: ") == 1


@pytest.mark.parametrize("source", ["mnits", "", "Embedded", None, 3, b"embedded", ["auto"]])
def test_unknown_source(source):
    message = refusal(digits.load, source)
    assert repr(source) in message
    assert "'auto', 'mnist', 'embedded'" in message


@pytest.mark.parametrize("path", ["no/such/file", "no_such.npz", "/dev/null/x", "a/" + "b" * 999])
def test_missing_path(path):
    message = refusal(digits.load, path)
    assert path in message
    assert "Check the path" in message


def test_home_of_nobody():
    assert "Check the path" in refusal(digits.load, "~nobody-of-this-name/mnist.npz")


def test_tilde_is_the_home_folder():
    save_npz(Path.home() / "mine.npz")
    assert len(digits.load("~/mine.npz").train.labels) == 100


def test_three_splits_by_name_and_in_order(loader):
    data = loader.load("embedded")
    train, validation, test = data
    assert (train, validation, test) == (data.train, data.validation, data.test)


@pytest.mark.parametrize("source", ["embedded", "npz", "idx"])
def test_no_array_can_be_written_to(source, tmp_path, loader):
    if source == "npz":
        source = save_npz(tmp_path / "mine.npz")
    elif source == "idx":
        source = save_idx(tmp_path / "idx", some_arrays())
    for split in loader.load(source):
        for array in split:
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1


# The real MNIST -----------------------------------------------------------------------------------


@pytest.fixture
def full(mnist_path):
    """The splits of the real MNIST."""
    return digits.load(mnist_path)


@pytest.mark.full_data
def test_mnist_splits(full):
    assert [len(split.labels) for split in full] == [50_000, 10_000, 10_000]


@pytest.mark.full_data
def test_mnist_validation_has_each_class_by_its_share(full):
    in_training, in_validation = (
        np.bincount(split.labels, minlength=10) for split in (full.train, full.validation)
    )
    assert np.abs(in_validation - (in_training + in_validation) / 6).max() < 1


@pytest.mark.full_data
@pytest.mark.slow
def test_mnist_splits_lose_nothing_and_leave_the_test_digits_as_they_are(full, mnist_path):
    with np.load(mnist_path) as file:
        arrays = {name: file[name] for name in file}
    np.testing.assert_array_equal(full.test.images, arrays["x_test"])
    np.testing.assert_array_equal(full.test.labels, arrays["y_test"])
    before = digits.Examples(arrays["x_train"], arrays["y_train"])
    assert rows(full.train, full.validation) == rows(before)


@pytest.mark.full_data
@pytest.mark.slow
def test_mnist_from_every_source_is_the_same(full, mnist_path, keras_cache, tmp_path, monkeypatch):
    keras_cache.symlink_to(mnist_path.resolve())
    assert_same(digits.load("mnist"), full)
    with np.load(mnist_path) as file:
        order = np.random.default_rng(0).permutation(60_000)
        arrays = {name: file[name] for name in ("x_train", "y_train", "x_test", "y_test")}
    arrays["x_train"], arrays["y_train"] = arrays["x_train"][order], arrays["y_train"][order]
    monkeypatch.setenv("COURSE_DIGITS", str(save_idx(tmp_path / "idx", arrays)))
    assert_same(digits.load(), full)
