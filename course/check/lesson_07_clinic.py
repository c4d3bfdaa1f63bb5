"""The checks of lesson 7: is there a diagnosis from the list, and does the treatment work?

Each takes the learner's function without arguments, which returns the name of the fault and the one
argument to change, such as ("learning rate too high", {"learning_rate": 0.2}).
"""

from collections.abc import Mapping

from course import clinic
from course.check.engine import values
from course.check.engine.attempt import Attempt
from course.check.engine.hints import hint
from course.messages import _

PATIENTS = 10


def _check(number):
    def check(answer, seed=0):
        examine(answer, number, seed)
        message = _("Patient {number} is healed. Only the grader tells whether the name is right.")
        print(message.format(number=number))

    check.__name__ = f"case_{number}"
    check.__doc__ = f"() -> (the name of patient {number}'s fault, a dict with the one change)."
    return check


def examine(answer, number, *seeds):
    """Check for a name from the list and a change that heals; return the name as listed."""
    result = Attempt(answer, f"case_{number}()").call()
    name, change = (part.value for part in result.parts("name", "change"))
    fault = _check_diagnosis(result, number, name)
    change = _plain_change(result, number, change)
    _check_treatment(result, number, change)
    for seed in seeds:
        _check_proof(result, number, change, seed)
        _check_removal(result, number, change)
    return fault


def _check_diagnosis(result, number, name) -> str:
    """Check for a name from the list; only the grader says whether it is the right one."""
    words = " ".join(name.lower().split()) if isinstance(name, str) else ""
    words = _OTHER_NAMES.get(words, words)
    if words not in clinic.FAULTS:
        result.fail(
            _("case_{number} must name one of the ten faults.").format(number=number),
            expected=_("one of: {names}").format(names="; ".join(clinic.FAULTS)),
            got=repr(name)[:100],
            hint=hint("unknown-name", _("copy the name from the list at the top of the lesson.")),
        )
    return words


def _plain_change(result, number, change) -> dict:
    """Check for a dict with one argument; return it with a plain number or text as its value."""
    if not isinstance(change, Mapping) or len(change) != 1:
        result.fail(
            _("case_{number} must change exactly one argument.").format(number=number),
            expected=_("a dict with one entry, such as {example}").format(
                example="{'hidden_layers': 1}"
            ),
            got=repr(change)[:100],
        )
    ((argument, value),) = change.items()
    plain = values.to_plain(value)
    return {argument: plain.item() if values.is_array(plain) and not plain.shape else value}


def _check_treatment(result, number, change):
    """Check for an argument that can be changed, and for a value that it may have."""
    try:
        changes = clinic.changes_patient(number, **change)
    except (clinic.TreatmentError, TypeError) as error:
        result.fail(
            _("case_{number} must change an argument to a value that it may have.").format(
                number=number
            ),
            got=str(error),
        )
    if not changes:
        result.fail(
            _("case_{number} must change something: the patient has this value already.").format(
                number=number
            ),
            got=repr(change),
        )


def _check_proof(result, number, change, seed):
    """Check that the treated network learns, with this seed."""
    run = clinic.treat(number, seed=seed, **change)
    if not clinic.is_healthy(run):
        accuracy = run.history.validation.accuracy[-1]
        loss = run.history.training.loss[-20:].mean()
        result.fail(
            _("case_{number} must make the network learn.").format(number=number),
            expected=_(
                "at least {share:.0%} of the validation digits after {steps} steps, and a training "
                "loss below {loss:g}"
            ).format(share=clinic.HEALTHY, steps=clinic.STEPS, loss=clinic.LOW_LOSS),
            got=_("the run diverged at step {step}").format(step=run.diverged_at)
            if run.state == "diverged"
            else _("{share:.0%}, and a loss of {loss:.2f}").format(share=accuracy, loss=loss),
            hint=_hint_of_proof(number, change),
        )


def _hint_of_proof(number, change):
    rate = change.get("learning_rate")
    if rate is None or not clinic.may_cure("learning_rate", number):
        return hint(
            "not-cured",
            _(
                "look at the panels again: the loss at the start, whether the weights move, and "
                "whether the training digits are recognised."
            ),
        )
    if rate > clinic.HEALTHY_RATE:
        return hint(
            "rate-too-high",
            _("now the steps are too long. Healthy networks have a rate of {rate:g}.").format(
                rate=clinic.HEALTHY_RATE
            ),
        )
    return hint(
        "rate-too-low",
        _("now the steps are too short. Healthy networks have a rate of {rate:g}.").format(
            rate=clinic.HEALTHY_RATE
        ),
    )


def _check_removal(result, number, change):
    """Check that a treatment that works has removed the fault, and not only hidden it."""
    ((argument, value),) = change.items()
    found = None
    if not clinic.may_cure(argument, number):
        found = hint(
            "symptom",
            _(
                "the network learns in spite of the fault. What was wrong is still there, and "
                "would come back with the next change."
            ),
        )
    elif (argument, value) == ("activation", "none"):
        found = hint(
            "no-activation",
            _("without any activation, all the layers together can do no more than one."),
        )
    elif argument == "training_digits" and value < clinic.ENOUGH_DIGITS:
        found = hint(
            "few-digits",
            _(
                "better, but still too few: it knows its own digits far better than others. Give "
                "it {count:,} or more."
            ).format(count=clinic.ENOUGH_DIGITS),
        )
    if found:
        result.fail(
            _("case_{number} must remove the fault, not only its effects.").format(number=number),
            got=repr(change),
            hint=found,
        )


# What other lessons call a fault.
_OTHER_NAMES = {"rate too high": "learning rate too high", "rate too low": "learning rate too low"}
case_1, case_2, case_3, case_4, case_5, case_6, case_7, case_8, case_9, case_10 = (
    _check(number) for number in range(1, PATIENTS + 1)
)
