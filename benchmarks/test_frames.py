"""Milliseconds for a frame of six panels: as numbers for the page, updated in place, redrawn."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from course import digits
from course.live.view import View
from course.panels import Panels, Snapshot
from course.training import start


@pytest.fixture(scope="module")
def run():
    run = start("softmax", digits.load())
    for _ in range(100):
        run.advance(10)
    return run


@pytest.mark.benchmark(group="a frame with 1,000 test digits")
def test_numbers_for_the_page(benchmark, run):
    view = View()

    def step():
        run.advance(1, evaluate=False)

    def frame():
        view.update(Snapshot.of(run))

    benchmark.pedantic(frame, setup=step, rounds=300, warmup_rounds=5)
    assert view.snapshot.steps == run.steps


@pytest.mark.benchmark(group="a frame with 1,000 test digits")
def test_panels(benchmark, run):
    panels = Panels(run)

    def step():
        run.advance(1, evaluate=False)

    assert benchmark.pedantic(panels.update, setup=step, rounds=100).shape == (540, 960, 3)


@pytest.mark.benchmark(group="a frame with 1,000 test digits")
def test_naive_redraw(benchmark, run):
    figure = Figure(figsize=(9.6, 5.4), dpi=100)
    canvas = FigureCanvasAgg(figure)

    def frame():
        run.advance(1, evaluate=False)
        figure.clear()
        axes = figure.subplots(2, 3)
        history = run.history
        for panel, values in zip(axes[0], ("accuracy", "loss"), strict=False):
            panel.plot(history.training.steps, getattr(history.training, values))
            panel.plot(history.test.steps, getattr(history.test, values))
        for panel, bands in zip(axes[1], (history.weights, history.biases), strict=False):
            for low, high in zip(bands.edges.T[:-1], bands.edges.T[1:], strict=True):
                panel.fill_between(bands.steps, low, high, alpha=0.3)
        axes[0, 2].imshow(rows_of(run.batch.images[:100], 10), cmap="gray_r")
        axes[1, 2].imshow(rows_of(run.data["test"].images[:1000], 40), cmap="gray_r")
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())

    assert benchmark(frame).shape == (540, 960, 4)


def rows_of(images, columns):
    rows = [np.hstack(images[i : i + columns]) for i in range(0, len(images), columns)]
    return np.vstack(rows)
