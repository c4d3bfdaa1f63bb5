"""What the panels show, in a sentence: for those who cannot see them."""

from course.messages import _
from course.panels.look import ALARM, Look
from course.panels.marks import setting_label
from course.panels.numbers import percent, short


def describe(look: Look) -> str:
    """Return one sentence: state, steps, accuracies, loss, mistakes, changes and alarms."""
    states = {
        "ready": _("is ready to start"),
        "running": _("is running"),
        "paused": _("is paused"),
        "finished": _("has finished"),
        "diverged": _("has diverged, its numbers are no longer finite"),
    }
    begin = _("Training of {name} {state}, at step {step} (epoch {epoch})").format(
        name=look.name,
        state=states.get(look.state, look.state),
        step=f"{look.steps:,}",
        epoch=f"{look.epoch:.2f}",
    )
    settings = _("learning rate {rate}, batch size {size}").format(
        rate=short(look.learning_rate), size=f"{look.batch_size:,}"
    )
    parts = [settings, *_accuracies(look), *_changes(look), *_alarms(look)]
    return f"{begin}: {'; '.join(parts)}."


def _accuracies(look):
    mistakes = look.batch.mistakes
    if mistakes is not None:
        count = len(look.batch.labels)
        yield _("{share} of the {count} training digits of the batch recognised").format(
            share=percent(1 - mistakes / count), count=f"{count:,}"
        )
    mistakes = look.tested.mistakes
    if mistakes is None:
        yield _("not tested yet")
    else:
        count = len(look.tested.labels)
        yield _("{share} of {count} test digits recognised ({mistakes} mistakes)").format(
            share=percent(1 - mistakes / count), count=f"{count:,}", mistakes=f"{mistakes:,}"
        )
    for lines, message in (
        (look.training, _("training loss {loss}")),
        (look.test, _("test loss {loss}")),
    ):
        if len(lines.steps):
            yield message.format(loss=short(lines.loss[-1]))


def _changes(look):
    if look.changes:
        last = look.changes[-1]
        message = _("settings changed {count} times, last to {setting} at step {step}")
        if len(look.changes) == 1:
            message = _("a setting changed once, to {setting} at step {step}")
        yield message.format(
            count=len(look.changes),
            setting=setting_label(last.setting, last.new),
            step=f"{last.step:,}",
        )


def _alarms(look):
    others = _("activations") if look.shows_activations else _("biases")
    for spread, name in ((look.weights, _("weights")), (look.biases, others)):
        if spread.alarm:
            yield _("alarm: {name} beyond {limit}").format(name=name, limit=ALARM)
