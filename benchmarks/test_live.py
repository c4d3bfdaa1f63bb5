"""`model.fit` with and without `dashboard.Live`, and the kernel time of a frame."""

import ast
import statistics

import pytest
from jupyter_client.manager import run_kernel

PAIRS = 5
SECONDS = 15  # of a fit: what Live does at its start, as its dense first tests, is a part of each
CODE = """
import time
import numpy as np
from course import dashboard, digits, networks
from course.backend import keras
from course.live.view import View
from course.panels import Snapshot
from course.training import start
from course.training.learner import are_probabilities

data = digits.load("embedded")
images, labels = data.train
images = images / np.float32(255)
loss = keras.losses.SparseCategoricalCrossentropy

def fit(epochs, callbacks):
    began = time.perf_counter()
    settings = dict(batch_size=100, verbose=0, callbacks=callbacks)
    model.fit(images, labels, epochs=epochs, **settings)
    return time.perf_counter() - began

run = start("{network}", data)
model = run.network
logits = not are_probabilities(np.asarray(model(images[:10])))
model.compile("sgd", loss(from_logits=logits), metrics=["accuracy"])
fit(2, [])
epochs = round(2 * {seconds} / fit(2, []))
times = []
for _ in range({pairs}):
    times.append((fit(epochs, []), fit(epochs, [dashboard.Live(data, live=True)])))

view, costs = View(), []
view.update(Snapshot.of(run))
for _ in range(200):
    run.advance(3, evaluate="auto")
    began = time.perf_counter()
    view.update(Snapshot.of(run))
    costs.append(1000 * (time.perf_counter() - began))
print([epochs, times, float(np.median(costs)), float(np.percentile(costs, 95))])
"""


@pytest.mark.timeout(3600)
@pytest.mark.benchmark(group="model.fit with dashboard.Live")
@pytest.mark.parametrize("network", ["softmax", "convolutional"])
def test_fit_with_live(benchmark, network):
    code = CODE.format(network=network, seconds=SECONDS, pairs=PAIRS)
    told = []

    def hear(message):
        if message["msg_type"] == "stream":
            told.append(message["content"]["text"])
        assert message["msg_type"] != "error", message["content"]

    with run_kernel() as client:
        benchmark.pedantic(
            lambda: client.execute_interactive(code, output_hook=hear, timeout=3600), rounds=1
        )
    epochs, times, median, high = ast.literal_eval("".join(told).strip().splitlines()[-1])
    steps = 35 * epochs
    without, with_live = map(statistics.median, zip(*times, strict=True))
    ratio = statistics.median(alone / shown for alone, shown in times)
    benchmark.extra_info["figures"] = {
        "network": network,
        "fit": f"{steps / without:,.0f} steps/s",
        "fit with Live": f"{steps / with_live:,.0f} steps/s",
        "with against without": f"{ratio:.2f} times as fast",
        "kernel time of a frame": f"{median:.2f} ms, 95th percentile {high:.2f} ms",
    }
