"""The examination of name_the_curve: the names themselves."""

from autograder.messages import _
from course import check
from course.check.lesson_05_overfitting_dropout.name_the_curve import curve_names

_CURVES = {"A": "rate too high", "B": "overfitting", "C": "good fit", "D": "underfitting"}


def name_the_curve(answer):
    """picture "A" … "D" -> its name."""
    check.name_the_curve(answer)
    names = curve_names(answer)
    right = sum(names[picture] == name for picture, name in _CURVES.items())
    if right < len(_CURVES):
        raise check.CheckFailed(
            _("name_the_curve must name all four pictures."),
            exercise="name_the_curve",
            got=_("{right} of {count} right").format(right=right, count=len(_CURVES)),
        )
