"""The penalty for what was handed in late, by the course's own rule."""

import functools
import math

from nbgrader.preprocessors import AssignLatePenalties

from autograder.course_folder import CourseError
from autograder.messages import _
from autograder.names import shown


class LatePenalties(AssignLatePenalties):
    """Let nbgrader assign the penalties; CourseError where the course's own rule fails."""

    def init_plugin(self):
        """Load the rule, guarded against its errors."""
        super().init_plugin()
        plugin = self.plugin_inst
        plugin.late_submission_penalty = functools.partial(
            _penalty_by, plugin.late_submission_penalty
        )


def _penalty_by(rule, student, score, seconds_late):
    """The penalty by a rule: a number or None. CourseError if it is neither, or the rule fails."""
    try:
        penalty = rule(student, score, seconds_late)
        penalty = None if penalty is None else float(penalty)
        if penalty is not None and math.isnan(penalty):
            raise ValueError(_("the penalty is {value}").format(value=penalty))
    except Exception as error:  # the rule is code, and may fail in any way
        said = _(
            "The rule for late penalties, c.AssignLatePenalties.plugin_class in "
            "course_settings.py, failed for {student}: {reason}. Correct it, and run the same "
            "command again."
        )
        why = f"{type(error).__name__}: {shown(str(error))}".rstrip(".")
        raise CourseError(said.format(student=shown(student), reason=why)) from error
    return penalty
