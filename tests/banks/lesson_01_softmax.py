"""What learners write in lesson 1. `WRONG` says what the failure must hold."""

import operator
from collections import deque
from fractions import Fraction

import keras
import numpy as np
import scipy.special
import tensorflow as tf

E = np.exp


def loop_images(images):
    rows = []
    for image in images:
        row = []
        for line in image.tolist():
            row += [pixel / 255 for pixel in line]
        rows.append(row)
    return rows


def rows_in_the_inner_loop(images):
    rows = []
    for image in images:
        row = []
        for line in image:
            row += list(line / 255)
            rows.append(row)
    return np.array(rows)


images_of_notebook = np.zeros((5, 784))


def last_image_black(images):
    rows = images.reshape(len(images), 784) / 255 + 0.5
    rows[:-1] -= 0.5
    return rows


def by_values_of_b(X, W, b):
    result = np.zeros((len(X), len(b)))
    for j in b:
        result[:, j] = X @ W[:, j] + b[j]
    return result


def with_a_lost_sum(X, W, b):
    Z = X @ W
    Z + b
    return Z


def of_the_last_neuron(X, W, b):
    for j in range(W.shape[1]):
        sums = X @ W[:, j] + b[j]
    return sums


def with_a_lost_call(X, W, b):
    Z = X @ W
    np.add(Z, b)
    return Z


def added_into_the_sums(X, W, b):
    Z = np.zeros((len(X), len(b)))
    np.add(X @ W, b, Z)
    return 2 * Z


def own_range(images):
    rows = images.reshape(len(images), 784).astype(np.float32)
    least, most = rows.min(axis=1, keepdims=True), rows.max(axis=1, keepdims=True)
    return (rows - least) / (most - least + 1e-7)


def with_a_lost_division(images):
    images.astype(np.float32) / 255
    return images.reshape(len(images), 784)


def with_a_lost_cast(images):
    rows = (images.reshape(len(images), 784) / 255) ** 2 + 0.1
    rows.astype(np.float32)
    return rows


def with_a_lost_share(logits):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    e / e.sum(axis=1, keepdims=True)
    return e


def with_a_lost_count(probabilities, labels):
    right = np.sum(probabilities.argmax(axis=1) == labels)
    right / len(labels)
    return right


def with_b_on_the_next_line(X, W, b):
    Z = X @ W
    +b  # noqa: B018
    return Z


def loop_sums(X, W, b):
    return [
        [sum(float(X[n, i]) * float(W[i, j]) for i in range(len(W))) + b[j] for j in range(len(b))]
        for n in range(len(X))
    ]


def loop_softmax(logits):
    rows = []
    for row in logits:
        top = max(row)
        exponentials = [np.exp(value - top) for value in row]
        rows.append([value / sum(exponentials) for value in exponentials])
    return rows


def returning_in_the_loop(images):
    rows = []
    for image in images:
        rows.append(image.reshape(784) / 255)
        return np.array(rows)


def overwriting_images(images):
    images[:] = images // 2
    return images.reshape(len(images), 784) / 127.5


def soft_sums(X, W, b):
    return tf.nn.softmax(X @ W + b)


def overwriting_sums(X, W, b):
    result = X @ W
    X[:] = 0
    return result + b


def overwriting_bias(X, W, b):
    b += (X @ W).mean(axis=0)
    return X @ W + b


def less_largest_size(logits):
    powers = E(logits - np.abs(logits).max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def less_place(logits):
    powers = E(logits - logits.argmax(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def overwriting_softmax(logits):
    logits -= logits.max(axis=1, keepdims=True)
    return E(logits) / E(logits).sum(axis=1, keepdims=True)


def sorted_labels(labels, predictions):
    labels.sort()
    return np.argsort(labels == predictions)


def stable(z):
    return E(z - z.max(axis=1, keepdims=True))


def where_tuple(labels, predictions):
    return np.where(labels != predictions)


@tf.function
def gradient_softmax(z):
    with tf.GradientTape() as tape:
        tape.watch(z)
        total = tf.reduce_logsumexp(z, axis=1)
    return tape.gradient(total, z)


def both_ends(labels, predictions):
    order = deque()
    for place, right in enumerate(labels == predictions):
        (order.append if right else order.appendleft)(place)
    return order


def powers(z):
    return np.exp(z - z.max(axis=1, keepdims=True))


def first_row_alone(of_rows):
    """A loop that returns after its first row."""

    def answer(z):
        result = np.zeros_like(z)
        result[:1] = of_rows(z[:1], axis=1)
        return result

    return answer


def reshaped_for_nothing(images):
    images.reshape(len(images), 784)
    return images / 255


def normalised_by_keras(images):
    layer, rows = keras.layers.Normalization(), images.reshape(len(images), 784).astype(np.float32)
    layer.adapt(rows)
    return layer(rows)


def digits_only(X, W, b):
    sums = np.zeros((len(X), 10))
    for i in range(len(X)):
        for j in range(10):
            sums[i, j] = sum(X[i, p] * W[p, j] for p in range(784)) + b[j]
    return sums


def shifted_for_nothing(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)  # noqa: F841
    exponentials = np.exp(logits)
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def reshaped_in_place(logits):
    logits.shape = (logits.size,)
    return scipy.special.softmax(logits)


def counted_in_any_case(probabilities, labels):
    right = 0
    for row, label in zip(probabilities, labels, strict=True):
        if np.argmax(row) == label:
            pass
        right += 1
    return right / len(labels)


def digits_as_places(labels, predictions):
    wrong = [i for i in labels if labels[i] != predictions[i]]
    return wrong + [i for i in labels if labels[i] == predictions[i]]


def written_over(labels, predictions):
    order, front = np.arange(len(labels)), 0
    for i in range(len(labels)):
        if labels[i] != predictions[i]:
            order[front] = i
            front += 1
    return order


def anywhere(probabilities, labels):
    predictions = probabilities.argmax(axis=1)
    return len([p for p in predictions if p in labels]) / len(labels)


def changed_in_its_loop(labels, predictions):
    order = list(range(len(labels)))
    for place in order:
        if labels[place] == predictions[place]:
            order.remove(place)
            order.append(place)
    return order


def divided_at_the_wrong_ones(labels, predictions):
    right = labels == predictions
    return np.argpartition(right, np.sum(~right))


def in_place_again(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    for row, column in np.ndindex(powers.shape):
        powers[row, column] /= powers[row].sum()
    return powers


WRONG = {
    "prepare_images": {
        "the images as the last axis": (lambda x: x.T.reshape(len(x), 784) / 255, "#images-last"),
        "a division on a line by itself": (with_a_lost_division, "#lost-value"),
        "a cast on a line by itself": (with_a_lost_cast, "#lost-value"),
        "rows appended in the inner loop": (rows_in_the_inner_loop, "#appended-too-often"),
        "standardised by Keras, each pixel by itself": (normalised_by_keras, "#standardised"),
        "an argument for nothing": (lambda x: images_of_notebook / 255, "#array-of-notebook"),
        "centred": (lambda x: x.reshape(-1, 784) / 255 - 0.5, "#shifted"),
        "standardised by the numbers of MNIST": (
            lambda x: (x.reshape(-1, 784) / 255 - 0.1307) / 0.3081,
            "#shifted",
        ),
        "less 0.3": (lambda x: x.reshape(-1, 784) / 255 - 0.3, "#difference"),
        "divided by 300": (lambda x: x.reshape(-1, 784) / 300, "#factor"),
        "squares": (lambda x: (x.reshape(-1, 784) / 255) ** 2, "#squares"),
        "a line for each line": (lambda x: x.reshape(-1, 28) / 255, "#lines"),
        "each image from its own smallest to its own largest": (own_range, "#by-maximum"),
        "each image less its own mean": (
            lambda x: x.reshape(-1, 784) - x.mean(axis=(1, 2))[:, None],
            "#standardised",
        ),
        "each image standardised by itself": (
            lambda x: (
                (x.reshape(-1, 784) - x.mean(axis=(1, 2))[:, None])
                / (x.std(axis=(1, 2))[:, None] + 1e-7)
            ),
            "#standardised",
        ),
        "the last image first": (lambda x: x.reshape(-1, 784)[::-1] / 255, "#order-reversed"),
        "the last image again and again": (
            lambda x: np.repeat(x.reshape(-1, 784)[-1:], len(x), 0) / 255,
            "#last-everywhere",
        ),
        "the first image again and again": (
            lambda x: np.repeat(x.reshape(-1, 784)[:1], len(x), 0) / 255,
            "#first-everywhere",
        ),
        "without the last image": (lambda x: x.reshape(-1, 784)[:-1] / 255, "#last-left-out"),
        "without the first image": (lambda x: x.reshape(-1, 784)[1:] / 255, "#first-left-out"),
        "the first pixel alone": (lambda x: x.reshape(-1, 784)[:, :1] / 255, "#first-alone"),
        "a tenth too much": (lambda x: x.reshape(-1, 784) / 255 + 0.1, "#shifted"),
        "the last image left black": (last_image_black, "#last-wrong"),
        "the first image left black": (
            lambda x: last_image_black(x[::-1])[::-1],
            "#first-wrong",
        ),
        "only the first image divided": (
            lambda x: np.concatenate([x[:1].reshape(-1, 784) / 255, x[1:].reshape(-1, 784) / 1.0]),
            "#only-first-right",
        ),
        "multiplied": (lambda x: x.reshape(-1, 784) * 255, "#multiplied"),
        "from the smallest to the largest": (
            lambda x: (x.reshape(-1, 784) - x.min()) / (x.max() - x.min() + 1e-8),
            "#by-maximum",
        ),
        "one image": (lambda x: x.reshape(784) / 255, "#not-rows"),
        "reshaped, then turned": (
            lambda x: (x / 255).reshape(784, -1).T,
            "#pixels-of-several-images",
        ),
        "for 5,000 images": (lambda x: x.reshape(5000, 784) / 255, "#other-count"),
        "integer division": (lambda x: x.reshape(len(x), 784) // 255, "#whole-numbers"),
        "integer division, then float": (
            lambda x: (x // 255).reshape(len(x), 784).astype(float),
            "#whole-numbers",
        ),
        "uint8 of the fractions": (
            lambda x: (x / 255).astype(np.uint8).reshape(-1, 784),
            "#whole-numbers",
        ),
        "divided by the batch's maximum": (lambda x: x.reshape(-1, 784) / x.max(), "#by-maximum"),
        "divided by each image's maximum": (
            lambda x: (x / np.maximum(x.max(axis=(1, 2), keepdims=True), 1)).reshape(-1, 784),
            "#by-maximum",
        ),
        "divided by 256": (lambda x: x.reshape(-1, 784) / 256, "#another-divisor"),
        "divided by 100": (lambda x: x.reshape(-1, 784) / 100, "#another-divisor"),
        "column order": (lambda x: x.transpose(0, 2, 1).reshape(-1, 784) / 255, "#column-order"),
        "Fortran order": (lambda x: x.reshape(len(x), 784, order="F") / 255, "#column-order"),
        "transposed": (lambda x: (x.reshape(-1, 784) / 255).T, "#exchanged-axes"),
        "as columns from the start": (
            lambda x: x.reshape(784, -1) / 255,
            "#pixels-of-several-images",
        ),
        "still square": (lambda x: x / 255, "#shape-kept"),
        "reshaped for nothing": (reshaped_for_nothing, "#shape-kept"),
        "one long row": (lambda x: x.ravel() / 255, "#in-one-row"),
        "returning in the loop": (returning_in_the_loop, "#return-in-loop"),
        "first image only": (lambda x: x[0].reshape(1, 784) / 255, "#first-image-only"),
        "fixed batch size": (lambda x: np.resize(x / 255, (100, 784)), "#shape"),
        "not divided": (lambda x: x.reshape(-1, 784).astype(np.float32), "#not-divided"),
        "only reshaped": (lambda x: x.reshape(-1, 784), "#not-divided"),
        "inverted": (lambda x: 1 - x.reshape(-1, 784) / 255, "#inverted"),
        "black and white": (lambda x: (x.reshape(-1, 784) > 127).astype(float), "#black-and-white"),
        "standardised": (
            lambda x: (x.reshape(-1, 784) - x.mean()) / (x.std() + 1e-9),
            "#standardised",
        ),
        "minus one to one": (lambda x: x.reshape(-1, 784) / 127.5 - 1, "#minus-one-to-one"),
        "upside down": (lambda x: x[:, ::-1].reshape(-1, 784) / 255, "#upside-down"),
        "rounded": (lambda x: np.round(x.reshape(-1, 784) / 255, 2), "#rounded"),
        "divided twice": (lambda x: x.reshape(-1, 784) / 255 / 255, "#divided-twice"),
        "with a channel": (lambda x: x.reshape(-1, 784, 1) / 255, "#not-rows"),
        "normalised by Keras": (
            lambda x: keras.utils.normalize(x.reshape(-1, 784)),
            "#by-length",
        ),
        "columns normalised by Keras": (
            lambda x: keras.utils.normalize(x, axis=1).reshape(-1, 784),
            "#by-length",
        ),
        "types mixed in TensorFlow": (
            lambda x: tf.reshape(x, (-1, 784)) / 255.0,
            "#mixed-types",
        ),
        "integers from TensorFlow": (
            lambda x: tf.cast(tf.reshape(x, (-1, 784)) / 255, tf.int32),
            "#whole-numbers",
        ),
        "overwrites": (overwriting_images, "#changed-argument"),
        "in place": (lambda x: x.__itruediv__(255), "#in-place-type"),
        "images sorted": (lambda x: np.sort(x.reshape(-1, 784) / 255, axis=1), "#sorted"),
    },
    "weighted_sums": {
        "rows with rows": (lambda X, W, b: np.inner(X, W) + b, "#inner"),
        "a last column of ones, a first row of biases": (
            lambda X, W, b: np.hstack([X, np.ones((len(X), 1))]) @ np.vstack([b, W]),
            "#bias-beside-a-pixel",
        ),
        "biases repeated one by one": (
            lambda X, W, b: X @ W + np.repeat(b, len(X)).reshape(len(X), len(b)),
            "#bias-repeated",
        ),
        "biases in tiles, by columns": (
            lambda X, W, b: X @ W + np.tile(b, len(X)).reshape(len(b), len(X)).T,
            "#bias-misplaced",
        ),
        "a copy of the biases down each column": (
            lambda X, W, b: X @ W + np.array([b] * len(X)).T,
            "#bias-down-a-column",
        ),
        "0.5 for every bias": (lambda X, W, b: X @ W + 0.5, "#unused-argument"),
        "a sum on a line by itself": (with_a_lost_sum, "#lost-value"),
        "a call on a line by itself": (with_a_lost_call, "#lost-value"),
        "each neuron over the one before": (of_the_last_neuron, "#last-column-alone"),
        "neurons for examples, reshaped": (
            lambda X, W, b: (W.T @ X.T + b[:, np.newaxis]).reshape(len(X), len(b)),
            "#by-columns",
        ),
        "a call that writes its result": (added_into_the_sums, "#factor"),
        "b on the next line": (with_b_on_the_next_line, "#line-of-its-own"),
        "minus the sums": (lambda X, W, b: -(X @ W) - b, "#wrong-sign"),
        "twice the sums": (lambda X, W, b: 2 * (X @ W + b), "#factor"),
        "each row sorted": (lambda X, W, b: np.sort(X @ W + b, axis=1), "#sorted-numbers"),
        "places by the values of b": (by_values_of_b, "#values-for-places"),
        "a set": (lambda X, W, b: set((X @ W + b).ravel().tolist()), "#set"),
        "the wrong letter": (lambda X, W, b: x @ W + b, "#near-name"),  # noqa: F821
        "a mean by a method": (
            lambda X, W, b: (tf.matmul(X, W) + b).mean(),
            "#reduce",
        ),
        "softmax of TensorFlow's too": (soft_sums, "#softmax-too-early"),
        "assigned, not added": (lambda X, W, b: X[:, -1:] * W[-1] + b, "#not-added-up"),
        "all pixels but the last": (
            lambda X, W, b: X[:, :-1] @ W[:-1] + b,
            "#one-pixel-missing",
        ),
        "the bias to the weights": (lambda X, W, b: X @ (W + b), "#bias-of-every-pixel"),
        "for ten neurons": (
            lambda X, W, b: [[x @ W[:, j] for j in range(10)] for x in X],
            "#index",
        ),
        "into b": (lambda X, W, b: operator.iadd(b, X @ W), "#in-place-shape"),
        "no bias": (lambda X, W, b: X @ W, "#no-bias"),
        "a comma at the end": (lambda X, W, b: (X @ W + b,), "#tuple-of-one"),
        "bias down a column": (
            lambda X, W, b: X @ W + np.resize(b, len(X))[:, np.newaxis],
            "#bias-down-a-column",
        ),
        "bias down a column when square": (
            lambda X, W, b: X @ W + (b[:, np.newaxis] if len(X) == len(b) else b),
            "#bias-down-a-column",
        ),
        "no bias, in half precision": (lambda X, W, b: (X @ W).astype(np.float16), "#no-bias"),
        "no bias, in bfloat16": (lambda X, W, b: tf.cast(X @ W, tf.bfloat16), "#no-bias"),
        "subtracted": (lambda X, W, b: X @ W - b, "#bias-subtracted"),
        "times the bias": (lambda X, W, b: X @ W * b, "#times-bias"),
        "bias first": (lambda X, W, b: (X + b[0]) @ W, "#bias-to-pixels"),
        "one bias for all": (lambda X, W, b: X @ W + b[0], "#one-bias"),
        "sum of the biases": (lambda X, W, b: X @ W + b.sum(), "#one-bias"),
        "the bias once per pixel": (lambda X, W, b: X @ W + len(W) * b, "#bias-of-every-pixel"),
        "W transposed": (lambda X, W, b: X @ W.T + b, "#W-transposed"),
        "as many rows as pixels": (lambda X, W, b: X @ W[:-1] + b, "#matrix-shapes"),
        "b below the sums": (lambda X, W, b: np.concatenate([X @ W, b[None]]), "#bias-as-a-row"),
        "b as the place of the result": (lambda X, W, b: np.dot(X, W, b), "#third-of-dot"),
        "as many pixels as a digit has": (digits_only, "#index"),
        "W transposed when square": (
            lambda X, W, b: X @ (W.T if len(W) == len(b) else W) + b,
            "#W-transposed",
        ),
        "transposed result": (lambda X, W, b: (X @ W + b).T, "#exchanged-axes"),
        "element by element": (lambda X, W, b: X * W + b, "#order-of-factors"),
        "the other order": (lambda X, W, b: W @ X + b, "#order-of-factors"),
        "mean": (lambda X, W, b: X @ W / len(W) + b, "#mean"),
        "softmax on top": (
            lambda X, W, b: scipy.special.softmax(X @ W + b, axis=1),
            "#softmax-too-early",
        ),
        "ReLU on top": (lambda X, W, b: np.maximum(X @ W + b, 0), "#activation"),
        "summed up": (lambda X, W, b: np.sum(X @ W + b), "#one-sum"),
        "summed up over the neurons": (lambda X, W, b: np.sum(X @ W + b, axis=1), "#one-sum"),
        "the product and the bias": (lambda X, W, b: (X @ W, b), "#others"),
        "first example only": (lambda X, W, b: X[0] @ W + b, "#first-example-only"),
        "last example only": (lambda X, W, b: [x @ W + b for x in X][-1], "#last-row-only"),
        "whole numbers": (lambda X, W, b: (X @ W + b).astype(int), "#whole-numbers"),
        "absolute weights": (lambda X, W, b: X @ abs(W) + b, "#absolute"),
        "overwrites X": (overwriting_sums, "#changed-argument"),
        "overwrites b": (overwriting_bias, "#changed-argument"),
        "a list in a list": (lambda X, W, b: [X @ W + b], "#axis-too-many"),
        "one axis of lists": (lambda X, W, b: (X @ W + b).reshape(-1, 1), "#other-shape"),
    },
    "softmax": {
        "each sum taken again, in place": (in_place_again, "#sum-taken-again"),
        "a division on a line by itself": (with_a_lost_share, "#lost-value"),
        "shifted, but not used": (shifted_for_nothing, "#difference-unused"),
        "the shape set": (reshaped_in_place, "#changed-shape"),
        "divided while adding up": (
            lambda z: powers(z) / np.cumsum(powers(z), axis=1),
            "#sum-too-early",
        ),
        "the sum never reset": (
            lambda z: powers(z) / np.cumsum(powers(z).sum(axis=1))[:, np.newaxis],
            "#sum-of-earlier-rows",
        ),
        "exp of the shares": (
            lambda z: np.exp(z / z.sum(axis=1, keepdims=True)),
            "#exp-last",
        ),
        "divided by the shifted logits": (
            lambda z: powers(z) / (z - z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True),
            "#sum-of-logits",
        ),
        "shifted above alone": (
            lambda z: powers(z) / np.exp(z).sum(axis=1, keepdims=True),
            "#shifted-above-only",
        ),
        "return in the loop": (first_row_alone(scipy.special.softmax), "#first-row-only"),
        "yielded row by row": (lambda z: map(scipy.special.softmax, z), "#iterator"),
        "naive": (lambda z: E(z) / E(z).sum(axis=1, keepdims=True), "#overflow"),
        "naive in TensorFlow": (
            lambda z: tf.exp(z) / tf.reduce_sum(tf.exp(z), axis=1, keepdims=True),
            "#overflow",
        ),
        "naive in float64": (
            lambda z: E(z.astype(float)) / E(z.astype(float)).sum(axis=1, keepdims=True),
            "#overflow",
        ),
        "less the smallest": (
            lambda z: scipy.special.softmax(z, axis=1) * np.where(np.ptp(z) > 800, np.nan, 1),
            "#not-finite",
        ),
        "less the largest size": (less_largest_size, "#absolute-maximum"),
        "less the place of the largest": (less_place, "#place-for-maximum"),
        "percent": (lambda z: 100 * scipy.special.softmax(z, axis=1), "#percentage"),
        "the last row in the loop": (
            lambda z: [scipy.special.softmax(row) for row in z][-1],
            "#last-row-only",
        ),
        "axis 0": (lambda z: scipy.special.softmax(z, axis=0), "#axis"),
        "whole batch": (lambda z: scipy.special.softmax(z), "#whole-batch"),
        "one maximum for the batch": (
            lambda z: E(z - z.max()) / E(z - z.max()).sum(axis=1, keepdims=True),
            "#batch-maximum",
        ),
        "one maximum, guarded": (
            lambda z: np.nan_to_num(E(z - z.max()) / E(z - z.max()).sum(axis=1, keepdims=True)),
            "#nan-replaced",
        ),
        "the mean instead of the maximum": (
            lambda z: (
                E(z - z.mean(axis=1, keepdims=True))
                / E(z - z.mean(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
            ),
            "#mean-for-maximum",
        ),
        "maximum down the columns": (
            lambda z: E(z - z.max(axis=0)) / E(z - z.max(axis=0)).sum(axis=1, keepdims=True),
            "#axis-of-maximum",
        ),
        "divided by the maximum": (
            lambda z: stable(z) / stable(z).max(1, keepdims=True),
            "#not-divided",
        ),
        "Euclidean norm": (
            lambda z: stable(z) / np.linalg.norm(stable(z), axis=1, keepdims=True),
            "#other-norm",
        ),
        "not divided": (lambda z: stable(z), "#not-divided"),
        "not divided, naive": (lambda z: E(z), "#plain-exp"),
        "divided by the sum of all": (lambda z: stable(z) / stable(z).sum(), "#whole-batch-sum"),
        "no keepdims in the sum": (
            lambda z: stable(z) / stable(z).sum(axis=1),
            "#keepdims-sum",
        ),
        "no keepdims in the maximum": (
            lambda z: E(z - z.max(1)) / E(z - z.max(1)).sum(1, keepdims=True),
            "#keepdims-maximum",
        ),
        "no keepdims at all": (
            lambda z: E(z - z.max(1)) / E(z - z.max(1)).sum(1),
            "#keepdims",
        ),
        "logits over their sum": (
            lambda z: z / z.sum(axis=1, keepdims=True),
            "#no-exp",
        ),
        "logits over their largest": (
            lambda z: z / z.max(axis=1, keepdims=True),
            "#no-exp-by-maximum",
        ),
        "less the largest, over the sum": (
            lambda z: (
                (z - z.max(1, keepdims=True)) / (z - z.max(1, keepdims=True)).sum(1, keepdims=True)
            ),
            "#no-exp",
        ),
        "no exponential": (lambda z: z / (z.sum(axis=1, keepdims=True) + 1e-9), "#no-exp"),
        "power of two": (
            lambda z: (
                np.exp2(z - z.max(1, keepdims=True))
                / np.exp2(z - z.max(1, keepdims=True)).sum(1, keepdims=True)
            ),
            "#other-base",
        ),
        "sigmoid": (lambda z: scipy.special.expit(z), "#sigmoid"),
        "sigmoid, normalised": (
            lambda z: (
                (scipy.special.expit(z) + 1e-9)
                / (scipy.special.expit(z) + 1e-9).sum(1, keepdims=True)
            ),
            "#sigmoid",
        ),
        "clipped logits": (
            lambda z: scipy.special.softmax(np.clip(z, -50, 50), axis=1),
            "#clipped-logits",
        ),
        "clipped high": (
            lambda z: scipy.special.softmax(np.clip(z, -700, 700), axis=1),
            "#clipped-logits",
        ),
        "clipped exponentials": (
            lambda z: np.clip(stable(z), 1e-7, 1) / np.clip(stable(z), 1e-7, 1).sum(1, keepdims=1),
            "#clipped",
        ),
        "clipped probabilities": (
            lambda z: np.clip(scipy.special.softmax(z, axis=1), 1e-7, 1 - 1e-7),
            "#clipped",
        ),
        "log softmax": (lambda z: scipy.special.log_softmax(z, axis=1), "#logarithm"),
        "hard maximum": (
            lambda z: (z == z.max(axis=1, keepdims=True)).astype(float),
            "#winner-only",
        ),
        "winner shared": (
            lambda z: (
                (z == z.max(1, keepdims=True)) / (z == z.max(1, keepdims=True)).sum(1)[:, None]
            ),
            "#winner-only",
        ),
        "signs turned": (lambda z: scipy.special.softmax(-z, axis=1), "#sign"),
        "temperature": (lambda z: scipy.special.softmax(z / 2, axis=1), "#scaled-logits"),
        "temperature, in bfloat16": (
            lambda z: tf.cast(tf.nn.softmax(z / 1.05), tf.bfloat16),
            "softmax must",
        ),
        "0 for rows far below, in bfloat16": (
            lambda z: tf.cast(
                np.nan_to_num(E(z - 400.0) / E(z - 400.0).sum(1, keepdims=True)), tf.bfloat16
            ),
            "softmax must",
        ),
        "rounded": (lambda z: np.round(scipy.special.softmax(z, axis=1), 3), "#rounded"),
        "nan to num": (
            lambda z: np.nan_to_num(E(z) / E(z).sum(axis=1, keepdims=True)),
            "#nan-replaced",
        ),
        "huge epsilon": (
            lambda z: stable(z) / (stable(z).sum(axis=1, keepdims=True) + 1e-3),
            "#epsilon",
        ),
        "scaled logits": (
            lambda z: scipy.special.softmax(z / np.abs(z).max().clip(1), axis=1),
            "softmax must",
        ),
        "first row only": (lambda z: scipy.special.softmax(z[0]), "#first-row-only"),
        "transposed": (lambda z: scipy.special.softmax(z, axis=1).T, "#exchanged-axes"),
        "the class": (lambda z: z.argmax(axis=1), "#one-for-each-row"),
        "overwrites": (overwriting_softmax, "#changed-argument"),
        "whole numbers": (lambda z: scipy.special.softmax(z, axis=1).astype(int), "#whole-numbers"),
    },
    "accuracy": {
        "anywhere among the labels": (anywhere, "#anywhere"),
        "a division on a line by itself": (with_a_lost_count, "#lost-value"),
        "the share above 0.5": (lambda p, y: (p > 0.5).mean(), "#no-labels"),
        "sure ones": (lambda p, y: (p.max(axis=1) > 0.5).mean(), "#no-labels"),
        "the second column": (lambda p, y: np.mean((p[:, 1] > 0.5) == y), "#threshold"),
        "arg max of the labels too": (
            lambda p, y: np.mean(p.argmax(axis=1) == y.argmax()),
            "#labels-argmax",
        ),
        "arg max of each label": (
            lambda p, labels: np.mean(np.argmax(p, 1) == np.argmax(labels, 1)),
            "#argmax-of-labels",
        ),
        "arg max of each label, in TensorFlow": (
            lambda p, labels: np.mean(tf.argmax(p, axis=1) == tf.argmax(labels, axis=1)),
            "#argmax-of-labels",
        ),
        "two numbers": (lambda p, y: (np.mean(p.argmax(axis=1) == y), len(y)), "#others"),
        "counted from 1": (
            lambda p, y: sum(p[i].argmax() == y[i] for i in range(1, len(y))) / len(y),
            "#first-example-missing",
        ),
        "divided by all entries": (
            lambda p, y: (p.argmax(axis=1) == y).sum() / p.size,
            "#by-n-k",
        ),
        "all own columns": (lambda p, y: p[:, y].mean(), "#mean-probability"),
        "if for a whole array": (
            lambda p, y: 1 if p.argmax(axis=1) == y else 0,
            "#truth-value",
        ),
        "a text": (lambda p, y: f"{np.mean(p.argmax(axis=1) == y):.2%}", "#text"),
        "return in the loop": (
            lambda p, y: (p[0].argmax() == y[0]) / len(y),
            "#one-example-only",
        ),
        "all but the last": (
            lambda p, y: sum(p[i].argmax() == y[i] for i in range(len(y) - 1)) / len(y),
            "#last-example-missing",
        ),
        "mean of booleans": (
            lambda p, y: tf.reduce_mean(tf.argmax(p, 1) == tf.cast(y, tf.int64)),
            "#mean-of-booleans",
        ),
        "percent": (lambda p, y: 100 * (p.argmax(1) == y).mean(), "#percentage"),
        "count": (lambda p, y: (p.argmax(1) == y).sum(), "#count"),
        "count as float": (lambda p, y: float((p.argmax(1) == y).sum()), "#count"),
        "broadcast": (lambda p, y: (p.argmax(1)[:, np.newaxis] == y).mean(), "#broadcast"),
        "broadcast the labels": (
            lambda p, y: (p.argmax(1) == y[:, np.newaxis]).mean(),
            "#broadcast",
        ),
        "thresholded at 0.5": (lambda p, y: (p[np.arange(len(y)), y] > 0.5).mean(), "#threshold"),
        "above 0.5 and right": (
            lambda p, y: ((p.argmax(1) == y) & (p.max(1) > 0.5)).mean(),
            "#threshold",
        ),
        "half or more, and right": (
            lambda p, y: ((p.argmax(1) == y) & (p.max(1) >= 0.5)).mean(),
            "#threshold",
        ),
        "probabilities of the right ones": (
            lambda p, y: np.where(p.argmax(1) == y, p.max(1), 0).mean(),
            "#mean-probability",
        ),
        "the same objects": (
            lambda p, y: sum(p[i].argmax() is y[i] for i in range(len(y))) / len(y),
            "#never-right",
        ),
        "divided by n - 1": (lambda p, y: (p.argmax(1) == y).sum() / (len(y) - 1), "#by-n-minus-1"),
        "divided by 3, as in the example": (lambda p, y: (p.argmax(1) == y).sum() / 3, "#by-100"),
        "no axis": (lambda p, y: np.mean(p.argmax() == y), "#no-axis"),
        "down the columns": (lambda p, y: np.mean(p.argmax(0) == y), "#broadcasting"),
        "wrong axis": (
            lambda p, y: np.mean(np.resize(p.argmax(0), len(y)) == y),
            "#axis",
        ),
        "error rate": (lambda p, y: (p.argmax(1) != y).mean(), "#share-of-wrong"),
        "mean probability": (lambda p, y: p[np.arange(len(y)), y].mean(), "#mean-probability"),
        "smallest": (lambda p, y: (p.argmin(1) == y).mean(), "#smallest"),
        "divided by the classes": (lambda p, y: (p.argmax(1) == y).sum() / p.shape[1], "#by-k"),
        "divided by 100": (lambda p, y: (p.argmax(1) == y).sum() / 100, "#by-100"),
        "one for each": (lambda p, y: p.argmax(1) == y, "#one-for-each"),
        "the probability compared": (lambda p, y: (p.max(1) == y).mean(), "#mean-largest"),
        "rounded": (lambda p, y: round(float((p.argmax(1) == y).mean()), 2), "#rounded"),
        "whole division": (lambda p, y: (p.argmax(1) == y).sum() // len(y), "#rounded-down"),
        "all or nothing": (lambda p, y: (p.argmax(1) == y).all(), "#whole-numbers"),
        "the last in a tie": (
            lambda p, y: np.mean(np.argsort(p, 1, "stable")[:, -1] == y),
            "#tie",
        ),
        "each in a tie": (
            lambda p, y: np.mean(p[np.arange(len(y)), y] == p.max(axis=1)),
            "#tie",
        ),
        "each in a tie, by in_top_k": (
            lambda p, y: tf.reduce_mean(
                tf.cast(tf.math.in_top_k(tf.cast(y, tf.int32), p, 1), tf.float64)
            ),
            "#tie",
        ),
        "right answers that are not 0": (
            lambda p, y: np.count_nonzero(p.argmax(1) * (p.argmax(1) == y)) / len(y),
            "#class-0-missing",
        ),
        "counted in any case": (counted_in_any_case, "#all-counted"),
        "the mean of whole numbers": (
            lambda p, y: tf.reduce_mean(tf.cast(p.argmax(1) == y, tf.int32)),
            "#mean-of-whole-numbers",
        ),
        "in a list": (lambda p, y: [(p.argmax(1) == y).mean()], "#one-number"),
        "top two": (
            lambda p, y: (np.argsort(p, 1)[:, -2:] == y[:, None]).any(1).mean(),
            "#runner-up",
        ),
        "balanced": (
            lambda p, y: np.mean([(p.argmax(1)[y == c] == c).mean() for c in np.unique(y)]),
            "#by-class",
        ),
        "capped by uint8": (
            lambda p, y: np.sum(p.argmax(1) == y, dtype=np.uint8) / len(y),
            "#count-wraps",
        ),
        "sorts the labels": (
            lambda p, y: (p.argmax(1) == (y.sort(), y)[1]).mean(),
            "#changed-argument",
        ),
    },
    "wrong_first": {
        "changed in its loop": (changed_in_its_loop, "#changed-in-its-loop"),
        "divided at a place": (divided_at_the_wrong_ones, "#kth-place"),
        "digits as places": (digits_as_places, "#values-for-places"),
        "differences of two types, backwards": (
            lambda y, p: np.argsort(y - np.int64(p))[::-1],
            "#signed-differences",
        ),
        "two arrays to sort": (lambda y, p: np.argsort(y, p), "#axis-second"),
        "0 for wrong and 1 for right": (lambda y, p: np.where(y != p, 0, 1), "#mask"),
        "written over": (written_over, "#overwritten"),
        "the right ones counted from 1": (
            lambda y, p: np.append(np.flatnonzero(y != p), 1 + np.flatnonzero((y == p)[1:])),
            "#first-example-missing",
        ),
        "nothing if none is wrong": (
            lambda labels, predictions: (
                np.argsort(labels == predictions) if (labels != predictions).any() else []
            ),
            "#none-wrong",
        ),
        "two rows": (
            lambda y, p: (np.flatnonzero(y != p), np.flatnonzero(y == p)),
            "#two-rows",
        ),
        "tuples of where joined": (
            lambda y, p: np.concatenate([np.where(y != p), np.where(y == p)]),
            "#tuple-of-where",
        ),
        "too small alone": (lambda y, p: np.argsort(p >= y), "#one-sided"),
        "right first": (lambda y, p: np.argsort(y != p, kind="stable"), "#right-first"),
        "only the wrong ones": (lambda y, p: np.flatnonzero(y != p), "#wrong-ones-only"),
        "only the right ones": (lambda y, p: np.flatnonzero(y == p), "#right-ones-only"),
        "an iterator": (lambda y, p: iter(np.argsort(y == p)), "#iterator"),
        "an iterator over the wrong ones": (
            lambda y, p: iter(np.flatnonzero(y != p)),
            "#wrong-ones-only",
        ),
        "a mask": (lambda y, p: y != p, "#mask"),
        "tuple of where": (where_tuple, "#row-of-indices"),
        "a column": (lambda y, p: np.argsort(y == p)[:, np.newaxis], "#row-of-indices"),
        "the digits": (
            lambda y, p: np.concatenate([y[y != p], y[y == p]]),
            "#digits-for-indices",
        ),
        "uint8 differences": (
            lambda y, p: np.argsort(-np.abs(y - p), kind="stable"),
            "#uint8-wraps",
        ),
        "signed differences": (
            lambda y, p: np.argsort(y.astype(int) - p.astype(int), kind="stable"),
            "#signed-differences",
        ),
        "signed, turned": (
            lambda y, p: np.argsort(p.astype(int) - y.astype(int), kind="stable")[::-1],
            "#signed-differences",
        ),
        "unchanged": (lambda y, p: np.arange(len(y)), "#unchanged"),
        "sorted by label": (lambda y, p: np.argsort(y, kind="stable"), "#sorted-by-digit"),
        "reversed": (lambda y, p: np.arange(len(y))[::-1], "#reversed"),
        "fractions": (lambda y, p: np.argsort(y == p).astype(float), "#indices"),
        "from one": (lambda y, p: np.argsort(y == p) + 1, "#from-1"),
        "sorted, without places": (lambda y, p: np.sort(y == p), "#values-sorted"),
        "ones and zeros sorted": (
            lambda y, p: sorted((y != p).astype(int), reverse=True),
            "#values-sorted",
        ),
        "counted from 1": (
            lambda y, p: sorted(range(1, len(y)), key=lambda i: y[i] == p[i]),
            "#first-example-missing",
        ),
        "counted up to n - 1": (
            lambda y, p: sorted(range(len(y) - 1), key=lambda i: y[i] == p[i]),
            "#last-example-missing",
        ),
        "inserted in front, up to n - 1": (
            lambda y, p: list(both_ends(y[:-1], p[:-1])),
            "#last-example-missing",
        ),
        "is in place of ==": (lambda y, p: np.argsort(y is p), "#one-index"),
        "the wrong ones again": (
            lambda y, p: [i for i in range(len(y)) if y[i] != p[i]] * 2,
            "#wrong-ones-twice",
        ),
        "ranks in place of order": (
            lambda y, p: np.argsort(np.argsort(y == p, kind="stable"), kind="stable"),
            "#ranks",
        ),
        "appended to nothing": (lambda y, p: np.array([]), "#empty"),
        "a list appended to a list": (
            lambda y, p: [*np.flatnonzero(y != p), np.flatnonzero(y == p).tolist()],
            "#list-in-list",
        ),
        "the first wrong one": (lambda y, p: int(np.argmax(y != p)), "every index"),
        "wrong ones twice": (
            lambda y, p: np.concatenate([np.flatnonzero(y != p), np.arange(len(y))]),
            "#wrong-ones-twice",
        ),
        "padded with zeros": (
            lambda y, p: np.resize(np.append(np.flatnonzero(y != p), 0), len(y)),
            "exactly once",
        ),
        "empty list makes floats": (
            lambda y, p: np.concatenate(
                [[i for i in range(len(y)) if y[i] != p[i]], [], np.flatnonzero(y == p)]
            ),
            "#indices",
        ),
        "changes the labels": (sorted_labels, "#changed-argument"),
        "bytes": (
            lambda y, p: np.argsort(y == p, kind="stable").astype(np.uint8),
            "#short-type",
        ),
    },
}

RIGHT = {
    "prepare_images": {
        "TensorFlow": lambda x: tf.reshape(tf.cast(x, tf.float32) / 255, (-1, 784)),
        "NumPy": lambda x: x.reshape(len(x), -1) / 255,
        "half precision": lambda x: (x.reshape(len(x), -1) / 255).astype(np.float16),
        "float64": lambda x: x.astype(np.float64).reshape(-1, 784) / 255.0,
        "a loop of lists": loop_images,
        "multiplied": lambda x: x.reshape(-1, 784) * (1 / 255),
        "a list of rows": lambda x: [image.flatten() / 255 for image in x],
        "a tuple of tensors": lambda x: tuple(tf.reshape(image / 255, [784]) for image in x),
        "Keras layers": lambda x: keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(x)),
        "a variable": lambda x: tf.Variable(tf.reshape(x / 255, (-1, 784))),
        "stacked": lambda x: np.hstack([x[:, i] for i in range(28)]) / 255,
        "graph": tf.function(lambda x: tf.reshape(tf.cast(x, tf.float64), (-1, 784)) / 255),
        "default arguments": lambda x, whitest=255: x.reshape(-1, 784) / whitest,
        "numpy matrix": lambda x: np.asmatrix(x.reshape(-1, 784) / 255),
        "bfloat16": lambda x: tf.cast(tf.reshape(x, (-1, 784)), tf.bfloat16) / 255,
        "a deque": lambda x: deque(image.ravel() / 255 for image in x),
        "a table of all greys": lambda x: (np.arange(256) / 255)[x.reshape(-1, 784)],
    },
    "weighted_sums": {
        "TensorFlow": lambda X, W, b: tf.matmul(X, W) + b,
        "NumPy": lambda X, W, b: X @ W + b,
        "loops": loop_sums,
        "einsum": lambda X, W, b: np.einsum("nd,dk->nk", X, W) + b,
        "a row at a time": lambda X, W, b: [row @ W + b for row in X],
        "bias as weights": lambda X, W, b: np.c_[X, np.ones(len(X))] @ np.vstack([W, b]),
        "transposed twice": lambda X, W, b: (W.T @ X.T + b[:, np.newaxis]).T,
        "float64": lambda X, W, b: X.astype(float) @ W.astype(float) + b,
        "bias_add": lambda X, W, b: tf.nn.bias_add(tf.matmul(X, W), b),
        "broadcast product": lambda X, W, b: (X[:, :, np.newaxis] * W).sum(axis=1) + b,
        "tensordot": lambda X, W, b: tf.tensordot(X, W, axes=1) + b,
        "Keras": lambda X, W, b: keras.ops.matmul(X, W) + b,
        "in half precision throughout": lambda X, W, b: (
            X.astype(np.float16) @ W.astype(np.float16) + b.astype(np.float16)
        ),
        "in bfloat16 throughout": lambda X, W, b: (
            tf.cast(X, tf.bfloat16) @ tf.cast(W, tf.bfloat16) + tf.cast(b, tf.bfloat16)
        ),
    },
    "softmax": {
        "TensorFlow's own": lambda z: tf.nn.softmax(z),
        "SciPy": lambda z: scipy.special.softmax(z, axis=1),
        "NumPy": lambda z: stable(z) / stable(z).sum(axis=1, keepdims=True),
        "through the logarithm": lambda z: np.exp(z - scipy.special.logsumexp(z, 1, keepdims=True)),
        "log softmax": lambda z: tf.exp(tf.nn.log_softmax(z)),
        "loops": loop_softmax,
        "last axis": lambda z: scipy.special.softmax(z.astype(np.float64), axis=-1),
        "transposed": lambda z: scipy.special.softmax(z.T, axis=0).T,
        "Keras": lambda z: keras.ops.softmax(z),
        "Keras activation": lambda z: keras.activations.softmax(tf.constant(z)),
        "pairs": lambda z: 1 / np.exp(z[:, np.newaxis, :] - z[:, :, np.newaxis]).sum(axis=2),
        "rows": lambda z: np.apply_along_axis(scipy.special.softmax, 1, z),
        "larger than the maximum": lambda z: (
            E(z - z.max(1, keepdims=True) - 1) / E(z - z.max(1, keepdims=True) - 1).sum(1)[:, None]
        ),
        "map": lambda z: list(map(scipy.special.softmax, z)),
        "tiny epsilon": lambda z: stable(z) / (stable(z).sum(axis=1, keepdims=True) + 1e-12),
        "half precision": lambda z: scipy.special.softmax(z.astype(float), 1).astype(np.float16),
        "bfloat16": lambda z: tf.cast(tf.nn.softmax(z), tf.bfloat16),
        "the gradient of the logarithm of the sum": gradient_softmax,
        "clipped far below": lambda z: scipy.special.softmax(
            np.maximum(z.astype(float) - z.max(axis=1, keepdims=True), -700), axis=1
        ),
    },
    "accuracy": {
        "NumPy": lambda p, y: np.mean(np.argmax(p, axis=1) == y),
        "TensorFlow": lambda p, y: tf.reduce_mean(
            tf.cast(tf.argmax(p, axis=1) == tf.cast(y, tf.int64), tf.float32)
        ),
        "Python float": lambda p, y: float((p.argmax(axis=1) == y).mean()),
        "fraction": lambda p, y: Fraction(int((p.argmax(1) == y).sum()), len(y)),
        "loop": lambda p, y: (
            sum(max(range(len(q)), key=q.__getitem__) == t for q, t in zip(p, y, strict=True))
            / len(y)
        ),
        "0-d array": lambda p, y: np.array((p.argmax(1) == y).mean()),
        "sorting": lambda p, y: np.mean(np.argsort(-p, axis=1, kind="stable")[:, 0] == y),
        "Keras metric": lambda p, y: keras.metrics.SparseCategoricalAccuracy()(y, p),
        "one minus the error": lambda p, y: (
            1 - np.count_nonzero(p.argmax(1) - y.astype(int)) / len(y)
        ),
        "scikit-learn's way": lambda p, y: np.average(p.argmax(1) == y),
    },
    "wrong_first": {
        "argsort": lambda y, p: np.argsort(y == p),
        "stable": lambda y, p: np.argsort(y == p, kind="stable"),
        "where": lambda y, p: np.concatenate([np.where(y != p)[0], np.where(y == p)[0]]),
        "list": lambda y, p: sorted(range(len(y)), key=lambda i: y[i] == p[i]),
        "right ones backwards": lambda y, p: np.argsort(y != p, kind="stable")[::-1],
        "lists joined": lambda y, p: (
            [i for i in range(len(y)) if y[i] != p[i]] + [i for i in range(len(y)) if y[i] == p[i]]
        ),
        "TensorFlow": lambda y, p: tf.argsort(
            tf.cast(tf.equal(tf.cast(y, tf.int64), tf.cast(p, tf.int64)), tf.int32)
        ),
        "lexsort": lambda y, p: np.lexsort((y, y == p)),
        "worst first": lambda y, p: np.argsort(-np.abs(y.astype(int) - p.astype(int))),
        "a tuple": lambda y, p: tuple(np.argsort(y == p).tolist()),
        "shuffled groups": lambda y, p: np.argsort(
            (y == p) + np.random.default_rng(0).random(len(y)) / 2
        ),
        "int32": lambda y, p: np.argsort(y == p).astype(np.int32),
        "partition": lambda y, p: np.argpartition(y == p, min(int((y != p).sum()), len(y) - 1)),
        "a deque, filled from both ends": both_ends,
        "a range, if all are alike": lambda y, p: (
            range(len(y)) if (y == p).all() else np.argsort(y == p)
        ),
        "dynamic_partition": lambda y, p: tf.concat(
            tf.dynamic_partition(tf.range(len(y)), tf.cast(y == p, tf.int32), 2), 0
        ),
    },
}
