"""The results of an exercise, of a submission and of a class, and their JSON.

`results.schema.json`, beside this file, describes that JSON.
"""

import sys
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum

from course.messages import ENGLISH

VERSION = 1  # of the JSON; it changes when a field goes or means something else


class Status(StrEnum):
    """The status of an exercise, or of a whole submission."""

    PASSED = "passed"
    FAILED = "failed"
    UNSOLVED = "unsolved"
    ERROR = "error"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"
    TAMPERED = "tampered"
    NOT_SUBMITTED = "not_submitted"
    NOT_GRADED = "not_graded"
    NEEDS_MARKING = "needs_marking"


class OlderChecks(StrEnum):
    """Why a submission is still graded by older checks."""

    UNREADABLE = "unreadable"
    GONE = "gone"
    ONLY_NEW = "only_new"


# A run to which one of these applies did not end well: the first that applies names it.
RUN_TROUBLES = (Status.TAMPERED, Status.OUT_OF_MEMORY, Status.CRASHED, Status.TIMED_OUT)
# With one of these, a submission could not be graded as it should have been.
TROUBLES = (Status.ERROR, *RUN_TROUBLES)
_SHORTAGES = (Status.OUT_OF_MEMORY, Status.TIMED_OUT)
# With one of these, a submission has no score.
WITHOUT_POINTS = (Status.NOT_SUBMITTED, Status.NOT_GRADED)


@dataclass(frozen=True)
class FailedCheck:
    """What a check says is wrong with an answer: the texts of `course.check.CheckFailed`."""

    demand: str
    arguments: dict[str, str] = field(default_factory=dict)
    given: str = ""
    error: str = ""
    place: str = ""
    expected: str = ""
    got: str = ""
    hint: str = ""
    hint_id: str = ""
    english: str = ""  # the demand in English, by which failures are counted

    @classmethod
    def of(cls, fields: dict) -> "FailedCheck":
        """Take the known ones among some fields."""
        return cls(**{name: fields[name] for name in cls.__dataclass_fields__ if name in fields})


@dataclass(frozen=True)
class ExerciseResult:
    """What one exercise earned, and why."""

    score: float
    max_score: float
    status: Status
    message: str = ""  # for the student; of a failed check it is the text of its failure
    failure: FailedCheck | None = None
    was_reached: bool = True  # whether the run got to its test
    test_was_changed: bool = False  # in the student's notebook; the original was run
    by_hand: bool = False  # whether a person gave these points

    @property
    def is_solved(self) -> bool:
        """Whether it has all its points, and its test or a person gave them."""
        has_all = self.score >= self.max_score
        return has_all and (self.by_hand or self.status == Status.PASSED)

    @property
    def headline(self) -> str:
        """The property that the answer lacks, or else the first line of the message."""
        return self.failure.demand if self.failure else self._lines[0]

    @property
    def subject(self) -> str:
        """The headline in English: the same for submissions in all languages."""
        return self.failure.english or self.failure.demand if self.failure else self._lines[0]

    @property
    def example(self) -> str:
        """What goes with the headline: the call that shows it, or the rest of the message."""
        if self.failure is None:
            return "\n".join(self._lines[1:])
        from course.check.engine.failures import example_text

        return example_text(self.failure)

    @property
    def hint(self) -> str:
        """The hint of a failed check, or nothing."""
        return self.failure.hint if self.failure else ""

    @property
    def _lines(self):
        return self.message.strip().splitlines() or [""]


def status_without_trouble(exercises: Collection[ExerciseResult]) -> Status:
    """Return the status of a submission with these exercises, if grading it went well."""
    if any(exercise.status == Status.NEEDS_MARKING for exercise in exercises):
        return Status.NEEDS_MARKING
    if all(exercise.is_solved for exercise in exercises):
        return Status.PASSED
    untried = all(one.status == Status.UNSOLVED and not one.score for one in exercises)
    return Status.UNSOLVED if untried else Status.FAILED


@dataclass(frozen=True)
class Note:
    """What a person should know besides points: its kind, its text, and facts by name."""

    kind: str
    text: str
    facts: dict = field(default_factory=dict)


@dataclass(frozen=True)
class SubmissionResult:
    """The result of one submission."""

    student: str
    lesson: str
    status: Status
    exercises: dict[str, ExerciseResult]  # in the order of the lesson
    seconds: float = 0.0  # that grading it took
    notes: tuple[Note, ...] = ()
    needs_review: bool = False  # whether a person should look at it
    exercise_seconds: dict[str, float] = field(default_factory=dict)  # answer and test together
    late_penalty: float = 0.0
    submitted_at: str = ""  # UTC, or empty if it is not known
    language: str = ENGLISH  # of the notebook, and of the messages

    @property
    def score(self) -> float:
        """The points of all exercises together."""
        return sum(exercise.score for exercise in self.exercises.values())

    @property
    def max_score(self) -> float:
        """The points that all exercises are worth together."""
        return sum(exercise.max_score for exercise in self.exercises.values())

    @property
    def to_mark(self) -> list[str]:
        """The exercises that wait for a person to give points."""
        return [name for name, its in self.exercises.items() if its.status == Status.NEEDS_MARKING]

    @property
    def is_solved(self) -> bool:
        """Whether all its exercises are solved."""
        return all(exercise.is_solved for exercise in self.exercises.values())

    @property
    def score_after_penalty(self) -> float:
        """The points that count."""
        return self.score - self.late_penalty

    @property
    def has_score(self) -> bool:
        """Whether there is a score, from now or from before."""
        return self.status not in WITHOUT_POINTS

    def with_note(self, note: Note) -> "SubmissionResult":
        """Return the same result with one more note."""
        return replace(self, notes=(*self.notes, note))

    @property
    def shown_as(self) -> Status:
        """The status to show: with all solved, trouble that cost nothing is only noted.

        Interference stays what it is.
        """
        is_full = self.is_solved and self.max_score > 0
        harmless = self.status in RUN_TROUBLES and self.status != Status.TAMPERED
        return Status.PASSED if is_full and harmless else self.status

    @property
    def shortage(self) -> Status | None:
        """What ran out and cost points, time or memory: there may be more of it another time."""
        if self.score == self.max_score:
            return None
        found = {self.status, *(exercise.status for exercise in self.exercises.values())}
        return next((one for one in _SHORTAGES if one in found), None)

    @property
    def refusal(self) -> str:
        """Why there is no verdict on any exercise: the one message that all of them have."""
        if self.status != Status.ERROR and self.status not in WITHOUT_POINTS:
            return ""
        messages = {exercise.message for exercise in self.exercises.values()}
        return messages.pop() if len(messages) == 1 else ""


@dataclass(frozen=True)
class ScoreChange:
    """A change of an exercise's points by grading, or one that points given by hand prevented."""

    student: str
    exercise: str
    before: float
    after: float
    by_hand: float | None = None  # given by a person, so that they stay


class Why(StrEnum):
    """Why a submission is graded, or graded again."""

    NEW = "new"
    RESUBMITTED = "resubmitted"
    CHECKS_CHANGED = "checks_changed"
    LANGUAGE_CHANGED = "language_changed"  # that of the course
    TROUBLE = "trouble"  # the grader itself had trouble with it the last time
    FORCED = "forced"


@dataclass(frozen=True)
class Arrived:
    """What was handed in after the last grading, by student."""

    to_grade: dict[str, Why] = field(default_factory=dict)
    # Again, but it cannot be graded, so that the attempt before counts: a sentence that says why.
    not_gradable: dict[str, str] = field(default_factory=dict)

    def of(self, students: Collection[str]) -> "Arrived":
        """Return what these students handed in."""
        return Arrived(
            {who: why for who, why in self.to_grade.items() if who in students},
            {who: why for who, why in self.not_gradable.items() if who in students},
        )


@dataclass(frozen=True)
class LessonChanges:
    """What changed in a lesson in mid-term, when the gradebook was fitted to it."""

    gone: tuple[str, ...] = ()  # grade ids that are no longer there
    new_names: dict[str, str] = field(default_factory=dict)  # of exercises, by their old ones
    restored: tuple[tuple[str, str], ...] = ()  # exercises and students: points that came back
    former_name: str = ""  # of the notebook, if it has a new one
    # What exercises were worth, and are worth now.
    new_points: dict[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class ClassResult:
    """The results of everybody's submissions of a lesson."""

    lesson: str
    submissions: list[SubmissionResult]  # by student
    # Of this run alone: who was graded and why, what changed, and who has an older verdict and why.
    why_graded: dict[str, Why] = field(default_factory=dict, compare=False)
    changes: tuple[ScoreChange, ...] = field(default=(), compare=False)
    kept_older: dict[str, OlderChecks] = field(default_factory=dict, compare=False)
    best_kept: tuple[str, ...] = field(default=(), compare=False)  # whose new attempt was worse
    lesson_changes: LessonChanges = field(default_factory=LessonChanges, compare=False)
    arrived: Arrived = field(default_factory=Arrived, compare=False)

    def __iter__(self) -> Iterator[SubmissionResult]:
        return iter(self.submissions)

    def __len__(self) -> int:
        return len(self.submissions)

    @property
    def graded(self) -> list[SubmissionResult]:
        """The results of everybody whose submission is graded."""
        return [result for result in self.submissions if result.has_score]

    def to_json(self) -> list[dict]:
        """Return what `autograder grade --json` writes."""
        changes = defaultdict(list)
        for one in self.changes:
            change = asdict(one)
            changes[change.pop("student")].append(change)
        return [
            to_json(result) | {"changes": changes[result.student]} for result in self.submissions
        ]


# JSON ---------------------------------------------------------------------------------------------


def to_json(result: SubmissionResult) -> dict:
    """Return a result as a dict of what JSON can hold."""
    return {
        "version": VERSION,
        "student": result.student,
        "lesson": result.lesson,
        "score": result.score,
        "max_score": result.max_score,
        "status": str(result.status),
        "seconds": round(result.seconds, 2),
        "exercises": {name: _exercise(its) for name, its in result.exercises.items()},
        "needs_review": result.needs_review,
        "notes": [{"kind": note.kind, "text": note.text, **note.facts} for note in result.notes],
        "late_penalty": result.late_penalty,
        "submitted_at": result.submitted_at,
        "language": result.language,
    }


def _exercise(result):
    return asdict(result) | {"status": str(result.status)}


def from_json(record: dict) -> SubmissionResult:
    """Return the result from what `to_json` returned. Raises ValueError or so if it is damaged.

    One of an older version lacks what was added later.
    """
    if not isinstance(record.get("version", 0), int) or record.get("version", 0) > VERSION:
        raise ValueError("This result is of a newer version of the autograder.")
    for name in ("score", "max_score"):
        number(record[name])
    exercises = {
        _text(name): ExerciseResult(
            score=number(fields["score"]),
            max_score=number(fields["max_score"]),
            status=Status(fields["status"]),
            message=_text(fields["message"]),
            failure=_failure(fields.get("failure")),
            was_reached=bool(fields.get("was_reached", True)),
            test_was_changed=bool(fields.get("test_was_changed", False)),
            by_hand=bool(fields.get("by_hand", False)),
        )
        for name, fields in record["exercises"].items()
    }
    return SubmissionResult(
        student=_text(record["student"]),
        lesson=_text(record["lesson"]),
        status=Status(record["status"]),
        exercises=exercises,
        seconds=number(record["seconds"]),
        notes=tuple(map(_note, record.get("notes", []))),
        needs_review=bool(record.get("needs_review", False)),
        late_penalty=number(record.get("late_penalty", 0.0)),
        submitted_at=_text(record.get("submitted_at", "")),
        language=_text(record.get("language", ENGLISH)),
    )


def _failure(fields):
    if fields is None:
        return None
    arguments = {_text(name): _text(text) for name, text in fields.get("arguments", {}).items()}
    texts = {name: _text(text) for name, text in fields.items() if name != "arguments"}
    return FailedCheck.of(texts | {"arguments": arguments})


def _note(fields):
    facts = {name: fact for name, fact in fields.items() if name not in ("kind", "text")}
    return Note(_text(fields["kind"]), _text(fields["text"]), facts)


def _text(value):
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a text.")
    return value


def number(value: object) -> float:
    """Return the value if it is a number that a float can hold; raises ValueError if not."""
    if not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
        raise ValueError(f"{value!r} is not a number.")
    return value
