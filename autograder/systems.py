"""Which operating systems can grade: Linux, and macOS without walls."""

import os
import platform

from autograder.course_folder import CourseError
from autograder.messages import _


def check_can_grade() -> None:
    """Raise CourseError if nothing can be graded on this system."""
    if trouble := why_no_grading():
        raise CourseError(trouble)


def why_no_grading() -> str:
    """Return why nothing can be graded on this system, as a sentence; "" if it can."""
    if platform.system() == "Windows" or not hasattr(os, "fork"):
        return _(
            "Submissions cannot be graded on {system}, which has no fork: grade on Linux, in WSL2 "
            "or in a container."
        ).format(system=platform.system())
    return ""
