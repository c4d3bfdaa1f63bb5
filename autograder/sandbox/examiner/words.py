"""Which names a cell may depend on: those in its code, and in the answers that it may call."""

import re
from collections.abc import Sequence

from autograder.nbgrader_metadata import grade_id_of
from autograder.sandbox.protocol.cell_marks import marks_of

_WORD = re.compile(r"[^\W\d]\w*")


def words_in(source: str) -> set[str]:
    """Return all that may be names in some code: also what its comments and texts say."""
    return set(_WORD.findall(source))


class Words:
    """The names in the cells of a notebook."""

    def __init__(self, cells: list[dict]):
        """Read these cells."""
        # Of each cell of code: the exercises that it answers, if it is marked, and its names.
        self._cells = [
            (_marked_for(cell), words_in("".join(cell["source"])))
            for cell in cells
            if cell["cell_type"] == "code"
        ]

    def of(self, exercise: str) -> set[str]:
        """Return the names in unmarked cells, in an exercise's answer, and in those it may call."""
        unmarked = (words for exercises, words in self._cells if not exercises)
        return self.behind({exercise}.union(*unmarked))

    def behind(self, words: set[str]) -> set[str]:
        """Return these names, and those in the answers that have one of them, and so on."""
        words, waiting = set(words), self._cells
        while reached := [one for one in waiting if not words.isdisjoint(one[0])]:
            waiting = [one for one in waiting if one not in reached]
            words.update(*(its for _exercises, its in reached))
        return words


def _marked_for(cell: dict) -> Sequence[str]:
    grade_id = grade_id_of(cell)
    return marks_of(cell).answers or ([grade_id] if grade_id else [])
