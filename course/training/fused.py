"""Gradient descent and Adam as one TensorFlow operation for each variable.

Keras composes its optimisers of a dozen small operations for every variable, which costs a small
network as much time as its arithmetic. The numbers are the same.
"""

from course.backend import keras, tf

# With one of these an optimiser does more than the plain step.
_EXTRAS = (
    *("weight_decay", "clipnorm", "clipvalue", "global_clipnorm", "use_ema"),
    *("loss_scale_factor", "gradient_accumulation_steps", "amsgrad", "momentum"),
)


def apply(optimizer, gradients, variables):
    """Take one step of a built Keras optimiser with its present learning rate, inside a graph."""
    step = _step(optimizer, gradients, variables)
    if step is None:
        optimizer.apply(gradients, variables)
        return
    optimizer.iterations.assign_add(1)
    step(optimizer, gradients, variables)


def _step(optimizer, gradients, variables):
    """The quick form of this optimiser's step, or None if Keras has to take it."""
    plain = not any(getattr(optimizer, extra, None) for extra in _EXTRAS)
    dense = all(
        isinstance(gradient, tf.Tensor) and gradient.dtype == tf.float32 == variable.value.dtype
        for gradient, variable in zip(gradients, variables, strict=True)
    )
    free = all(getattr(variable, "constraint", None) is None for variable in variables)
    return _STEPS.get(type(optimizer)) if plain and dense and free else None


def _descend(optimizer, gradients, variables):
    for gradient, variable in zip(gradients, variables, strict=True):
        tf.raw_ops.ResourceApplyGradientDescent(
            var=variable.value.handle, alpha=optimizer.learning_rate.value, delta=gradient
        )


def _adam(optimizer, gradients, variables):
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
    memory = zip(optimizer._momentums, optimizer._velocities, strict=True)
    for gradient, variable, (mean, square) in zip(gradients, variables, memory, strict=True):
        tf.raw_ops.ResourceApplyAdam(
            var=variable.value.handle,
            m=mean.value.handle,
            v=square.value.handle,
            grad=gradient,
            **settings,
        )


_STEPS = {keras.optimizers.SGD: _descend, keras.optimizers.Adam: _adam}
