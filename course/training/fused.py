"""Gradient descent and Adam as one TensorFlow operation for each variable.

Keras composes each of its optimisers of a dozen small operations per variable, which cost a small
network as much time as its arithmetic. The results are the same, up to rounding.
"""

from collections.abc import Callable, Sequence
from typing import Any

from course.backend import keras, tf

# With any of these, an optimiser does more than a plain step.
_EXTRAS = (
    *("weight_decay", "clipnorm", "clipvalue", "global_clipnorm", "use_ema"),
    *("loss_scale_factor", "gradient_accumulation_steps", "amsgrad", "momentum"),
)


def apply(optimizer: Any, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
    """Take one step of a built Keras optimiser with its current learning rate, inside a graph."""
    if not is_fused(optimizer, gradients, variables):
        optimizer.apply(gradients, variables)
        return
    optimizer.iterations.assign_add(1)
    _STEPS[type(optimizer)](optimizer, gradients, variables)


def is_fused(optimizer: Any, gradients: Sequence[Any], variables: Sequence[Any]) -> bool:
    """Return whether `apply` takes the fused step; otherwise Keras takes its own."""
    is_plain = not any(getattr(optimizer, extra, None) for extra in _EXTRAS)
    is_dense = all(
        isinstance(gradient, tf.Tensor) and gradient.dtype == tf.float32 == variable.value.dtype
        for gradient, variable in zip(gradients, variables, strict=True)
    )
    is_free = all(getattr(variable, "constraint", None) is None for variable in variables)
    return type(optimizer) in _STEPS and is_plain and is_dense and is_free


def _descend(optimizer: Any, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
    for gradient, variable in zip(gradients, variables, strict=True):
        tf.raw_ops.ResourceApplyGradientDescent(
            var=variable.value.handle, alpha=optimizer.learning_rate.value, delta=gradient
        )


def _adam(optimizer: Any, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
    """Kingma and Ba, *Adam: a method for stochastic optimization* (2015), algorithm 1."""
    step = tf.cast(optimizer.iterations.value, tf.float32)
    settings = {
        "lr": optimizer.learning_rate.value,
        "beta1": optimizer.beta_1,
        "beta2": optimizer.beta_2,
        "beta1_power": tf.pow(optimizer.beta_1, step),
        "beta2_power": tf.pow(optimizer.beta_2, step),
        "epsilon": optimizer.epsilon,
    }
    means, squares = (_memory(optimizer, kind) for kind in ("_momentum", "_velocity"))
    for gradient, variable, mean, square in zip(gradients, variables, means, squares, strict=True):
        tf.raw_ops.ResourceApplyAdam(
            var=variable.value.handle,
            m=mean.value.handle,
            v=square.value.handle,
            grad=gradient,
            **settings,
        )


def _memory(optimizer: Any, kind: str) -> list[Any]:
    """Return the optimiser's variables of one kind, in the order of the trained variables."""
    return [variable for variable in optimizer.variables if variable.name.endswith(kind)]


_STEPS: dict[type, Callable[[Any, Sequence[Any], Sequence[Any]], None]] = {
    keras.optimizers.SGD: _descend,
    keras.optimizers.Adam: _adam,
}
