"""The checks of lesson 1: pixels, weighted sums, softmax, accuracy, and the mistakes first.

Each takes the learner's function, and a seed for the random inputs that it is tried on.
"""

import numpy as np
import scipy.special

from course.check.engine.attempt import Attempt
from course.check.engine.hints import hint
from course.check.references import lesson_01_softmax as reference
from course.messages import _


def prepare_images(answer, seed=0):
    """uint8 (n, 28, 28) -> float (n, 784) in 0..1, row by row."""
    attempt = Attempt(answer, "prepare_images(images)")
    rng = np.random.default_rng([1, seed])
    dot = np.zeros((1, 28, 28), np.uint8)
    dot[0, 0, 1] = 255
    grey = np.full((2, 28, 28), 51, np.uint8)
    batches = [dot, np.zeros((1, 28, 28), np.uint8), grey]
    batches += [rng.integers(0, 256, (n, 28, 28), np.uint8) for n in (1, 10, 28)]
    batches.append(rng.integers(0, 101, (int(rng.integers(29, 60)), 28, 28), np.uint8))
    for images in batches:
        n = len(images)
        result = attempt.call(images=images)
        found = result.array((n, 784), _("one row of 784 numbers for each image"))
        not_divided = hint(
            "not-divided", _("divide by 255: the values are still those of the pixels.")
        )
        if images.any() and (found == images.reshape(n, 784)).all():
            demand = _("prepare_images must give numbers from 0 to 1.")
            got = _("numbers up to {largest:g}").format(largest=found.max())
            result.fail(demand, got=got, hint=not_divided)
        result.array((n, 784), _("one row of 784 numbers for each image"), "fraction")
        exact = images.astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            hints = {
                hint(
                    "column-order",
                    _(
                        "read row by row: the pixel in row 0, column 1 belongs at place 1, not 28; "
                        "reshape does that without a transpose."
                    ),
                ): exact.transpose(0, 2, 1).reshape(n, 784) / 255,
                hint(
                    "integer-division",
                    _("divide whole numbers with /, not with //, and convert after that."),
                ): exact.reshape(n, 784) // 255,
                hint("by-256", _("divide by 255; this looks like 256.")): exact.reshape(n, 784)
                / 256,
                hint(
                    "by-maximum",
                    _(
                        "divide by 255, the darkest ink that a pixel can hold, not by the largest "
                        "value in these images: a batch of faint digits would come out too dark."
                    ),
                ): exact.reshape(n, 784) / exact.max(),
                hint(
                    "inverted",
                    _(
                        "empty paper stays 0 and the darkest ink becomes 1; this is the other way "
                        "round."
                    ),
                ): 1 - exact.reshape(n, 784) / 255,
            }
        result.equals(
            exact.reshape(n, 784) / 255,
            _("prepare_images must give each pixel, row by row, divided by 255."),
            hints,
        )


def weighted_sums(answer, seed=0):
    """X (n, d), W (d, k), b (k,) -> (n, k)."""
    attempt = Attempt(answer, "weighted_sums(X, W, b)")
    rng = np.random.default_rng([2, seed])
    cases = [
        ([[1, 2]], [[3], [4]], [100]),
        ([[1, 0], [0, 1]], [[1, 2], [3, 4]], [10, 20]),
        ([[0, 0], [0, 0]], [[1, 2], [3, 4]], [10, 20]),
    ]
    sizes = [(1, 1, 1), (1, 5, 3), (4, 4, 4), (3, 7, 3), (2, 3, 5), (10, 784, 10)]
    sizes.append(tuple(int(size) for size in rng.integers(11, 40, 3)))
    for n, d, k in sizes:
        cases.append((rng.normal(size=(n, d)), rng.normal(size=(d, k)), rng.normal(size=k)))
    for case in cases:
        X, W, b = (np.array(part, np.float32) for part in case)
        result = attempt.call(X=X, W=W, b=b)
        (n, d), k = X.shape, len(b)
        meaning = _("one row for each example, one column for each neuron")
        in_order = hint(
            "order-of-factors",
            _(
                "multiply the matrices as X @ W: X first, and not with `*`, which multiplies entry "
                "by entry."
            ),
        )
        found = result.plain()
        if isinstance(found, np.ndarray) and found.shape == (d, d) != (n, k):
            must_be = _("weighted_sums must return {meaning}.").format(meaning=meaning)
            result.fail_shape(must_be, (n, k), found.shape, in_order)
        result.array((n, k), meaning)
        x, w, bias = (part.astype(np.float64) for part in (X, W, b))
        hints = {
            hint("no-bias", _("the biases b are missing: one is added to each column.")): x @ w,
            hint("bias-subtracted", _("the biases are subtracted; add them.")): x @ w - bias,
            hint(
                "softmax-too-early", _("softmax comes later: return the sums themselves.")
            ): reference.softmax(x @ w + bias),
        }
        if n == k:
            hints[
                hint(
                    "bias-down-a-column",
                    _(
                        "the biases are added down the columns: neuron j adds b[j] in every row. "
                        "Broadcasting does this with `+ b` alone."
                    ),
                )
            ] = x @ w + bias[:, np.newaxis]
            exchanged = hint(
                "exchanged-axes",
                _("rows and columns of the result are exchanged: one row for each example."),
            )
            hints[exchanged] = (x @ w + bias).T
        if w.shape[0] == w.shape[1]:
            hints[
                hint("W-transposed", _("W is transposed: pixel i meets neuron j in W[i, j]."))
            ] = x @ w.T + bias
        result.equals(
            x @ w + bias,
            _("weighted_sums must give X·W + b: the pixels times their weights, plus the bias."),
            hints,
            slack=1e-5 * (np.abs(x) @ np.abs(w) + np.abs(bias)),
        )


def softmax(answer, seed=0):
    """logits (n, k) -> probabilities (n, k), finite for logits of ±1e4."""
    attempt = Attempt(answer, "softmax(logits)")
    rng = np.random.default_rng([3, seed])
    cases = [
        [[1, 3], [0, 1]],
        [[0, 0]],
        [[3, 1, 0], [1, 3, 0], [0, 0, 0]],
        [[5]],
        [[1000, 1001]],
        [[-1000, -1002]],
        [[0, 1], [1000, 1000]],
        [[0, -60, 1]],
        [[1e4, -1e4, 0]],
        [[1e4, 9999], [-1e4, -9999]],
    ]
    for n, k in ((1, 10), (10, 10), (4, 3), (3, 1), tuple(rng.integers(11, 40, 2))):
        cases.append(rng.normal(0, 3, size=(n, k)))
    cases.append(rng.uniform(-1e4, 1e4, size=(6, 7)))
    cases.append(rng.normal(size=(5, 4)) + rng.uniform(-9e3, 9e3, size=(5, 1)))
    for case in cases:
        logits = np.array(case, np.float32)
        result = attempt.call(logits=logits)
        array = result.array(logits.shape, _("one probability for each logit"))
        z = logits.astype(np.float64)
        if not np.isfinite(array).all():
            result.fail(
                _("softmax must stay finite, however large the logits are."),
                expected=reference.softmax(z),
                got=array,
                hint=_softmax_overflow_hint(z),
            )
        largest = np.abs(z).max()
        with np.errstate(all="ignore"):
            hints = _softmax_mistakes(z)
        expected = reference.softmax(z)
        sums = array.astype(np.float64).sum(axis=1)
        if np.abs(sums - 1).max() > 1e-2:
            demand = _("softmax must give rows that sum to 1: they are probabilities.")
        else:
            demand = _("softmax must give exp(logit) divided by the sum of its row's exp(logits).")
        # Float32 holds a logit of 10,000 to three decimals only: that much may be lost on the way.
        result.equals(expected, demand, hints, slack=expected * 4e-7 * largest)


def _softmax_overflow_hint(z):
    if np.abs(z).max() < 80:
        return hint(
            "no-exp",
            _("0 was divided by 0: first take exp of the logits, then divide by their sum."),
        )
    if np.abs(z - z.mean()).max() > 80 and (z.max(axis=1) < z.max() - 80).any():
        return hint(
            "batch-maximum",
            _(
                "subtract each row's own largest logit before exp; the largest of the whole batch "
                "leaves 0/0 in other rows."
            ),
        )
    return hint(
        "overflow",
        _(
            "exp(1000) is too large for a computer's number. Subtracting the row's largest logit "
            "from all its logits does not change the result: it divides top and bottom by the same "
            "number."
        ),
    )


def _softmax_mistakes(z):
    """The hint for each mistake, and what that mistake gives."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    winners = z == z.max(axis=1, keepdims=True)
    down = np.exp(z - z.max(axis=0, keepdims=True))
    lost = {}
    if len(z) == z.shape[1]:  # otherwise it does not even fit
        crossed = np.exp(z - z.max(axis=1))
        lost = {
            hint(
                "exchanged-axes", _("rows and columns are exchanged: one row for each example.")
            ): reference.softmax(z).T,
            hint(
                "keepdims-sum",
                _("keepdims=True is missing in the sum: row i must be divided by its own sum."),
            ): e / e.sum(axis=1),
            hint(
                "keepdims-maximum",
                _("keepdims=True is missing in the maximum: row i must lose its own maximum."),
            ): crossed / crossed.sum(axis=1, keepdims=True),
            hint(
                "keepdims",
                _("keepdims=True is missing: each row has its own maximum and its own sum."),
            ): crossed / crossed.sum(axis=1),
        }
    return lost | {
        hint(
            "axis", _("these sums run down the columns; sum along each row: axis=1, keepdims=True.")
        ): down / down.sum(axis=0, keepdims=True),
        hint(
            "whole-batch", _("sum each row by itself (axis=1, keepdims=True), not the whole batch.")
        ): np.exp(z - z.max()) / np.exp(z - z.max()).sum(),
        hint(
            "whole-batch-sum",
            _("sum each row by itself, too: axis=1, keepdims=True in the sum as in the maximum."),
        ): e / e.sum(),
        hint("not-divided", _("in the end, divide the exponentials by the sum of their row.")): e,
        hint(
            "other-norm", _("divide by the plain sum, without squares and without a square root.")
        ): e / np.sqrt((e**2).sum(axis=1, keepdims=True)),
        hint("no-exp", _("the exponential is missing: first exp, then divide by the sum.")): z
        / z.sum(axis=1, keepdims=True),
        hint(
            "no-exp-by-maximum",
            _("the exponential is missing; and divide by the sum, not by the largest."),
        ): z / z.max(axis=1, keepdims=True),
        hint("plain-exp", _("divide the exponentials by their sum.")): np.exp(z),
        hint("power-of-2", _("the base of the exponential is e = 2.718…, not 2.")): np.exp2(
            z - z.max(axis=1, keepdims=True)
        )
        / np.exp2(z - z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True),
        hint(
            "logarithm", _("this is the logarithm of softmax; return the probabilities.")
        ): scipy.special.log_softmax(z, axis=1),
        hint(
            "sign", _("the signs are reversed: the largest logit gets the largest probability.")
        ): reference.softmax(-z),
        hint(
            "winner-only",
            _("this is the winner alone: softmax is soft, the others keep their share."),
        ): winners / winners.sum(axis=1, keepdims=True),
    }


def accuracy(answer, seed=0):
    """probabilities (n, k), labels (n,) integer of any type -> the share of right answers, 0..1."""
    attempt = Attempt(answer, "accuracy(probabilities, labels)")
    rng = np.random.default_rng([4, seed])
    five = [[0.05, 0.9, 0.05], [0.6, 0.3, 0.1], [0.7, 0.2, 0.1], [0.1, 0.2, 0.7], [0.3, 0.6, 0.1]]
    cases = [
        (five, [1, 0, 2, 2, 0]),  # here every usual slip gives another share
        ([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]], [0, 1, 1]),
        ([[0.1, 0.9]], [1]),
        ([[0.1, 0.9]], [0]),
        ([[0.4, 0.3, 0.3], [0.2, 0.45, 0.35], [0.1, 0.2, 0.7]], [0, 1, 0]),
        ([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1], [0.1, 0.2, 0.7]], [1, 0, 1]),
    ]
    types = ["uint8", "int32", "int64", "int8", "uint16"]
    sizes = [(1, 10), (10, 10), (7, 3), (3, 4), (int(rng.integers(101, 1500)), 10)]
    for n, k in sizes:
        probabilities = reference.softmax(rng.normal(size=(n, k)))
        labels = rng.integers(0, k, n)
        right = rng.random(n) < 0.7
        labels[right] = probabilities.argmax(axis=1)[right]
        cases.append((probabilities, labels))
    for index, (probabilities, labels) in enumerate(cases):
        probabilities = np.array(probabilities, np.float32)
        labels = np.array(labels, types[(index + seed) % len(types)])
        n = len(labels)
        result = attempt.call(probabilities=probabilities, labels=labels)
        predictions = probabilities.argmax(axis=1)
        right = int((predictions == labels).sum())
        own = probabilities[np.arange(n), labels]
        hints = {
            hint("percentage", _("this is a percentage; return a share between 0 and 1.")): 100
            * right
            / n,
            hint("count", _("this is how many are right; divide by how many there are.")): right,
            hint("share-of-wrong", _("this is the share of wrong answers.")): 1 - right / n,
            hint(
                "threshold",
                _(
                    "the largest probability decides, even if it is below 0.5: argmax along each "
                    "row."
                ),
            ): np.mean(own > 0.5),
            hint(
                "no-axis",
                _(
                    "argmax without an axis gives one place in the whole matrix; with axis=1 it "
                    "gives one for each row."
                ),
            ): np.mean(probabilities.argmax() == labels),
            hint("axis", _("take the largest probability of each row: axis=1.")): np.mean(
                probabilities.argmax(axis=0)[:, np.newaxis] == labels
            ),
            hint(
                "broadcast",
                _(
                    "every answer was compared with every label: shapes (n, 1) and (n,) broadcast "
                    "to (n, n). Compare (n,) with (n,)."
                ),
            ): np.mean(predictions[:, np.newaxis] == labels),
            hint(
                "mean-probability",
                _(
                    "the mean probability of the right class is something else: count how many are "
                    "right."
                ),
            ): (own.mean()),
        }
        result.equals(
            right / n,
            _("accuracy must be the share of examples whose largest probability is at the label."),
            hints,
            meaning=_("one number"),
        )


def wrong_first(answer, seed=0):
    """labels (n,), predictions (n,) -> a permutation of 0..n-1, wrong ones first."""
    attempt = Attempt(answer, "wrong_first(labels, predictions)")
    rng = np.random.default_rng([5, seed])
    cases = [
        ([7, 2, 1], [7, 3, 1]),
        ([4], [4]),
        ([4], [9]),
        ([1, 2, 3], [1, 2, 3]),
        ([5, 0, 9, 3], [3, 9, 0, 5]),
        ([3, 5, 3, 8, 8], [5, 5, 3, 3, 8]),
    ]
    for n in (10, 27, int(rng.integers(100, 1200))):
        labels = rng.integers(0, 10, n)
        predictions = np.where(rng.random(n) < 0.6, labels, rng.integers(0, 10, n))
        cases.append((labels, predictions))
    for labels, predictions in cases:
        for kinds in (("uint8", "uint8"), ("int64", "int64"), ("uint8", "int64")):
            given = [
                np.array(part, kind)
                for part, kind in zip((labels, predictions), kinds, strict=True)
            ]
            _check_order(attempt, *given)


def _check_order(attempt, labels, predictions):
    result = attempt.call(labels=labels, predictions=predictions)
    n = len(labels)
    wrong = labels != predictions
    count = int(wrong.sum())
    found = result.plain()
    if isinstance(found, np.ndarray) and found.shape != (n,):
        result.fail_shape(
            _("wrong_first must return every index once: {n} of them, in one row.").format(n=n),
            (n,),
            found.shape,
            (
                hint(
                    "wrong-ones-only",
                    _("the right ones follow after the wrong ones; none is left out."),
                )
                if found.size == count
                else hint(
                    "row-of-indices",
                    _(
                        "np.where gives a tuple and np.argwhere a column; take the row of indices "
                        "out of it."
                    ),
                )
            ),
        )
    order = result.array((n,), _("every index once"), "index").astype(np.int64)
    if sorted(order.tolist()) != list(range(n)):
        result.fail(
            _("wrong_first must return every index from 0 to n - 1 exactly once."),
            got=order,
            hint=hint(
                "digits-for-indices",
                _("return places in the arrays, not digits; np.argsort gives every place once."),
            ),
        )
    if not wrong[order[:count]].all():
        expected = np.argsort(~wrong, kind="stable")
        backwards = not wrong[order[: n - count]].any()
        small = labels.dtype == np.uint8 and predictions.dtype == np.uint8
        result.fail(
            _("wrong_first must put all wrong ones before all right ones."),
            expected=_("for example {order}").format(order=expected) if n <= 24 else None,
            got=order if n <= 24 else None,
            hint=(
                hint("right-first", _("here the right ones come first: False sorts before True."))
                if backwards
                else hint(
                    "uint8-wraps",
                    _(
                        "differences of uint8 wrap around (3 - 5 = 254), and others can be "
                        "negative; ask only whether the two are equal."
                    ),
                )
                if small or (labels.astype(int) > predictions.astype(int)).any()
                else None
            ),
        )
