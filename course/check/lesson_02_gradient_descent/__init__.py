"""The checks of lesson 2: one-hot, cross-entropy, gradients, the step, mini-batches, the loop."""

from course.check.lesson_02_gradient_descent.assign_step import assign_step
from course.check.lesson_02_gradient_descent.cross_entropy import cross_entropy
from course.check.lesson_02_gradient_descent.descend import descend
from course.check.lesson_02_gradient_descent.minibatches import minibatches
from course.check.lesson_02_gradient_descent.numerical_gradient import numerical_gradient
from course.check.lesson_02_gradient_descent.one_hot import one_hot
from course.check.lesson_02_gradient_descent.softmax_gradients import softmax_gradients
from course.check.lesson_02_gradient_descent.tape_gradients import tape_gradients
from course.check.lesson_02_gradient_descent.train import train

__all__ = [
    "assign_step",
    "cross_entropy",
    "descend",
    "minibatches",
    "numerical_gradient",
    "one_hot",
    "softmax_gradients",
    "tape_gradients",
    "train",
]
