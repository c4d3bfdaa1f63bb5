"""What all playgrounds share: moves, clicks, calm refusals, still pictures, and what is closed."""

import pytest

from course.front_end import pretend_cell
from course.pictures.picture import Picture
from course.playgrounds import controls, playground
from course.playgrounds.inputs import UnsuitableInput
from course.playgrounds.live_figure import set_if_changed
from course.playgrounds.moves import one_move
from tests.open_widgets import open_widgets


def line(figure, _theme):
    """A picture of a straight line whose slope can be moved."""
    axes = figure.add_subplot(label="plane")
    axes.set(xlim=(0, 1), ylim=(0, 10))
    (drawn,) = axes.plot([], [], animated=True)

    def update(slope, again=0):
        if slope > 9:
            raise UnsuitableInput("too steep")
        drawn.set_data([0, 1], [0, 1 / (slope - 5)])
        update.calls += 1
        return f"A line of slope {slope}, redrawn {again} times."

    update.calls = 0
    line.update = update
    return update


TEXTS = {"title": "Line", "question": "How steep?", "hint": "pull it up."}


@pytest.fixture
def moves():
    return {
        "slope": controls.slider("slope", 1, 0, 10, 1),
        "again": controls.button("again"),
    }


@pytest.fixture
def shown(moves):
    shown = playground.show(line, moves, live=True, **TEXTS)
    yield shown
    shown.close()


def test_a_move_changes_picture_and_words(shown, moves):
    before = shown.picture.value
    assert shown.alt == "A line of slope 1, redrawn 0 times."
    assert f'alt="{shown.alt}"' in before
    moves["slope"].value = 3
    assert shown.alt == "A line of slope 3, redrawn 0 times."
    assert f'alt="{shown.alt}"' in shown.picture.value
    assert shown.picture.value.split("alt=")[0] != before.split("alt=")[0]


def test_a_button_counts(shown, moves):
    moves["again"].click()
    moves["again"].click()
    assert shown.alt == "A line of slope 1, redrawn 2 times."


def test_several_controls_can_move_as_one(shown, moves):
    calls = line.update.calls
    with one_move():
        moves["slope"].value = 2
        moves["slope"].value = 4
        moves["again"].click()
    assert line.update.calls == calls + 1
    assert shown.alt == "A line of slope 4, redrawn 1 times."


def test_what_does_not_move_is_not_redrawn(shown, moves, monkeypatch):
    draws, whole = [], shown.figure.draw
    monkeypatch.setattr(shown.figure, "draw", lambda *args: draws.append(1) or whole(*args))
    (axes,) = shown.figure.axes
    moves["slope"].value = 3
    assert not draws
    set_if_changed(axes, ylim=(0, 10))
    moves["slope"].value = 4
    assert not draws
    set_if_changed(axes, ylim=(0, 20))
    moves["slope"].value = 6
    assert len(draws) == 1


def test_what_cannot_be_shown_is_said_calmly(shown, moves):
    moves["slope"].value = 10
    assert shown.message == shown.alt == "too steep"
    assert "too steep" in shown.notice.value
    assert "<img" not in shown.picture.value
    moves["slope"].value = 5
    assert "ZeroDivisionError" in shown.message
    moves["slope"].value = 2
    assert shown.message == ""
    assert "<img" in shown.picture.value


def test_a_click_tells_the_place(moves):
    told = []
    shown = playground.show(
        line, moves, clicked=lambda *where: told.append(where), live=True, **TEXTS
    )
    axes = shown.figure.axes[0].get_position()
    shown.click(axes.x0 + 0.25 * axes.width, 1 - (axes.y0 + 0.5 * axes.height))
    shown.click(0.001, 0.5)  # beside the axes
    ((name, x, y),) = told
    assert name == "plane"
    assert (x, y) == (pytest.approx(0.25, abs=0.01), pytest.approx(5, abs=0.05))
    shown.close()


def test_without_an_audience_there_is_a_still_picture(moves):
    still = playground.show(line, moves, **TEXTS)
    assert isinstance(still, Picture)
    assert still.alt == "A line of slope 1, redrawn 0 times."
    refused = playground.refuse(UnsuitableInput("nothing there"), **TEXTS)
    assert isinstance(refused, Picture)
    assert refused.alt == "nothing there"


def test_where_a_class_is_graded_it_says_what_it_asks_and_draws_nothing(moves, monkeypatch):
    monkeypatch.setenv("COURSE_PICTURES", "words")
    still = playground.show(line, moves, **TEXTS)
    assert (still.alt, still.png) == (f"{TEXTS['title']}: {TEXTS['question']}", b"")
    assert all(control.comm is None for control in moves.values())


def test_running_a_cell_again_closes_what_it_showed(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.delenv("COURSE_STILL", raising=False)
    with pretend_cell("cell"):
        before = open_widgets()
        playground.show(line, {"slope": controls.slider("slope", 1, 0, 10, 1)}, **TEXTS)
        opened = open_widgets() - before
        other = playground.show(line, {}, **(TEXTS | {"title": "Another line"}))
        assert opened <= open_widgets(), "one cell may show several"
        second = playground.show(line, {"slope": controls.slider("slope", 1, 0, 10, 1)}, **TEXTS)
    assert opened
    assert not opened & open_widgets()
    other.close()
    second.close()
