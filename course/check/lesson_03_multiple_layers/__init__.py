"""The checks of lesson 3: sigmoid, logits, starting weights, decay, layers."""

from course.check.lesson_03_multiple_layers.build_five_layers import build_five_layers
from course.check.lesson_03_multiple_layers.compile_model import compile_model
from course.check.lesson_03_multiple_layers.cross_entropy_from_logits import (
    cross_entropy_from_logits,
)
from course.check.lesson_03_multiple_layers.fit_model import fit_model
from course.check.lesson_03_multiple_layers.initial_weights import initial_weights
from course.check.lesson_03_multiple_layers.learning_rate_at import learning_rate_at
from course.check.lesson_03_multiple_layers.loss_for import loss_for
from course.check.lesson_03_multiple_layers.sigmoid_and_slope import sigmoid_and_slope

__all__ = [
    "build_five_layers",
    "compile_model",
    "cross_entropy_from_logits",
    "fit_model",
    "initial_weights",
    "learning_rate_at",
    "loss_for",
    "sigmoid_and_slope",
]
