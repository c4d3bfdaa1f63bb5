"""The statistics of a class: how many solved what, discrimination, common messages."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.grading.results import ClassResult, Status, SubmissionResult
from autograder.messages import _
from autograder.pages import status_words

MIN_SUBMISSIONS = 5  # with fewer, a correlation says nothing
# Of the discrimination, as in the item analysis of ScorePak (University of Washington), which also
# correlates with all other items: from the first on it is moderate, from the second on good.
_MODERATE, _GOOD = 0.1, 0.3
_MAX_MESSAGES = 5
_MAX_WHOLE_BARS = 20  # up to this many points, each number of them has its bar
_BARS = 10  # with more


@dataclass(frozen=True)
class FrequentMessage:
    """A message that several submissions got: its first line, and one example in full."""

    count: int
    headline: str
    example: str
    students: tuple[str, ...] = field(default=(), compare=False)  # who got it


@dataclass(frozen=True)
class ExerciseStatistics:
    """One exercise, over everybody who was graded."""

    name: str
    points: float
    submissions: int
    solved: int
    mean: float
    discrimination: float | None
    statuses: Counter = field(default_factory=Counter)
    messages: list[FrequentMessage] = field(default_factory=list)
    seconds: float | None = None  # the median time of the answer cell and its test

    @property
    def share(self) -> float:
        """The share of submissions that solved it, 0 to 1."""
        return self.solved / self.submissions if self.submissions else 0.0


def judged(results: ClassResult) -> list[SubmissionResult]:
    """Return the submissions that count in statistics: not what was unreadable, such as a photo."""
    return [result for result in results.graded if not result.refusal or result.score]


def exercises(results: ClassResult) -> list[ExerciseStatistics]:
    """Return the exercises in the order of the lesson."""
    points = {
        name: exercise.max_score
        for result in results
        for name, exercise in result.exercises.items()
    }
    return [_exercise(results.graded, name, most) for name, most in points.items()]


def _exercise(results, name, points):
    having = [result for result in results if name in result.exercises]
    readable = [
        result
        for result in having
        if not result.refusal and result.exercises[name].status != Status.NEEDS_MARKING
    ]
    found = [result.exercises[name] for result in readable]
    scores = [exercise.score for exercise in found]
    taken = [result.exercise_seconds[name] for result in having if name in result.exercise_seconds]
    return ExerciseStatistics(
        name=name,
        points=points,
        submissions=len(found),
        solved=sum(exercise.is_solved for exercise in found),
        mean=statistics.fmean(scores) if scores else 0.0,
        discrimination=_discrimination(readable, name),
        statuses=Counter(_outcome(result, result.exercises[name]) for result in having),
        messages=_messages(readable, name),
        seconds=statistics.median(taken) if taken else None,
    )


def _outcome(result, exercise):
    """The status of an exercise, as the table of exercises counts it."""
    if result.refusal:
        return status_words.REFUSED
    return "marked_by_hand" if exercise.by_hand else str(exercise.status)


def _discrimination(results, name):
    """The correlation of an exercise's points with the points in all the others, or None.

    Where points are all or nothing, this is the corrected point-biserial correlation. It does not
    exist if everybody has the same points, and says nothing for too few submissions.
    """
    if len(results) < MIN_SUBMISSIONS:
        return None
    here = [result.exercises[name].score for result in results]
    others = [
        sum(exercise.score for other, exercise in result.exercises.items() if other != name)
        for result in results
    ]
    try:
        return statistics.correlation(here, others)
    except statistics.StatisticsError:
        return None


def discrimination_words(discrimination: float | None) -> str:
    """Return the discrimination in a word."""
    if discrimination is None:
        return _("not known")
    if discrimination < 0:
        return _("negative: look at it")
    if discrimination < _MODERATE:
        return _("low")
    return _("moderate") if discrimination < _GOOD else _("good")


def _messages(results, name):
    """The most frequent messages, without those that only say that there is no answer."""
    by_subject, students = defaultdict(Counter), defaultdict(list)
    for result in results:
        exercise = result.exercises[name]
        if exercise.message and exercise.status not in (Status.PASSED, Status.UNSOLVED):
            by_subject[exercise.subject][exercise.headline, exercise.message] += 1
            students[exercise.subject].append(result.student)
    counts = Counter({subject: its.total() for subject, its in by_subject.items()})
    return [
        FrequentMessage(
            count, *by_subject[subject].most_common(1)[0][0], students=tuple(students[subject])
        )
        for subject, count in counts.most_common(_MAX_MESSAGES)
    ]


@dataclass(frozen=True)
class SectionStatistics:
    """One section of a class."""

    name: str  # empty for students whose section is not known
    students: int
    handed_in: int
    mean: float | None  # points of those that count in statistics; None if there are none


def sections(results: ClassResult, section_of: Mapping[str, str]) -> list[SectionStatistics]:
    """Return the sections by name, then the students without one; empty if no section is known."""
    found = defaultdict(list)
    for result in results:
        found[section_of.get(result.student, "")].append(result)
    if not any(found):
        return []
    counted = {result.student for result in judged(results)}
    return [
        _section(name, found[name], counted)
        for name in sorted(found, key=lambda name: (not name, name))
    ]


def _section(name, results, counted):
    scores = [result.score for result in results if result.student in counted]
    return SectionStatistics(
        name,
        students=len(results),
        handed_in=sum(result.status != Status.NOT_SUBMITTED for result in results),
        mean=statistics.fmean(scores) if scores else None,
    )


@dataclass(frozen=True)
class Bar:
    """Submissions with points from `low` to below `high`; the last bar has `high` as well."""

    low: float
    high: float
    count: int


def distribution(results: ClassResult) -> list[Bar]:
    """Return how many submissions have how many points."""
    found = judged(results)
    highest = max((result.max_score for result in found), default=0)
    if not found or highest <= 0:
        return []
    are_whole = all(result.score == int(result.score) for result in found)
    if are_whole and highest <= _MAX_WHOLE_BARS:  # a bar for each number of points
        counts = Counter(int(result.score) for result in found)
        top = max(int(highest), *counts)
        return [Bar(score, score, counts[score]) for score in range(top + 1)]
    width, count = highest / _BARS, Counter()
    for result in found:
        count[min(_BARS - 1, max(0, int(result.score / width)))] += 1
    return [Bar(i * width, (i + 1) * width, count[i]) for i in range(_BARS)]
