"""The challenge of lesson 6: points in steps, the reason with them, and hidden digits."""

import json
import sys
import zipfile

import keras
import numpy as np
import pytest

from autograder import exam
from autograder.exam.lesson_06_convolution import hidden_digits
from course import check, digits
from course.check.lesson_06_convolution.challenge import STEPS, luck_of_fewer, points_for
from tests.banks.lesson_06_convolution import convnet, saved, trained


@pytest.mark.parametrize(
    ("accuracy", "points"),
    [(0.0, 0), (0.9199, 0), (0.92, 1), (0.95, 2), (0.96, 3), (0.9749, 3), (0.975, 4), (1.0, 4)],
)
def test_the_points_rise_in_steps(accuracy, points):
    assert points_for(accuracy) == points


@pytest.mark.weekly
def test_the_examination_returns_points_and_prints_the_reason(capsys):
    points = exam.challenge(saved(trained))
    assert 1 <= points <= 3
    said = capsys.readouterr().out
    assert f"challenge: {points} of 4 points" in said
    assert f"The next point needs {STEPS[points]:.1%} of both" in said


@pytest.mark.slow
def test_the_check_says_what_the_network_is_worth(capsys):
    assert check.challenge(saved(lambda: convnet(dense=10))) is None
    said = capsys.readouterr().out
    assert "of the 500 validation digits" in said
    assert "0 of 4 points" in said


@pytest.mark.slow
@pytest.mark.parametrize(("accuracy", "is_told"), [(1.0, True), (0.998, False)])
def test_all_digits_right_may_be_learned_by_heart(monkeypatch, capsys, accuracy, is_told):
    module = sys.modules["course.check.lesson_06_convolution.challenge"]
    monkeypatch.setattr(module, "accuracies", lambda model, images, labels: (accuracy, 0.98))
    check.challenge(saved(lambda: convnet(dense=10)))
    assert ("has learned from these very digits" in capsys.readouterr().out) == is_told


@pytest.mark.slow
def test_a_network_that_knows_nothing_fails_with_the_reason():
    with pytest.raises(check.CheckFailed, match="has never seen, and of the same") as failure:
        exam.challenge(saved(lambda: convnet(dense=10)))
    assert failure.value.exercise == "challenge"
    assert "%" in failure.value.got


def fitted(change):
    """A small network that has been trained on digits whose pixels were changed."""
    keras.utils.set_random_seed(0)
    model = convnet(filters=(4, 4, 4), dense=16, last=None, rate=0)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    images, labels = digits.load("embedded").train
    model.fit(change(images[..., np.newaxis] / np.float32(255)), labels, epochs=4, verbose=0)
    return model


def fitted_to_the_next():
    """A network that has learned to answer the digit after the right one."""
    model = convnet(dense=10)
    images, labels = digits.load("embedded").train
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(images[..., np.newaxis] / np.float32(255), (labels + 1) % 10, epochs=4, verbose=0)
    return model


def untrained():
    """A network as it is made; where black and white are exchanged, luck may read a few more."""
    keras.utils.set_random_seed(1)
    return convnet(dense=10)


@pytest.mark.slow
@pytest.mark.sampled(rarer=64)  # each trains a network
@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: fitted(lambda X: 255 * X), "challenge/pixels-to-255"),
        (lambda: fitted(lambda X: 1 - X), "challenge/black-on-white"),
        (fitted_to_the_next, "challenge/other-labels"),
        (untrained, "challenge/guessing"),
    ],
)
def test_a_network_that_was_trained_on_other_digits_or_on_none_is_told_so(make, told, capsys):
    answer = saved(make)
    with pytest.raises(check.CheckFailed) as failure:
        exam.challenge(answer)
    assert failure.value.hint_id == told
    check.challenge(answer)
    assert "Hint: " in capsys.readouterr().out


@pytest.mark.slow
def test_a_network_that_learned_the_test_digits_is_refused():
    with pytest.raises(check.CheckFailed, match="has not learned the test digits") as failure:
        exam.challenge(saved(lambda: trained("test", epochs=8)))
    assert failure.value.hint_id == "challenge/test-digits"
    assert "%" in failure.value.got


def test_it_is_told_in_the_check_that_the_test_digits_may_have_been_learned(monkeypatch, capsys):
    """Of 500 validation digits it misses some, of 1,000 test digits none, or as large a share."""
    module = sys.modules["course.check.lesson_06_convolution.challenge"]
    monkeypatch.setattr(module, "accuracies", lambda model, images, labels: (0.978, 0.96))
    test_labels = digits.load("embedded").test.labels
    for missed, is_told in ((0, True), (22, False)):
        read = np.where(np.arange(len(test_labels)) < missed, (test_labels + 1) % 10, test_labels)
        monkeypatch.setattr(module, "read_digits", lambda *_given, read=read: read)
        check.challenge(saved(lambda: convnet(dense=10)))
        assert ("if it has learned from them" in capsys.readouterr().out) == is_told


@pytest.mark.parametrize(
    ("accuracy", "missed", "is_told"),
    [(1.0, 3, True), (0.998, 2, True), (1.0, 10, False), (0.994, 7, False)],
)
def test_more_than_the_other_digits_teach_may_come_from_the_test_digits(
    monkeypatch, capsys, accuracy, missed, is_told
):
    """It may have learned both, and 1% of mistakes on new digits is hard to come below."""
    module = sys.modules["course.check.lesson_06_convolution.challenge"]
    monkeypatch.setattr(module, "accuracies", lambda model, images, labels: (accuracy, 0.98))
    labels = digits.load("embedded").test.labels
    read = np.where(np.arange(len(labels)) < missed, (labels + 1) % 10, labels)
    monkeypatch.setattr(module, "read_digits", lambda *_given: read)
    check.challenge(saved(lambda: convnet(dense=10)))
    said = capsys.readouterr().out
    expected = f"reads {1 - missed / 1000:.1%} of the 1,000 test digits, too, and the other 4,000"
    assert (expected in said) == is_told
    assert "far fewer mistakes" not in said


@pytest.mark.parametrize(
    ("mistakes", "fewer", "share", "luck"),
    [(20, 0, 0.5, 2**-20), (10, 10, 0.5, 0.588), (11, 0, 2 / 3, 3**-11), (0, 0, 0.5, 1)],
)
def test_how_likely_luck_leaves_so_few_mistakes_to_some_of_the_digits(mistakes, fewer, share, luck):
    assert luck_of_fewer(mistakes, fewer, share) == pytest.approx(luck, rel=1e-3)


@pytest.mark.parametrize("version", ["99.0.1", "3.0.0", 3, None])
def test_a_network_of_a_newer_keras_is_told_both_versions(tmp_path, version):
    new = tmp_path / "new.keras"
    with (
        zipfile.ZipFile(saved(lambda: convnet(dense=10))()) as old,
        zipfile.ZipFile(new, "w") as to,
    ):
        for name in old.namelist():
            data = json.loads(old.read(name)) if name.endswith(".json") else old.read(name)
            if name == "config.json":
                data["config"]["layers"][-1]["class_name"] = "LayerOfTomorrow"
            if name == "metadata.json":
                data["keras_version"] = version
            to.writestr(name, json.dumps(data) if isinstance(data, dict) else data)
    with pytest.raises(check.CheckFailed) as caught:
        check.challenge(lambda: new)
    if version == "99.0.1":
        assert caught.value.got == "saved by Keras 99.0.1"
        assert caught.value.expected == f"saved by Keras {keras.__version__} or older"
        assert caught.value.hint_id == "challenge/newer-keras"
    else:
        assert "safe mode" in caught.value.demand


def test_a_missing_file_is_unsolved():
    with pytest.raises(check.Unsolved, match="no file where it points"):
        check.challenge(lambda: "challenge.keras")


def test_a_file_that_may_not_be_read_is_told(tmp_path, monkeypatch):
    def refuse(*_arguments, **_options):
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "challenge.keras"
    path.touch()
    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(check.CheckFailed, match="a file that you may read") as failure:
        check.challenge(lambda: path)
    assert failure.value.hint_id == "challenge/closed-file"


def test_the_hidden_digits_are_digits_that_no_student_has():
    images, labels = hidden_digits()
    assert (images.shape, images.dtype, labels.shape) == ((1000, 28, 28), np.uint8, (1000,))
    assert np.bincount(labels, minlength=10).min() >= 70
    data = digits.load("embedded")
    known = {
        image.tobytes() for part in (data.train, data.validation, data.test) for image in part[0]
    }
    assert not known & {image.tobytes() for image in images}


def test_they_come_from_mnist_unchanged(mnist_path):
    with np.load(mnist_path) as file:
        real = {
            image.tobytes(): label
            for image, label in zip(file["x_test"], file["y_test"], strict=True)
        }
    images, labels = hidden_digits()
    assert [real[image.tobytes()] for image in images] == labels.tolist()
