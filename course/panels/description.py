"""What the panels show, in a sentence, for those who cannot see them."""

import math
from collections.abc import Iterator

import numpy as np

from course.drawing.number_format import percent, short
from course.messages import _, ngettext
from course.panels.changes import label_change
from course.panels.snapshot import ALARM_LIMIT, CURVES, Snapshot


def state_words() -> dict[str, str]:
    """Return what each state of a run is called."""
    return {
        "ready": _("ready"),
        "running": _("running"),
        "paused": _("paused"),
        "finished": _("finished"),
        "diverged": _("diverged"),
    }


def diverged_words(snapshot: Snapshot) -> str:
    """Return the alarm over a run that has diverged: what happened, then what to do about it."""
    return _(
        "DIVERGED at step {step}\n"
        "The numbers are no longer finite.\n"
        "Lower the learning rate, or look for a log of 0; then start again."
    ).format(step=f"{snapshot.diverged_at:,}")


def curve_words() -> dict[str, str]:
    """Return what each curve is called, in the order of every legend."""
    words = {"training": _("training"), "validation": _("validation"), "test": _("test")}
    return {name: words[name] for name in CURVES}


def training_digits_title(snapshot: Snapshot) -> str:
    """Return the title of the training digits; those of a diverged run are as they were before."""
    if snapshot.batch_is_before_divergence:
        return _("Training digits before it diverged")
    return _("Training digits")


def speed_words(speed: float) -> str:
    """Return a speed of training, in steps a second, in words."""
    told = short(speed) if speed < 10 else f"{speed:,.0f}"
    count = 1 if told == "1" else 2  # as it is shown
    return ngettext("{speed} step/s", "{speed} steps/s", count).format(speed=told)


def describe(snapshot: Snapshot) -> str:
    """Return one sentence: state, steps, accuracies, loss, mistakes, changes and alarms."""
    states = {
        "ready": _("is ready to start"),
        "running": _("is running"),
        "paused": _("is paused"),
        "finished": _("has finished"),
        "diverged": _("has diverged, its numbers are no longer finite"),
    }
    begin = _("Training of {name} {state}, at step {step} (epoch {epoch})").format(
        name=snapshot.name,
        state=states[snapshot.state],
        step=f"{snapshot.steps:,}",
        epoch=f"{snapshot.epoch:,.2f}",
    )
    parts = [*_settings(snapshot), *_accuracies(snapshot), *_changes(snapshot), *_alarms(snapshot)]
    return _("{begin}: {parts}.").format(begin=begin, parts=_("; ").join(parts))


def status_line(snapshot: Snapshot) -> str:
    """Say in one short line how a run is going: its accuracies, losses and learning rate."""
    training, test = snapshot.training, snapshot.test
    return _(
        "step {step:>6,}  epoch {epoch:7.2f}  training {training:6.1%} loss {training_loss:6.3f}  "
        "test {test:6.2%} loss {test_loss:6.3f}  rate {rate:.4g}"
    ).format(
        step=snapshot.steps,
        epoch=snapshot.epoch,
        training=_latest(training.accuracy),
        training_loss=_latest(training.loss),
        test=_latest(test.accuracy),
        test_loss=_latest(test.loss),
        rate=snapshot.learning_rate,
    )


def _latest(values: np.ndarray) -> float:
    return values[-1] if len(values) else math.nan


def _settings(snapshot: Snapshot) -> Iterator[str]:
    if snapshot.shows_settings and snapshot.batch_size:
        yield _("learning rate {rate}, batch size {size}").format(
            rate=short(snapshot.learning_rate), size=f"{snapshot.batch_size:,}"
        )


def _accuracies(snapshot: Snapshot) -> Iterator[str]:
    mistakes = snapshot.batch.mistakes
    if mistakes is not None:
        count = len(snapshot.batch.labels)
        message = ngettext(
            "{share} of the one training digit of the batch recognised",
            "{share} of the {count} training digits of the batch recognised",
            count,
        )
        told = message.format(share=percent(1 - mistakes / count), count=f"{count:,}")
        if snapshot.batch_is_before_divergence:
            told = _("{told} before it diverged").format(told=told)
        yield told
    mistakes = snapshot.test_digits.mistakes
    if mistakes is None and len(snapshot.test.accuracy):
        share = percent(snapshot.test.accuracy[-1])
        yield _("{share} of the test examples recognised").format(share=share)
    elif mistakes is None:
        yield _("not tested yet")
    else:
        count = len(snapshot.test_digits.labels)
        message = ngettext(
            "{share} of {count} test digits recognised ({mistakes} mistake)",
            "{share} of {count} test digits recognised ({mistakes} mistakes)",
            mistakes,
        )
        yield message.format(
            share=percent(1 - mistakes / count), count=f"{count:,}", mistakes=f"{mistakes:,}"
        )
    for points, message in (
        (snapshot.training, _("training loss {loss}")),
        (snapshot.test, _("test loss {loss}")),
    ):
        if len(points.steps):
            yield message.format(loss=short(points.loss[-1]))


def _changes(snapshot: Snapshot) -> Iterator[str]:
    if snapshot.changes:
        last = snapshot.changes[-1]
        message = _("settings changed {count} times, last to {setting} at step {step}")
        if len(snapshot.changes) == 1:
            message = _("a setting changed once, to {setting} at step {step}")
        yield message.format(
            count=len(snapshot.changes),
            setting=label_change(last.setting, last.new),
            step=f"{last.step:,}",
        )


def _alarms(snapshot: Snapshot) -> Iterator[str]:
    second = _("activations") if snapshot.shows_activations else _("biases")
    for bands, name in (
        (snapshot.weights, _("weights")),
        (snapshot.biases_or_activations, second),
    ):
        if bands.alarm:
            yield _("alarm: {name} beyond {limit}").format(name=name, limit=ALARM_LIMIT)
