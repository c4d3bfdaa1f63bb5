"""The words of the live view, as its page side gets them."""

from course.messages import _
from course.panels.description import curve_words, state_words
from course.panels.snapshot import ALARM_LIMIT


def view_words() -> dict:
    """Return every word of the view; where the page puts values in, it says {so}."""
    return {
        "view": _("Live view of the training"),
        "panels": [
            ["accuracy", _("Accuracy")],
            ["loss", _("Cross-entropy loss")],
            ["training digits", _("Training digits")],
            ["weights", _("Weights")],
            ["biases", _("Biases")],
            ["test digits", _("Test digits")],
        ],
        "states": state_words() | {"disconnected": _("disconnected")},
        "disconnected": _("The kernel was restarted: run this cell to go on."),
        "silent": _("The kernel does not answer: it is busy, or the connection is lost."),
        "curves": curve_words(),
        "gap": _("dotted: not measured in between"),
        "latest": _("test {value}"),
        "latest_and_best": _("test {value}, best {best}"),
        "no_accuracy": _(
            "No accuracy is reported. If the network chooses between classes, give compile "
            'metrics=["accuracy"].'
        ),
        "low_to_high": _("{low} to {high}"),
        "bands_reading": _("step {step}: {low} to {high}, most between {lower} and {upper}"),
        "at_step": _("step {step}"),
        "wrong_of": _("{mistakes} of {count} wrong"),
        "in_batch": _("{count} in the batch"),
        "first_of": _("first {shown} of {count}"),
        "not_tested": _("not tested yet"),
        "digit": _("This is a {label}; the network says {prediction}."),
        "digit_untested": _("This is a {label}."),
        "asking": _("asking the network…"),
        "close": _("Close"),
        "alarm": _("ALARM: beyond {limit}").format(limit=ALARM_LIMIT),
        "keys": _(
            "Space: pause or go on; on a digit: enlarge it. 1 to 6: one panel, 7 to 9: a pair, 0: "
            "all. In a panel, the arrow keys read its values."
        ),
    }
