"""Train every rung of the ladder on the full data, and write docs/ladder.md: `make ladder`.

Each rung is trained with three seeds. What is done is kept in build/ladder/ and not repeated, so
that the command may be interrupted and called again.
"""

import argparse
import json
import math
import sys
import time
import zlib
from pathlib import Path

import numpy as np
from tqdm import tqdm

from course import digits, networks
from course.backend import keras
from course.files import write_atomically
from course.training import Run, exponential_decay, start

ROOT = Path(__file__).parent.parent
STEPS, EVERY, SEEDS, BATCH_SIZE = 10_000, 100, 3, 100

# Where the rate is not the lessons': the highest, the lowest, and the steps of the decay.
SCHEDULES = {
    "softmax": (1.5, 0.05, 3000),
    "five-layers-sigmoid": (0.01, 0.0005, 3000),
    "five-layers-dropout": (0.002, 0.0001, 3000),
}
# Rungs of the table that see shifted digits, at a rate that rises and falls to nothing:
# the network, its highest rate, and its steps.
SHIFTED = {
    "convolutional-dropout-shifted": ("convolutional-dropout", 0.004, 10_000),
    "batch-norm-shifted": ("batch-norm", 0.01, 4_000),
}
_SHIFT = 0.06  # of the width: up to 1.7 pixels
_WARMING = 0.2  # share of the steps in which the rate rises
COMPARED_SECONDS = 3  # how long `model.fit` and a run are compared

# What the sources report, the best of all looks at the test set.
SOURCES = {
    "softmax": 0.9268,
    "five-layers-sigmoid": 0.9788,
    "five-layers-relu": 0.9825,
    "five-layers-dropout": 0.9817,
    "convolutional": 0.989,
    "convolutional-dropout": 0.9931,
    "convolutional-dropout-shifted": 0.9931,
    "batch-norm-shifted": 0.9950,
}


def one_cycle(highest: float, total: int):
    """Rise to the highest rate, then fall to nothing along a half wave: a function of the step."""
    warming = _WARMING * total

    def rate_at(step):
        if step < warming:
            return highest * (step + 1) / (warming + 1)
        return highest * (1 + math.cos(math.pi * (step - warming) / (total - warming))) / 2

    return rate_at


def shifted(network: keras.Model, seed: int) -> keras.Model:
    """Return a convolutional network that sees each digit shifted differently at every step."""
    layers = keras.layers
    moved = layers.RandomTranslation(_SHIFT, _SHIFT, fill_mode="constant", seed=seed)
    begin, *rest = network.layers  # the first one adds the channel that the shift needs
    return keras.Sequential([keras.Input(networks.IMAGE), begin, moved, *rest], name=network.name)


def train(name: str, seed: int, data, steps: int, advance) -> dict:
    """Train one rung with one seed, look at it every 100 steps, and return what was seen."""
    if name in SHIFTED:
        rung, highest, _ = SHIFTED[name]
        network = shifted(networks.build(rung, seed=seed), seed)
        rate, optimizer = one_cycle(highest, steps), networks.LADDER[rung].optimizer
        run = Run(network, data, rate, BATCH_SIZE, seed, optimizer=optimizer)
    else:
        run = start(name, data, seed=seed, batch_size=BATCH_SIZE)
    if name in SCHEDULES:
        run.learning_rate = exponential_decay(*SCHEDULES[name])
    while run.steps < steps and run.state != "diverged":
        run.advance(min(EVERY, steps - run.steps))
        advance(run)
    history = run.history
    chosen = int(np.argmax(history.validation.accuracy))
    return {
        "network": name,
        "seed": seed,
        "steps": run.steps,
        "seconds": run.seconds,
        "parameters": run.parameters,
        "chosen_step": int(history.test.steps[chosen]),
        "chosen": float(history.test.accuracy[chosen]),
        "best": float(history.test.accuracy.max()),
        "curve": [history.test.steps.tolist(), history.test.accuracy.tolist()],
        "loss": history.test.loss.tolist(),
    }


def compiled(name: str, seed: int = 0, optimizer=None) -> keras.Model:
    """Return a rung as `model.fit` trains it, at the rate of the ladder unless told otherwise."""
    model, rung = networks.build(name, seed=seed), networks.LADDER[name]
    if optimizer is None:
        optimizer = keras.optimizers.get(rung.optimizer)
        optimizer.learning_rate = rung.learning_rate
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, metrics=["accuracy"])
    return model


def compare(name: str, data) -> dict:
    """Steps per second of a run and of `model.fit`, one after the other, in the same process."""
    name = SHIFTED[name][0] if name in SHIFTED else name  # the network as it is, on both sides
    run = start(name, data, batch_size=BATCH_SIZE)
    run.advance(20, evaluate=False)
    steps = max(10, run.steps_for(COMPARED_SECONDS))
    begun = time.perf_counter()
    run.advance(steps, evaluate=False)
    ours = steps / (time.perf_counter() - begun)
    model = compiled(name)
    images = np.resize(data.train.images, (steps * BATCH_SIZE, 28, 28)).astype(np.float32) / 255
    labels = np.resize(data.train.labels, steps * BATCH_SIZE)
    model.fit(images[:2000], labels[:2000], batch_size=BATCH_SIZE, verbose=0)
    begun = time.perf_counter()
    model.fit(images, labels, batch_size=BATCH_SIZE, verbose=0)
    return {"run": ours, "fit": steps / (time.perf_counter() - begun)}


def measure(data, names, steps: int, seeds: int, kept: Path) -> list[dict]:
    """Train what is not yet done and return all results; a bar shows how long it will take."""
    kept.mkdir(parents=True, exist_ok=True)
    key = f"{data.train.images.sum()}-{len(data.train.labels)}-{steps}"
    results = []
    budget = {name: min(steps, SHIFTED[name][2] if name in SHIFTED else steps) for name in names}
    total = seeds * sum(budget.values())
    with tqdm(total=total, unit="step", unit_scale=True) as bar:
        for name in names:
            for seed in range(seeds):
                bar.set_description(f"{name}, seed {seed}")
                path = kept / f"{name}-{seed}-{key}-{_recipe(name)}.json"
                if path.exists():
                    bar.update(budget[name])

                def run_and_compare(name=name, seed=seed):
                    result = train(name, seed, data, budget[name], lambda run: bar.update(EVERY))
                    return result if seed else result | {"speed": compare(name, data)}

                results.append(once(path, run_and_compare))
    return results


def _recipe(name: str) -> str:
    """Changes when a rung is trained in another way."""
    if name in SHIFTED:
        recipe = repr((SHIFTED[name], _SHIFT, _WARMING))
    else:
        recipe = repr((networks.LADDER[name][1:], SCHEDULES.get(name)))
    return f"{zlib.crc32(recipe.encode()):08x}"


def once(path: Path, measure) -> dict:
    """Return the result that is kept there; if there is none, measure and keep it, in one go."""
    if not path.exists():
        write_atomically(path, json.dumps(measure()))
    return json.loads(path.read_text())


def load(source: str):
    """Load the digits to measure on; return them and what they are, in words."""
    try:
        data = digits.load(source)
    except digits.DigitsError as error:
        sys.exit(str(error))
    count = len(data.train.labels) + len(data.validation.labels) + len(data.test.labels)
    return data, f"{count:,} digits of MNIST"


def page(results: list[dict], source: str) -> str:
    """The results as a Markdown page."""
    lines = [
        "# The ladder",
        "",
        f"The networks of the course on {source}, in batches of {BATCH_SIZE} digits,",
        f"looked at every {EVERY} steps, seeds: {len({result['seed'] for result in results})}. "
        "Measured by `make ladder`.",
        "",
        "*Chosen on validation* is the honest figure: the test accuracy at the step with the best",
        "validation accuracy (mean, and the smallest and largest of the seeds). *Best on test* is",
        "how the sources count: the largest of all looks at the test set, which flatters.",
        "*Steps/s*, also against `model.fit`, was measured in separate runs of some "
        f"{COMPARED_SECONDS} seconds,",
        "without shifts: on a machine that was busy at times, it need not agree with *seconds*.",
        "The learning rates are those of the lessons, but for "
        + "; ".join(
            f"{name} ({highest:g} falling to {lowest:g})"
            for name, (highest, lowest, _) in SCHEDULES.items()
        )
        + ".",
        f"Networks named *shifted* see each digit moved by up to {28 * _SHIFT:.1f} pixels,",
        "differently each time; their rate rises to "
        + ", ".join(f"{highest:g} ({name})" for name, (_, highest, _) in SHIFTED.items())
        + " and falls to nothing.",
        "",
        "| network | parameters | steps | seconds | chosen on validation | best on test | "
        "sources | steps/s | against `model.fit` |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name in SOURCES:
        rows = [result for result in results if result["network"] == name]
        if not rows:
            continue
        chosen = [100 * row["chosen"] for row in rows]
        seconds = np.mean([row["seconds"] for row in rows])
        speed = next(row["speed"] for row in rows if "speed" in row)
        lines.append(
            f"| {name} | {rows[0]['parameters']:,} | {rows[0]['steps']:,} | {seconds:.0f} | "
            f"{np.mean(chosen):.2f}% ({min(chosen):.2f} to {max(chosen):.2f}) | "
            f"{max(100 * row['best'] for row in rows):.2f}% | {100 * SOURCES[name]:.2f}% | "
            f"{speed['run']:,.0f} | {speed['run'] / speed['fit']:.1f} times |"
        )
    return "\n".join([*lines, "", "![Test error against steps](images/ladder.png)", ""])


def draw(results: list[dict], path: Path):
    """Draw the test error of every rung, first seed, against the steps."""
    import matplotlib
    from matplotlib.figure import Figure

    from course.drawing.style import course_style

    with course_style():
        figure = Figure(figsize=(9.5, 4.5), layout="constrained")
        axes = figure.add_subplot()
        colours = [
            matplotlib.colormaps["viridis"](share) for share in np.linspace(0, 0.9, len(SOURCES))
        ]
        for name, colour in zip(SOURCES, colours, strict=True):
            for row in results:
                if row["network"] == name and row["seed"] == 0:
                    steps, accuracy = (np.array(part) for part in row["curve"])
                    error = np.maximum(100 * (1 - accuracy), 0.01)
                    axes.plot(steps[1:], error[1:], color=colour, label=name)
        axes.set(yscale="log", xlabel="steps", ylabel="test error in %")
        figure.legend(loc="outside right upper")
        axes.grid(True)
        figure.savefig(path, dpi=110)


def main():
    """Measure, and write docs/ladder.md and its picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--networks", nargs="+", choices=list(SOURCES), default=list(SOURCES))
    parser.add_argument("--source", default="auto")
    parser.add_argument("--kept", type=Path, default=ROOT / "build" / "ladder")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "ladder.md")
    options = parser.parse_args()
    data, source = load(options.source)
    results = measure(data, options.networks, options.steps, options.seeds, options.kept)
    images = options.page.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    draw(results, images / "ladder.png")
    options.page.write_text(page(results, source))
    print(options.page.read_text())


if __name__ == "__main__":
    main()
