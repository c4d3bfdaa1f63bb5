"""The pictures of the instructor's guide: a student's page, and the report of a made class."""

import random
import tempfile
from datetime import datetime
from pathlib import Path

from autograder import demo
from autograder.grading.results import ClassResult, ExerciseResult, Status, SubmissionResult
from autograder.pages import class_report
from tests.browser.lab import browser_page

# A lesson's exercises, how hard each is, and what may go wrong in it.
_EXERCISES = {
    "prepare_images": (-1.6, "prepare_images must divide by 255, even if no pixel is that dark."),
    "weighted_sums": (-0.9, "weighted_sums must add the bias b to each row."),
    "softmax": (0.4, "softmax must stay finite, however large the logits are."),
    "accuracy": (-0.6, "accuracy must be a number between 0 and 1."),
    "wrong_first": (0.9, "wrong_first must give each index once."),
}


def made_class() -> ClassResult:
    """Results as the grader gives them, of 30 students who are only numbers."""
    draw = random.Random(4)  # a class in which much is to be seen
    names = [f"student-{number:02}" for number in range(1, 31)]
    return ClassResult(demo.LESSON, [_made_result(draw, name) for name in names])


def _made_result(draw, student):
    ability, exercises = draw.gauss(0.3, 1.1), {}
    for name, (hardness, message) in _EXERCISES.items():
        if ability + draw.gauss(0, 0.6) > hardness:
            status, message = Status.PASSED, ""
        else:
            status = draw.choice([*3 * [Status.FAILED], Status.UNSOLVED])
        score = 2.0 if status == Status.PASSED else 0.0
        exercises[name] = ExerciseResult(score, 2.0, status, message)
    found = {exercise.status for exercise in exercises.values()}
    status = found.pop() if len(found) == 1 else Status.FAILED
    if draw.random() < 0.07:
        status = Status.NOT_SUBMITTED
        exercises = dict.fromkeys(exercises, ExerciseResult(0.0, 2.0, status))
    elif draw.random() < 0.07:
        status = Status.TIMED_OUT
        exercises["wrong_first"] = ExerciseResult(0.0, 2.0, status, "The test took too long.")
    return SubmissionResult(
        student=student,
        lesson=demo.LESSON,
        status=status,
        exercises=exercises,
        seconds=round(draw.lognormvariate(0.5, 0.3), 1),
        exercise_seconds=_made_seconds(random.Random(student)),
    )


def _made_seconds(draw):
    return {name: round(draw.uniform(0.05, 0.15), 2) for name in _EXERCISES}


def draw(images: Path, chromium: str) -> None:
    """Write report.png and feedback.png."""
    with tempfile.TemporaryDirectory() as folder:
        demo.main(Path(), Path(folder, "demo"))
        page = Path(folder, "report.html")
        page.write_text(class_report.page(made_class(), datetime.now()), encoding="utf-8")
        _photograph(chromium, page, images / "report.png", height=950)
        (page,) = Path(folder).glob("demo/feedback/mistakes/*/*.html")
        _photograph(chromium, page, images / "feedback.png", height=700)


def _photograph(chromium, page, path, height):
    with browser_page(chromium, 1000, height) as window:
        window.goto(page.as_uri())
        window.screenshot(path=path)
