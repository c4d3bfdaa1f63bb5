"""The 99% challenge, solved: a small network above 99.5%, drawn against `model.fit` over time.

Part of `make ladder`. What is done is kept in build/challenge/ and not repeated.
"""

import argparse
import math
import time
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks.ladder import BATCH_SIZE, ROOT, SEEDS, compiled, load, once, one_cycle, shifted
from course import networks
from course.backend import keras
from course.training import Run

EPOCHS, FIT_EPOCHS = 12, 20  # FIT_EPOCHS are the sources' 10,000 steps
MAX_RATE, NEURONS = 0.01, 40


def reference(seed: int = 0) -> keras.Model:
    """The batch-norm rung with 40 instead of 200 neurons, on shifted digits: 204,842 parameters."""
    return shifted(networks.batch_norm(seed, neurons=NEURONS), seed)


def train_reference(data, epochs: int, seed: int, advance) -> dict:
    """Train the reference and look at it after every epoch; only training is on the clock."""
    steps = math.ceil(len(data.train.labels) / BATCH_SIZE)
    schedule = one_cycle(MAX_RATE, steps * epochs)
    model = reference(seed)
    run = Run(model, data, schedule, BATCH_SIZE, seed, optimizer="adam")
    looks = []
    for _epoch in range(epochs):
        run.advance(steps)
        history = run.history
        looks.append(
            (run.seconds, history.validation.accuracy[-1], history.test.accuracy[-1]),
        )
        advance()
    return _result("reference", seed, run.parameters, looks)


def train_with_fit(data, epochs: int, seed: int, advance) -> dict:
    """Train the sources' network as they do, with `model.fit` and a decaying rate."""
    name = "convolutional-dropout"
    rung = networks.LADDER[name]
    rate = keras.optimizers.schedules.ExponentialDecay(rung.learning_rate, rung.decay, 1 / math.e)
    model = compiled(name, seed, keras.optimizers.Adam(rate))
    images = data.train.images.astype(np.float32) / 255
    model.fit(images[:BATCH_SIZE], data.train.labels[:BATCH_SIZE], verbose=0)  # compiles
    seconds, looks = 0.0, []
    for _epoch in range(epochs):
        begun = time.perf_counter()
        model.fit(images, data.train.labels, batch_size=BATCH_SIZE, verbose=0)
        seconds += time.perf_counter() - begun
        looks.append((seconds, *(_accuracy(model, part) for part in (data.validation, data.test))))
        advance()
    return _result("model.fit", seed, model.count_params(), looks)


def _accuracy(model, part):
    logits = model.predict(part.images.astype(np.float32) / 255, batch_size=500, verbose=0)
    return float(np.mean(logits.argmax(axis=1) == part.labels))


def _result(name, seed, parameters, looks) -> dict:
    chosen = max(looks, key=lambda look: look[1])
    return {
        "name": name,
        "seed": seed,
        "parameters": int(parameters),
        "looks": [[float(value) for value in look] for look in looks],
        "chosen": float(chosen[2]),
    }


def measure(data, epochs: int, fit_epochs: int, seeds: int, kept: Path) -> list[dict]:
    """Train what is not yet done: `model.fit` once, the reference with every seed."""
    kept.mkdir(parents=True, exist_ok=True)
    jobs = [(train_with_fit, fit_epochs, 0)]
    jobs += [(train_reference, epochs, seed) for seed in range(seeds)]
    recipe = f"{len(data.train.labels)}-{NEURONS}-{MAX_RATE}"
    results = []
    with tqdm(total=sum(job[1] for job in jobs), unit="epoch") as bar:
        for train, epochs, seed in jobs:
            path = kept / f"{train.__name__}-{seed}-{recipe}-{epochs}.json"
            if path.exists():
                bar.update(epochs)
            results.append(once(path, partial(train, data, epochs, seed, bar.update)))
    return results


def page(results: list[dict], source: str) -> str:
    """The results as a Markdown page."""
    ours = [result for result in results if result["name"] == "reference"]
    (fit,) = (result for result in results if result["name"] == "model.fit")
    lines = [
        "# The 99% challenge, solved",
        "",
        f"Trained on {source} in batches of {BATCH_SIZE}, measured by `make ladder`. *Chosen* is",
        "the test accuracy after the epoch with the best validation accuracy; seconds are those of",
        "training alone.",
        "",
        "| network | parameters | seed | epochs | seconds | chosen on validation |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, rows in (
        ("the reference of `benchmarks/challenge.py`", ours),
        ("the sources' network with `model.fit`", [fit]),
    ):
        for row in rows:
            lines.append(
                f"| {name} | {row['parameters']:,} | {row['seed']} | {len(row['looks'])} | "
                f"{row['looks'][-1][0]:.0f} | "
                f"{100 * row['chosen']:.2f}% |"
            )
    mean = 100 * np.mean([row["chosen"] for row in ours])
    best = max(look[2] for look in fit["looks"])
    sooner = [
        next((seconds for seconds, _, test in row["looks"] if test >= best), math.inf)
        for row in ours
    ]
    lines += ["", f"The reference reaches {mean:.2f}% on average."]
    if np.median(sooner) < math.inf:
        lines[-1] += (
            f" It takes {np.median(sooner):.0f} s to pass the best of `model.fit`, "
            f"{100 * best:.2f}% within {fit['looks'][-1][0]:.0f} s."
        )
    return "\n".join([*lines, "", "![Test accuracy against seconds](images/challenge.png)", ""])


def draw(results: list[dict], path: Path):
    """Draw test accuracy against seconds of training."""
    from matplotlib.figure import Figure

    from course.drawing.palette import BLUE, ORANGE, QUIET
    from course.drawing.style import course_style

    with course_style():
        figure = Figure(figsize=(8, 4), layout="constrained")
        axes = figure.add_subplot()
        ways = {"reference": (BLUE, "-"), "model.fit": (ORANGE, "--")}
        labels = {"reference": "the reference", "model.fit": "model.fit, the sources' network"}
        for result in results:
            seconds, _, test = np.array(result["looks"]).T
            colour, dash = ways[result["name"]]
            label = labels.pop(result["name"], None)
            axes.plot(seconds, 100 * test, dash, color=colour, label=label, marker=".")
        axes.axhline(99.5, color=QUIET, linewidth=1)
        axes.set(xlabel="seconds of training", ylabel="test accuracy in %", xlim=(0, None))
        axes.legend(loc="lower right")
        axes.grid(True)
        figure.savefig(path, dpi=110)


def main():
    """Measure, and write docs/challenge.md and its picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--fit-epochs", type=int, default=FIT_EPOCHS)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--source", default="auto")
    parser.add_argument("--kept", type=Path, default=ROOT / "build" / "challenge")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "challenge.md")
    options = parser.parse_args()
    data, source = load(options.source)
    results = measure(data, options.epochs, options.fit_epochs, options.seeds, options.kept)
    images = options.page.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    draw(results, images / "challenge.png")
    options.page.write_text(page(results, source))
    print(options.page.read_text())


if __name__ == "__main__":
    main()
