"""Steps per second: `model.fit`, a run, and a run that the view of a page shows."""

import numpy as np
import pytest

from course import digits, networks
from course.backend import keras
from course.dashboard.player import Player
from course.live.view import View
from course.panels import Snapshot
from course.training import start

BATCH_SIZE = 100
# Long enough that the first picture and the last look at the test digits hardly count.
STEPS = {"softmax": 8000, "five-layers-relu": 3000, "convolutional": 1000}
ROUNDS = 3


@pytest.fixture(scope="module")
def data():
    return digits.load()


@pytest.fixture(params=STEPS)
def network(request, benchmark):
    benchmark.group = f"training {request.param}"
    benchmark.extra_info["steps"] = STEPS[request.param]
    return request.param


def test_model_fit(benchmark, network, data):
    model = networks.build(network)
    rung = networks.LADDER[network]
    model.compile(
        keras.optimizers.get(rung.optimizer),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.optimizer.learning_rate = rung.learning_rate
    count = STEPS[network] * BATCH_SIZE
    images = np.resize(data.train.images, (count, 28, 28)).astype(np.float32) / 255
    labels = np.resize(data.train.labels, count)

    def fit():
        model.fit(images, labels, batch_size=BATCH_SIZE, epochs=1, verbose=0)

    benchmark.pedantic(fit, rounds=ROUNDS, warmup_rounds=1)


def played(benchmark, network, data, draw):
    """Measure a run that a player plays, as on the page of a notebook."""
    run = start(network, data, batch_size=BATCH_SIZE)
    run.advance(50)

    def train():
        run.total_steps = run.steps + STEPS[network]
        player = Player(run, lambda: draw(run), pytest.fail)
        player.play()
        player.finish()

    benchmark.pedantic(train, rounds=ROUNDS, warmup_rounds=1)


def test_run(benchmark, network, data):
    played(benchmark, network, data, lambda run: None)


def test_run_with_view(benchmark, network, data):
    view = View()
    played(benchmark, network, data, lambda run: view.update(Snapshot.of(run)))
