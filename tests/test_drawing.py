"""Digits side by side, font digits, drawings scaled like MNIST's digits, and short numbers."""

import os
import shutil
import subprocess
import sys
import threading

import matplotlib
import numpy as np
import pytest
from matplotlib import font_manager
from PIL import Image

from course import digits, messages
from course.drawing import fonts, style
from course.drawing.centring import centre_like_mnist
from course.drawing.font_digits import FONTS, draw_font_digits
from course.drawing.mosaic import (
    GLYPHS,
    TILE,
    digit_side,
    draw_mosaic,
    order_wrong_first,
    paint_tiles,
    scale_ink,
)
from course.drawing.number_format import round_up, short
from course.drawing.palette import ANSWER_RGB, DARK, LIGHT, MISTAKE_RGB, TRUTH_RGB

HEIGHT, WIDTH = TILE
BLANK = np.zeros((6, 28, 28), np.uint8)
LABELS = np.array([0, 1, 2, 3, 4, 5])


def tiles(picture, columns):
    """Cut a picture into its tiles, (n, height, width, 3)."""
    rows = picture.shape[0] // HEIGHT
    return picture.reshape(rows, HEIGHT, columns, WIDTH, 3).swapaxes(1, 2).reshape(-1, *TILE, 3)


def printed(tile, colour):
    """Where a tile has exactly this colour, cut to what is inked: bool (h, w), and its column."""
    inked = (tile == np.array(colour)).all(axis=-1)
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if not len(rows):
        return None, None
    return inked[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], columns.mean()


def cut(glyph):
    return glyph[:, glyph.any(axis=0)]


def test_shape_and_empty_places_are_white():
    picture = draw_mosaic(BLANK, LABELS, columns=4)
    assert picture.shape == (2 * HEIGHT, 4 * WIDTH, 3)
    assert picture.dtype == np.uint8
    assert (tiles(picture, 4)[6:] == 255).all()


def test_recognised_on_white_and_mistaken_on_red():
    predictions = np.array([0, 1, 2, 3, 4, 9])
    first, *_others, last = tiles(draw_mosaic(BLANK, LABELS, predictions, columns=6), 6)
    assert (first[0, 0] == 255).all()
    assert tuple(last[0, 0]) == MISTAKE_RGB


def test_red_differs_from_white_without_colour_too():
    def luminance(colour):
        linear = np.power(np.array(colour) / 255, 2.2)
        return linear @ [0.2126, 0.7152, 0.0722] + 0.05

    assert luminance((255, 255, 255)) / luminance(MISTAKE_RGB) > 1.5
    for ink in (TRUTH_RGB, ANSWER_RGB):
        assert luminance(MISTAKE_RGB) / luminance(ink) > 3


@pytest.mark.parametrize("label", range(10))
def test_truth_bottom_left_and_answer_bottom_right_only_when_wrong(label):
    answer = (label + 3) % 10
    right, wrong = tiles(draw_mosaic(BLANK[:2], [label, label], [label, answer], columns=2), 2)
    for tile in (right, wrong):
        glyph, column = printed(tile, TRUTH_RGB)
        np.testing.assert_array_equal(glyph, cut(GLYPHS[label]))
        assert column < WIDTH / 3
        assert (tile[: HEIGHT // 2] == tile[0, 0]).all() or tile is wrong
    assert printed(right, ANSWER_RGB)[0] is None
    glyph, column = printed(wrong, ANSWER_RGB)
    np.testing.assert_array_equal(glyph, cut(GLYPHS[answer]))
    assert column > WIDTH * 2 / 3


def test_the_glyphs_differ():
    assert len({glyph.tobytes() for glyph in GLYPHS}) == 10


def test_digits_are_dark_ink():
    images = BLANK.copy()
    images[0, 10, 10] = 255
    tile = tiles(draw_mosaic(images, LABELS, columns=6), 6)[0]
    assert (tile[:20] == 0).all(axis=-1).sum() == 1


def test_floats_are_drawn_like_bytes():
    images = np.random.default_rng(0).integers(0, 256, (6, 28, 28), np.uint8)
    same = draw_mosaic(images / 255, LABELS, columns=3)
    assert np.abs(same.astype(int) - draw_mosaic(images, LABELS, columns=3)).max() <= 1


def test_wrong_first_is_a_permutation_that_keeps_the_order_otherwise():
    predictions = np.array([0, 7, 2, 7, 4, 7])
    assert order_wrong_first(LABELS, predictions).tolist() == [1, 3, 5, 0, 2, 4]


def test_arguments_are_left_alone():
    images, labels = BLANK.copy(), LABELS.copy()
    draw_mosaic(images, labels, labels[::-1], columns=2)
    assert not images.any()
    assert labels.tolist() == LABELS.tolist()


@pytest.mark.parametrize("side", [5, 7, 20, 28, 40])
def test_ink_of_another_size_keeps_paper_white_and_ink_black(side):
    images = np.stack([np.zeros((28, 28)), np.ones((28, 28))])
    small = scale_ink(images, side)
    assert small.shape == (2, side, side)
    assert (small[0] == 0).all()
    assert (small[1] >= 254).all()


@pytest.mark.parametrize("tile", [(9, 7), (12, 5), (17, 17), (23, 22), (60, 56)])
def test_tiles_of_any_size(tile):
    ink = scale_ink(BLANK, digit_side(tile))
    picture = paint_tiles(ink, LABELS, LABELS[::-1], columns=3, tile=tile)
    assert picture.shape == (2 * tile[0], 3 * tile[1], 3)
    assert tuple(picture[0, 0]) == MISTAKE_RGB


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"images": BLANK.reshape(6, 784)}, r"\(6, 784\); expected \(n, 28, 28\)"),
        ({"images": BLANK[:0], "labels": LABELS[:0]}, "at least one"),
        ({"images": BLANK + 300.0}, "300; expected uint8 in 0..255"),
        ({"labels": np.eye(10)[LABELS]}, r"labels have the shape \(6, 10\); expected \(6,\)"),
        ({"labels": [0, 1, 2, 3, 4, 10]}, "labels contain 10"),
        ({"predictions": [0, 1, 2, 3, 4]}, r"predictions have the shape \(5,\)"),
        ({"predictions": [0, 1, 2, 3, 4, np.nan]}, "predictions contain nan"),
        ({"columns": 0}, "columns is 0"),
        ({"columns": 2.5}, "columns is 2.5"),
    ],
)
def test_what_does_not_fit_is_said(changed, said):
    arguments = {"images": BLANK, "labels": LABELS, "predictions": LABELS, "columns": 3}
    with pytest.raises(ValueError, match=said):
        draw_mosaic(**(arguments | changed))


def test_font_digits_are_like_mnist():
    images, labels = draw_font_digits()
    assert images.shape == (10 * len(FONTS), 28, 28)
    assert images.dtype == labels.dtype == np.uint8
    assert np.bincount(labels).tolist() == [len(FONTS)] * 10
    for image in images.astype(float):
        assert image.max() > 200
        rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
        sizes = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
        # A box of 20 pixels, which after centring may touch one more.
        assert 20 <= max(sizes) <= 21
        pixels = np.arange(28)
        centre = image.sum(axis=1) @ pixels, image.sum(axis=0) @ pixels
        # In whole pixels, as in MNIST: hence at most half a pixel away.
        np.testing.assert_allclose(np.array(centre) / image.sum(), 14, atol=0.55)


def test_fonts_are_different_from_each_other():
    images, _labels = draw_font_digits()
    assert len({image.tobytes() for image in images}) > 0.9 * len(images)


# A drawing becomes a digit of MNIST


@pytest.mark.parametrize("times", [1, 3, 10])
def test_a_digit_that_was_enlarged_and_moved_comes_back_as_it_was(times):
    for image in digits.load("embedded").test.images[:50]:
        paper = np.zeros((400, 450))
        paper[90 : 90 + 28 * times, 17 : 17 + 28 * times] = np.kron(image, np.ones((times, times)))
        np.testing.assert_array_equal(centre_like_mnist(paper), image)


def test_a_digit_that_was_enlarged_smoothly_comes_back_nearly_as_it_was():
    alike = []
    for image in digits.load("embedded").test.images[:100]:
        large = Image.fromarray(image).resize((249, 249), Image.Resampling.BICUBIC)
        paper = np.zeros((300, 300))
        paper[40:289, 3:252] = large
        back = centre_like_mnist(paper)
        # The soft edge may move the centre of mass over the middle between two pixels.
        moved = [np.roll(back, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        alike.append(max(np.corrcoef(copy.ravel(), image.ravel())[0, 1] for copy in moved))
    assert np.median(alike) > 0.95
    assert min(alike) > 0.85


def test_wide_and_narrow_drawings_keep_their_shape():
    for height, width in ((10, 200), (200, 10), (150, 150), (1, 1)):
        paper = np.zeros((300, 300))
        paper[5 : 5 + height, 7 : 7 + width] = 255
        image = centre_like_mnist(paper)
        rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
        longer = max(height, width)
        assert len(rows) == max(1, round(20 * height / longer))
        assert len(columns) == max(1, round(20 * width / longer))
        assert abs(rows.mean() - 14) <= 0.5
        assert abs(columns.mean() - 14) <= 0.5
        assert image.max() == 255


def test_a_drawing_without_ink_is_said():
    with pytest.raises(ValueError, match="no ink"):
        centre_like_mnist(np.zeros((280, 280)))


# Numbers


def test_numbers_are_short():
    assert [short(x) for x in (0.5, -3.0, 1e38, 0.000123456, 2500, 12345.0)] == [
        *("0.5", "\N{MINUS SIGN}3", "1e38", "0.000123", "2,500", "1.23e4")
    ]
    assert (short(float("nan")), short(-0.0)) == ("NaN", "0")
    limits = [round_up(x) for x in (0, 7, 10, 10.5, 0.21)]
    assert limits == pytest.approx([0, 8, 10, 15, 0.3])


# Words in other scripts ---------------------------------------------------------------------------


def test_a_chinese_font_is_found_on_every_system():
    for name in ("Microsoft YaHei", "Hiragino Sans GB", "Noto Sans CJK JP", "WenQuanYi Micro Hei"):
        assert fonts.choose_font("zh_CN", ["Arial", name, "DejaVu Sans"]) == name
    assert fonts.choose_font("zh_CN", ["SimHei", "Noto Sans CJK SC"]) == "Noto Sans CJK SC"
    assert fonts.choose_font("zh_CN", ["DejaVu Sans"]) is None


def test_else_a_package_has_one(tmp_path, monkeypatch):
    font = tmp_path / "mplfonts/fonts/NotoSansCJKsc-Regular.otf"
    font.parent.mkdir(parents=True)
    (tmp_path / "mplfonts/__init__.py").write_text("raise ImportError('nobody imports it')")
    monkeypatch.syspath_prepend(tmp_path)
    assert fonts.packaged_font("zh_CN") is None
    shutil.copy(font_manager.findfont("DejaVu Serif"), font)  # in its place
    assert fonts.packaged_font("zh_CN") == font


def test_a_missing_font_is_said_and_english_needs_none(monkeypatch, capsys):
    monkeypatch.setattr(sys, "executable", "/Users/a/My Course/python")
    monkeypatch.setattr(fonts, "choose_font", lambda *_: None)
    monkeypatch.setattr(fonts, "packaged_font", lambda *_: None)
    assert fonts.font_families() == ["DejaVu Sans"]
    assert capsys.readouterr().out == ""
    with messages.speaking("zh_CN"):
        for _picture in range(2):
            assert fonts.font_families() == ["DejaVu Sans"]
    assert (
        capsys.readouterr().out.count("`'/Users/a/My Course/python' -m pip install mplfonts`") == 1
    )


@pytest.mark.slow
def test_that_a_font_is_missing_is_said_once_and_not_for_each_letter():
    """In a process of its own: what was said once is not said again."""
    code = (
        "from course.drawing import fonts\n"
        "fonts.choose_font = fonts.packaged_font = lambda *_: None\n"
        "from course.pictures.lesson_05_overfitting_dropout import curves_to_name\n"
        "curves_to_name(), curves_to_name()"
    )
    environment = os.environ | {"COURSE_LANGUAGE": "zh_CN", "PYTHONIOENCODING": "utf-8"}
    said = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=True
    )
    assert said.stdout.decode().count("mplfonts") == 1
    assert said.stderr == b""


def test_minus_signs_and_latin_letters_come_from_matplotlibs_own_font(monkeypatch):
    monkeypatch.setattr(fonts, "choose_font", lambda *_: "DejaVu Serif")
    with messages.speaking("zh_CN"), style.course_style():
        assert matplotlib.rcParams["font.family"] == ["DejaVu Sans", "DejaVu Serif"]


def test_threads_draw_one_after_the_other_and_leave_the_learners_style():
    before = matplotlib.rcParams["figure.facecolor"], matplotlib.rcParams["font.family"]
    entered = threading.Event()

    def draw():
        with style.course_style(DARK):
            entered.set()

    other = threading.Thread(target=draw)
    with style.course_style(), style.course_style():
        other.start()
        assert not entered.wait(0.3)
        assert matplotlib.rcParams["figure.facecolor"] == LIGHT.paper
    other.join()
    assert entered.is_set()
    assert before == (matplotlib.rcParams["figure.facecolor"], matplotlib.rcParams["font.family"])
