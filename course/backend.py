"""TensorFlow and Keras, imported without their start-up messages: import them from here."""

from course.imports import without
from course.silence import silence

# Keras imports scikit-learn for wrappers of its estimators, which no lesson uses.
with silence(), without("sklearn"):
    import keras
    import tensorflow as tf

# As the lessons expect them, whatever keras.json in the learner's home says.
keras.config.set_image_data_format("channels_last")
keras.config.set_floatx("float32")
# A graphics card that rounds products to ten bits would fail right answers, which are compared.
tf.config.experimental.enable_tensor_float_32_execution(False)

__all__ = ["keras", "tf"]
