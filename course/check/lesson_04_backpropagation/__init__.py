"""The checks of lesson 4: gradients by the chain rule, a step of training, the pixels."""

from course.check.lesson_04_backpropagation.dense_backward import dense_backward
from course.check.lesson_04_backpropagation.input_gradients import input_gradients
from course.check.lesson_04_backpropagation.neuron_gradients import neuron_gradients
from course.check.lesson_04_backpropagation.train_step import train_step
from course.check.lesson_04_backpropagation.two_layer_gradients import two_layer_gradients

__all__ = [
    "dense_backward",
    "input_gradients",
    "neuron_gradients",
    "train_step",
    "two_layer_gradients",
]
