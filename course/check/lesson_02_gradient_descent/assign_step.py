"""The check of assign_step: where a step in place leaves each of several variables."""

import numpy as np

from course.backend import tf
from course.check.engine.comparison import Case
from course.check.engine.hints import hint
from course.check.engine.keras_comparison import KerasComparison
from course.check.engine.keras_objects import described
from course.check.references import lesson_02_gradient_descent as reference
from course.messages import _


def _cases(rng):
    """One number, then variables of several shapes; the learning rate is never 1 or 0.5."""
    yield _case([3.0], [8.0], 0.1)
    for shapes, rate in (
        ([(3,)], 2.0),
        ([(2,), (2,)], 0.25),
        ([(2, 3), (3,)], 0.1),
        ([(1, 2), (2,), (2, 3), (3,)], 0.3),
        ([(), (2,), ()], float(rng.uniform(1.1, 4))),
    ):
        yield _case(
            [rng.normal(size=shape) for shape in shapes],
            [rng.normal(0, 3, size=shape) for shape in shapes],
            rate,
        )


def _case(values, gradients, rate):
    return Case(
        {
            "variables": [described(tf.Variable(_short(value))) for value in values],
            "gradients": [_short(gradient) for gradient in gradients],
            "learning_rate": rate,
        }
    )


def _short(array):
    """An array as float32, of numbers that are short to read."""
    return np.array(np.round(array, 2), np.float32)


_LATER = hint(
    "does-nothing-yet",
    _(
        "generators and map do nothing until a loop goes through them: take the steps in a plain "
        "`for` loop."
    ),
)


def _observe(result):
    """The values of the variables afterwards, whatever the answer did to its list of them."""
    if result.came_as:
        result.fail(
            _("assign_step must move the variables when it is called."),
            got=result.came_as,
            hint=_LATER,
        )
    variables = result.afterwards["variables"]
    return {f"variables[{place}]": value.numpy() for place, value in enumerate(variables)}


# Mistakes ---------------------------------------------------------------------------------------


def _each(change, chosen=lambda pairs: pairs):
    """An answer that makes a change with each variable, or some of them, and its gradient."""

    def assign_step(variables, gradients, learning_rate):
        pairs = list(zip(variables, gradients, strict=True))
        for variable, gradient in chosen(pairs):
            change(variable, gradient, learning_rate)

    return assign_step


def _subtract(variable, gradient, rate):
    variable.assign_sub(rate * gradient)


def _with_rate(rate):
    return _each(lambda variable, gradient, _rate: variable.assign_sub(rate * gradient))


assign_step = KerasComparison(
    signature="assign_step(variables, gradients, learning_rate)",
    summary="A list of variables, their gradients, a rate -> nothing; each has taken its step.",
    right=reference.assign_step,
    cases=_cases,
    observe=_observe,
    slack=lambda *_arguments: 1e-6,
    demand=_("assign_step must move {name} by -learning_rate times its gradient, in place."),
    meaning=_("the value of the variable afterwards"),
    mistakes={
        hint(
            "not-moved",
            _(
                "no variable has moved. Only a call such as `w.assign_sub(step)` changes what is "
                "in the box; `w = w - step` gives the name w to a new tensor, and leaves the box "
                "behind."
            ),
        ): _each(lambda *_arguments: None),
        hint("uphill", _("this goes uphill; the gradient points up, so subtract it.")): _each(
            lambda variable, gradient, rate: variable.assign_add(rate * gradient)
        ),
        hint(
            "step-only",
            _("now the box holds the step alone: `assign_sub` takes the step from what was in it."),
        ): [
            _each(lambda variable, gradient, rate: variable.assign(-rate * gradient)),
            _each(lambda variable, gradient, rate: variable.assign(rate * gradient)),
        ],
        hint(
            "old-subtracted",
            _("subtract the step from what was in the box, not the other way round."),
        ): _each(lambda variable, gradient, rate: variable.assign(rate * gradient - variable)),
        hint(
            "gradient-only",
            _("this puts the gradient into the box: subtract learning_rate times the gradient."),
        ): _each(lambda variable, gradient, _rate: variable.assign(gradient)),
        hint(
            "no-rate",
            _(
                "the gradient must be multiplied by learning_rate, inside the brackets of the "
                "call that moves the variable."
            ),
        ): _with_rate(1.0),
        hint("rate-fixed", _("the rate is an argument: use learning_rate, not a fixed number.")): [
            _with_rate(rate) for rate in (0.001, 0.01, 0.1, 0.5)
        ],
        hint("rate-divides", _("multiply by the learning rate; do not divide by it.")): _each(
            lambda variable, gradient, rate: variable.assign_sub(gradient / rate)
        ),
        hint(
            "rate-alone",
            _(
                "each number moves by the learning rate itself, however large its gradient is: "
                "the step is the product of the two."
            ),
        ): [
            _each(lambda variable, gradient, rate: variable.assign_sub(rate * np.sign(gradient))),
            _each(lambda variable, gradient, rate: variable.assign_sub(rate)),
        ],
        hint(
            "mean-gradient",
            _("each number moves by its own slope, not all of them by the mean of the slopes."),
        ): _each(
            lambda variable, gradient, rate: variable.assign_sub(
                np.full_like(gradient, rate * np.mean(gradient))
            )
        ),
        hint("two-steps", _("each variable takes two steps here.")): _each(
            _subtract, lambda pairs: pairs * 2
        ),
        hint(
            "own-gradient",
            _(
                "each variable takes the step of its own gradient alone: go through both lists at "
                "once, in the same order, with zip."
            ),
        ): [
            _each(
                _subtract,
                lambda pairs, chosen=chosen: [
                    (variable, slope)
                    for place, (variable, _own) in enumerate(pairs)
                    for _variable, slope in chosen(pairs, place)
                ],
            )
            for chosen in (
                lambda pairs, place: pairs,
                lambda pairs, place: pairs[:1],
                lambda pairs, place: pairs[-1:],
                lambda pairs, place: [pairs[-1 - place]],
            )
        ],
        hint(
            "first-only",
            _("only the first variable has moved: does the loop go on to the others?"),
        ): _each(_subtract, lambda pairs: pairs[:1]),
        hint("last-only", _("only the last variable has moved: is the step inside the loop?")): (
            _each(_subtract, lambda pairs: pairs[-1:])
        ),
        hint("last-missing", _("the last variable has not moved: does the loop stop early?")): (
            _each(_subtract, lambda pairs: pairs[:-1])
        ),
        hint(
            "some-forgotten",
            _("some of the variables have not moved: each one in the list takes its step."),
        ): [
            _each(_subtract, lambda pairs: pairs[::2]),
            _each(_subtract, lambda pairs: pairs[1:]),
            _each(_subtract, lambda pairs: [pair for pair in pairs if pair[1].ndim > 1]),
        ],
    },
    by_code={
        "uphill": {
            r"assign_sub\( *-": hint(
                "minus-twice",
                _("assign_sub subtracts already: no minus in front of the step."),
            )
        },
        "step-only": {
            r"assign_sub\(": hint(
                "step-to-assign-sub",
                _("assign_sub takes the step alone, not the new value: it does the subtraction."),
            )
        },
        "not-moved": {
            r"^ *\(.*\bfor\b.*\) *$|\bmap\(": _LATER,
            r"\w\[\w+\] *[-+]?=(?!=)": hint(
                "another-in-the-list",
                _(
                    "this puts another variable or tensor into the list: the box itself, which the "
                    "model holds, stays as it was."
                ),
            ),
            r"\.assign\([^()]*\) *[-+]": hint(
                "step-outside",
                _("the step is outside the brackets: `assign` takes the whole new value."),
            ),
        },
        "": {
            r"\b(Adam\w*|RMSprop|Adagrad|Nadam|momentum)\b": hint(
                "another-optimizer",
                _(
                    "this optimiser has steps of its own: here each step is learning_rate times "
                    "the gradient, and no more."
                ),
            )
        },
    },
)
