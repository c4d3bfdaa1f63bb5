"""The examinations of lesson 7: a point for a treatment proven on three seeds, one for the name."""

from autograder.exam import POINTS
from autograder.exam.hidden import TRAINING_SEEDS
from autograder.messages import _
from course.check import lesson_07_clinic as lesson


def _examination(patient):
    name = patient.__name__

    def examine(answer):
        fault = patient.examine(answer, *TRAINING_SEEDS)
        if patient.is_named(fault):
            return POINTS[name]
        said = _("1 of 2 points: the treatment works on three seeds, but the fault is not {fault}.")
        print(said.format(fault=repr(str(lesson.fault_words()[fault]))))
        return 1

    examine.__name__ = name
    examine.__doc__ = f"{name}: returns the points, 1 for the treatment, 1 for the name."
    return examine


case_1, case_2, case_3, case_4, case_5, case_6, case_7, case_8, case_9, case_10 = map(
    _examination, lesson.PATIENTS
)
