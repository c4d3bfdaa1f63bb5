"""What became of an archive, as a table on the terminal."""

from collections import Counter

from autograder.collecting.collect import Collected
from autograder.pages.terminal_table import table_lines


def lines(collected: Collected) -> list[str]:
    """A line per student, then what was not understood and why, then the numbers."""
    said = []
    if collected.rows:
        rows = [(row.student, row.became, "; ".join(row.notes)) for row in collected.rows]
        said += table_lines([("student", "files", "notes"), *rows])
    if collected.problems:
        problems = table_lines([(what, why) for what, why in collected.problems])
        said += ["", "Not understood:", *(f"  {line}" for line in problems)]
    said += ["", *collected.notes] if collected.notes else []
    counts = Counter(row.became for row in collected.rows)
    counts["not understood"] = len(collected.problems)
    told = ", ".join(f"{number} {what}" for what, number in counts.items() if number)
    return [*said, "", f"{told or 'Nothing was found'}."] if said else ["Nothing was found."]
