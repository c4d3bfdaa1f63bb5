"""The checks of lesson 1: pixels, weighted sums, softmax, accuracy, and the mistakes first."""

from course.check.lesson_01_softmax.accuracy import accuracy
from course.check.lesson_01_softmax.prepare_images import prepare_images
from course.check.lesson_01_softmax.softmax import softmax
from course.check.lesson_01_softmax.weighted_sums import weighted_sums
from course.check.lesson_01_softmax.wrong_first import wrong_first

__all__ = ["accuracy", "prepare_images", "softmax", "weighted_sums", "wrong_first"]
