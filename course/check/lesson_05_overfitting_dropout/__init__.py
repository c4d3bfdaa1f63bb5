"""The checks of lesson 5: the validation split, dropout, early stopping, curves with a name."""

from course.check.lesson_05_overfitting_dropout.build_regularised import build_regularised
from course.check.lesson_05_overfitting_dropout.compile_detector import compile_detector
from course.check.lesson_05_overfitting_dropout.dropout import dropout
from course.check.lesson_05_overfitting_dropout.early_stopping import early_stopping
from course.check.lesson_05_overfitting_dropout.fit_with_early_stopping import (
    fit_with_early_stopping,
)
from course.check.lesson_05_overfitting_dropout.name_the_curve import name_the_curve
from course.check.lesson_05_overfitting_dropout.split_indices import split_indices

__all__ = [
    "build_regularised",
    "compile_detector",
    "dropout",
    "early_stopping",
    "fit_with_early_stopping",
    "name_the_curve",
    "split_indices",
]
