"""Train a network of the ladder and watch: a line now and then, a window, a recording."""

import time

from tqdm import tqdm

from course.messages import _
from course.panels import Panels
from course.recording import Recording
from course.training import Run

_FRAME = 1 / 12  # seconds
_LINES = 20  # at most this many lines in the terminal
_PICTURES = 150  # and pictures in a recording, evenly spaced in steps


def watch(run: Run, *, window=None, save=None, panels: Panels | None = None):
    """Train a run to its end, telling how it goes; a closed window ends it early."""
    panels = panels or (Panels(run) if save else None)
    recording = Recording(save) if save else None
    every = max(1, run.total_steps // _LINES)
    every_picture = max(1, run.total_steps // _PICTURES) if save else run.total_steps
    next_line, next_picture, next_frame = every, every_picture, 0.0
    with tqdm(total=run.total_steps, unit="step", disable=None) as bar:
        if recording:
            recording.add(panels.update())
        with run.playing():
            while run.state == "running" and (window is None or window.is_open):
                before = run.steps
                run.advance(min(run.steps_for(_FRAME / 2), next_line - run.steps), evaluate="auto")
                bar.update(run.steps - before)
                if run.steps >= next_line or run.state == "finished":
                    run.evaluate()
                    tqdm.write(line(run))
                    next_line += every
                if recording and run.steps >= next_picture:
                    next_picture += every_picture
                    recording.add(panels.update())
                if window and time.monotonic() >= next_frame:
                    next_frame = time.monotonic() + _FRAME
                    window.show(panels.update())
                    window.wait_while_paused()
        run.evaluate()
    if recording:
        with recording:
            recording.add(panels.update())


def line(run: Run) -> str:
    """How a run is doing, in one line."""
    training, test = run.history.training, run.history.test
    return _(
        "step {step:>6,}  epoch {epoch:7.2f}  training {training:6.1%} loss {training_loss:6.3f}  "
        "test {test:6.2%} loss {test_loss:6.3f}  rate {rate:.4g}"
    ).format(
        step=run.steps,
        epoch=run.epoch,
        training=training.accuracy[-1],
        training_loss=training.loss[-1],
        test=test.accuracy[-1],
        test_loss=test.loss[-1],
        rate=run.learning_rate,
    )


def summary(run: Run, name: str, source: str) -> dict:
    """What a finished run came to, as `course train --json` writes it."""
    history = run.history
    validation = history.validation.accuracy
    return {
        "network": name,
        "source": source,
        "parameters": run.parameters,
        "steps": run.steps,
        "batch_size": run.batch_size,
        "seconds": run.seconds,
        "steps_per_second": run.steps_per_second,
        "test_accuracy": float(history.test.accuracy[-1]),
        "best_test_accuracy": float(history.best_test_accuracy),
        "validation_accuracy": float(validation[-1]) if len(validation) else None,
    }
