"""Results as dataclasses, and as the JSON that `results.schema.json` describes."""

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest

from autograder.grading import result_file, results, verdict
from autograder.grading.note_words import KINDS
from autograder.grading.result_file import Kept, VerdictKey
from autograder.grading.results import (
    ClassResult,
    ExerciseResult,
    FailedCheck,
    Note,
    Status,
    SubmissionResult,
)
from autograder.pages import class_report, status_words
from autograder.pages.feedback_page import FeedbackExporter, Summary, trouble_words
from autograder.pages.terminal_table import results_table
from autograder.sandbox.outside.outcome import Outcome
from autograder.sandbox.protocol.events import CellEnded, CellStatus, RunEnd
from course import check
from tests.pseudo_language import BEGIN, in_english, pseudo_language
from tests.tiny_course import cell_of, source_notebook

SCHEMA = json.loads(Path(results.__file__).with_name("results.schema.json").read_text())


def failure_of(answer):
    with pytest.raises(check.CheckFailed) as failure:
        check.weighted_sums(answer)
    return failure.value


def no_bias(X, W, b):
    return X @ W


def a_result():
    """One with something in every field."""
    failure = FailedCheck.of(failure_of(no_bias).fields())
    exercises = {
        "add": ExerciseResult(2.0, 2.0, Status.PASSED),
        "double": ExerciseResult(0.0, 3.0, Status.FAILED, "not right", failure),
        "halve": ExerciseResult(0.5, 1.0, Status.TIMED_OUT, "slow", None, False, True),
    }
    notes = (Note("stopped", "A cell stopped.", {"line": 3}), Note("look", "Take a look."))
    return SubmissionResult("ada", "01-sums", Status.FAILED, exercises, 1.25, notes, True)


def validate(record):
    jsonschema.validate(record, SCHEMA, cls=jsonschema.Draft202012Validator)


def test_the_schema_describes_every_result():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    result = a_result()
    for status in Status:
        validate(ClassResult("01-sums", [replace(result, status=status)]).to_json())
    with pytest.raises(jsonschema.ValidationError):
        validate([results.to_json(result) | {"status": "refused"}])
    with pytest.raises(jsonschema.ValidationError):
        validate([results.to_json(result) | {"version": results.VERSION + 1}])


def test_the_schema_knows_every_field_status_and_kind_of_note():
    parts = SCHEMA["$defs"]
    assert {*parts["note"]["properties"]["kind"]["examples"]} == KINDS
    assert parts["status"]["enum"] == list(Status)
    assert set(parts["failure"]["properties"]) == set(FailedCheck.__dataclass_fields__)
    assert set(parts["exercise"]["properties"]) == set(ExerciseResult.__dataclass_fields__)
    of_class = results.ClassResult("01-sums", [a_result()]).to_json()
    assert set(parts["submission"]["properties"]) == set(of_class[0])
    assert set(parts["change"]["properties"]) == {"exercise", "before", "after", "by_hand"}


def test_a_result_comes_back_from_its_json():
    result = a_result()
    assert results.from_json(json.loads(json.dumps(results.to_json(result)))) == result


def test_a_result_is_kept_with_the_seconds_of_each_exercise(tmp_path):
    kept = Kept(
        VerdictKey("lesson", "submission"), replace(a_result(), exercise_seconds={"add": 0.5})
    )
    result_file.write(tmp_path / "result.json", kept)
    assert result_file.read(tmp_path / "result.json") == kept
    validate([json.loads((tmp_path / "result.json").read_text())["result"]])


def test_a_result_of_before_there_were_notes_and_failures_can_be_read():
    old = results.to_json(a_result())
    for name in ("version", "notes", "needs_review"):
        del old[name]
    for exercise in old["exercises"].values():
        for name in ("failure", "was_reached", "test_was_changed"):
            del exercise[name]
    result = results.from_json(old)
    assert (result.score, result.notes, result.exercises["double"].failure) == (2.5, (), None)


@pytest.mark.parametrize(
    "change",
    [
        {"version": results.VERSION + 1},
        {"version": "1"},
        {"status": "excellent"},
        {"student": 7},
        {"seconds": float("nan")},
        {"exercises": []},
        {"exercises": {"add": {"score": 1}}},
        {"exercises": {"add": {"score": "1", "max_score": 1, "status": "passed", "message": ""}}},
        {"notes": [{"kind": "look"}]},
        {"notes": [7]},
        {"late_penalty": 10**400},
    ],
    ids=str,
)
def test_a_damaged_result_is_no_result(change, tmp_path):
    record = {"version": 1, "hash": "x:y", "result": results.to_json(a_result()), "seconds": {}}
    path = tmp_path / "result.json"
    path.write_text(json.dumps(record))
    assert result_file.read(path) == Kept(VerdictKey("x", "y"), a_result())
    path.write_text(json.dumps(record | {"result": record["result"] | change}))
    assert result_file.read(path) is None
    path.write_text(json.dumps(record | {"hash": 5}))
    assert result_file.read(path) is None


# In another language ------------------------------------------------------------------------------


class Page(HTMLParser):
    """The words of a page by the class of the tag in which they stand."""

    def __init__(self, text):
        super().__init__()
        self.found, self.open = {}, []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "br", "img", "i"):
            self.open.append((tag, dict(attributes).get("class", "")))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        for tag, kind in self.open:
            self.found.setdefault(kind or tag, []).append(data)

    def words(self, kind):
        return "".join(self.found.get(kind, []))


def page_of(notebook, result, tmp_path):
    result_file.write(tmp_path / "result.json", Kept(None, result))
    marks = {"student": "ada", "assignment": "01-sums", "notebook": "sums"}
    marks |= {"score": result.score, "max_score": result.max_score, "late_penalty": 0.0}
    resources = {"metadata": {"path": str(tmp_path)}, "nbgrader": marks}
    exporter = FeedbackExporter()
    exporter.register_preprocessor(Summary(), enabled=True)
    text, _ = exporter.from_notebook_node(notebook, resources)
    return text


def graded_in(language, tmp_path):
    """A graded notebook and its result, made and shown in a language: one test failed, one late."""
    with language():
        failure = failure_of(no_bias)
        wrong = CellEnded(
            *(CellStatus.ERROR, "CheckFailed", str(failure)),
            execution_count=1,
            failure=json.loads(json.dumps(failure.fields())),
        )
        notebook = source_notebook()
        outcome = Outcome({3: wrong}, RunEnd.TIMED_OUT)
        exercises = verdict.exercises(notebook, outcome)
        result = SubmissionResult("ada", "01-sums", verdict.overall(exercises, outcome), exercises)
        notebook = verdict.graded_notebook(notebook, outcome, exercises)
        for name, points in (("check_add", 2.0), ("check_double", 3.0)):
            cell_of(notebook, name).metadata.nbgrader |= {"score": 0.0, "points": points}
        page = page_of(notebook, result, tmp_path)
        report = class_report.page(ClassResult("01-sums", [result]))
        return result, Page(page), Page(report), trouble_words(result), results_table([result])


def test_every_hint_example_and_status_is_in_its_place_in_another_language(tmp_path):
    """Nothing is found in a sentence: the page of a language that nobody knows is as whole."""
    result, page, report, trouble, table = graded_in(pseudo_language, tmp_path)
    add, double = result.exercises.values()
    assert add.failure.hint_id == "weighted_sums/no-bias"
    assert BEGIN in add.hint
    assert add.hint in page.words("hint")
    assert add.headline in page.words("summary")
    assert add.example.strip().splitlines()[0].strip() in page.words("pre")
    assert "100." in add.failure.given
    assert add.hint not in add.example
    assert double.headline in page.words("summary")
    for exercise in (add, double):
        with pseudo_language():
            words = status_words.of_exercise(exercise).words
        assert BEGIN in words
        assert f"{words}" in page.words(f"status {status_words.of_exercise(exercise).kind}")
    assert BEGIN in trouble["meaning"]
    assert trouble["meaning"] in page.words("callout")
    assert add.headline in report.words("messages")
    assert "timed_out" in table


def test_the_page_says_the_same_in_english(tmp_path):
    from contextlib import nullcontext

    result, page, *_ = graded_in(nullcontext, tmp_path)
    other, pseudo, *_ = graded_in(pseudo_language, tmp_path)
    assert in_english(other.exercises["add"].hint) == result.exercises["add"].hint
    for kind in ("hint", "pre", "callout"):
        words = in_english(pseudo.words(kind)).split()
        assert " ".join(words).casefold() == " ".join(page.words(kind).split()).casefold()
