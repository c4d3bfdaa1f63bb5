"""What all playgrounds share: moves, places, calm refusals, still pictures, and what is closed."""

import io
import threading

import numpy as np
import pytest
from PIL import Image

from course.pictures.picture import Picture
from course.playgrounds import controls, playground
from course.playgrounds.inputs import UnsuitableInput
from course.playgrounds.moves import one_move
from course.playgrounds.scene import Axis, Panel, Scene, line
from tests.open_widgets import open_widgets
from tests.pretended_cell import pretended_cell


class Lines:
    """A scene of a straight line whose slope can be moved; it counts how often it is drawn."""

    def __init__(self):
        self.calls = 0

    def __call__(self, slope, again=0):
        if slope > 9:
            raise UnsuitableInput("too steep")
        self.calls += 1
        marks = [line([0, 1], [0, 1 / (slope - 5)])]
        panel = Panel("plane", Axis(0, 1), Axis(0, 10), marks, step=(0.1, 1))
        return Scene([panel], f"A line of slope {slope}, redrawn {again} times.")


TEXTS = {"title": "Line", "question": "How steep?", "hint": "pull it up."}


@pytest.fixture
def moves():
    return {
        "slope": controls.slider("slope", 1, 0, 10, 1),
        "again": controls.button("again"),
    }


@pytest.fixture
def lines():
    return Lines()


@pytest.fixture
def shown(moves, lines):
    shown = playground.show(lambda: lines, moves, live=True, **TEXTS)
    yield shown
    shown.close()


def end_of_line(shown):
    """Where the line ends that the page draws."""
    (mark,) = shown.scene["plane"].marks
    return mark["y"][1]


def test_a_move_changes_the_scene_and_words(shown, moves):
    before = shown.stage.scene
    assert shown.alt == "A line of slope 1, redrawn 0 times."
    assert end_of_line(shown) == -0.25
    moves["slope"].value = 3
    assert shown.alt == "A line of slope 3, redrawn 0 times."
    assert end_of_line(shown) == -0.5
    assert shown.stage.scene != before


def test_large_numbers_have_a_separator_everywhere():
    made = controls.steps("digits", 1000, (10, 1000))
    assert made.options == (("10", 10), ("1,000", 1000))
    made.close()


def test_a_button_counts(shown, moves):
    moves["again"].click()
    moves["again"].click()
    assert shown.alt == "A line of slope 1, redrawn 2 times."


def test_several_controls_can_move_as_one(shown, moves, lines):
    calls = lines.calls
    with one_move():
        moves["slope"].value = 2
        moves["slope"].value = 4
        moves["again"].click()
    assert lines.calls == calls + 1
    assert shown.alt == "A line of slope 4, redrawn 1 times."


def test_what_cannot_be_shown_is_said_calmly(shown, moves):
    moves["slope"].value = 10
    assert shown.message == shown.alt == "too steep"
    moves["slope"].value = 5
    assert "ZeroDivisionError" in shown.message
    moves["slope"].value = 2
    assert shown.message == ""
    assert "slope 2" in shown.alt


def point(shown, sent=1000.5, **place):
    """Send what the page sends when a panel is pointed at."""
    content = {"method": "custom", "content": {"kind": "point", "sent": sent, **place}}
    shown.stage.comm.handle_msg({"content": {"data": content}, "buffers": []})


def test_the_place_is_told_that_is_pointed_at(moves, lines, shown):
    assert "arrow keys" not in shown.hint
    told = []
    shown = playground.show(
        lambda: lines, moves, pointed=lambda *where: told.append(where), live=True, **TEXTS
    )
    assert "arrow keys" in shown.hint
    point(shown, panel="plane", x=0.25, y=5)
    assert told == [("plane", 0.25, 5)]
    assert shown.stage.heard == 1000.5
    point(shown, panel="plane", x=0.75, y=5, sent=1000.3)  # overtaken on its way
    assert told == [("plane", 0.25, 5)]
    point(shown, panel="plane", x=0.5, y=5, sent=1000.9)
    assert told[1:] == [("plane", 0.5, 5)]
    shown.close()


def test_the_frame_is_there_before_what_takes_long(lines):
    may_train = threading.Event()

    def make():
        may_train.wait(60)
        return lines

    moves = {"slope": controls.slider("slope", 1, 0, 10, 1)}
    shown = playground.show(make, moves, waiting="training…", live=True, **TEXTS)
    assert shown.message == "training…"
    moves["slope"].value = 3
    assert shown.message == "training…"
    may_train.set()
    shown.wait()
    assert (shown.message, shown.alt) == ("", "A line of slope 3, redrawn 0 times.")
    shown.close()


def test_what_goes_wrong_at_the_beginning_is_said(moves):
    def make():
        return 1 / 0

    for waiting in ("", "training…"):
        shown = playground.show(make, {}, waiting=waiting, live=True, **TEXTS)
        shown.wait()
        assert "ZeroDivisionError" in shown.message
        shown.close()


def test_without_an_audience_there_is_a_still_picture(moves, lines):
    still = playground.show(lambda: lines, moves, **TEXTS)
    assert isinstance(still, Picture)
    assert still.alt == "A line of slope 1, redrawn 0 times."
    refused = playground.refuse(UnsuitableInput("nothing there"), **TEXTS)
    assert isinstance(refused, Picture)
    assert refused.alt == "nothing there"


def test_a_long_caption_of_a_still_picture_is_not_cut_off(moves):
    blank = Axis(0, 1, ticks=())
    digit = Panel("digit", blank, blank, [], note="scaled and centred, like MNIST", weight=0.25)
    scene = Scene([digit, Panel("table", blank, blank, [])], "A digit.")
    still = playground.show(lambda: lambda **_values: scene, moves, **TEXTS)
    pixels = np.asarray(Image.open(io.BytesIO(still.png)).convert("RGB"))
    assert (pixels[:, :2] == pixels[0, 0]).all()


def test_where_a_class_is_graded_it_says_what_it_asks_and_draws_nothing(moves, lines, monkeypatch):
    monkeypatch.setenv("COURSE_PICTURES", "words")
    still = playground.show(lambda: lines, moves, **TEXTS)
    assert (still.alt, still.png) == (f"{TEXTS['title']}: {TEXTS['question']}", b"")
    assert all(control.comm is None for control in moves.values())
    assert lines.calls == 0


@pytest.mark.slow
def test_running_a_cell_again_closes_what_it_showed(monkeypatch, lines):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.delenv("COURSE_STILL", raising=False)

    def show(**texts):
        moves = {"slope": controls.slider("slope", 1, 0, 10, 1)}
        return playground.show(lambda: lines, moves, **(TEXTS | texts))

    with pretended_cell("cell"):
        before = open_widgets()
        show()
        opened = open_widgets() - before
        show()
        assert opened
        assert opened <= open_widgets(), "one cell may show several"
        opened = open_widgets() - before
    with pretended_cell("cell"):
        again = show()
    assert len(opened & open_widgets()) == 1  # the new one has the name of the first
    again.close()
