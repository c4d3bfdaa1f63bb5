"""The table on the terminal that says what was done with an archive."""

from collections import Counter

from autograder.collecting.attempts import COLLECTED, EARLIER, REPLACED, UNCHANGED
from autograder.collecting.collected import Collected
from autograder.messages import _, ngettext
from autograder.names import shown
from course.columns import table_lines


def lines(collected: Collected) -> list[str]:
    """Return a line per student, then what was not understood and why, then the numbers."""
    said = []
    if collected.rows:
        rows = [
            (row.student, became_words(row.became), _("; ").join(row.notes))
            for row in collected.rows
        ]
        said += table_lines([(_("student"), _("files"), _("notes")), *rows])
    if collected.problems:
        problems = table_lines([(what, why) for what, why in collected.problems])
        said += ["", _("Not understood:"), *(f"  {line}" for line in problems)]
    said += ["", *collected.notes] if collected.notes else []
    counts = Counter(row.became for row in collected.rows)
    counts["not understood"] = len(collected.problems)
    told = [_counted(what, number) for what, number in counts.items() if number]
    if not told:
        nothing = _("Nothing was found in {place}; expected {what}.")
        nothing = nothing.format(place=shown(str(collected.place)), what=collected.expected)
        return [*said, *([""] if said else []), nothing]
    return [*said, "", _("{parts}.").format(parts=", ".join(told))]


def became_words(became: str) -> str:
    """Return the outcome for a student's files, in a word or two."""
    return {
        COLLECTED: _("collected"),
        REPLACED: _("replaced"),
        UNCHANGED: _("unchanged"),
        EARLIER: _("earlier attempt"),
    }[became]


def _counted(what, count):
    """How many had this outcome, as a part of a sentence."""
    return {
        COLLECTED: _("{count} collected"),
        REPLACED: _("{count} replaced"),
        UNCHANGED: _("{count} unchanged"),
        EARLIER: ngettext("{count} earlier attempt", "{count} earlier attempts", count),
        "not understood": _("{count} not understood"),
    }[what].format(count=count)
