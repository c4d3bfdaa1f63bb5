"""The picture that stays in a saved notebook: it is never far behind what was seen."""

import re
import threading
import time

import pytest

from course.live.last_picture import LastPicture
from course.pictures.picture import Picture
from tests.waiting import until


@pytest.fixture
def shown(monkeypatch):
    """The words of the pictures that were put into the notebook, the last one last."""
    words = []
    monkeypatch.setattr("course.live.last_picture.get_ipython", lambda: object())
    monkeypatch.setattr(
        "course.live.last_picture.display",
        lambda bundle, **_options: words.append(bundle["text/plain"].partition(" This is how")[0]),
    )
    return words


def test_it_says_when_it_was_drawn_and_what_to_do(monkeypatch):
    bundles = []
    monkeypatch.setattr("course.live.last_picture.get_ipython", lambda: object())
    monkeypatch.setattr(
        "course.live.last_picture.display", lambda bundle, **_options: bundles.append(bundle)
    )
    LastPicture().show("in training")
    for text in bundles[0].values():
        assert re.search(r"looked at \d{4}-\d\d-\d\d \d\d:\d\d\. If a cell is still running", text)


def test_it_is_drawn_now_and_then_while_there_is_no_rest(shown):
    last = LastPicture()
    last.show("at first")

    def is_drawn():
        last.keep(lambda: Picture(b"", "in training", 0))
        return "in training" in shown

    until(is_drawn)
    last.keep(lambda: Picture(b"", "trained", 0))
    until(lambda: shown[-1] == "trained")


def test_a_picture_that_takes_long_never_comes_after_a_newer_one(shown):
    last = LastPicture()
    last.show("at first")
    began = threading.Event()

    def draw_older():
        began.set()
        deadline = time.monotonic() + 2
        while "newer" not in shown and time.monotonic() < deadline:
            time.sleep(0.02)
        return Picture(b"", "older", 0)

    last.keep(draw_older)
    assert began.wait(30)
    last.keep(lambda: Picture(b"", "newer", 0))
    until(lambda: {"older", "newer"} <= set(shown))
    assert shown[-1] == "newer"


def test_none_is_drawn_that_was_cancelled(shown):
    last = LastPicture()
    last.show("at first")
    began, may_end = threading.Event(), threading.Event()

    def draw_long():
        began.set()
        may_end.wait(60)
        return Picture(b"", "in training", 0)

    last.keep(draw_long)
    assert began.wait(30)
    last.keep(lambda: Picture(b"", "cancelled", 0))
    last.cancel()
    may_end.set()
    until(lambda: "in training" in shown)
    last.keep(lambda: Picture(b"", "kept", 0))
    until(lambda: "kept" in shown)
    assert shown == ["at first", "in training", "kept"]
