"""One check per exercise: `check.softmax(softmax)` is silent when the answer is right.

Otherwise it raises CheckFailed, whose message names the property that failed, shows the smallest
example of it and gives a hint. A folder per lesson, a file per exercise and its parts; the
checks are found here by their names.
"""

import difflib
import functools
import importlib

from course.check.engine.failures import CheckFailed, Unsolved
from course.check.fallback import or_reference
from course.check.notebook import for_notebook, watch_notebook
from course.messages import _

LESSONS = {
    "lesson_00_first_look": ("steps_per_epoch",),
    "lesson_01_softmax": (
        "prepare_images",
        "weighted_sums",
        "softmax",
        "accuracy",
        "wrong_first",
    ),
    "lesson_02_gradient_descent": (
        "one_hot",
        "cross_entropy",
        "numerical_gradient",
        "softmax_gradients",
        "descend",
        "minibatches",
        "train",
        "assign_step",
        "tape_gradients",
    ),
    "lesson_03_multiple_layers": (
        "sigmoid_and_slope",
        "cross_entropy_from_logits",
        "loss_for",
        "initial_weights",
        "build_five_layers",
        "compile_model",
        "fit_model",
        "learning_rate_at",
    ),
    "lesson_04_backpropagation": (
        "neuron_gradients",
        "dense_backward",
        "two_layer_gradients",
        "train_step",
        "input_gradients",
    ),
    "lesson_05_overfitting_dropout": (
        "split_indices",
        "name_the_curve",
        "early_stopping",
        "dropout",
        "build_regularised",
        "fit_with_early_stopping",
        "compile_detector",
    ),
    "lesson_06_convolution": (
        "convolve",
        "layer_shape_and_parameters",
        "max_pool",
        "batch_norm",
        "build_convnet",
        "feature_maps",
        "augmented",
        "frozen_base",
        "save_and_load",
        "challenge",
    ),
    "lesson_07_clinic": (
        "overfit_one_batch",
        *(f"case_{number}" for number in range(1, 11)),
    ),
}

LESSON_OF = {exercise: module for module, names in LESSONS.items() for exercise in names}

__all__ = ["LESSONS", "CheckFailed", "Unsolved", "or_reference", *LESSON_OF]

watch_notebook(LESSON_OF)


@functools.cache
def _check_of(exercise):
    lesson = LESSON_OF[exercise]
    check = getattr(importlib.import_module(f"course.check.{lesson}"), exercise)
    return for_notebook(check, exercise, LESSONS[lesson])


def __getattr__(name):
    if name in LESSON_OF:
        return _check_of(name)
    near = difflib.get_close_matches(name, LESSON_OF, n=3)
    if near:
        said = _("There is no check called {name!r}. Did you mean {names}?")
    else:
        said = _("There is no check called {name!r}. There are: {names}.")
    raise AttributeError(said.format(name=name, names=", ".join(near or LESSON_OF)))


def __dir__():
    return sorted(__all__)
