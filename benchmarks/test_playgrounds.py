"""Milliseconds of kernel time for a move in each playground: all its controls, one by one."""

import time

import ipywidgets
import numpy as np
import pytest

from course import playgrounds
from course.playgrounds import draw, playground
from course.playgrounds.trained_ladder import LADDER

MOVES = 12  # of each control


def move(control, number):
    """Move a control to another value; False if it is of an unknown kind."""
    if isinstance(control, ipywidgets.Button):
        control.click()
    elif isinstance(control, ipywidgets.Dropdown | ipywidgets.SelectionSlider):
        control.index = (control.index + 1) % len(control.options)
    elif isinstance(control, ipywidgets.FloatLogSlider):
        low, high = control.min, control.max
        control.value = 10 ** (low + (high - low) * (0.3 + 0.4 * number / MOVES))
    elif isinstance(control, ipywidgets.FloatSlider | ipywidgets.IntSlider):
        low, high = control.min, control.max
        control.value = type(control.value)(low + (high - low) * (0.1 + 0.8 * number / MOVES))
    elif isinstance(control, ipywidgets.FloatText):
        control.value += 0.1
    elif isinstance(control, ipywidgets.Checkbox):
        control.value = not control.value
    else:
        return False
    return True


def parts(control):
    """The control itself, or the sliders and number boxes that it consists of."""
    if not isinstance(control, ipywidgets.Box):
        return [control]
    inside = [part for child in control.children for part in parts(child)]
    kinds = ipywidgets.FloatSlider | ipywidgets.IntSlider | ipywidgets.FloatText
    return [part for part in inside if isinstance(part, kinds)]


def draw_a_digit(pad):
    """Draw an 8; the whole ladder answers."""
    for name in LADDER.names:
        LADDER.train(name)
    (stroke,) = draw.EXAMPLE
    for count in range(1, len(stroke) + 1):
        pad.sheet.strokes = [[list(place) for place in stroke[:count]]]


@pytest.mark.benchmark(group="a move in a playground")
@pytest.mark.parametrize("name", playgrounds.NAMES)
def test_moves(benchmark, name):
    shown = getattr(playgrounds, name).show(live=True)
    if isinstance(shown, playground.Playground):
        shown.wait()  # until it is ready, a move is only noted
    if name == "draw":
        draw_a_digit(shown.controls["pad"])
    controls = [part for control in shown.controls.values() for part in parts(control)]
    walls, cores = [], []

    def timed(act, *arguments):
        wall, core = time.perf_counter(), time.thread_time()
        if act(*arguments) is not False:
            cores.append(1000 * (time.thread_time() - core))
            walls.append(1000 * (time.perf_counter() - wall))

    def all_moves():
        for control in controls:
            for number in range(MOVES):
                timed(move, control, number)
        for _redraw in range(MOVES if not walls else 0):  # where only the picture can be touched
            timed(shown.redraw)

    try:
        benchmark.pedantic(all_moves, rounds=1)
        while shown.message.endswith("…"):  # it is still training in the background
            time.sleep(0.1)
    finally:
        shown.close()
    assert shown.message == ""
    benchmark.extra_info["figures"] = {
        "playground": name.replace("_", " "),
        "moves": str(len(walls)),
        "median": f"{np.median(walls):.0f} ms",
        "95th percentile": f"{np.percentile(walls, 95):.0f} ms",
        "of which CPU time": f"{np.median(cores):.0f} ms",
    }
