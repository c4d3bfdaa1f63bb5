"""TensorFlow and Keras, imported without their greetings: the first import stands here."""

from course.silence import silence

with silence():
    import keras
    import tensorflow as tf

__all__ = ["keras", "tf"]
