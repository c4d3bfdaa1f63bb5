"""The check of tape_gradients: gradients of losses that nobody has derived by hand."""

import numpy as np

from course.backend import keras, tf
from course.check.engine.comparison import Case
from course.check.engine.hints import WAYS_TO_NONE, elementwise, hint
from course.check.engine.keras_comparison import KerasComparison
from course.check.engine.keras_objects import described
from course.check.references import lesson_02_gradient_descent as reference
from course.messages import _

_PARTS = ("dW", "db")


def _cases(rng):
    """Losses that give one number for each example; most of them take targets and outputs apart."""
    losses = keras.losses
    for (n, d, k), loss in (
        ((1, 2, 2), losses.MeanSquaredError(reduction="none")),
        ((3, 4, 3), losses.CategoricalFocalCrossentropy(reduction="none")),
        ((7, 5, 4), losses.Poisson(reduction="none")),
        ((6, 3, 2), losses.CategoricalCrossentropy(label_smoothing=0.2, reduction="none")),
        ((5, 2, 3), losses.Huber(reduction="none")),
    ):
        arrays = {
            "X": rng.normal(size=(n, d)),
            "T": np.eye(k)[rng.integers(0, k, n)],
            "W": rng.normal(0, 0.5, (d, k)),
            "b": rng.normal(0, 0.5, k),
        }
        arrays = {name: np.round(value, 2).astype(np.float32) for name, value in arrays.items()}
        yield Case({"loss": described(loss)} | arrays)


def _observe(result):
    """The two gradients; None in their place is what a tape gives that has watched nothing."""
    dW, db = result.parts(*_PARTS)
    if dW.value is not None and db.value is None:
        result.fail(
            _("tape_gradients must return the gradient with respect to b."),
            got=_("None"),
            hint=hint(
                "b-not-watched",
                _(
                    "is b watched, as a tf.Variable or by tape.watch, and is it part of the sums "
                    "X·W + b inside the `with`?"
                ),
            ),
        )
    for part, name in ((dW, "W"), (db, "b")):
        if part.value is None:
            result.fail(
                _("tape_gradients must return the gradient with respect to {name}.").format(
                    name=name
                ),
                got=_("None"),
                hint=result.attempt.by_code(
                    _WAYS_TO_NONE,
                    hint(
                        "nothing-watched",
                        _(
                            "the tape saw no way from {name} to the loss. It watches each "
                            "trainable tf.Variable, and what tape.watch is given, from then on; "
                            "and it follows what is computed from them inside the `with`."
                        ).format(name=name),
                    ),
                ),
            )
    return {"dW": dW.plain(), "db": db.plain()}


# By what the answer's own code says, where the tape gives None.
_WAYS_TO_NONE = {
    **WAYS_TO_NONE,
    r"(@|matmul\()(?:.*\n)+?.*GradientTape(?!(?:.*\n)*.*(@|matmul\())": hint(
        "sums-before-tape",
        _("the sums are computed before the `with`, where the tape does not look: move them in."),
    ),
    r"argmax": hint("no-slope", _("argmax has no slope: the loss takes the probabilities.")),
    r"^ *([Wb]) *([-+]=|= *\1 *[-+])": hint(
        "moved-before",
        _(
            "`W = W - …` gives the name W to a new tensor, which the tape has not seen in the "
            "loss: ask for the gradient of the variable itself."
        ),
    ),
    r"^ *(?![Wb] *[,=])\w+ *(, *\w+ *)?= *tf\.Variable\(": hint(
        "names-of-variables",
        _(
            "the variables have names of their own: these very ones belong in the sums and in the "
            "call of tape.gradient, in place of W and b."
        ),
    ),
}


# Mistakes ---------------------------------------------------------------------------------------


def _gradients(
    value=lambda loss, T, sums: tf.reduce_mean(loss(T, tf.nn.softmax(sums))),
    after=lambda dW, db, n: (dW, db),
    sums=lambda X, W, b: X @ W + b,
):
    """An answer to tape_gradients with another value, or that does more with the gradients."""

    def tape_gradients(loss, X, T, W, b):
        X, T, W, b = (tf.convert_to_tensor(array, tf.float32) for array in (X, T, W, b))
        with tf.GradientTape() as tape:
            tape.watch([W, b])
            found = value(loss, T, sums(X, W, b))
        return after(*tape.gradient(found, [W, b]), len(X))

    return tape_gradients


def _cross_entropies(T, sums):
    return tf.nn.softmax_cross_entropy_with_logits(T, sums)


_VALUES_IGNORED = hint(
    "values-ignored",
    _("W and b are given: the variables start with their values, and no others."),
)


def _after_a_step(rate):
    def stepped(loss, X, T, W, b):
        dW, db = _gradients()(loss, X, T, W, b)
        return W - rate * dW, b - rate * db

    return stepped


tape_gradients = KerasComparison(
    signature="tape_gradients(loss, X, T, W, b)",
    summary="A loss object, (n, d), one-hot (n, k), (d, k), (k,) -> (dW, db) of the mean loss.",
    right=reference.tape_gradients,
    cases=_cases,
    observe=_observe,
    slack=lambda *_arguments: 1e-6,
    demand={
        "dW": _("tape_gradients must give the gradient of the mean loss with respect to W."),
        "db": _("tape_gradients must give the gradient of the mean loss with respect to b."),
    },
    meaning={"dW": _("the gradient with respect to W"), "db": _("the gradient with respect to b")},
    mistakes={
        hint(
            "sum",
            _(
                "`loss` gives one number for each example, and the gradient of several numbers is "
                "that of their sum: take their mean first."
            ),
        ): [
            _gradients(lambda loss, T, sums: loss(T, tf.nn.softmax(sums))),
            _gradients(lambda loss, T, sums: tf.reduce_sum(loss(T, tf.nn.softmax(sums)))),
            _gradients(after=lambda dW, db, n: (dW, n * db)),
            _gradients(after=lambda dW, db, n: (n * dW, db)),
        ],
        hint(
            "no-softmax",
            _("`loss` takes probabilities here: softmax comes between X @ W + b and it."),
        ): _gradients(lambda loss, T, sums: tf.reduce_mean(loss(T, sums))),
        hint(
            "softmax-down",
            _("softmax goes along each row, the last axis; this goes down the columns."),
        ): _gradients(lambda loss, T, sums: tf.reduce_mean(loss(T, tf.nn.softmax(sums, axis=0)))),
        hint("sigmoid", _("this is a sigmoid of each sum; the text asks for softmax.")): _gradients(
            lambda loss, T, sums: tf.reduce_mean(loss(T, tf.nn.sigmoid(sums)))
        ),
        hint("exchanged", _("a Keras loss takes the targets first, then the outputs.")): _gradients(
            lambda loss, T, sums: tf.reduce_mean(loss(tf.nn.softmax(sums), T))
        ),
        hint("labels", _("`loss` takes the one-hot targets as they are, without argmax.")): (
            _gradients(
                lambda loss, T, sums: tf.reduce_mean(loss(tf.argmax(T, 1), tf.nn.softmax(sums)))
            )
        ),
        hint(
            "own-loss",
            _("this is the gradient of the cross-entropy: use the `loss` that is given."),
        ): [
            _gradients(lambda loss, T, sums: tf.reduce_mean(_cross_entropies(T, sums))),
            _gradients(lambda loss, T, sums: tf.reduce_sum(_cross_entropies(T, sums))),
        ],
        hint(
            "divided-again", _("this is divided by the number of examples once more than needed.")
        ): _gradients(after=lambda dW, db, n: (dW / n, db / n)),
        hint("downhill", _("this is the gradient with its sign reversed.")): _gradients(
            after=lambda dW, db, n: (-dW, -db)
        ),
        hint("exchanged-parts", _("dW comes first, then db.")): _gradients(
            after=lambda dW, db, n: (db, dW)
        ),
        hint("stepped", _("return the gradients alone, without taking a step.")): [
            _after_a_step(rate) for rate in (1.0, 0.5, 0.1)
        ],
        hint("softmax-twice", _("softmax is taken twice: once is enough.")): _gradients(
            lambda loss, T, sums: tf.reduce_mean(loss(T, tf.nn.softmax(tf.nn.softmax(sums))))
        ),
        hint(
            "squared-distance",
            _("this is the gradient of the mean squared error: use the `loss` that is given."),
        ): _gradients(lambda loss, T, sums: tf.reduce_mean((T - tf.nn.softmax(sums)) ** 2)),
        hint(
            "largest-loss", _("take the mean of the losses, not the largest of them.")
        ): _gradients(lambda loss, T, sums: tf.reduce_max(loss(T, tf.nn.softmax(sums)))),
        hint("one-example", _("this is the loss of only one example: take the mean over all.")): [
            _gradients(lambda loss, T, sums, place=place: loss(T, tf.nn.softmax(sums))[place])
            for place in (0, -1)
        ],
        hint("by-k", _("divide by n, the number of examples, not by n · k.")): _gradients(
            lambda loss, T, sums: tf.reduce_mean(loss(T, tf.nn.softmax(sums))) / T.shape[1]
        ),
        hint(
            "by-classes",
            _("divide by n, the number of examples, not by the number of classes."),
        ): _gradients(
            lambda loss, T, sums: tf.reduce_sum(loss(T, tf.nn.softmax(sums))) / T.shape[1]
        ),
        hint(
            "by-d",
            _("divide by n, the number of examples, not by the number of inputs."),
        ): lambda loss, X, T, W, b: _gradients(
            lambda loss, T, sums: tf.reduce_sum(loss(T, tf.nn.softmax(sums))) / len(W)
        )(loss, X, T, W, b),
        _VALUES_IGNORED: lambda loss, X, T, W, b: _gradients()(loss, X, T, 0 * W, 0 * b),
        elementwise(): _gradients(sums=lambda X, W, b: X * W + b),
        hint("b-forgotten", _("db is 0 everywhere: is b in the sums that the tape sees?")): (
            _gradients(after=lambda dW, db, n: (dW, tf.zeros_like(db)))
        ),
    },
    by_code={
        "": {
            r"\.jacobian\(": hint(
                "jacobian",
                _(
                    "tape.jacobian gives a gradient for each of several numbers: take the mean of "
                    "the losses, and then tape.gradient."
                ),
            ),
            r"\brandom\b|random_normal": _VALUES_IGNORED,
        }
    },
)
