"""Bars for the size of each layer's gradient, which may vanish on the way back."""

import numpy as np

from course.drawing.palette import BLUE
from course.messages import _

MIN_SHOWN = 1e-12


def gradient_sizes(network, examples, count=500) -> np.ndarray:
    """Return the root mean square of the gradient of the mean loss in each layer, (layers,)."""
    from course.backend import tf

    X = examples.images[:count] / np.float32(255)
    labels = np.asarray(examples.labels[:count], np.int64)
    kernels = [weight for weight in network.trainable_variables if len(weight.shape) > 1]
    with tf.GradientTape() as tape:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, network(X))
        loss = tf.reduce_mean(losses)
    slopes = tape.gradient(loss, [kernel.value for kernel in kernels])
    return np.array([np.sqrt(np.mean(np.square(slope))) for slope in slopes])


def draw_bars(axes, sizes, title):
    """Draw a bar for each layer's gradient, on a logarithmic axis."""
    shown = np.maximum(sizes, MIN_SHOWN)
    places = np.arange(1, len(sizes) + 1)
    axes.bar(places, shown, color=BLUE, width=0.6)
    axes.set_yscale("log")
    axes.set(title=title, xlabel=_("layer"), xticks=places)
    axes.set_ylim(shown.min() / 4, shown.max() * 6)
    for place, size in zip(places, sizes, strict=True):
        axes.annotate(
            f"{size:.0e}".replace("e-0", "e-"),
            (place, max(size, MIN_SHOWN)),
            (0, 3),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )


def listed(sizes) -> str:
    """Return the sizes as text, each with one digit."""
    return ", ".join(f"{size:.1g}" for size in sizes)
