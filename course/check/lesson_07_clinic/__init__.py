"""The checks of lesson 7: overfitting a batch; ten patients, to be treated and diagnosed."""

from course.check.lesson_07_clinic.overfit_one_batch import overfit_one_batch
from course.check.lesson_07_clinic.patient import Patient
from course.messages import _

# How each fault shows. Said when a treatment works and this name is not that of the fault.
SIGNS = {
    "digits sorted by class": _(
        "with sorted digits a mini-batch holds hardly more than one class, and the training "
        "accuracy is a sawtooth."
    ),
    "labels shuffled apart": _(
        "with shuffled labels the small print under the training digits is wrong, and the "
        "validation accuracy stays at a tenth."
    ),
    "learning rate too high": _(
        "with a rate that is too high the loss starts near 2.30, and jumps up in the first steps."
    ),
    "learning rate too low": _(
        "with a rate that is too low the weights of all layers move, but so little that you can "
        "hardly see it."
    ),
    "logarithm of zero": _(
        "a logarithm of zero shows as NaN, from one step to the next, after good progress."
    ),
    "pixels not scaled": _(
        "with pixels up to 255 the loss is far above 2.30 before the first step."
    ),
    "softmax twice": _("softmax twice gives the loss a floor: it cannot fall below 1.46."),
    "too few digits": _(
        "with too few digits the training accuracy reaches 100%, and validation stays far behind."
    ),
    "vanishing gradients": _(
        "when gradients vanish, the layers near the output learn, and those near the input do not."
    ),
    "weights start at zero": _(
        "with weights that start at zero, both ends of the band of weights stay at exactly 0."
    ),
}


# The arguments that treat each fault, if a network has it.
TREATED_BY = {
    "digits sorted by class": {"order"},
    "labels shuffled apart": {"labels"},
    "learning rate too high": {"learning_rate"},
    "learning rate too low": {"learning_rate"},
    "logarithm of zero": {"loss"},
    "pixels not scaled": {"pixels"},
    "softmax twice": {"output", "loss"},
    "too few digits": {"training_digits"},
    "vanishing gradients": {"activation", "hidden_layers"},
    "weights start at zero": {"initial_weights", "hidden_layers"},
}


def fault_words() -> dict[str, str]:
    """Return what each fault is called in the current language."""
    return {
        "digits sorted by class": _("digits sorted by class"),
        "labels shuffled apart": _("labels shuffled apart"),
        "learning rate too high": _("learning rate too high"),
        "learning rate too low": _("learning rate too low"),
        "logarithm of zero": _("logarithm of zero"),
        "pixels not scaled": _("pixels not scaled"),
        "softmax twice": _("softmax twice"),
        "too few digits": _("too few digits"),
        "vanishing gradients": _("vanishing gradients"),
        "weights start at zero": _("weights start at zero"),
    }


def other_words() -> dict[str, str]:
    """Return what other lessons call a fault."""
    return {
        "learning rate too high": _("rate too high"),
        "learning rate too low": _("rate too low"),
    }


def _patient(number: int, fault_digest: str) -> Patient:
    return Patient(number, fault_digest, SIGNS, TREATED_BY, fault_words, other_words)


case_1 = _patient(1, "06c0acb892c5dca6")
case_2 = _patient(2, "4ffe167ec6be7ebc")
case_3 = _patient(3, "ad490437e87d49cd")
case_4 = _patient(4, "19385fc80eb7f30d")
case_5 = _patient(5, "cef62c6a4d8b29b6")
case_6 = _patient(6, "36589f85dbf778aa")
case_7 = _patient(7, "8fc51f7aa5d0bd3a")
case_8 = _patient(8, "0496a6124954617a")
case_9 = _patient(9, "a0a28f7f1557d963")
case_10 = _patient(10, "4f2fb6aab76129fb")

PATIENTS = (
    *(case_1, case_2, case_3, case_4, case_5),
    *(case_6, case_7, case_8, case_9, case_10),
)

__all__ = [
    "overfit_one_batch",
    *("case_1", "case_2", "case_3", "case_4", "case_5"),
    *("case_6", "case_7", "case_8", "case_9", "case_10"),
]
