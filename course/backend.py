"""TensorFlow and Keras, imported without their start-up messages: import them from here."""

from course.silence import silence

with silence():
    import keras
    import tensorflow as tf

__all__ = ["keras", "tf"]
