"""One entry of the corpus: what is done to a right submission, and what must come of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import nbformat

from tests.attacks import lesson

PASSED = {"passed"}
# What an attack may come to, as long as it earns nothing.
NO_POINTS = {"failed", "error", "crashed", "timed_out", "out_of_memory", "tampered", "unsolved"}


@dataclass(frozen=True)
class Case:
    """A submission: `first` and `last` are cells of the student's own above and below the answers.

    `expected` are the statuses that each exercise may have: all `passed`, if not said otherwise.
    `shown` must stand in what the student's cells showed, `hidden` must not.
    """

    first: str = ""
    last: str = ""
    answers: dict = field(default_factory=dict)
    change: Callable = lambda notebook: notebook
    expected: dict = field(default_factory=dict)
    status: str | None = None
    seconds: float = 30.0
    shown: str = ""
    hidden: str = ""

    def statuses(self, exercise) -> set:
        """The statuses that are right for an exercise."""
        found = self.expected.get(exercise, self.expected.get("others", PASSED))
        return {found} if isinstance(found, str) else found


def wrong(double: str, first: str = "", double_is=NO_POINTS, others=PASSED, **more) -> Case:
    """An attack that gives no right answer to `double`: it must earn nothing for it."""
    answers = {"double": double} | more.pop("answers", {})
    expected = {"double": double_is, "others": others}
    return Case(first=first, answers=answers, expected=expected, **more)


def right(first: str = "", last: str = "", **more) -> Case:
    """All answers are right, whatever else is done: every point must be given."""
    return Case(first=first, last=last, **more)


def _answers(case) -> dict:
    """The text of each answer cell: what is indented is put under the function's first line."""
    found = {}
    for name, (head, body) in lesson.RIGHT.items():
        text = case.answers.get(name, body)
        whole = not text.startswith(" ")
        found[name] = text if whole else f"{head}\n{text}"
    return found


def submitted(case, released) -> bytes:
    """The file that is handed in."""
    notebook = lesson.submission(_answers(case), case.first, case.last, released)
    notebook = case.change(notebook)
    return notebook if isinstance(notebook, bytes) else nbformat.writes(notebook).encode()
