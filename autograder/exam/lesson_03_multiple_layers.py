"""The examination of build_five_layers: the visible check, on other numbers."""

from autograder.exam.hidden import SEEDS
from course import check


def build_five_layers(answer):
    """Nothing -> a Keras model, digits in and ten numbers out, with 185,300 parameters."""
    check.build_five_layers(answer, SEEDS[0])
