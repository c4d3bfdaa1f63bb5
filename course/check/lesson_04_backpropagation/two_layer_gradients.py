"""The check of two_layer_gradients: backpropagation through ReLU and softmax."""

import numpy as np
from scipy.special import expit

from course.check.engine.comparison import Comparison
from course.check.engine.guard import unguarded
from course.check.engine.hints import hint
from course.check.engine.values import is_square
from course.check.lesson_04_backpropagation.backward_passes import (
    backpropagation,
    booleans,
    measured,
    through_softmax,
)
from course.check.references import lesson_04_backpropagation as reference
from course.check.references.lesson_01_softmax import softmax
from course.messages import _


def _cases(rng):
    small = {"W1": [[1, -1]], "b1": [0.5, 0.5], "W2": [[1, 0], [0, 1]], "b2": [0, 0]}
    yield _given(small, [[2]], [1])
    second = {"W1": [[1, -1], [0, 2]], "b1": [0, 0.5], "b2": [0, -2]}  # a logit below 0
    yield _given(small | second, [[2, 1], [-1, 1]], [1, 0])
    sizes = [(1, 1, 1, 2), (1, 4, 3, 2), (4, 4, 4, 4), (3, 2, 5, 3), (7, 3, 4, 5), (5, 8, 7, 5)]
    for n, d, h, k in [*sizes, (6, 3, 3, 3), (10, 20, 12, 10), rng.integers(11, 30, 4)]:
        parameters = {
            "W1": rng.normal(size=(d, h)),
            "b1": rng.normal(size=h),
            "W2": rng.normal(size=(h, k)),
            "b2": rng.normal(size=k),
        }
        yield _given(parameters, rng.normal(size=(n, d)), rng.integers(0, k, n))
    for bias in (-40.0, 40.0):  # a hidden layer that is all silent, and one that is all open
        X = rng.uniform(-1, 1, size=(6, d))
        yield _given(parameters | {"b1": np.full(h, bias)}, X, rng.integers(0, k, 6))
    large = {"W2": 20 * parameters["W2"]}  # for an error behind it that has more than fractions
    yield _given(parameters | large, X, rng.integers(0, k, 6))
    yield _given(parameters | large, rng.uniform(-1, 1, size=(5, d)), rng.integers(0, k, 5))


def _given(parameters, X, labels):
    parameters = {name: np.array(value, np.float64) for name, value in parameters.items()}
    T = np.eye(len(parameters["b2"]))[labels]
    return {"parameters": parameters, "X": np.array(X, np.float64), "T": T}


def _slack(parameters, X, T):
    hidden = np.maximum(X @ parameters["W1"] + parameters["b1"], 0)
    return {
        "W1": 1e-6 * (1 + np.abs(X).mean(axis=0)[:, np.newaxis]),
        "b1": 1e-6,
        "W2": 1e-6 * (1 + hidden.mean(axis=0)[:, np.newaxis]),
        "b2": 1e-6,
    }


def _changed(change):
    """The right gradients, after change(slopes)."""
    return lambda parameters, X, T: change(_right(parameters, X, T))


def _times(factor, *names):
    """The right gradients, with those of these names, or all, multiplied by factor(n, d, k)."""

    def answer(parameters, X, T):
        slopes, by = _right(parameters, X, T), factor(*X.shape, T.shape[1])
        return slopes | {name: slopes[name] * by for name in names or slopes}

    return answer


def _without(*names):
    """Every gradient but those of these names."""
    return _changed(lambda slopes: {name: slopes[name] for name in slopes if name not in names})


def _exchanged(*pairs):
    """The right gradients, with those of these pairs of names in each other's place."""
    other = dict(pairs) | {second: first for first, second in pairs}
    return _changed(lambda slopes: {name: slopes[other.get(name, name)] for name in slopes})


def _transposed(names, which):
    """The right gradients, those of these names transposed, if `which` says so of their values."""
    return _changed(
        lambda slopes: slopes | {name: slopes[name].T for name in names if which(slopes[name])}
    )


def _biases_after_ReLU(gate):
    """The biases b1 are added to what ReLU gives, not to the sums; a gate of a pass and of b1."""

    def answer(parameters, X, T):
        b1, b2, W2 = (parameters[name] for name in ("b1", "b2", "W2"))
        without = parameters | {"b1": 0 * b1, "b2": b1 @ W2 + b2}
        slopes = backpropagation(gate=lambda at: gate(at, b1))(without, X, T)
        return slopes | {"W2": slopes["W2"] + np.outer(b1, slopes["b2"])}

    return answer


def _W2_stepped(parameters, X, T):
    dW2 = _right(parameters, X, T)["W2"]
    return backpropagation(way_back=lambda W2: (W2 - dW2).T)(parameters, X, T)


def _meaning():
    return _("the gradient with respect to {name}, in its shape")


def _check_gate_at_0(attempt, seed):
    """Where a sum is exactly 0, the neuron is silent; measured slopes are half open there."""
    parameters = {"W1": [[1.0, -1.0]], "b1": [0, 0], "W2": [[1, 0], [0, 1]], "b2": [0, 0]}
    given = _given(parameters, [[0], [0], [2]], [1, 1, 0])
    result = attempt.call(**given)
    entry = result.entries(*parameters)["b1"]
    found = entry.array((2,), _meaning().format(name="b1"))
    shut, half, opened = (
        backpropagation(gate=lambda at, at_0=at_0: np.heaviside(at.sums, at_0))(*given.values())[
            "b1"
        ]
        for at_0 in (0, 0.5, 1)
    )
    if np.allclose(found, half, rtol=1e-3, atol=1e-4):
        return
    entry.equals(
        shut,
        _("two_layer_gradients: no error goes back where a hidden sum is exactly 0."),
        hint("gate-at-0", _("the gate opens where the sum is above 0: `S > 0`, not `S >= 0`."))
        if np.allclose(found, opened, rtol=1e-3, atol=1e-4)
        else None,
        slack=1e-6,
    )


_right = unguarded(reference.two_layer_gradients)
_LEAKS = (0.3, 0.2, 0.1, 0.01)
_ALONE = [("W1",), ("b1",), ("W2",), ("b2",)]
_PAIRS = [("W1", "b1"), ("W2", "b2"), ("W1", "W2"), ("b1", "b2")]

two_layer_gradients = Comparison(
    signature="two_layer_gradients(parameters, X, T)",
    summary="dict W1, b1, W2, b2, X (n, d), one-hot T (n, k) -> dict of gradients.",
    right=_right,
    cases=_cases,
    meaning=_meaning(),
    demand=_(
        "two_layer_gradients: the entry {name} (d{name}) must be the gradient of the mean loss "
        "with respect to {name}."
    ),
    slack=_slack,
    afterwards=(_check_gate_at_0,),
    nearly=hint(
        "nearly",
        _("nearly right: is something rounded, or a slope measured? The formulas are exact."),
    ),
    lost_steps=("no-gate", "not-divided", "no-bias"),
    mistakes={
        hint(
            "no-gate",
            _(
                "the gate of ReLU is missing: where a neuron was silent (its sum was not above 0), "
                "no error goes back through it."
            ),
        ): [
            backpropagation(gate=lambda at: 1),
            backpropagation(gate=lambda at: 1, error=lambda at: len(at.T) * (at.Y - at.T)),
        ],
        hint(
            "gate-reversed",
            _("the gate is the wrong way round: the error goes back where the sum was above 0."),
        ): backpropagation(gate=lambda at: at.sums <= 0),
        hint(
            "gate-of-another",
            _("the sign of the hidden *sum* opens the gate: not that of the error, or of X."),
        ): [
            backpropagation(gate=lambda at: at.behind > 0),
            backpropagation(gate=lambda at: at.X.mean(axis=1, keepdims=True) > 0),
            backpropagation(gate=lambda at: at.X[:, :1] > 0),
            backpropagation(gate=lambda at: at.X > 0),
        ],
        hint(
            "other-gate",
            _("the gate of ReLU is 1 where the sum is above 0, and 0 elsewhere: nothing else."),
        ): [
            backpropagation(gate=lambda at, gate=gate: gate(at.sums))
            for gate in (
                lambda sums: np.maximum(sums, 0),
                lambda sums: sums,
                np.sign,
                lambda sums: sums > 1,
                *(lambda sums, leak=leak: np.where(sums > 0, 1, leak) for leak in _LEAKS),
                lambda sums: expit(sums) * expit(-sums),
                lambda sums: np.maximum(sums, 0) * (1 - np.maximum(sums, 0)),
                lambda sums: 1 - np.maximum(sums, 0) ** 2,
                lambda sums: 1 - np.tanh(sums) ** 2,
            )
        ],
        hint(
            "gate-without-bias",
            _("the bias is part of the sum that opens the gate: X @ W1 + b1."),
        ): [
            backpropagation(gate=lambda at: at.products > 0),
            backpropagation(gate=lambda at: at.products >= 0),
            backpropagation(gate=lambda at: 2 * at.products > at.sums),
        ],
        hint("other-activation", _("the hidden layer has ReLU: max(0, sums).")): [
            backpropagation(activation=expit, gate=lambda at: at.hidden * (1 - at.hidden)),
            backpropagation(activation=np.tanh, gate=lambda at: 1 - at.hidden**2),
            backpropagation(activation=np.abs, gate=lambda at: np.sign(at.sums)),
        ],
        hint(
            "logits-without-ReLU", _("the logits need the hidden layer after ReLU: max(0, sums).")
        ): [
            backpropagation(activation=lambda sums: sums),
            backpropagation(activation=lambda sums: sums, gate=lambda at: 1),
        ],
        hint(
            "not-divided",
            _("this is a sum over the examples: the error is divided by n, (Y - T) / n, once."),
        ): [_times(lambda n, d, k: n, *names) for names in [(), *_ALONE, *_PAIRS]],
        hint(
            "divided-twice",
            _("the mean is taken twice: the error is divided by n already; add it up."),
        ): [_times(lambda n, d, k: 1 / n, *names) for names in [(), *_ALONE, *_PAIRS]],
        hint(
            "divided-by-another",
            _(
                "divide by n, the number of examples: not by that of the inputs, or of the classes "
                "as well. reduce_mean of an (n, k) array divides by n · k."
            ),
        ): [
            _times(lambda n, d, k: 1 / k),
            _times(lambda n, d, k: n / k),
            _times(lambda n, d, k: n / d),
        ],
        hint(
            "twice",
            _("this is twice too large: the error is Y - T; a 2 belongs to the squared error."),
        ): _times(lambda n, d, k: 2),
        hint(
            "b1-before-the-gate",
            _("b1: add up what comes through the gate, dS, not dH before it."),
        ): lambda parameters, X, T: (
            _right(parameters, X, T)
            | {"b1": backpropagation(gate=lambda at: 1)(parameters, X, T)["b1"]}
        ),
        hint(
            "gradients-missing",
            _("all four get a gradient: W2 and b2 from dZ, and W1 and b1 from dS."),
        ): [
            made(names)
            for names in [*_ALONE, *_PAIRS]
            for made in (
                lambda names: _times(lambda n, d, k: 0, *names),
                lambda names: _without(*names),
            )
        ],
        hint(
            "number-times-truth",
            _(
                "in TensorFlow, dH * (S > 0) gives True or False, and a cast turns them into "
                "nothing but 1 and 0: tf.where(S > 0, dH, 0) keeps the numbers."
            ),
        ): backpropagation(gate=booleans),
        hint("names", _("the gradients have the names of the parameters: W1, b1, W2, b2.")): (
            _changed(lambda slopes: {f"d{name}": slope for name, slope in slopes.items()})
        ),
        hint(
            "layers-exchanged",
            _("the gradients of the two layers are mixed up: compare their names."),
        ): [
            _exchanged(("b1", "b2")),
            _exchanged(("W1", "W2")),
            _exchanged(("W1", "W2"), ("b1", "b2")),
            *(
                _changed(lambda slopes, to=to, of=of: slopes | {to: slopes[of]})
                for one in (("b1", "b2"), ("W1", "W2"))
                for to, of in (one, one[::-1])
            ),
        ],
        hint("sign", _("the sign is reversed: the error is Y - T.")): _times(lambda n, d, k: -1),
        hint(
            "squared-distance",
            _("this is the gradient of a squared distance; you need that of the cross-entropy."),
        ): [
            backpropagation(error=lambda at, by=by: by * through_softmax(at.Y - at.T, at.Y))
            for by in (2, 1)
        ],
        hint(
            "other-error",
            _("the error is Y - T: the probabilities after softmax, minus the one-hot targets."),
        ): [
            backpropagation(error=lambda at: at.logits - at.T),
            backpropagation(error=lambda at: np.eye(at.T.shape[1])[at.logits.argmax(1)] - at.T),
            backpropagation(error=lambda at: at.Y),
            backpropagation(error=lambda at: -at.T / at.Y),
        ],
        hint("ReLU-of-logits", _("only the hidden layer has ReLU; the logits have none.")): [
            backpropagation(soft=lambda logits: softmax(np.maximum(logits, 0))),
            *(
                backpropagation(
                    soft=lambda logits, least=least: softmax(np.maximum(logits, least)),
                    error=lambda at: (at.Y - at.T) * (at.logits > 0),
                    gate=lambda at, floor=floor: at.sums > floor,
                )
                for least in (0, -np.inf)
                for floor in (0, -np.inf)
            ),
        ],
        hint("sigmoid-outputs", _("the outputs have softmax, not sigmoid.")): (
            backpropagation(soft=expit)
        ),
        hint("axis", _("softmax runs along each row: axis=1.")): [
            backpropagation(soft=lambda logits: softmax(logits, axis=0)),
            backpropagation(soft=lambda logits: np.exp(logits) / np.exp(logits).sum()),
        ],
        hint(
            "softmax-twice",
            _(
                "this goes through softmax twice: Y - T is already the slope with respect to the "
                "logits."
            ),
        ): [
            backpropagation(error=lambda at: at.Y * (1 - at.Y) * (at.Y - at.T)),
            backpropagation(error=lambda at: through_softmax(softmax(at.Y) - at.T, at.Y)),
        ],
        hint(
            "inputs-of-layer",
            _("the inputs of the first layer are X; those of the second are H, after ReLU."),
        ): [
            backpropagation(inputs=lambda at: (at.X, at.sums)),
            backpropagation(inputs=lambda at: (at.hidden, at.hidden)),
        ],
        hint(
            "bias-after-ReLU",
            _("the biases b1 belong to the sums, before ReLU: X @ W1 + b1."),
        ): [
            _biases_after_ReLU(lambda at, b1: at.sums > 0),
            _biases_after_ReLU(lambda at, b1: at.hidden + b1 > 0),
            _biases_after_ReLU(lambda at, b1: at.sums + b1 > 0),
        ],
        hint(
            "no-bias", _("a bias is missing on the way forwards: X @ W1 + b1, and H @ W2 + b2.")
        ): [
            lambda parameters, X, T, names=names: _right(
                parameters | {name: 0 * parameters[name] for name in names}, X, T
            )
            for names in (("b1",), ("b2",), ("b1", "b2"))
        ],
        hint("W2-stepped", _("the error goes back through W2 as it was before its step.")): (
            _W2_stepped
        ),
        hint(
            "W2-not-transposed", _("the error goes back through W2 transposed: error @ W2.T.")
        ): backpropagation(way_back=lambda W2: W2 if is_square(W2) else W2.T),
        hint(
            "dW-transposed", _("the inputs of a layer, transposed, come first: inputs.T @ error.")
        ): [
            _transposed(names, which)
            for names in (("W1",), ("W2",), ("W1", "W2"))
            for which in (np.ndim, is_square)
        ],
        hint("biases-not-summed", _("the biases have one axis: sum over the examples, axis=0.")): [
            _changed(
                lambda slopes, names=names: slopes | {name: slopes[name][None] for name in names}
            )
            for names in (("b1",), ("b2",), ("b1", "b2"))
        ],
        hint("first-example-only", _("all examples count, not only the first.")): (
            lambda parameters, X, T: _right(parameters, X[:1], T[:1])
        ),
        hint("parameters-returned", _("these are the parameters: return their gradients.")): (
            lambda parameters, X, T: dict(parameters)
        ),
        hint("stepped", _("return the gradients alone, without taking a step.")): [
            lambda parameters, X, T, rate=rate: {
                name: parameters[name] - rate * slope
                for name, slope in _right(parameters, X, T).items()
            }
            for rate in (0.01, 0.1, 0.2, 0.5, 1.0)
        ],
        hint(
            "measured",
            _("nearly right, as measured slopes are: use the formulas, which are exact."),
        ): [
            lambda parameters, X, T, h=h, back=back: measured(parameters, X, T, h, back)
            for h, back in ((0.1, 0), (0.01, 0), (1e-3, 0), (1e-4, 0), (0.1, 1), (0.01, 1))
        ],
    },
    by_code={
        "no-gate": {
            r">= *0|\b0(\.0?)? *<=": hint(
                "always-open",
                _(
                    "this gate is always open: what ReLU gives is never below 0. Ask where it is "
                    "above 0, with `>`."
                ),
            )
        }
    },
)
