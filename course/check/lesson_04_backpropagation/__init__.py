"""The checks of lesson 4: gradients by the chain rule, and one step of training."""

from course.check.lesson_04_backpropagation.dense_backward import dense_backward
from course.check.lesson_04_backpropagation.neuron_gradients import neuron_gradients
from course.check.lesson_04_backpropagation.train_step import train_step
from course.check.lesson_04_backpropagation.two_layer_gradients import two_layer_gradients

__all__ = ["dense_backward", "neuron_gradients", "train_step", "two_layer_gradients"]
