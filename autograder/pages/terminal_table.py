"""Results as a table on the terminal."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

from autograder.grading import notes
from autograder.grading.results import ClassResult, Status, SubmissionResult, Why
from autograder.names import shown

_MAX_NOTES, _MAX_STUDENTS = 20, 5  # that are shown above the table, and of one note
_WIDE = 40  # characters of a column: a name that is longer pushes what follows aside


def of_class(results: ClassResult, titled: bool) -> list[str]:
    """The table of a lesson, and what grading did; with the lesson's name if there are several."""
    if not results:
        return [f"{results.lesson}: nobody has handed in."] if titled else []
    title = [results.lesson, ""] if titled else []
    return [*title, results_table(results), "", *summary(results), *([""] if titled else [])]


def results_table(results: Collection[SubmissionResult]) -> str:
    """One line per student: score, status, and the exercises that were not passed.

    Above it stands what else is to be known.
    """
    rows = [("student", "score", "status", "not passed")]
    for result in results:
        open_exercises = [
            name
            for name, its in result.exercises.items()
            if its.status != Status.PASSED and not (its.by_hand and its.score >= its.max_score)
        ]
        late = f" - {result.late_penalty:g} late" if result.late_penalty else ""
        score = f"{result.score:g}/{result.max_score:g}{late}"
        why = ", ".join(open_exercises)
        if len(open_exercises) == len(result.exercises):
            why = result.refusal or "all"
        rows.append((shown(result.student), score, str(result.status), shown(why)))
    return "\n".join([*_notes(results), *table_lines(rows)])


_WHY = {
    Why.NEW: "new",
    Why.RESUBMITTED: "handed in again",
    Why.CHECKS_CHANGED: "as the lesson's checks or the grader changed",
    Why.TROUBLE: "as the grader had trouble with it",
    Why.FORCED: "as --force says",
}


def why_words(why: dict[str, Why]) -> str:
    """Who would be graded, and why."""
    if not why:
        return "nothing to grade."
    said = [
        f"{len(who)} {_WHY[one]} ({_few(who)})"
        for one in Why
        if (who := [student for student, its in why.items() if its == one])
    ]
    return f"{len(why)} to grade: {'; '.join(said)}."


def summary(results: ClassResult) -> list[str]:
    """What grading did: how many, whose points changed, and what needs a person."""
    counts = Counter(results.why_graded.values())
    graded = [f"{counts[one]} {_WHY[one]}" for one in Why if counts[one]]
    unchanged = len(results.graded) - len(results.why_graded)
    lines = [f"Graded: {'; '.join(graded) or 'nothing'}. Unchanged: {unchanged}."]
    changed, kept = defaultdict(list), []
    for one in results.changes:
        points = f"{one.exercise} {one.before:g} → {one.after:g}"
        if one.by_hand is None:
            changed[one.student].append(points)
        else:
            kept.append(f"{shown(one.student)} ({points} by the test; {one.by_hand:g} stays)")
    scores = {result.student: result for result in results}
    for student, points in changed.items():
        result = scores[student]
        total = f"{result.score:g}/{result.max_score:g}"
        lines.append(f"Changed: {shown(student)}, now {total}: {', '.join(points)}.")
    if results.best_kept:
        lines.append(f"The attempt before was better, and counts: {_few(results.best_kept)}.")
    if results.gone:
        gone = ", ".join(map(shown, results.gone))
        lines.append(f"No longer in the lesson: {gone}. What people gave for it is in reports/.")
    if kept:
        lines.append(f"Points given by hand were kept: {', '.join(kept)}.")
    for why in dict.fromkeys(results.kept_older.values()):
        who = [student for student, its in results.kept_older.items() if its == why]
        lines.append(f"Still graded by older checks, because {why}: {_few(who)}.")
    if who := [result.student for result in results if result.to_mark]:
        lines.append(f"To be marked by hand: {_few(who)}.")
    if who := [result.student for result in results if result.needs_review]:
        lines.append(f"To be looked at: {_few(who)}.")
    return lines


def _few(students):
    """Names as a list; of many only the first."""
    more = len(students) - _MAX_STUDENTS
    names = ", ".join(map(shown, students[:_MAX_STUDENTS]))
    return f"{names} and {more} more" if more > 0 else names


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
        yield f"{shown(text)} ({_few(students)})"
    if len(found) > _MAX_NOTES:
        yield f"{len(found) - _MAX_NOTES} more notes stand in the report and in the JSON."
    if found:
        yield ""
