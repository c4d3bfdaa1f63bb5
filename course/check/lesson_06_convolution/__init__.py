"""The checks of lesson 6: convolution, shapes and parameters, pooling, batch norm, the network."""

from course.check.lesson_06_convolution.augmented import augmented
from course.check.lesson_06_convolution.batch_norm import batch_norm
from course.check.lesson_06_convolution.build_convnet import build_convnet
from course.check.lesson_06_convolution.challenge import challenge
from course.check.lesson_06_convolution.convolve import convolve
from course.check.lesson_06_convolution.feature_maps import feature_maps
from course.check.lesson_06_convolution.frozen_base import frozen_base
from course.check.lesson_06_convolution.layer_shape_and_parameters import layer_shape_and_parameters
from course.check.lesson_06_convolution.max_pool import max_pool
from course.check.lesson_06_convolution.save_and_load import save_and_load

__all__ = [
    "augmented",
    "batch_norm",
    "build_convnet",
    "challenge",
    "convolve",
    "feature_maps",
    "frozen_base",
    "layer_shape_and_parameters",
    "max_pool",
    "save_and_load",
]
