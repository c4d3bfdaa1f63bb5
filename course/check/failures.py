"""What a check raises: a message for the learner, which a notebook shows without a traceback."""

import textwrap

from course.messages import _

_WIDTH = 88  # fits beside the prompt of a notebook on a small screen


class CheckFailed(AssertionError):
    """The answer lacks a property: what was expected, what came, and a hint."""

    def _render_traceback_(self):
        """What IPython shows in place of the traceback: the message, its first line in bold."""
        first, *rest = str(self).splitlines() or [""]
        wrapped = [textwrap.fill(line, _WIDTH, subsequent_indent="      ") for line in rest]
        return [f"\x1b[1m{textwrap.fill(first, _WIDTH)}\x1b[0m", *wrapped]


class Unsolved(CheckFailed):
    """The exercise still holds what it came with."""

    def __init__(self, name, message=None):
        unsolved = _(
            "{name} is not solved yet.\n"
            "Replace `raise NotImplementedError()` by your own lines, run that cell, then this one."
        )
        super().__init__(message or unsolved.format(name=name))


class OutOfMemory(CheckFailed):
    """The answer asked for more memory than there is."""
