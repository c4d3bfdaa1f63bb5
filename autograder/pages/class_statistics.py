"""The numbers of a class: who solved what, how well an exercise tells apart, common messages."""

import statistics
from collections import Counter
from dataclasses import dataclass, field

from autograder.pages import status_words

FEWEST = 5  # of fewer submissions, a correlation says nothing
_HINT = "Hint: "
_MOST_MESSAGES = 5


@dataclass(frozen=True)
class Message:
    """A message that several submissions got, by its first line; with one of them in full."""

    count: int
    headline: str
    example: str


@dataclass(frozen=True)
class Exercise:
    """One exercise, over all who were graded."""

    name: str
    points: float
    submissions: int
    solved: int
    mean: float
    discrimination: float | None
    statuses: Counter = field(default_factory=Counter)
    messages: list[Message] = field(default_factory=list)
    seconds: float | None = None  # to run the answer cell and its test, in the median

    @property
    def share(self) -> float:
        """The share of submissions that solved it, 0 to 1."""
        return self.solved / self.submissions if self.submissions else 0.0


def graded(results: list[dict]) -> list[dict]:
    """The results of those who submitted something, if it is graded."""
    return [result for result in results if result["status"] not in status_words.WITHOUT_MARKS]


def about_the_whole(result: dict) -> str:
    """Why a submission has no verdict on any exercise: the one message that all of them have."""
    if result.get("status") not in ("error", *status_words.WITHOUT_MARKS):
        return ""
    messages = {exercise["message"] for exercise in result["exercises"].values()}
    return messages.pop() if len(messages) == 1 else ""


def exercises(results: list[dict]) -> list[Exercise]:
    """The exercises in the order of the lesson."""
    names = dict.fromkeys(name for result in results for name in result["exercises"])
    points = {
        name: exercise["max_score"]
        for result in results
        for name, exercise in result["exercises"].items()
    }
    return [_exercise(graded(results), name, points[name]) for name in names]


def _exercise(results, name, points):
    having = [result for result in results if name in result["exercises"]]
    found = [result["exercises"][name] for result in having]
    scores = [exercise["score"] for exercise in found]
    taken = [
        result["exercise_seconds"][name]
        for result in having
        if name in result.get("exercise_seconds", {})
    ]
    return Exercise(
        name=name,
        points=points,
        submissions=len(found),
        solved=sum(score >= points for score in scores),
        mean=statistics.fmean(scores) if scores else 0.0,
        discrimination=_discrimination(having, name),
        statuses=Counter(
            "refused" if about_the_whole(result) else result["exercises"][name]["status"]
            for result in having
        ),
        messages=_messages(
            result["exercises"][name] for result in having if not about_the_whole(result)
        ),
        seconds=statistics.median(taken) if taken else None,
    )


def _discrimination(results, name):
    """The correlation of an exercise's points with the points in all the others, or None.

    Where points are all or nothing this is the corrected point-biserial correlation. There is
    none if everybody has the same, or if there are too few submissions.
    """
    if len(results) < FEWEST:
        return None
    here = [result["exercises"][name]["score"] for result in results]
    others = [
        sum(exercise["score"] for other, exercise in result["exercises"].items() if other != name)
        for result in results
    ]
    try:
        return statistics.correlation(here, others)
    except statistics.StatisticsError:
        return None


def in_words(discrimination: float | None) -> str:
    """What a discrimination says."""
    if discrimination is None:
        return "cannot be said"
    if discrimination < 0:
        return "the wrong way round: look at it"
    if discrimination < 0.1:
        return "hardly"
    return "somewhat" if discrimination < 0.3 else "well"


def _messages(found):
    """The most frequent messages; those that only say that there is no answer are left out."""
    texts = [
        exercise["message"]
        for exercise in found
        if exercise["message"] and exercise["status"] not in ("passed", "unsolved")
    ]
    headlines = Counter(headline(text) for text in texts)
    return [
        Message(count, line, Counter(t for t in texts if headline(t) == line).most_common(1)[0][0])
        for line, count in headlines.most_common(_MOST_MESSAGES)
    ]


def headline(message: str) -> str:
    """The first line of a message: the property that an answer lacks."""
    lines = message.strip().splitlines()
    return lines[0] if lines else ""


def parts(message: str) -> tuple[str, str, str]:
    """A message's first line, its example, and its hint, each of which may be empty."""
    first, *rest = message.strip().splitlines() or [""]
    at = next((place for place, line in enumerate(rest) if line.startswith(_HINT)), len(rest))
    hint = "\n".join(rest[at:]).removeprefix(_HINT)
    return first, "\n".join(rest[:at]), hint


@dataclass(frozen=True)
class Bar:
    """Submissions with points from `low` to below `high`; the last bar has `high` as well."""

    low: float
    high: float
    count: int


def distribution(results: list[dict], most_bars: int = 20) -> list[Bar]:
    """How many submissions have how many points."""
    found = graded(results)
    highest = max((result["max_score"] for result in found), default=0)
    if not found or highest <= 0:
        return []
    whole = highest <= most_bars and all(
        result["score"] == int(result["score"]) for result in found
    )
    if whole:  # a bar for each number of points
        counts = Counter(int(result["score"]) for result in found)
        top = max(int(highest), *counts)
        return [Bar(score, score, counts[score]) for score in range(top + 1)]
    width, count = highest / 10, Counter()
    for result in found:
        count[min(9, max(0, int(result["score"] / width)))] += 1
    return [Bar(i * width, (i + 1) * width, count[i]) for i in range(10)]
