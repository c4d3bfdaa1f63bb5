"""The window of `course train`: keys act, closing is noticed, and it needs a screen."""

import sys

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.backend_bases import CloseEvent, FigureManagerBase, KeyEvent

from course import digits, training
from course.panels import Panels
from course.terminal.window import NoWindowError, Window, open_window


@pytest.fixture
def panels():
    return Panels(training.start("softmax", digits.load("embedded")))


@pytest.fixture
def window(panels):
    matplotlib.use("agg")
    window = Window(panels, "softmax")
    yield window
    window.close()


def press(key):
    """Press a key in the window, which is Matplotlib's figure of that name."""
    canvas = pyplot.figure("softmax").canvas
    canvas.callbacks.process("key_press_event", KeyEvent("key_press_event", canvas, key))


def test_keys_pause_and_choose_panels(window, panels):
    press(" ")
    assert window.is_paused
    press(" ")
    assert not window.is_paused
    for key, names in {"1": ("accuracy",), "8": ("weights", "biases")}.items():
        press(key)
        assert panels.shown == names
    for key in ("0", "6", "escape"):
        press(key)
    assert len(panels.shown) == 6


@pytest.mark.slow
def test_the_window_comes_to_the_front_once(panels, monkeypatch):
    """So that one can work in another while it goes on."""
    matplotlib.use("agg")
    shown = []
    monkeypatch.setattr(FigureManagerBase, "show", lambda manager: shown.append(manager))
    monkeypatch.setattr(matplotlib, "get_backend", lambda: "tkagg")
    monkeypatch.setenv("DISPLAY", ":0")
    window = open_window(panels, "softmax")
    for _ in range(5):
        window.show(panels.update())
    window.close()
    assert len(shown) == 1


def test_a_closed_window_is_noticed(window):
    canvas = pyplot.figure("softmax").canvas
    canvas.callbacks.process("close_event", CloseEvent("close_event", canvas))
    assert not window.is_open
    window.show(np.zeros((540, 960, 3), np.uint8))  # nothing to do, and no error
    window.is_paused = True
    window.wait_while_paused()


def test_without_a_screen_there_is_no_window(monkeypatch, panels):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(NoWindowError, match="no display"):
        open_window(panels, "softmax")
