"""The exercises of each lesson, in their order: each has a check of this name."""

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


def lesson_number(exercise: str) -> int | None:
    """Return the number of the lesson that an exercise belongs to; None if it belongs to none."""
    lesson = LESSON_OF.get(exercise)
    return int(lesson.split("_")[1]) if lesson else None
