"""`course data`: which digits are used, and how many of each."""

import numpy as np
import pytest

from course import digits
from tests.command import course, words
from tests.digits.made_digits import blank_mnist


@pytest.fixture(autouse=True)
def loaded_anew(loader, monkeypatch):
    """The command loads as in a new process without a network."""
    monkeypatch.setattr(digits, "load", loader.load)


@pytest.mark.slow
def test_source_path_and_counts_are_shown():
    result = course("data", "--source", "embedded")
    assert result.exit_code == 0
    assert "the embedded sample of MNIST (3,500 training, 500 valid" in result.stdout
    assert f"Read from {digits.load('embedded').path}" in result.stdout
    lines = words(result)
    assert "digit training validation test" in lines
    assert "7 350 50 100" in lines
    assert lines[-1] == "all 3,500 500 1,000"
    assert result.stderr == ""


def test_a_file_of_ones_own_is_counted(tmp_path, monkeypatch):
    labels = np.array([3] * 12 + [8] * 6)
    images = np.zeros((18, 28, 28), np.uint8)
    path = tmp_path / "mine.npz"
    np.savez(path, x_train=images, y_train=labels, x_test=images, y_test=labels)
    monkeypatch.setenv("COURSE_DIGITS", str(path))
    lines = words(course("data"))
    assert f"Read from {path}" in lines
    assert "3 10 2 12" in lines
    assert "8 5 1 6" in lines
    assert "0 0 0 0" in lines


def test_nothing_is_downloaded_unasked(network):
    result = course("data")
    assert (result.exit_code, network.addresses) == (0, [])
    assert result.stdout.startswith("The full MNIST is not here. To download it (11 MB):")
    assert "Digits: the embedded sample of MNIST" in result.stdout
    result = course("data", "--source", "mnist")
    assert (result.exit_code, len(network.addresses)) == (1, 1)
    assert "could not be downloaded (no route to host)" in result.stderr


def test_mnist_that_is_here_is_counted(keras_cache):
    np.savez_compressed(keras_cache, **blank_mnist())
    assert words(course("data"))[-1] == "all 50,000 10,000 10,000"


@pytest.mark.parametrize("source", ["mnits", "no/such/file.npz"])
def test_digits_that_are_not_there_are_an_error(source):
    result = course("data", "--source", source)
    assert result.exit_code == 1
    assert source in result.stderr
    assert result.stdout == ""
