"""Results as a table on the terminal."""

from autograder import class_numbers


def table(results: list[dict]) -> str:
    """One line per student: score, status, and the exercises that were not passed."""
    rows = [("student", "score", "status", "not passed")]
    for result in results:
        open_exercises = [
            name for name, exercise in result["exercises"].items() if exercise["status"] != "passed"
        ]
        score = f"{result['score']:g}/{result['max_score']:g}"
        shown = ", ".join(open_exercises)
        if len(open_exercises) == len(result["exercises"]):
            shown = class_numbers.about_the_whole(result).replace("\n", " ") or "all"
        rows.append((result["student"], score, result["status"], shown))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]])
        for row in map(tuple, rows)
    )
