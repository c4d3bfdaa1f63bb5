"""What the pictures of the lessons say: their text alternatives, and the data that they make."""

import itertools
import re
import warnings
from io import BytesIO

import keras
import nbformat
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from course.drawing.palette import DARK, LIGHT
from course.drawing.style import course_style
from course.messages import speaking
from course.pictures import lesson_05_overfitting_dropout as fifth
from course.pictures import lesson_06_convolution as sixth
from course.pictures import picture
from course.playgrounds.convolution import ready_filters
from tests.conftest import ROOT


def number(pattern, text):
    return [int(part) for part in re.search(pattern, text).groups()]


def test_occlusion_finds_what_a_network_looks_at():
    def looks_at_the_corner(images, training):
        inked = np.asarray(images)[:, :7, :7].any(axis=(1, 2, 3))
        return np.where(inked[:, np.newaxis] & (np.arange(10) == 3), 9.0, 0.0)

    image = np.zeros((28, 28), np.uint8)
    image[0, 0] = image[20, 20] = 255
    saliency = np.zeros((28, 28))
    saliency[5, 6] = -1
    alt = sixth.occlusion(looks_at_the_corner, image, 3, saliency).alt
    assert number(r"row (\d+), column (\d+)", alt) == [0, 0]
    assert "lowest, 0.10" in alt
    assert alt.endswith("largest in row 5, column 6.")


def test_digits_that_were_read_tell_their_mistakes():
    images = np.zeros((3, 28, 28), np.uint8)
    alt = sixth.read_digits(images, [7, 7, 1], [7, 9, 1]).alt
    assert alt == "3 digits, with 1 mistake: a 7 taken for a 9."


@pytest.mark.slow
def test_letters_come_font_by_font():
    images, letters, fonts = sixth.printed_letters()
    assert images.shape == (520, 28, 28)
    assert images.any(axis=(1, 2)).all()
    assert [list(letters[:2]), letters.max()] == [[0, 1], 25]
    assert list(np.bincount(fonts)) == [26] * 20


def test_same_hands_write_the_same_digit_a_pixel_apart():
    images = np.zeros((4, 28, 28), np.float32)
    images[:, 10, 12] = [1, 2, 3, 4]
    written, labels, person = fifth.same_hands(
        images, np.array([5, 6, 7, 8]), np.random.default_rng(0)
    )
    assert written.shape == (20, 28, 28)
    np.testing.assert_array_equal(labels, person + 5)
    np.testing.assert_array_equal(written.max(axis=(1, 2)), person + 1)
    places = np.argwhere(written)[:, 1:] - [10, 12]
    assert np.abs(places).max() == 1
    assert len({tuple(place) for place in places}) > 3


@pytest.mark.slow
def test_curves_mark_the_best_epoch():
    history = keras.callbacks.History()
    history.history = {
        "loss": [2.0, 1.0, 0.5],
        "val_loss": [2.0, 1.5, 1.75],
        "accuracy": [0.3, 0.6, 0.9],
        "val_accuracy": [0.3, 0.5, 0.5],
    }
    alt = fifth.curves(history, stop=2, best=1).alt
    assert "validation falls to 1.50 at epoch 1 and ends at 1.75" in alt
    history.history = {name: values[:1] for name, values in history.history.items()}
    with warnings.catch_warnings(action="error"):  # Matplotlib says if the words leave no room
        fifth.curves(history, stop=0, best=0)


def test_a_curve_of_one_point_is_seen():
    figure = Figure()
    (point,) = figure.subplots().plot([0.5])
    picture.Picture.from_figure(figure, "")
    assert point.get_marker() == "o"


def test_comparing_leaves_the_penalty_of_weight_decay_out():
    with_decay = keras.callbacks.History()
    with_decay.history = {
        "val_loss": [3.0, 2.5],
        "val_sparse_categorical_crossentropy": [0.75, 0.5],
        "val_accuracy": [0.7, 0.8],
    }
    plain = keras.callbacks.History()
    plain.history = {"val_loss": [0.875, 0.625], "val_accuracy": [0.7, 0.8]}
    alt = fifth.compare({"decay": with_decay, "plain": plain}).alt
    assert "decay: the cross-entropy falls to 0.50 and ends at 0.50" in alt
    assert "plain: the cross-entropy falls to 0.62" in alt


def test_a_fit_that_ended_early_is_seen_on_another_curve(monkeypatch):
    drawn = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_where, **_how: drawn.append(figure))
    whole, part = keras.callbacks.History(), keras.callbacks.History()
    whole.history = {"val_loss": [0.9, 0.5, 0.6, 0.7], "val_accuracy": [0.7, 0.8, 0.8, 0.8]}
    part.history = {name: values[:2] for name, values in whole.history.items()}
    alt = fifth.compare({"nothing": whole, "early stopping": part}).alt
    assert "early stopping, which ends at epoch 1: " in alt
    assert "nothing: " in alt
    for axes, end in zip(drawn[0].axes, ([1, 0.5], [1, 0.8]), strict=True):
        (dot,) = [line for line in axes.lines if line.get_marker() == "o"]
        np.testing.assert_allclose(np.ravel(dot.get_data()), end)
        assert [text.get_text() for text in axes.texts] == ["early stopping"]


@pytest.mark.parametrize("count", [1, 8])
def test_scrambled_digits_stand_apart_below_digits_with_their_labels(monkeypatch, count):
    drawn = []
    monkeypatch.setattr(sixth.Picture, "from_figure", lambda canvas, alt: drawn.append(canvas))
    sixth.scrambled(np.zeros((count, 28, 28), np.uint8), np.arange(784), np.arange(count))
    axes = drawn[0].axes
    drawn[0].draw_without_rendering()
    places = [one.get_window_extent() for one in axes]
    assert not any(one.overlaps(two) for one, two in itertools.combinations(places, 2))
    assert [one.get_title() for one in axes] == [*"01234567"[:count], *[""] * count]


# On dark pages ------------------------------------------------------------------------------------


def shown_on_a_dark_page(colour, shown):
    """A colour (3,) in 0..1 after the filter in a picture's HTML, by the CSS specification."""
    inverted = float(re.search(r"invert\(([\d.]+)\)", shown)[1])
    cosine = np.cos(np.radians(float(re.search(r"hue-rotate\((\d+)deg\)", shown)[1])))
    assert cosine == pytest.approx(-1)  # of which the matrix is simple
    grey = np.tile([0.213, 0.715, 0.072], (3, 1))
    turned = 2 * grey - np.eye(3)
    return np.clip(turned @ (inverted + (1 - 2 * inverted) * np.array(colour)), 0, 1)


def contrast(some, others):
    """How well colours (3,) in 0..1 can be told apart, 1 to 21, by the WCAG."""
    parts = np.array([some, others])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    low, high = sorted(linear @ [0.2126, 0.7152, 0.0722])
    return (high + 0.05) / (low + 0.05)


def test_a_thin_line_keeps_its_colour_among_many_digits():
    shades = np.random.default_rng(0).integers(0, 256, (540, 960, 1))
    digits = np.uint8(255 - shades * [0.1, 0.6, 0.7])  # ink of all strengths, on red paper
    digits[:200, :400] = np.uint8(255 - shades[:200, :400] * [1.0, 0.4, 0.5])  # on green paper
    blue = np.uint8([0, 114, 189])
    digits[5, 20:50] = blue
    png = picture.Picture.from_array(digits, "digits and a line").png
    shown = np.asarray(Image.open(BytesIO(png)).convert("RGB"), int)
    assert np.abs(shown[5, 20:50] - blue).max() < 12


def test_on_dark_pages_pictures_are_dark_and_readable():
    with course_style():
        light = picture.Picture.from_figure(picture.new_figure(1, 1), "")
    shown = light._repr_mimebundle_()["text/html"]
    paper = shown_on_a_dark_page(to_rgb(LIGHT.paper), shown)
    np.testing.assert_allclose(paper, 0x11 / 255, atol=0.02)  # JupyterLab's page
    for name in ("ink", "quiet"):
        assert contrast(shown_on_a_dark_page(to_rgb(getattr(LIGHT, name)), shown), paper) > 4.5
    for name in ("training", "test", "validation", "negative"):
        before = np.array(to_rgb(getattr(LIGHT, name)))
        after = shown_on_a_dark_page(before, shown)
        assert contrast(after, paper) > 4.5
        assert after.argmax() == before.argmax()  # it is still blue, red or green
    with course_style(DARK):
        dark = picture.Picture.from_figure(picture.new_figure(1, 1), "")
    assert "filter" not in dark._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize("is_dark", [True, False])
def test_a_picture_shrinks_until_it_fits_in_a_narrow_window_but_not_to_nothing(is_dark):
    shown = picture.Picture(b"", "", 760, is_dark)._repr_mimebundle_()["text/html"]
    (image,) = re.findall(r"<img [^>]*>", shown)
    assert 'width="760"' in image
    assert 'style="min-width: 342px"' in image


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_the_filters_of_lesson_6_have_the_names_of_the_playground(code):
    folder = ROOT if code == "en" else ROOT / "translations" / code
    cells = nbformat.read(folder / "release/06-convolution/convolution.ipynb", as_version=4).cells
    shown = next(cell.source for cell in cells if cell.id == "show-filters")
    told = re.findall(r'^    "(.+)":', shown, re.MULTILINE)
    with speaking(code):
        assert len(told) == 4
        assert set(told) < set(ready_filters())
