"""The ladder of reference networks: seven rungs, each repairing a defect of the one before it.

Every function returns an uncompiled Keras model that takes float32 images (n, 28, 28) in 0..1 and
gives **logits** (n, 10): softmax is left to the loss, which computes it from the logits and so
never takes log 0. `seed` determines the starting weights and the dropout: same seed, same network.
"""

from collections.abc import Callable
from typing import NamedTuple

from course.backend import keras
from course.messages import _

layers = keras.layers

IMAGE = (28, 28)
CLASSES = 10


def softmax(seed: int = 0) -> keras.Model:
    """One layer, ten neurons: 784 x 10 weights and 10 biases, 7,850 in all, starting at 0."""
    return keras.Sequential(
        [
            keras.Input(IMAGE),
            layers.Flatten(),
            layers.Dense(CLASSES, kernel_initializer="zeros", name="logits"),
        ],
        name="softmax",
    )


def five_layers_sigmoid(seed: int = 0) -> keras.Model:
    """Five layers, 200-100-60-30-10, with sigmoid: 185,300 parameters, and a slow start."""
    seeds = _seeds(seed)
    model = keras.Sequential([keras.Input(IMAGE), layers.Flatten()], name="five-layers-sigmoid")
    for units in (200, 100, 60, 30):
        model.add(layers.Dense(units, "sigmoid", kernel_initializer=_narrow(next(seeds))))
    model.add(layers.Dense(CLASSES, kernel_initializer=_narrow(next(seeds)), name="logits"))
    return model


def five_layers_relu(seed: int = 0) -> keras.Model:
    """The same five layers with ReLU and small positive biases: 185,300 parameters."""
    return _five_layers_relu(seed, dropout=0, name="five-layers-relu")


def five_layers_dropout(seed: int = 0) -> keras.Model:
    """The five ReLU layers, dropping a quarter of each hidden layer's neurons at every step."""
    return _five_layers_relu(seed, dropout=0.25, name="five-layers-dropout")


def convolutional(seed: int = 0) -> keras.Model:
    """Three convolutions with 4, 8 and 12 filters, then 200 neurons: 122,270 parameters."""
    return _convolutional(seed, ((4, 5, 1), (8, 5, 2), (12, 4, 2)), 0, "convolutional")


def convolutional_dropout(seed: int = 0) -> keras.Model:
    """6, 12 and 24 larger filters, 200 neurons with dropout: 244,076 parameters, 99% accuracy."""
    filters = ((6, 6, 1), (12, 5, 2), (24, 4, 2))
    return _convolutional(seed, filters, 0.25, "convolutional-dropout")


def batch_norm(seed: int = 0, neurons: int = 200) -> keras.Model:
    """24, 48 and 64 filters, 200 neurons, batch normalisation: 708,362 trainable parameters.

    A normalised layer needs no bias, as the normalisation's own offset, beta, takes its place; and
    before ReLU it needs no scale, as the next layer's weights can do that. The 672 moving means and
    variances are measured, not trained: Keras counts 709,034 parameters with them.
    """
    seeds = _seeds(seed)
    model = keras.Sequential(
        [keras.Input(IMAGE), layers.Reshape((*IMAGE, 1))],
        name="batch-norm",
    )
    for filters, size, stride in ((24, 6, 1), (48, 5, 2), (64, 4, 2)):
        model.add(
            layers.Conv2D(
                filters,
                size,
                stride,
                padding="same",
                use_bias=False,
                kernel_initializer=_he(next(seeds)),
            )
        )
        model.add(layers.BatchNormalization(scale=False))
        model.add(layers.ReLU())
    model.add(layers.Flatten())
    model.add(layers.Dense(neurons, use_bias=False, kernel_initializer=_he(next(seeds))))
    model.add(layers.BatchNormalization(scale=False))
    model.add(layers.ReLU())
    model.add(layers.Dropout(0.25, seed=next(seeds)))
    model.add(layers.Dense(CLASSES, kernel_initializer=_he(next(seeds)), name="logits"))
    return model


class Rung(NamedTuple):
    """How a network of the ladder is built and trained: optimiser, learning rate, and its decay.

    With `lowest`, the rate decays from `learning_rate` towards it: after `decay` steps, 37% of the
    difference is left.
    """

    build: Callable[..., keras.Model]
    optimizer: str
    learning_rate: float
    lowest: float | None = None
    decay: int | None = None


LADDER = {
    "softmax": Rung(softmax, "sgd", 0.5),
    "five-layers-sigmoid": Rung(five_layers_sigmoid, "adam", 0.003),
    "five-layers-relu": Rung(five_layers_relu, "adam", 0.003, 0.0001, 2000),
    "five-layers-dropout": Rung(five_layers_dropout, "adam", 0.003, 0.0001, 2000),
    "convolutional": Rung(convolutional, "adam", 0.003, 0.0001, 2000),
    "convolutional-dropout": Rung(convolutional_dropout, "adam", 0.003, 0.0001, 2000),
    "batch-norm": Rung(batch_norm, "adam", 0.02, 0.0001, 1600),
}


def rung(name: str) -> Rung:
    """Return the rung of this name; ValueError, with the names that there are, for another."""
    if name not in LADDER:
        message = _("There is no network {name!r}. The ladder has: {names}.")
        raise ValueError(message.format(name=name, names=", ".join(LADDER)))
    return LADDER[name]


def build(name: str, seed: int = 0) -> keras.Model:
    """Build the network of this name; ValueError, with the names that there are, for another."""
    return rung(name).build(seed=seed)


def _five_layers_relu(seed, dropout, name):
    seeds = _seeds(seed)
    model = keras.Sequential([keras.Input(IMAGE), layers.Flatten()], name=name)
    for units in (200, 100, 60, 30):
        model.add(
            layers.Dense(
                units,
                "relu",
                kernel_initializer=_he(next(seeds)),
                bias_initializer=keras.initializers.Constant(0.1),
            )
        )
        if dropout:
            model.add(layers.Dropout(dropout, seed=next(seeds)))
    model.add(layers.Dense(CLASSES, kernel_initializer=_he(next(seeds)), name="logits"))
    return model


def _convolutional(seed, convolutions, dropout, name):
    seeds = _seeds(seed)
    bias = keras.initializers.Constant(0.1)  # a small positive start keeps every ReLU awake
    model = keras.Sequential([keras.Input(IMAGE), layers.Reshape((*IMAGE, 1))], name=name)
    for filters, size, stride in convolutions:
        model.add(
            layers.Conv2D(
                filters,
                size,
                stride,
                padding="same",
                activation="relu",
                kernel_initializer=_he(next(seeds)),
                bias_initializer=bias,
            )
        )
    model.add(layers.Flatten())
    model.add(layers.Dense(200, "relu", kernel_initializer=_he(next(seeds)), bias_initializer=bias))
    if dropout:
        model.add(layers.Dropout(dropout, seed=next(seeds)))
    model.add(layers.Dense(CLASSES, kernel_initializer=_he(next(seeds)), name="logits"))
    return model


def _seeds(seed):
    """Yield seeds without end, so that no two layers start with the same weights."""
    while True:
        seed += 1_000_003
        yield seed


def _narrow(seed):
    """Return the codelab's initialiser: truncated normal, with standard deviation 0.1."""
    return keras.initializers.TruncatedNormal(stddev=0.1, seed=seed)


def _he(seed):
    """Return He's initialiser: normal, with variance 2 / inputs.

    It keeps signals the same size through layers with ReLU (He et al. 2015, arXiv:1502.01852).
    """
    return keras.initializers.HeNormal(seed=seed)
