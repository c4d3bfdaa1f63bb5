"""Results as a table on the terminal."""

from collections.abc import Collection, Sequence

from autograder.grading import notes
from autograder.grading.results import Status, SubmissionResult
from autograder.names import shown

_MAX_NOTES, _MAX_STUDENTS = 20, 5  # that are shown above the table, and of one note
_WIDE = 40  # characters of a column: a name that is longer pushes what follows aside


def results_table(results: Collection[SubmissionResult]) -> str:
    """One line per student: score, status, and the exercises that were not passed.

    Above it stands what else is to be known.
    """
    rows = [("student", "score", "status", "not passed")]
    for result in results:
        open_exercises = [
            name for name, exercise in result.exercises.items() if exercise.status != Status.PASSED
        ]
        score = f"{result.score:g}/{result.max_score:g}"
        why = ", ".join(open_exercises)
        if len(open_exercises) == len(result.exercises):
            why = result.refusal or "all"
        rows.append((shown(result.student), score, str(result.status), shown(why)))
    return "\n".join([*_notes(results), *table_lines(rows)])


def table_lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of texts as lines, with their columns below each other; the last one is not filled."""
    widths = [min(_WIDE, max(map(len, column))) for column in zip(*rows, strict=True)][:-1]
    return [
        "  ".join(
            [*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]
        ).rstrip()
        for row in rows
    ]


def _notes(results):
    """What is to be known of some submissions, as lines."""
    found = notes.of_class(results)
    for text, students in found[:_MAX_NOTES]:
        more = len(students) - _MAX_STUDENTS
        names = ", ".join(map(shown, students[:_MAX_STUDENTS]))
        yield f"{shown(text)} ({names}{f' and {more} more' if more > 0 else ''})"
    if len(found) > _MAX_NOTES:
        yield f"{len(found) - _MAX_NOTES} more notes stand in the report and in the JSON."
    if found:
        yield ""
