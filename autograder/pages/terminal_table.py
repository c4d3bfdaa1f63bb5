"""Results as a table on the terminal."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from autograder.grading import notes
from autograder.grading.results import (
    Arrived,
    ClassResult,
    LessonChanges,
    OlderChecks,
    Status,
    SubmissionResult,
    Why,
)
from autograder.messages import _, ngettext
from autograder.names import few, shown
from autograder.pages.status_words import of_terminal
from course.columns import table_lines

_MAX_NOTES = 20  # that are shown above the table
_LONG = 60  # seconds for one submission
_MAX_CHANGED = 20  # students that are named of those with one change


def of_class(results: ClassResult, titled: bool) -> list[str]:
    """Return a lesson's table and what grading did; with the lesson's name if there are several."""
    if not results:
        nobody = _("{lesson}: nobody has handed it in.").format(lesson=results.lesson)
        return [nobody] if titled else []
    title = [results.lesson, ""] if titled else []
    return [*title, results_table(results), "", *summary(results), *([""] if titled else [])]


def results_table(results: Collection[SubmissionResult]) -> str:
    """Return one line per student: score, status, and the exercises that are not solved.

    Above it are the notes.
    """
    rows = [(_("student"), _("score"), _("status"), _("not solved"))]
    for result in results:
        open_exercises = [name for name, its in result.exercises.items() if not its.is_solved]
        score = f"{result.score:g}/{result.max_score:g}"
        if result.late_penalty:
            late = _("{score} - {points:g} late")
            score = late.format(score=score, points=result.late_penalty)
        why = ", ".join(open_exercises)
        if len(open_exercises) == len(result.exercises):
            why = result.refusal or _("all")
        rows.append((shown(result.student), score, of_terminal(result.status), shown(why)))
    return "\n".join([*_notes(results), *table_lines(rows)])


def waiting_words(seconds: Mapping[str, float]) -> str:
    """Return which submissions take long, and how long, as a progress bar has room for; or ""."""
    names = [student for student, taken in seconds.items() if taken >= _LONG]
    if not names:
        return ""
    said = _("waiting for {names} ({minutes} min)")
    return said.format(names=few(names, 2), minutes=int(max(seconds.values()) // 60))


def why_words(lesson: str, why: dict[str, Why]) -> str:
    """Return who would be graded, and why."""
    if not why:
        return _("{lesson}: nothing to grade.").format(lesson=lesson)
    said = _("{lesson}: {count} to grade: {parts}.")
    return said.format(lesson=lesson, count=len(why), parts=_reasons_and_names(why))


def arrived_words(lesson: str, arrived: Arrived) -> list[str]:
    """Return lines about what was handed in after the last grading; none if nothing was."""
    lines = []
    if arrived.to_grade:
        said = _("{lesson}: not graded yet: {parts}. Run `autograder grade {lesson}` first.")
        lines.append(said.format(lesson=lesson, parts=_reasons_and_names(arrived.to_grade)))
    by_reason = defaultdict(list)
    for student, why in arrived.not_gradable.items():
        by_reason[why].append(student)
    for why, students in by_reason.items():
        said = _("{lesson}: handed in again, but the earlier points count ({names}): {reason}")
        lines.append(said.format(lesson=lesson, names=few(students), reason=why))
    return lines


def could_not_be_graded(results: ClassResult) -> list[str]:
    """Return a line with all whose points come from a file that could not be graded, if any."""
    students = [result.student for result in results if result.status == Status.ERROR]
    said = _(
        "{lesson}: could not be graded, so the files hold what was earned, often 0: {names}. The "
        "notes in grades.csv say why."
    )
    return [said.format(lesson=results.lesson, names=few(students))] if students else []


def _reasons_and_names(why):
    said = _("{reason} ({names})")
    return _("; ").join(
        said.format(reason=_reason(one, len(students)), names=few(students))
        for one, students in _by_reason(why).items()
    )


def _by_reason(why):
    """The students who are graded for each reason."""
    found = {one: [student for student, its in why.items() if its == one] for one in Why}
    return {one: students for one, students in found.items() if students}


def _reason(why, count):
    """How many are graded for a reason, as a part of a sentence."""
    return {
        Why.NEW: _("{count} new"),
        Why.RESUBMITTED: _("{count} handed in again"),
        Why.CHECKS_CHANGED: _("{count} because the lesson's checks or the grader changed"),
        Why.LANGUAGE_CHANGED: _("{count} because the language of the course changed"),
        Why.TROUBLE: _("{count} because the grader had trouble with it"),
        Why.FORCED: _("{count} because of --force"),
    }[why].format(count=count)


def summary(results: ClassResult) -> list[str]:
    """Return what grading did: how many, whose points changed, and what needs a person."""
    reasons = _by_reason(results.why_graded)
    graded = [_reason(one, len(students)) for one, students in reasons.items()]
    unchanged = len(results.graded) - len(results.why_graded)
    said = _("Graded: {parts}. Unchanged: {count}.")
    lines = [said.format(parts=_("; ").join(graded) or _("nothing"), count=unchanged)]
    lines += _changed(results)
    if results.best_kept:
        said = _("The previous attempt was better, and counts: {names}.")
        lines.append(said.format(names=few(results.best_kept)))
    lines += changes_words(results.lesson_changes)
    if kept := [one for one in results.changes if one.by_hand is not None]:
        said = _("Points given by hand were kept: {students}.")
        lines.append(said.format(students=_("; ").join(map(_kept_by_hand, kept))))
    lines += _older(results.kept_older)
    if who := [result.student for result in results if result.to_mark]:
        lines.append(_("To be marked by hand: {names}.").format(names=few(who)))
    if who := [result.student for result in results if result.needs_review]:
        lines.append(_("To be looked at: {names}.").format(names=few(who)))
    return [*lines, *above_maximum(results)]


def above_maximum(results: Iterable[SubmissionResult]) -> list[str]:
    """Return a line with everybody who has more points than an exercise is worth, if anybody."""
    students = []
    for result in results:
        for name, (points, most) in notes.points_above_maximum(result.notes).items():
            part = _("{student} ({exercise}: {points:g} of {most:g})")
            facts = {"student": shown(result.student), "exercise": name}
            students.append(part.format(**facts, points=points, most=most))
    said = _(
        "More than the maximum: {students}. These points were given when it was worth more, and "
        "they still count: change them in the formgrader if that is not what you want."
    )
    return [said.format(students=", ".join(students))] if students else []


def changes_words(changes: LessonChanges) -> list[str]:
    """Return what changed in the lesson itself: what was removed, renamed or restored."""
    lines = []
    if changes.former_name:
        said = _(
            "The lesson's notebook was called {name}.ipynb: what was handed in and graded under "
            "that name has the new one now."
        )
        lines.append(said.format(name=shown(changes.former_name)))
    if changes.new_names:
        said = _("Renamed, with the points and comments that people gave for it: {names}.")
        pairs = (f"{shown(old)} → {shown(new)}" for old, new in changes.new_names.items())
        lines.append(said.format(names=", ".join(pairs)))
    if changes.new_points:
        pairs = (
            f"{shown(name)} {before:g} → {now:g}"
            for name, (before, now) in changes.new_points.items()
        )
        lines.append(
            _("Worth a different number of points now: {names}.").format(names=", ".join(pairs))
        )
    if changes.gone:
        said = _(
            "No longer in the lesson: {names}. What people gave for it, if anything, is in "
            "reports/dropped_scores.csv. If it has another name now, write that into the column "
            "grade_id there, and grade again."
        )
        lines.append(said.format(names=", ".join(map(shown, changes.gone))))
    if changes.restored:
        said = _("Restored from reports/dropped_scores.csv: {names}.")
        given = defaultdict(list)
        for exercise, student in changes.restored:
            given[exercise].append(student)
        part = _("{exercise} ({students})")
        names = [
            part.format(exercise=shown(exercise), students=few(students))
            for exercise, students in given.items()
        ]
        lines.append(said.format(names=", ".join(names)))
    return lines


def _changed(results):
    """Whose points changed: a line for each student, or for all with the same change."""
    changed = defaultdict(list)
    for one in results.changes:
        if one.by_hand is None:
            changed[one.student].append(_before_and_after(one))
    alike = defaultdict(list)
    for result in results:
        if points := changed[result.student]:
            alike[", ".join(points)].append(result)
    for points, found in alike.items():
        if len(found) == 1:
            (result,) = found
            total = f"{result.score:g}/{result.max_score:g}"
            said = _("Changed: {student}, now {total}: {points}.")
            yield said.format(student=shown(result.student), total=total, points=points)
        else:
            said = _("Changed: {count} students: {points} ({names}).")
            names = few([result.student for result in found], _MAX_CHANGED)
            yield said.format(count=len(found), points=points, names=names)


def _before_and_after(change):
    return f"{change.exercise} {change.before:g} → {change.after:g}"


def _kept_by_hand(change):
    said = _("{student} ({points} by the test; {by_hand:g} stays)")
    points = _before_and_after(change)
    return said.format(student=shown(change.student), points=points, by_hand=change.by_hand)


def _older(kept_older):
    """A line for each reason for which some are still graded by older checks."""
    lines = {
        OlderChecks.UNREADABLE: _(
            "Still graded by older checks, because it can no longer be read: {names}."
        ),
        OlderChecks.GONE: _(
            "Still graded by older checks, because it is no longer in submitted/: {names}."
        ),
        OlderChecks.ONLY_NEW: _(
            "Still graded by older checks, because only what is new is graded: {names}."
        ),
    }
    for why, said in lines.items():
        if who := [student for student, its in kept_older.items() if its == why]:
            yield said.format(names=few(who))


def _notes(results):
    """The notes on some submissions, as lines."""
    found = notes.of_class(results)
    for text, students in found[:_MAX_NOTES]:
        yield _("{text} ({names})").format(text=shown(text), names=few(students))
    if (more := len(found) - _MAX_NOTES) > 0:
        yield ngettext(
            "{count} more note is in the report and in the JSON.",
            "{count} more notes are in the report and in the JSON.",
            more,
        ).format(count=more)
    if found:
        yield ""
