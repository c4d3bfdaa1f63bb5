"""The right answers of lesson 6: convolution, shapes, pooling, batch norm, the convnet."""

import numpy as np

from course.check.engine.guard import guarded


def zeros_around(length: int, size: int, stride: int = 1, padding: str = "same") -> tuple[int, int]:
    """How many zeros stand before and after a row of pixels: TensorFlow's "same" and "valid".

    `size` is that of the window. If the zeros cannot be shared evenly, the odd one goes to the end.
    """
    if padding == "valid":
        return 0, 0
    needed = max((-(-length // stride) - 1) * stride + size - length, 0)
    return needed // 2, needed - needed // 2


def windows(image, size: tuple[int, int], stride: int = 1, padding: str = "same", mode="constant"):
    """All that a filter of this size sees of an image: (h, w, …) -> (rows, columns, …, kh, kw).

    `padding` is "same" or "valid"; `mode` says what is put around the image, as in numpy.pad.
    """
    image = np.asarray(image)
    margins = [(0, 0)] * image.ndim
    margins[:2] = (zeros_around(image.shape[axis], size[axis], stride, padding) for axis in (0, 1))
    padded = np.pad(image, margins, mode)
    seen = np.lib.stride_tricks.sliding_window_view(padded, size, axis=(0, 1))
    return seen[::stride, ::stride]


@guarded
def convolve(image, filters, stride: int = 1):
    """(h, w, in), (kh, kw, in, out) -> (ceil(h/stride), ceil(w/stride), out), as tf.nn.conv2d.

    "same" padding with zeros; the filter is not flipped (a cross-correlation).
    """
    filters = np.asarray(filters)
    seen = windows(image, filters.shape[:2], stride)
    return np.einsum("rcikl,klio->rco", seen, filters, optimize=True)


@guarded
def layer_shape_and_parameters(height, width, in_channels, kernel, out_channels, stride, padding):
    """Whole numbers and "same" or "valid" -> ((height, width, channels), parameters)."""
    inside = [side - (kernel - 1 if padding == "valid" else 0) for side in (height, width)]
    shape = (*(-(-places // stride) for places in inside), out_channels)
    return shape, (kernel * kernel * in_channels + 1) * out_channels


@guarded
def max_pool(image):
    """(h, w, c) with even h and w -> (h/2, w/2, c): the largest value of each block of 2 x 2."""
    h, w, c = np.shape(image)
    return np.reshape(image, (h // 2, 2, w // 2, 2, c)).max(axis=(1, 3))


@guarded
def batch_norm(
    x, gamma, beta, running_mean, running_variance, training, momentum=0.9, epsilon=1e-5
):
    """(n, d), four arrays (d,), training -> (y, running_mean, running_variance)."""
    if not training:
        y = gamma * (x - running_mean) / np.sqrt(running_variance + epsilon) + beta
        return (y, running_mean, running_variance)
    batch_mean, batch_variance = x.mean(axis=0), x.var(axis=0)
    return (
        gamma * (x - batch_mean) / np.sqrt(batch_variance + epsilon) + beta,
        momentum * running_mean + (1 - momentum) * batch_mean,
        momentum * running_variance + (1 - momentum) * batch_variance,
    )


@guarded
def build_convnet():
    """A new Keras model: (n, 28, 28, 1) -> logits (n, 10), with 244,076 parameters."""
    from course.backend import keras

    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(6, 6, padding="same", activation="relu"),
            layers.Conv2D(12, 5, strides=2, padding="same", activation="relu"),
            layers.Conv2D(24, 4, strides=2, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dense(200, "relu"),
            layers.Dropout(0.25),
            layers.Dense(10),
        ]
    )


@guarded
def feature_maps(model, layer_name: str):
    """A model, the name of a layer -> a model from the same input to that layer's output."""
    from course.backend import keras

    layer = model.get_layer(layer_name)
    return keras.Model(model.inputs, layer.output)


@guarded
def augmented(images, labels, batch_size: int, seed: int):
    """(n, 28, 28, 1), (n,) -> shuffled batches; each image moved by up to two pixels."""
    from course.backend import tf

    generator = tf.random.Generator.from_seed(seed)
    height, width = images.shape[1:3]

    def moved(image, label):
        down, across = tf.unstack(generator.uniform((2,), 0, 5, tf.int32))
        wider = tf.pad(image, [[2, 2], [2, 2], [0, 0]])
        return tf.image.crop_to_bounding_box(wider, down, across, height, width), label

    data = tf.data.Dataset.from_tensor_slices((images, labels))
    return data.shuffle(len(images), seed=seed).map(moved).batch(batch_size)


@guarded
def frozen_base(base, num_classes: int):
    """A pretrained base, a number -> a model: the base, frozen, and a new layer of logits."""
    from course.backend import keras

    base.trainable = False
    return keras.Sequential([base, keras.layers.Dense(num_classes)])


@guarded
def save_and_load(model, path: str):
    """A compiled model, a path that ends in .keras -> the model, loaded again from there."""
    from course.backend import keras

    model.save(path)
    return keras.saving.load_model(path)
