"""The check of descend: every parameter, one step downhill."""

import numpy as np

from course.check.engine.comparison import Comparison
from course.check.engine.hints import hint
from course.check.references import lesson_02_gradient_descent as reference
from course.messages import _


def _cases(rng):
    cases = [
        ({"W": [1, 2], "b": [3]}, {"W": [10, -10], "b": [4]}, 0.1),
        ({"W": [[1, 2], [3, 4]], "b": [0, 0]}, {"W": [[0, 1], [0, 1]], "b": [1, 1]}, 0.5),
        ({"filters": [5]}, {"filters": [2]}, 1.0),
        ({"W": [1], "b": [2]}, {"b": [100], "W": [1000]}, 0.01),
        ({"W": [1, 2], "b": [3, 4]}, {"b": [1, 2], "W": [5, 3]}, 0.5),
    ]
    small = {"W": [[0.5, 0.25]], "b": [0.125]}
    cases.append(({"W": [[1, 2]], "b": [3]}, small, 0.1))
    cases.append(({"W": [1, 2]}, {"W": [0.5, -0.25]}, 0.5))
    shapes = {"filters": (2, 3, 1, 2), "W1": (3, 4), "b1": (4,), "W2": (4, 2), "scale": (1,)}
    for rate in (0.003, 0.5, 3.0, float(rng.uniform(0.01, 0.9))):
        parameters = {name: rng.normal(size=shape) for name, shape in shapes.items()}
        gradients = {name: rng.normal(0, 3, size=shape) for name, shape in shapes.items()}
        cases.append((parameters, gradients, rate))
    for parameters, gradients, rate in cases:
        yield {
            "parameters": {name: np.array(part, np.float64) for name, part in parameters.items()},
            "gradients": {name: np.array(part, np.float64) for name, part in gradients.items()},
            "learning_rate": rate,
        }


def _stepped(step):
    """The answer that computes each new value by step(old value, slope, rate)."""
    return lambda parameters, gradients, rate: {
        name: step(old, gradients[name], rate) for name, old in parameters.items()
    }


def _by_slopes(slopes_of):
    """The answer that goes through the slopes in another order, such as that of their own dict."""
    return lambda parameters, gradients, rate: {
        name: old - rate * slope
        for (name, old), slope in zip(
            parameters.items(), slopes_of(list(gradients.values())), strict=True
        )
    }


def _first_only(parameters, gradients, rate):
    name = next(iter(parameters))
    return parameters | {name: parameters[name] - rate * gradients[name]}


def _last_only(parameters, gradients, rate):
    name = list(parameters)[-1]
    return parameters | {name: parameters[name] - rate * gradients[name]}


def _length_of_all(gradients):
    return np.sqrt(sum(np.sum(slope**2) for slope in gradients.values()))


def _only(names_of):
    """The right answer for some of the names, without the others."""
    return lambda parameters, gradients, rate: {
        name: parameters[name] - rate * gradients[name] for name in names_of(list(parameters))
    }


descend = Comparison(
    signature="descend(parameters, gradients, learning_rate)",
    summary="dicts of arrays with the same keys, a rate -> the dict of stepped parameters.",
    right=reference.descend,
    cases=_cases,
    meaning=_("an array of the same shape as before"),
    demand=_("descend must move parameter {name} by learning_rate times its gradient, downhill."),
    slack=lambda parameters, gradients, rate: {
        name: 1e-6 * (np.abs(old) + np.abs(rate * gradients[name]))
        for name, old in parameters.items()
    },
    lost_steps=("not-moved",),
    mistakes={
        hint("uphill", _("this goes uphill; the gradient points up, so subtract it.")): (
            _stepped(lambda old, slope, rate: old + rate * slope)
        ),
        hint("no-rate", _("the gradient must be multiplied by learning_rate.")): [
            _stepped(lambda old, slope, rate: old - slope),
            _stepped(lambda old, slope, rate: old - (rate + slope)),
        ],
        hint("no-gradient", _("the gradient is missing: the step is learning_rate · gradient.")): (
            _stepped(lambda old, slope, rate: old - rate)
        ),
        hint("rate-fixed", _("the rate is an argument: use learning_rate, not a fixed number.")): [
            _stepped(lambda old, slope, rate, fixed=fixed: old - fixed * slope)
            for fixed in (0.001, 0.01, 0.1, 0.5)
        ],
        hint("rate-divides", _("multiply by the learning rate; do not divide by it.")): (
            _stepped(lambda old, slope, rate: old - slope / rate)
        ),
        hint("not-moved", _("no parameter has moved: return the new ones.")): (
            _stepped(lambda old, slope, rate: old)
        ),
        hint("step-only", _("return the stepped parameters, not the step alone.")): [
            _stepped(lambda old, slope, rate: rate * slope),
            _stepped(lambda old, slope, rate: -rate * slope),
        ],
        hint("gradients-only", _("these are the gradients: return the stepped parameters.")): (
            _stepped(lambda old, slope, rate: slope)
        ),
        hint(
            "total-norm",
            _(
                "step by learning_rate · gradient: do not divide by the length of all gradients "
                "together."
            ),
        ): lambda parameters, gradients, rate: {
            name: old - rate * gradients[name] / _length_of_all(gradients)
            for name, old in parameters.items()
        },
        hint("sign-only", _("step by learning_rate · gradient, not only by its sign.")): (
            _stepped(lambda old, slope, rate: old - rate * np.sign(slope))
        ),
        hint(
            "own-norm",
            _("step by learning_rate · gradient: do not divide the gradient by its length."),
        ): _stepped(
            lambda old, slope, rate: old - rate * slope / max(np.linalg.norm(slope), 1e-12)
        ),
        hint("clipped", _("step by the whole gradient: do not clip it.")): [
            _stepped(lambda old, slope, rate: old - rate * slope / max(1, np.linalg.norm(slope))),
            _stepped(lambda old, slope, rate: old - rate * np.clip(slope, -1, 1)),
            _stepped(lambda old, slope, rate: old - np.clip(rate * slope, -1, 1)),
            lambda parameters, gradients, rate: {
                name: old - rate * gradients[name] / max(1, _length_of_all(gradients))
                for name, old in parameters.items()
            },
        ],
        hint(
            "mean-gradient",
            _("each entry is stepped by its own slope, not all of them by the mean slope."),
        ): [
            _stepped(lambda old, slope, rate: old - rate * slope.mean()),
            _stepped(lambda old, slope, rate: old - rate * slope.mean(axis=0)),
        ],
        hint(
            "sum-gradient",
            _("each entry is stepped by its own slope, not all of them by the sum."),
        ): _stepped(lambda old, slope, rate: old - rate * slope.sum()),
        hint(
            "divided-by-size",
            _("the gradients are means already: do not divide by a number of entries."),
        ): [
            _stepped(lambda old, slope, rate: old - rate * slope / len(slope)),
            _stepped(lambda old, slope, rate: old - rate * slope / slope.size),
        ],
        hint("absolute-gradient", _("keep the sign of the gradient: it says which way is up.")): (
            _stepped(lambda old, slope, rate: old - rate * np.abs(slope))
        ),
        hint(
            "rate-times-parameter",
            _("only the gradient is multiplied by the rate, not the parameter."),
        ): [
            _stepped(lambda old, slope, rate: rate * (old - slope)),
            _stepped(lambda old, slope, rate: rate * old - slope),
            _stepped(lambda old, slope, rate: (1 - rate) * old - rate * slope),
            _stepped(lambda old, slope, rate: slope - rate * old),
        ],
        hint(
            "gradient-times-parameter",
            _("only learning_rate is multiplied by the gradient, not the parameter."),
        ): [
            _stepped(lambda old, slope, rate: (old - rate) * slope),
            _stepped(lambda old, slope, rate: old * (1 - rate * slope)),
        ],
        hint(
            "shrunk",
            _("step by learning_rate · gradient alone, without a decay of the weights."),
        ): [
            _stepped(lambda old, slope, rate, decay=decay: (1 - rate * decay) * old - rate * slope)
            for decay in (0.1, 0.01, 0.001)
        ],
        hint(
            "old-subtracted", _("subtract the step from the old value, not the other way round.")
        ): (_stepped(lambda old, slope, rate: rate * slope - old)),
        hint("step-twice", _("this steps twice: once is enough.")): (
            _stepped(lambda old, slope, rate: old - 2 * rate * slope)
        ),
        hint(
            "other-parameter",
            _(
                "a parameter was moved by the gradient of another one: look up each gradient by "
                "the parameter's name."
            ),
        ): [
            _by_slopes(lambda slopes: slopes),
            _by_slopes(lambda slopes: slopes[:1] * len(slopes)),
            _by_slopes(lambda slopes: slopes[-1:] * len(slopes)),
        ],
        hint("first-only", _("only the first parameter has moved: go through all names.")): (
            _first_only
        ),
        hint(
            "last-only", _("only the last parameter has moved: go through all names.")
        ): _last_only,
        hint("biases-not-moved", _("step every parameter, biases as well as weights.")): [
            _stepped(lambda old, slope, rate: old - rate * slope if old.ndim > 1 else old),
            lambda parameters, gradients, rate: {
                name: old if name.startswith("b") else old - rate * gradients[name]
                for name, old in parameters.items()
            },
            lambda parameters, gradients, rate: {
                name: old if name == "b" else old - rate * gradients[name]
                for name, old in parameters.items()
            },
        ],
        hint(
            "forgotten-key",
            _("go through all keys of the dict, whatever their names are."),
        ): [
            _only(lambda names: ["W"]),
            _only(lambda names: [name for name in names if name[0] == "W"]),
            _only(lambda names: [name for name in names if name in ("W", "b")]),
        ],
        hint(
            "dict-made-anew",
            _("only the last parameter is left: make the new dict before the loop, not in it."),
        ): _only(lambda names: names[-1:]),
        hint(
            "return-in-loop",
            _("this returns after the first parameter: is `return` inside the loop?"),
        ): _only(lambda names: names[:1]),
    },
)
