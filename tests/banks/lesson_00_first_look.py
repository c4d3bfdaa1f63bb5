"""What learners write in lesson 0. `WRONG` says what the failure must hold."""

import math

import numpy as np
import tensorflow as tf


def count(examples, batch_size):
    steps = 0
    while examples > 0:
        examples -= batch_size
        steps += 1
    return steps


def printed(examples, batch_size):
    print(math.ceil(examples / batch_size))


def recursive(examples, batch_size):
    return 1 + recursive(examples - batch_size, batch_size) if examples > 0 else 0


def with_a_lost_step(examples, batch_size):
    steps = examples // batch_size
    if examples % batch_size > 0:
        steps + 1
    return steps


def too_few_starts(examples, batch_size):
    return len(range(0, examples - batch_size, batch_size))


WRONG = {
    "steps_per_epoch": {
        "a step on a line by itself": (with_a_lost_step, "#lost-value"),
        "return in the loop": (lambda n, b: next(1 for _ in range(0, n, b)), "#first-step-only"),
        "a number of the notebook": (lambda n, b: math.ceil(50_000 / b), "#examples-fixed"),
        "one step for each left over": (lambda n, b: n // b + n % b, "#leftover-each"),
        "half added, then rounded": (lambda n, b: round(n / b + 0.5), "#half-added"),
        "one more after rounding up": (lambda n, b: math.ceil(n / b) + 1, "#always-one-too-many"),
        "up to the last but one": (lambda n, b: len(range(0, n - 1, b)), "#last-digit-missing"),
        "counted from 1": (lambda n, b: len(range(1, n, b)), "#last-digit-missing"),
        "an unknown name, and an unused argument": (
            lambda n, b: math.ceil(len(pictures_of_digits) / b),  # noqa: F821
            "Or is the argument n meant, which your code never uses?#unknown-name",
        ),
        "half added": (lambda n, b: int(n / b + 0.5), "#nearest"),
        "up to the start of the last": (too_few_starts, "#batch-taken-away"),
        "one step less": (lambda n, b: (n - 1) // b, "#one-too-few"),
        "the condition reversed": (
            lambda n, b: n // b if n % b else n // b + 1,
            "#condition-reversed",
        ),
        "rounded down": (lambda n, b: n // b, "#leftover"),
        "always one more": (lambda n, b: n // b + 1, "#one-too-many"),
        "a fraction": (lambda n, b: n / b, "#whole-number"),
        "nearly one more": (lambda n, b: int(n / b + 0.99), "#leftover"),
        "nearly one more, more nearly": (lambda n, b: int(n / b + 0.9999), "#leftover"),
        "rounded": (lambda n, b: round(n / b), "#nearest"),
        "the other way round": (lambda n, b: b / n, "#upside-down"),
        "whole, the other way round": (lambda n, b: b // n, "#upside-down"),
        "multiplied": (lambda n, b: n * b, "#multiplied"),
        "subtracted": (lambda n, b: n - b, "#subtracted"),
        "always 500": (lambda n, b: 500, "#unused-argument"),
        "always 100 at a time": (lambda n, b: math.ceil(n / 100), "#batch-size-fixed"),
        "what is left over": (lambda n, b: n % b, "#remainder"),
        "a step more where the number is odd": (
            lambda n, b: n // b if n % 2 == 0 else n // b + 1,
            "#even-or-odd",
        ),
        "rounded up after rounding down": (lambda n, b: math.ceil(n // b), "#leftover"),
        "printed": (printed, "#printed"),
        "a method of the number": (lambda n, b: (n / b).ceil(), "#method-of-number"),
        "a list of batches": (lambda n, b: list(range(0, n, b)), "#one-number"),
        "a word": (lambda n, b: f"{n // b} steps", "#text"),
        "the digits left over, where there are some": (
            lambda n, b: n % b if n % b else n // b,
            "#remainder",
        ),
        "none for less than a mini-batch": (
            lambda n, b: 0 if n < b else (n + b - 1) // b,
            "#less-than-a-batch",
        ),
        "validation digits taken away": (
            lambda n, b: -(-(n - 10_000) // b),
            "#digits-taken-away",
        ),
        "a module by another name": (lambda n, b: maths.ceil(n / b), "#name-of-module"),  # noqa: F821
        "a module by its long name": (lambda n, b: numpy.ceil(n / b), "#name-of-module"),  # noqa: F821
        "at least one more digit": (lambda n, b: (n + b) // b, "#one-too-many"),
    }
}

RIGHT = {
    "steps_per_epoch": {
        "ceil": lambda n, b: math.ceil(n / b),
        "floor, turned": lambda n, b: -(-n // b),
        "add before dividing": lambda n, b: (n + b - 1) // b,
        "divmod": lambda n, b: divmod(n, b)[0] + (divmod(n, b)[1] > 0),
        "NumPy": lambda n, b: np.ceil(n / b),
        "a loop": count,
        "recursive": recursive,
        "the length of a range": lambda n, b: len(range(0, n, b)),
        "TensorFlow": lambda n, b: tf.math.ceil(n / b),
        "a list of one-element arrays, counted": lambda n, b: np.array(len(range(0, n, b))),
    }
}
