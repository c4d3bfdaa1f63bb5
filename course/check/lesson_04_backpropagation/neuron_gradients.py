"""The check of neuron_gradients: the chain rule through one neuron with ReLU, for one example."""

import numpy as np
from scipy.special import expit

from course.check.engine.comparison import Comparison
from course.check.engine.guard import unguarded
from course.check.engine.hints import hint
from course.check.references import lesson_04_backpropagation as reference
from course.messages import _


def _cases(rng):
    written = [
        ([2, -1], [3, 1], -4, 2),  # the example of the text: the gate is open
        ([1, 3], [-2, 1], -2, 3),  # shut
        ([2, 1], [1, -2], 0, 3),  # exactly at 0
        ([1], [2], -2, -1.5),  # exactly at 0, with a single input
        ([4, -2, 1], [1, 2, 5], -7, 0.5),  # its bias alone shuts the gate
        ([-1, -2], [3, 1], 8, -2),  # its bias alone opens the gate
    ]
    for x, w, b, slope in written:
        yield _given(x, w, b, slope)
    for size in (1, 2, 3, 5, 8, rng.integers(9, 30)):
        for is_open in (True, False):
            x, w = rng.normal(size=(2, size))
            b = -x @ w + (1 if is_open else -1) * rng.uniform(0.5, 3)
            yield _given(x, w, b, rng.normal(0, 2))


def _given(x, w, b, slope):
    x, w = np.array(x, np.float64), np.array(w, np.float64)
    return {"x": x, "w": w, "b": float(b), "slope": float(slope)}


def _through(gate):
    """An answer whose gate lets this much through: gate(sum, slope, x, w)."""

    def answer(x, w, b, slope):
        behind = slope * gate(x @ w + b, slope, x, w)
        return behind * w, behind * x, behind

    return answer


def _changed(change):
    """What `change` makes of the right gradients and of all arguments."""

    def answer(x, w, b, slope):
        return change(*_right(x, w, b, slope), x, w, b, slope)

    return answer


def _where_shut(result):
    """An answer that gives this where the gate is shut."""
    return lambda x, w, b, slope: _right(x, w, b, slope) if x @ w + b > 0 else result


def _gate_for_each(gate, db):
    """An answer with a gate for each input: gate(x, w, b)."""

    def answer(x, w, b, slope):
        gates = gate(x, w, b)
        return slope * w * gates, slope * x * gates, db(_right(x, w, b, slope)[2], slope, gates)

    return answer


_right = unguarded(reference.neuron_gradients)

neuron_gradients = Comparison(
    signature="neuron_gradients(x, w, b, slope)",
    summary="x (d,), w (d,), b, slope at the output -> (dx, dw, db) of a neuron with ReLU.",
    right=_right,
    cases=_cases,
    parts=("dx", "dw", "db"),
    meaning={
        "dx": _("an array in the shape of x"),
        "dw": _("an array in the shape of w"),
        "db": _("one number"),
    },
    demand={
        "dx": _("neuron_gradients: dx must be the gradient of the loss with respect to x."),
        "dw": _("neuron_gradients: dw must be the gradient of the loss with respect to w."),
        "db": _("neuron_gradients: db must be the derivative of the loss with respect to b."),
    },
    lost_steps=("no-gate",),
    mistakes={
        hint(
            "one-zero-for-all",
            _("where the gate is shut, dx and dw still have a zero for each input, and db is 0."),
        ): [
            _where_shut(0),
            _where_shut((0, 0, 0)),
            _where_shut((np.zeros(2), np.zeros(2), 0)),
            lambda x, w, b, slope: _right(x, w, b, slope) if x @ w + b > 0 else (0 * x, 0 * w, b),
        ],
        hint("gradients-cut", _("gradients may be negative: the gate looks at the sum only.")): [
            lambda x, w, b, slope: (
                np.maximum(slope * w, 0),
                np.maximum(slope * x, 0),
                max(slope, 0),
            ),
            _through(lambda total, slope, x, w: total > 0 and slope > 0),
            _changed(lambda dx, dw, db, *given: (np.maximum(dx, 0), np.maximum(dw, 0), db)),
            _changed(lambda dx, dw, db, *given: (np.maximum(dx, 0), np.maximum(dw, 0), max(db, 0))),
        ],
        hint("db-each", _("db is one number: what comes through the gate.")): (
            _changed(lambda dx, dw, db, *given: (dx, dw, db * np.ones_like(dx)))
        ),
        hint("summed-up", _("dx and dw have an entry for each input: do not add them up.")): [
            _changed(lambda dx, dw, db, *given: (dx.sum(), dw.sum(), db)),
            _changed(lambda dx, dw, db, *given: (0 * dx + dx.sum(), 0 * dw + dw.sum(), db)),
        ],
        hint("slope-twice", _("the slope counts once: it is multiplied in twice here.")): [
            _changed(lambda dx, dw, db, x, w, b, slope: (slope * dx, slope * dw, db)),
            _changed(lambda dx, dw, db, x, w, b, slope: (slope * dx, slope * dw, slope * db)),
        ],
        hint(
            "no-gate",
            _("the gate of ReLU is missing: where the sum is not above 0, nothing goes back."),
        ): _through(lambda total, slope, x, w: 1),
        hint("gate-at-0", _("at exactly 0 the gate is shut: it opens where the sum is above 0.")): [
            _through(lambda total, slope, x, w: total >= 0),
            _through(lambda total, slope, x, w: np.heaviside(total, 0.5)),
        ],
        hint(
            "gate-reversed",
            _("the gate is the wrong way round: the slope goes back where the sum is above 0."),
        ): [
            _through(lambda total, slope, x, w: total <= 0),
            _through(lambda total, slope, x, w: total < 0),
        ],
        hint("gate-without-bias", _("the bias is part of the sum that opens the gate.")): (
            _through(lambda total, slope, x, w: x @ w > 0)
        ),
        hint("bias-subtracted", _("the bias is added to the sum, not subtracted.")): (
            _through(lambda total, slope, x, w: 2 * (x @ w) > total)
        ),
        hint("gate-by-slope", _("the sign of the *sum* opens the gate, not that of the slope.")): (
            _through(lambda total, slope, x, w: slope > 0)
        ),
        hint("gate-by-inputs", _("one sum, w·x + b, opens the gate for all inputs at once.")): [
            lambda x, w, b, slope: (slope * w * (x > 0), slope * x * (w > 0), slope),
            _changed(lambda dx, dw, db, x, w, b, slope: (slope * w * (x > 0), dw, db)),
            *(
                _gate_for_each(gate, db)
                for gate in (
                    lambda x, w, b: x > 0,
                    lambda x, w, b: x * w > 0,
                    lambda x, w, b: x * w + b > 0,
                )
                for db in (
                    lambda right, slope, gates: right,
                    lambda right, slope, gates: slope,
                    lambda right, slope, gates: slope * np.sum(gates),
                )
            ),
        ],
        hint(
            "gate-by-value",
            _("the gate is either open or shut: multiply by 1 or 0, not by the output."),
        ): [
            _through(lambda total, slope, x, w: np.maximum(total, 0)),
            _through(lambda total, slope, x, w: total),
        ],
        hint("gate-by-sign", _("where the sum is below 0 the gate is shut: 0, not -1.")): (
            _through(lambda total, slope, x, w: np.sign(total))
        ),
        hint("leaky-gate", _("where the sum is not above 0, the gate is shut entirely.")): [
            _through(lambda total, slope, x, w, leak=leak: np.where(total > 0, 1, leak))
            for leak in (0.3, 0.2, 0.1, 0.01)
        ],
        hint("sigmoid-gate", _("this is the derivative of sigmoid; the neuron has ReLU.")): (
            _through(lambda total, slope, x, w: expit(total) * (1 - expit(total)))
        ),
        hint("tanh-gate", _("this is the derivative of tanh; the neuron has ReLU.")): (
            _through(lambda total, slope, x, w: 1 - np.tanh(total) ** 2)
        ),
        hint(
            "exchanged",
            _("dx and dw are exchanged: the edge of an input carries its weight, and vice versa."),
        ): _changed(lambda dx, dw, db, *given: (dw, dx, db)),
        hint("order", _("the order is dx, dw, db.")): [
            _changed(lambda dx, dw, db, *given: (db, dw, dx)),
            _changed(lambda dx, dw, db, *given: (db, dx, dw)),
        ],
        hint(
            "no-slope",
            _("the slope that comes from the loss is missing: the chain rule multiplies by it."),
        ): _changed(lambda dx, dw, db, x, w, b, slope: (dx / slope, dw / slope, db / slope)),
        hint(
            "local-derivatives",
            _(
                "these are the local derivatives alone: multiply each by what comes back through "
                "the gate, 0 or the slope."
            ),
        ): lambda x, w, b, slope: (w, x, 1.0),
        hint(
            "own-loss",
            _("leave out the loss of the example: `slope` is the derivative of the loss already."),
        ): [
            _through(lambda total, slope, x, w: (total > 0) * 2 * (total - 3) / slope),
            _through(lambda total, slope, x, w: (total > 0) * 2 * (total - slope) / slope),
            _through(lambda total, slope, x, w: (total > 0) * (total - slope) / slope),
        ],
        hint("plus-slope", _("the chain rule multiplies the derivatives; it does not add them.")): (
            _changed(
                lambda dx, dw, db, x, w, b, slope: (
                    (w + slope) * (x @ w + b > 0),
                    (x + slope) * (x @ w + b > 0),
                    db,
                )
            )
        ),
        hint("sign", _("the sign is reversed: the gradient points uphill.")): (
            _changed(lambda dx, dw, db, *given: (-dx, -dw, -db))
        ),
        hint(
            "db-1",
            _("db: the local derivative is 1, and the slope behind the gate comes on top of it."),
        ): [
            _changed(lambda dx, dw, db, x, w, b, slope: (dx, dw, db / slope)),
            _changed(lambda dx, dw, db, *given: (dx, dw, 1.0)),
        ],
        hint("db-times-b", _("db: the bias is added, so its local derivative is 1, not b.")): (
            _changed(lambda dx, dw, db, x, w, b, slope: (dx, dw, db * b))
        ),
        hint("db-summed", _("db: the bias is added once, not once for each input.")): (
            _changed(lambda dx, dw, db, *given: (dx, dw, db * len(dx)))
        ),
        hint("db-0", _("the bias gets a derivative, too: 1 times the slope behind the gate.")): (
            _changed(lambda dx, dw, db, *given: (dx, dw, 0.0))
        ),
        hint(
            "some-no-gate",
            _("the gate of ReLU comes before the inputs, the weights and the bias alike."),
        ): [
            _changed(lambda dx, dw, db, x, w, b, slope: (dx, dw, slope)),
            _changed(lambda dx, dw, db, x, w, b, slope: (slope * w, dw, db)),
            _changed(lambda dx, dw, db, x, w, b, slope: (dx, slope * x, db)),
            _changed(lambda dx, dw, db, x, w, b, slope: (slope * w, slope * x, db)),
        ],
        hint("stepped", _("return the derivatives alone, without taking a step.")): [
            _changed(
                lambda dx, dw, db, x, w, b, slope, rate=rate: (
                    x - rate * dx,
                    w - rate * dw,
                    b - rate * db,
                )
            )
            for rate in (0.01, 0.1, 0.2, 0.5, 1.0)
        ],
    },
)
