"""The changes that no check can see, because the answer stays right; each with the reason."""

_ANY_ORDER = "within the wrong ones, and within the right ones, any order will do"
_ANY_FLOOR = "any floor far below what a network gives as a probability will do"
_ANY_DISTANCE = "any distance near the best one for float64 will do"

SURVIVORS: dict[str, dict[str, str]] = {
    "wrong_first": {
        "tf.argsort(is_right, stable=True) -> tf.argsort(is_right)": _ANY_ORDER,
        "True -> False": _ANY_ORDER,
    },
    "cross_entropy": {
        "tf.reduce_sum -> tf.reduce_max": "one entry of a one-hot row is not 0, and none is below",
        "1e-30 -> 2e-30": _ANY_FLOOR,
        "1e-30 -> 5e-31": _ANY_FLOOR,
        "tf.maximum(truth, smallest) -> tf.maximum(smallest, truth)": "the larger one is the same",
    },
    "numerical_gradient": {
        "1e-05 -> 2e-05": _ANY_DISTANCE,
        "1e-05 -> 5e-06": _ANY_DISTANCE,
    },
    "dropout": {
        "rng.random(activations.shape) >= rate -> rng.random(activations.shape) > rate": (
            "a draw that is exactly the rate does not happen"
        ),
    },
    "convolve": {"0 -> -1": "the first image of a batch of one is the last as well"},
}
