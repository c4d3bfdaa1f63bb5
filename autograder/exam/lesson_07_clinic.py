"""The examinations of lesson 7: a point for a treatment proven on three seeds, one for the name."""

from autograder.exam import POINTS
from autograder.exam.hidden import TRAINING_SEEDS
from course.check import lesson_07_clinic as lesson

_DIAGNOSES = (
    "softmax twice",
    "learning rate too low",
    "pixels not scaled",
    "digits sorted by class",
    "too few digits",
    "weights start at zero",
    "learning rate too high",
    "labels shuffled apart",
    "vanishing gradients",
    "logarithm of zero",
)


def _examination(number):
    def examine(answer):
        fault = lesson.examine(answer, number, *TRAINING_SEEDS)
        if fault == _DIAGNOSES[number - 1]:
            return POINTS[f"case_{number}"]
        print(f"1 of 2 points: the treatment works on three seeds, but the fault is not {fault!r}.")
        return 1

    examine.__name__ = f"case_{number}"
    examine.__doc__ = f"Patient {number}: returns the points, 1 for the treatment, 1 for the name."
    return examine


case_1, case_2, case_3, case_4, case_5, case_6, case_7, case_8, case_9, case_10 = (
    _examination(number) for number in range(1, lesson.PATIENTS + 1)
)
