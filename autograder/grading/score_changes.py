"""List whose points grading has changed, from what to what, and where points by hand stay."""

from collections.abc import Iterator

from autograder.grading.gradebook import SubmissionScores
from autograder.grading.results import ScoreChange, SubmissionResult


def between(
    before: dict[str, SubmissionScores | None],
    after: dict[str, SubmissionScores | None],
    results: dict[str, SubmissionResult],
) -> Iterator[ScoreChange]:
    """Return the changes for students who had a score before, by student, then by exercise."""
    for student in sorted(results):
        old, new = before.get(student), after.get(student)
        if not old or not new:
            continue
        for exercise in results[student].exercises:
            hand = new.by_hand.get(exercise)
            scores = "by_test" if hand is not None else "scores"
            was, now = getattr(old, scores).get(exercise), getattr(new, scores).get(exercise)
            if (was or 0.0) != (now or 0.0):
                yield ScoreChange(student, exercise, was or 0.0, now or 0.0, hand)
