"""Results as a table on the terminal."""

from collections import defaultdict

from autograder import class_numbers
from autograder.names import shown

_WIDE = 40  # characters of a column: a name that is longer pushes what follows aside


def table(results: list[dict]) -> str:
    """One line per student: score, status, and the exercises that were not passed.

    Below, what else is to be said of a submission.
    """
    rows = [("student", "score", "status", "not passed")]
    for result in results:
        open_exercises = [
            name for name, exercise in result["exercises"].items() if exercise["status"] != "passed"
        ]
        score = f"{result['score']:g}/{result['max_score']:g}"
        why = ", ".join(open_exercises)
        if len(open_exercises) == len(result["exercises"]):
            why = class_numbers.about_the_whole(result) or "all"
        rows.append((shown(result["student"]), score, result["status"], shown(why)))
    widths = [min(_WIDE, max(len(row[column]) for row in rows)) for column in range(3)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]])
        for row in rows
    ]
    notes = defaultdict(list)
    for result in results:
        for note in result.get("notes", ()):
            notes[note["text"]].append(shown(result["student"]))
    lines += [f"{', '.join(students)}: {text}" for text, students in notes.items()]
    return "\n".join(lines)
