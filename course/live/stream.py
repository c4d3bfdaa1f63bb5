"""From snapshots of a run to messages for the view: only what the view has not been sent yet."""

import time
from typing import Any, NamedTuple

import numpy as np

from course.drawing.number_format import round_up, short
from course.messages import _
from course.panels.changes import merge_close_changes
from course.panels.description import diverged_words, speed_words
from course.panels.snapshot import CURVES, BandEdges, CurvePoints, PredictedDigits, Snapshot
from course.panels.thinning import choose_test_digits

MAX_BATCH_DIGITS = 400  # that are drawn; more would be specks
_TYPES = {"float32": "f4", "int32": "i4", "uint8": "u1"}
_BATCH_REST = 0.1  # seconds a batch stays on show: its digits are most of what is sent
_MAX_MARKS = 200  # the page merges those that are close to each other on the screen
_NO_ROWS = np.zeros((0, 0), np.float32)


class ViewMessage(NamedTuple):
    """What goes to the page: `content` is JSON, `buffers` the arrays that it names, in order."""

    content: dict[str, Any]
    buffers: list[memoryview]


class Stream:
    """What one view has been sent of a run, and what it has not."""

    def __init__(self) -> None:
        self._tables: dict[str, np.ndarray] = {}
        self._changes: tuple[Any, int] | None = None
        self._images: np.ndarray | None = None
        self._tested: np.ndarray | None = None
        self._has_tested = False
        self._batch: PredictedDigits | None = None
        self._batch_due = 0.0
        self.count = 0  # frames sent so far

    def message(self, snapshot: Snapshot) -> ViewMessage:
        """Return the numbers of a snapshot that the view does not have yet."""
        content: dict[str, Any] = {"kind": "frame", "head": _head(snapshot), "starts": {}}
        content["number"] = self.count  # a page that has missed one asks for everything again
        self.count += 1
        arrays: dict[str, np.ndarray] = {}
        for name in CURVES:
            self._add_rows(content, arrays, name, curve_rows(getattr(snapshot, name)))
        self._add_rows(content, arrays, "weights", _band_rows(snapshot.weights))
        self._add_rows(content, arrays, "biases", _band_rows(snapshot.biases_or_activations))
        self._add_changes(content, snapshot)
        if snapshot.state != "running" or time.monotonic() >= self._batch_due:
            self._add_batch(content, arrays, snapshot.batch)
        self._add_test_digits(content, arrays, snapshot.test_digits)
        return packed(content, arrays)

    def _add_rows(
        self, content: dict[str, Any], arrays: dict[str, np.ndarray], name: str, rows: np.ndarray
    ) -> None:
        """Add the rows of a growing table from the first one that the view does not have."""
        before = self._tables.get(name, _NO_ROWS)
        shared = min(len(before), len(rows))
        start = shared
        if shared:  # bits, because NaN does not equal itself
            same = before[:shared].view(np.int32) == rows[:shared].view(np.int32)
            different = np.flatnonzero(~same.all(axis=1))
            start = int(different[0]) if len(different) else shared
        if start == len(rows) == len(before):
            return
        self._tables[name] = rows
        content["starts"][name] = start
        arrays[name] = np.ascontiguousarray(rows[start:].T)

    def _add_changes(self, content: dict[str, Any], snapshot: Snapshot) -> None:
        end = round_up(max(snapshot.steps, 10))
        key = snapshot.changes, int(end)
        if key == self._changes:
            return
        self._changes = key
        groups = merge_close_changes(snapshot.changes, end / _MAX_MARKS)
        content["changes"] = [{"step": step, "labels": labels} for step, labels in groups]

    def _add_batch(
        self, content: dict[str, Any], arrays: dict[str, np.ndarray], batch: PredictedDigits
    ) -> None:
        if self._batch is not None and _same_digits(batch, self._batch):
            return
        self._batch = batch
        self._batch_due = time.monotonic() + _BATCH_REST
        content["batch_count"] = len(batch.labels)
        content["batch_mistakes"] = batch.mistakes
        arrays["batch_images"] = _pixels(batch.images[:MAX_BATCH_DIGITS])
        arrays["batch_labels"] = batch.labels[:MAX_BATCH_DIGITS].astype(np.int32)
        if batch.predictions is not None:
            arrays["batch_predictions"] = batch.predictions[:MAX_BATCH_DIGITS].astype(np.int32)

    def _add_test_digits(
        self, content: dict[str, Any], arrays: dict[str, np.ndarray], digits: PredictedDigits
    ) -> None:
        is_new = digits.images is not self._images
        if is_new:
            self._images = digits.images
            arrays["pool_images"] = _pixels(digits.images)
            arrays["pool_labels"] = digits.labels.astype(np.int32)
        elif self._has_tested and digits.predictions is self._tested:
            return
        self._tested, self._has_tested = digits.predictions, True
        order, depth = choose_test_digits(digits.labels, digits.predictions)
        content["tested"] = {
            "depth": depth,
            "mistakes": digits.mistakes,
            "count": len(digits.labels),
        }
        arrays["tested_order"] = order.astype(np.int32)
        if digits.predictions is not None:
            arrays["tested_predictions"] = digits.predictions[order].astype(np.int32)


def curve_rows(points: CurvePoints) -> np.ndarray:
    """Return a curve as float32 (n, 3): step, loss, accuracy."""
    return np.stack(points, axis=1).astype(np.float32)


def _band_rows(bands: BandEdges) -> np.ndarray:
    return np.column_stack([bands.steps, bands.edges]).astype(np.float32)


def _same_digits(some: PredictedDigits, others: PredictedDigits) -> bool:
    return (
        some.predictions is others.predictions
        and len(some.images) == len(others.images)
        and (some.images is others.images or bool((some.images == others.images).all()))
    )


def _head(snapshot: Snapshot) -> dict[str, Any]:
    rate = _("rate {rate}")
    if snapshot.follows_schedule:
        rate = _("rate {rate} (follows its schedule)")
    step = _("step {step}")
    if snapshot.total_steps is not None:
        step = _("step {step} of {total}")
    facts = [
        step.format(step=f"{snapshot.steps:,}", total=f"{snapshot.total_steps or 0:,}"),
        _("epoch {epoch}").format(epoch=f"{snapshot.epoch:,.2f}"),
    ]
    if snapshot.shows_settings:
        facts.append(rate.format(rate=short(snapshot.learning_rate)))
        if snapshot.batch_size:
            facts.append(_("batch {size}").format(size=f"{snapshot.batch_size:,}"))
    facts.append(snapshot.name)
    if snapshot.steps_per_second is not None:
        facts.append(speed_words(snapshot.steps_per_second))
    bands = (("weights", snapshot.weights), ("biases", snapshot.biases_or_activations))
    head = {
        "state": snapshot.state,
        "step": snapshot.steps,
        "facts": facts,
        "best": snapshot.best_test_accuracy,
        "alarms": [name for name, edges in bands if edges.alarm],
    }
    if snapshot.state == "diverged":
        head["diverged"] = diverged_words(snapshot)
    return head


def _pixels(images: np.ndarray) -> np.ndarray:
    """Return images as uint8, which is what the page draws."""
    return images if images.dtype == np.uint8 else (images * 255).astype(np.uint8)


def packed(content: dict[str, Any], arrays: dict[str, np.ndarray]) -> ViewMessage:
    """Return a message with these arrays as its buffers, each named in the content."""
    content["arrays"] = [
        {"name": name, "type": _TYPES[array.dtype.name], "shape": array.shape}
        for name, array in arrays.items()
    ]
    return ViewMessage(content, [np.ascontiguousarray(array).data for array in arrays.values()])
