"""Train a network of the ladder and show it: a line now and then, a window, a recording."""

import time

from tqdm import tqdm

from course.messages import _
from course.panels import Panels, Snapshot
from course.panels.description import status_line
from course.recording import Recording
from course.terminal.window import Window
from course.training import Run

_FRAME_SECONDS = 1 / 12
MAX_LINES = 20  # in the terminal
MAX_PICTURES = 150  # in a recording, evenly spaced in steps


def watch(
    run: Run,
    panels: Panels | None = None,
    *,
    window: Window | None = None,
    recording: Recording | None = None,
) -> None:
    """Train a run to its end and show how it goes; closing the window ends it early.

    The window and the recording show `panels`. Raises ValueError for a run without `total_steps`.
    """
    if run.total_steps is None:
        raise ValueError(_("The run has no end: pass total_steps."))
    every = max(1, run.total_steps // MAX_LINES)
    every_picture = max(1, run.total_steps // MAX_PICTURES)
    next_line, next_picture, next_frame = every, every_picture, 0.0
    with tqdm(total=run.total_steps, unit="step", disable=None) as bar:
        _record(recording, panels)
        with run.playing():
            while run.state == "running" and (window is None or window.is_open):
                before = run.steps
                steps = min(run.steps_for(_FRAME_SECONDS / 2), next_line - run.steps)
                run.advance(steps, evaluate="auto")
                bar.update(run.steps - before)
                if run.steps >= next_line or run.state == "finished":
                    run.evaluate()
                    tqdm.write(status_line(Snapshot.of(run)))
                    next_line += every
                if run.steps >= next_picture:
                    next_picture += every_picture
                    _record(recording, panels)
                if window and panels and time.monotonic() >= next_frame:
                    next_frame = time.monotonic() + _FRAME_SECONDS
                    window.show(panels.update())
                    window.wait_while_paused()
        run.evaluate()
    if recording:
        with recording:
            _record(recording, panels)


def _record(recording: Recording | None, panels: Panels | None) -> None:
    if recording and panels:
        recording.add(panels.update())


def summary(run: Run, network: str, source: str) -> dict:
    """Return what `course train --json` writes about a finished run, accuracies from 0 to 1."""
    history = run.history
    best, validation = history.best_test_accuracy, history.validation.accuracy
    return {
        "network": network,
        "source": source,
        "parameters": run.parameters,
        "steps": run.steps,
        "batch_size": run.batch_size,
        "seconds": run.seconds,
        "steps_per_second": run.steps_per_second,
        "test_accuracy": float(history.test.accuracy[-1]),
        "best_test_accuracy": None if best is None else float(best),
        "validation_accuracy": float(validation[-1]) if len(validation) else None,
    }
