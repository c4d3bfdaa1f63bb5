"""The checks of lesson 4: gradients by the chain rule."""

from course.check.lesson_04_backpropagation.train_step import train_step
from course.check.lesson_04_backpropagation.two_layer_gradients import two_layer_gradients

__all__ = [
    "train_step",
    "two_layer_gradients",
]
