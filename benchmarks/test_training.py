"""Steps per second: `model.fit`, a run, and a run that the view of a page shows, in turn."""

import statistics
import time

import numpy as np
import pytest

from benchmarks.ladder import compiled
from course import digits
from course.dashboard.player import Player
from course.live.view import View
from course.panels import Snapshot
from course.training import start

BATCH_SIZE = 100
# Long enough that the first picture and the last look at the test digits hardly count.
STEPS = {"softmax": 4000, "five-layers-relu": 1500, "convolutional": 150}
ROUNDS = 5


@pytest.fixture(scope="module")
def data():
    return digits.load()


def fit_of(network, data):
    """What trains a network by Keras alone."""
    model = compiled(network)
    count = STEPS[network] * BATCH_SIZE
    images = np.resize(data.train.images, (count, 28, 28)).astype(np.float32) / 255
    labels = np.resize(data.train.labels, count)
    return lambda: model.fit(images, labels, batch_size=BATCH_SIZE, epochs=1, verbose=0)


def play_of(network, data, draw):
    """What plays a run, as on the page of a notebook."""
    run = start(network, data, batch_size=BATCH_SIZE)
    run.advance(50)

    def play():
        run.total_steps = run.steps + STEPS[network]
        player = Player(run, lambda: draw(run), pytest.fail)
        player.play()
        player.join()

    return play


@pytest.mark.timeout(1800)
@pytest.mark.benchmark(group="training")
@pytest.mark.parametrize("network", STEPS)
def test_training(benchmark, network, data):
    view = View()
    ways = (
        fit_of(network, data),
        play_of(network, data, lambda run: None),
        play_of(network, data, lambda run: view.update(Snapshot.of(run))),
    )
    rounds = []

    def all_in_turn():
        seconds = []
        for train in ways:
            began = time.perf_counter()
            train()
            seconds.append(time.perf_counter() - began)
        rounds.append(seconds)

    benchmark.pedantic(all_in_turn, rounds=ROUNDS, warmup_rounds=1)
    del rounds[0]  # the one that only warmed up
    fit, run, shown = (statistics.median(way) for way in zip(*rounds, strict=True))
    steps = STEPS[network]
    run_to_fit = statistics.median(one[0] / one[1] for one in rounds)
    shown_to_run = statistics.median(one[1] / one[2] for one in rounds)
    benchmark.extra_info["figures"] = {
        "network": network,
        "model.fit": f"{steps / fit:,.0f} steps/s",
        "run": f"{steps / run:,.0f} steps/s",
        "run with the view": f"{steps / shown:,.0f} steps/s",
        "run compared with model.fit": f"{run_to_fit:.2f} times as fast",
        "with the view compared with without": f"{shown_to_run:.2f} times as fast",
    }
