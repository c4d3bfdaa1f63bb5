"""What is said of a submission besides its points: facts, and their words."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.grading import code_text, note_words, notes, placing, surroundings
from autograder.grading.note_words import KINDS, text_of
from autograder.grading.placing import Placed
from autograder.grading.results import ExerciseResult, Note, Status, SubmissionResult
from autograder.pages import notes_for_students
from autograder.pages.terminal_table import results_table
from autograder.sandbox.outside.outcome import Outcome
from autograder.sandbox.protocol.events import CellEnded
from course.code_key import code_key
from course.messages import speaking

from .tiny_course import answer
from .tiny_course import test_cell as graded_cell

OK = CellEnded("ok", execution_count=1)
SKIPPED = replace(OK, status="skipped")


def stopped(name, text, line):
    shown = [f"Cell In[1], line {line}", f"{name}: {text}"]
    output = {"output_type": "error", "ename": name, "evalue": text, "traceback": shown}
    return replace(OK, status="error", error_name=name, error_text=text, outputs=[output])


def own(students, source="import numpy as np\nimport math"):
    cell = new_code_cell(source)
    cell.metadata["lessons_own"] = {"cell": "set-up", "needed": ["np"], "students": students}
    return cell


SEABORN = "No module named 'seaborn'"
MISSING = stopped("ModuleNotFoundError", SEABORN, 1)  # of the lines in which something stands
STOPPED = new_code_cell("\nimport seaborn as sns\nimport numpy as np")
WITH = f"stopped at line 2, “import seaborn as sns”, with ModuleNotFoundError: {SEABORN}"
RAN = replace(OK, missing=["np"])
SET_UP = "The lesson's cell “import numpy as np”"


def texts(cells, events, found=None, exercises=None):
    placed = found or Placed(new_notebook())
    placed.notebook.cells = list(cells)
    made = notes.of_run(placed, Outcome(dict(enumerate(events)), "done"), exercises or {})
    return [note.text for note in made]


TEST = graded_cell("check_add", "exam()", points=4)
HALFWAY = "The notebook redefines or deletes np partway through. "


@pytest.mark.parametrize(
    ("cells", "events", "said"),
    [
        (
            [TEST],
            [replace(OK, defined_below=["mine"], restored=["np"])],
            [
                "The notebook defines mine further down: add was examined again at the end.",
                f"{HALFWAY}Tests that failed because of this were run again with the original.",
            ],
        ),
        ([STOPPED], [MISSING], [f"The cell “import seaborn as sns” {WITH}."]),
        ([answer("add", STOPPED.source)], [MISSING], [f"The answer cell of add {WITH}."]),
        ([STOPPED, own(0)], [MISSING, RAN], [f"{SET_UP} {WITH}. Its original was run as well."]),
        ([STOPPED, own(0)], [MISSING, SKIPPED], [f"The cell “import seaborn as sns” {WITH}."]),
        ([STOPPED, own(0)], [MISSING], [f"The cell “import seaborn as sns” {WITH}."]),
        ([own(None)], [RAN], [f"{SET_UP} is missing: its original was run."]),
        ([STOPPED, own(0)], [OK, RAN], [f"{SET_UP} does not define np: its original was run."]),
        (
            [own(1), STOPPED],
            [RAN, OK],
            [f"{SET_UP} was moved down: its original was run in its place."],
        ),
        (
            [own(None)],
            [replace(stopped("NameError", "name 'add' is not defined.", 2), missing=["np"])],
            [
                f"{SET_UP} is missing: its original was run. "
                "The original stopped with NameError: name 'add' is not defined."
            ],
        ),
        (
            [new_code_cell("while True: pass")],
            [replace(OK, status="timed_out", error_text="it did not finish within 3 s")],
            ["The cell “while True: pass” took too long (it did not finish within 3 s)."],
        ),
        (
            [new_code_cell("exit")],
            [replace(OK, status="died", error_text="ended by SIGKILL")],
            ["The cell “exit” ended the process (ended by SIGKILL)."],
        ),
        (  # Y would be there if the first cell had not stopped, and so would Z; w never is
            [new_code_cell(text) for text in ("Y = f(1)", "Z = Y + 1", "show(Z)", "w")],
            [stopped("NameError", f"name '{name}' is not defined", 1) for name in "fYZw"],
            [
                "The cell “Y = f(1)” stopped at line 1, “Y = f(1)”, with NameError: name 'f' is "
                "not defined.",
                "The cell “w” stopped at line 1, “w”, with NameError: name 'w' is not defined.",
            ],
        ),
        ([graded_cell("check_add", "exam()", 1)], [MISSING], []),
        ([answer("add", "add")], [stopped("NotImplementedError", "", 1)], []),
        ([new_code_cell("check.add(add)")], [stopped("CheckFailed", "must add", 1)], []),
        ([new_code_cell("1")], [OK], []),
        ([own(None)], [SKIPPED], []),
    ],
)
def test_what_stopped_and_what_was_run_for_it(cells, events, said):
    assert texts(cells, events) == said


def test_a_test_that_ended_the_process_is_told():
    event = replace(OK, status="died", error_text="ended by SIGKILL")
    outcome = Outcome({0: event}, "done", left_out=frozenset({0}))
    (note,) = notes.of_run(Placed(new_notebook(cells=[TEST])), outcome, {})
    said = "The test of add ended the process (ended by SIGKILL)."
    assert note.text == f"{said} Everything else was run again without it."


def test_a_cell_that_became_text_is_told():
    cell = new_code_cell("x = 1")
    cell.metadata["was_prose"] = True
    (text,) = texts([cell], [OK])
    assert text == "The cell “x = 1” had been turned from code into text: it was run as code."


STOPS = "Not one of the answers could be run: "
NO_POINTS = "Not one of the answers earned a point. "


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        (["error", "error", "unsolved"], f"{STOPS}a, b. "),
        (["error", "unsolved", "unsolved"], f"{STOPS}a. "),
        (["error"], f"{STOPS}a. "),
        (["error", "error", "failed"], NO_POINTS),
        (["error", "needs_marking"], f"{STOPS}a. "),
        *(
            ([status, "unsolved"], NO_POINTS)
            for status in ("failed", "timed_out", "out_of_memory", "crashed", "tampered")
        ),
        (["failed", "failed", "passed"], ""),
        (["needs_marking", "unsolved"], ""),  # a person reads it anyway
        (["unsolved", "unsolved"], ""),
    ],
)
def test_where_no_answer_earned_a_point_a_person_has_to_look(statuses, said):
    exercises = {
        name: ExerciseResult(int(status == "passed"), 1, Status(status))
        for name, status in zip("abc", statuses, strict=False)
    }

    def made(end="done", others=(), exercises=exercises, **found):
        placed = Placed(new_notebook(), **found)
        return notes.of_no_points(placed, Outcome({}, end), exercises, others)

    assert [note.text for note in made()] == [f"{said}Please take a look."] * bool(said)
    assert notes.needs_review(made()) == bool(said)
    assert not made("broken"), "the grader's own trouble"
    assert not made(others=[notes.other_lesson("one", "two")]), "somebody looks at it already"
    assert not made(not_found=["a", "b", "c"]), "there are no answers"
    in_part = {name: replace(its, score=0.5) for name, its in exercises.items()}
    assert not made(exercises=in_part)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"import numpy as np\n\ndef add(a, b):\n    return a + b\n", ["add"]),
        (b"async def double (a):\n    pass\nadd = lambda a, b: a + b\n", ["add", "double"]),
        (b"class Sums:\n    def add(self, a):\n        pass\n# def double(a)\n", None),
        (b"\xff\xfe\nadd == double\nadd(1, 2)\nreturn_def(double)", None),
    ],
)
def test_a_file_that_defines_what_is_left_blank_is_for_a_person_to_see(content, found):
    exercises = {name: ExerciseResult(0, 2, Status.UNSOLVED, "") for name in ("add", "double")}
    exercises["solved"] = ExerciseResult(2, 2, Status.PASSED, "")
    made = notes.of_answers_in_files(
        {"mine.py": content + b"\ndef solved(): pass", "text.txt": b"def add(): pass"}, exercises
    )
    assert [note.facts["exercises"] for note in made] == ([found] if found else [])
    assert notes.needs_review(made) == bool(found)
    assert all("mine.py" in note.text for note in made)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("return getattr(check.or_reference(add=None), '__wrapped__')(x)", 2),
        ("from course.check.references import lesson_01_softmax", 1),
        ("return reference.__wrapped__(x)", 1),
        ("add = check.or_reference(add=add)", 0),  # as the lesson has it
        ("reference = 3  # for check.add", 0),
    ],
)
def test_an_answer_that_names_the_courses_own_functions_is_for_a_person_to_see(line, words):
    given = new_code_cell("add = check.or_reference(add=add)")
    cells = [given, answer("add", f"def add(x):\n    {line}"), TEST]
    exercises = {"add": ExerciseResult(4, 4, Status.PASSED, "")}
    made = notes.of_courses_own(new_notebook(cells=cells), new_notebook(cells=[given]), exercises)
    assert [len(note.facts["words"]) for note in made] == ([words] if words else [])
    assert notes.needs_review(made) == bool(words)


def test_texts_of_students_are_one_harmless_line():
    cell = new_code_cell("x\u202e\x1b[31m" + "y" * 200)
    (text,) = texts([cell], [stopped("Odd\x07", "a\n\nb\x1b]0;" + "c" * 5_000, 1)])
    assert text.isprintable()
    assert len(text) < 600


def test_of_many_cells_that_stopped_some_are_told():
    cells = [new_code_cell(f"import package_{number}") for number in range(50)]
    events = [stopped("ModuleNotFoundError", f"{number}", 1) for number in range(50)]
    assert len(texts(cells, events)) == 10


def test_a_notebook_without_any_cell_is_for_a_person_to_see():
    source = new_notebook(cells=[answer("add", "def add(a, b):\n    ...")])
    placed = placing.place(new_notebook(), source)
    exercises = {"add": ExerciseResult(0, 2, Status.ERROR)}
    (note,) = notes.of_run(placed, Outcome({}, "done"), exercises)
    assert note.text.endswith(
        "Nothing in the notebook mentions add: the cells were deleted, or it is an older release "
        "of the lesson."
    )
    assert notes.needs_review([note])


def of_search(**found):
    placed = Placed(new_notebook(), **found)
    passed = {
        "double": ExerciseResult(3, 3, Status.PASSED),
        "add": ExerciseResult(0, 2, Status.FAILED),
    }
    return notes.of_run(placed, Outcome({}, "done"), passed)


@pytest.mark.parametrize(
    ("found", "kinds", "look"),
    [
        ({"found_by": {"add": "grade_id"}}, [], False),
        ({"found_by": {"add": "id", "double": "name"}}, ["found_by", "found_by"], False),
        ({"found_by": {"double": "grade_id"}, "not_found": ["add"]}, ["not_found"], False),
        ({"not_found": ["double"]}, [], False),  # it was there all the same
        ({"not_found": ["add"], "absent": ["add"]}, ["not_found"], True),
        ({"not_found": ["double"], "absent": ["double"]}, [], False),
        ({"not_found": ["add"], "speaks_of": ["add"]}, ["not_found", "look"], True),
        ({"not_found": ["add"], "own_code": True}, ["not_found", "look"], True),
        (
            {"found_by": {"double": "grade_id"}, "not_found": ["add"], "own_code": True},
            ["not_found"],
            False,
        ),
    ],
)
def test_what_was_found_how(found, kinds, look):
    made = of_search(**found)
    assert [note.kind for note in made] == kinds
    assert notes.needs_review(made) == look


@pytest.mark.parametrize(
    ("cell", "is_told"),
    [
        (answer("add", "1 if"), True),
        (graded_cell("check_add", "exam()", points=4), True),
        (new_code_cell("1 if"), True),
        (answer("double", "1 if"), False),
        (graded_cell("check_double", "exam()", points=4), False),
        (own(None), False),
    ],
)
def test_a_newer_python_is_told_of_where_it_may_matter_to_what_failed(cell, is_told):
    exercises = {
        "add": ExerciseResult(0, 4, Status.FAILED),
        "double": ExerciseResult(4, 4, Status.PASSED),
    }
    outcome = Outcome({0: stopped("SyntaxError", "invalid syntax", 1)}, "done")
    made = surroundings.of_python("3.99", new_notebook(cells=[cell]), outcome, exercises)
    assert [note.kind for note in made] == ["newer_python"] * is_told


def test_without_a_version_an_f_string_may_be_of_a_newer_python():
    exercises = {"add": ExerciseResult(0, 4, Status.ERROR)}
    for text, is_told in (
        ("f-string: unmatched '['", sys.version_info < (3, 12)),
        ("invalid syntax", False),
    ):
        outcome = Outcome({0: stopped("SyntaxError", text, 1)}, "done")
        notebook = new_notebook(cells=[answer("add", 'f"{a["b"]}"')])
        made = surroundings.of_python("", notebook, outcome, exercises)
        assert [note.kind for note in made] == ["newer_python"] * is_told
        assert notes.needs_review(made) == is_told


NO_TORCH = stopped("ModuleNotFoundError", "No module named 'torch'", 1)
NO_COLAB = stopped("ModuleNotFoundError", "No module named 'google.colab'", 1)
TORCH_IN_ADD = replace(OK, failure={"error": "ModuleNotFoundError: No module named 'torch'"})
NO_NN_IN_ADD = replace(OK, failure={"error": "NameError: name 'nn' is not defined"})
NO_FILE = "FileNotFoundError: [Errno 2] No such file or directory: '/content/log.txt'"
NO_FILE_IN_ADD = replace(OK, failure={"error": NO_FILE})
IMPORTS = new_code_cell("import torch.nn as nn\nimport numpy as np")
READS = new_code_cell("nn = np.load('/content/nn.npy')")
NOT_RUN = ("Exception", "File `'a.ipynb'` not found.")
WRITES_ADD = answer("add", "urlopen('x')\ndef add(a, b):\n    return a + b")
NO_ADD = replace(OK, failure={"error": "NameError: name 'add' is not defined"})
USES_TORCH = answer("add", "import torch")


@pytest.mark.parametrize(
    ("cells", "events", "status", "is_told"),
    [
        ([TEST], [TORCH_IN_ADD], Status.FAILED, "torch"),
        ([USES_TORCH, TEST], [NO_TORCH, NO_NN_IN_ADD], Status.ERROR, "torch"),
        ([answer("add", "%run a.ipynb")], [stopped(*NOT_RUN, 1)], Status.ERROR, "a.ipynb"),
        ([IMPORTS, TEST], [NO_TORCH, NO_NN_IN_ADD], Status.FAILED, "torch"),
        ([READS, TEST], [stopped("FileNotFoundError", "x", 1), NO_NN_IN_ADD], Status.FAILED, "nn"),
        ([READS, TEST], [stopped("TypeError", "x", 1), NO_NN_IN_ADD], Status.FAILED, ""),
        ([TEST], [NO_FILE_IN_ADD], Status.FAILED, "/content/log.txt"),
        ([IMPORTS, TEST], [NO_TORCH, OK], Status.FAILED, ""),
        ([TEST], [NO_NN_IN_ADD], Status.FAILED, ""),
        ([USES_TORCH], [NO_TORCH], Status.ERROR, "torch"),
        ([USES_TORCH], [NO_COLAB], Status.ERROR, "google.colab"),
        ([USES_TORCH], [NO_TORCH], Status.FAILED, ""),
        ([USES_TORCH], [NO_TORCH], Status.PASSED, ""),
        *(
            ([USES_TORCH], [stopped(*error, 1)], Status.ERROR, "")
            for error in (
                ("ModuleNotFoundError", "No module named 'helpers.nothing'"),
                ("ModuleNotFoundError", "No module named 'numpyy'"),
                ("ImportError", "cannot import name 'softmaxx' from 'numpy'"),
            )
        ),
        *(
            ([cell, TEST], [stopped(name, "x", 1), NO_NN_IN_ADD], Status.FAILED, "")
            for cell, name in (
                (READS, "error"),  # as a pattern's is called
                (READS, "AssertionError"),
                (READS, "ImportError"),
                (READS, "Exception"),
            )
        ),
        ([WRITES_ADD, TEST], [stopped("URLError", "x", 1), NO_ADD], Status.ERROR, ""),
    ],
)
def test_a_missing_package_or_file_is_for_a_person_to_look_at(cells, events, status, is_told):
    exercises = {"add": ExerciseResult(0, 4, status)}
    outcome = Outcome(dict(enumerate(events)), "done")
    made = surroundings.of_what_is_not_here(new_notebook(cells=cells), outcome, exercises)
    assert [note.facts for note in made] == [{"names": [is_told], "exercises": ["add"]}] * bool(
        is_told
    )
    assert notes.needs_review(made) == bool(is_told)


def test_a_class_is_told_once_what_is_true_of_many():
    def of(student, *its_notes):
        exercises = {"add": ExerciseResult(1, 1, Status.PASSED)}
        return SubmissionResult(student, "01-sums", Status.PASSED, exercises, notes=its_notes)

    missing = Note("stopped", "A package is missing.")
    look = Note("look", "Take a look.")
    results = [of(f"student-{number}", missing, missing) for number in range(7)]
    results += [of("eve", look), of("max")]
    assert notes.of_class(results) == [
        ("Take a look.", ["eve"]),
        ("A package is missing.", [f"student-{number}" for number in range(7)]),
    ]
    assert results_table(results).splitlines()[:4] == [
        "Take a look. (eve)",
        "A package is missing. (student-0, student-1, student-2, student-3, student-4 and 2 more)",
        "",
        "student    score  status  not solved",
    ]
    assert results_table(results[-1:]).startswith("student ")


def test_who_replaced_a_test_is_told_first_and_of_which_exercises():
    exercises = {
        name: ExerciseResult(0, 1, Status.FAILED, test_was_changed=name != "add")
        for name in ("add", "double")
    }
    (changed,) = notes.of_changed_tests(exercises)
    assert changed.text.startswith("The test cells of these exercises were replaced: double. ")
    assert not notes.of_changed_tests({"add": exercises["add"]})
    look = Note("look", "Take a look.")
    results = [
        SubmissionResult(student, "01-sums", Status.FAILED, exercises, notes=its_notes)
        for student, its_notes in {"ada": (look,), "bo": (look,), "eve": (changed,)}.items()
    ]
    assert notes.of_class(results)[0] == (changed.text, ["eve"])


def test_the_same_note_on_several_cells_is_made_once():
    cells = [new_code_cell("import seaborn") for _ in range(3)]
    assert len(texts(cells, [MISSING] * 3)) == 1


LONG = "long = [" + "1," * code_text.MAX_READ + "]"


@pytest.mark.parametrize(
    ("passed", "names"),
    [
        ({"add": code_key("add = 1"), "double": code_key("double = 2")}, ["add"]),
        ({"add": code_key("add  =  1  # one")}, ["add"]),  # only its layout has changed
        ({"add": code_key("add = 2")}, []),  # it was another answer
        ({"add": code_key("add = 0")}, []),  # which is still there, in another cell
        ({"add": code_key("double = 2")}, []),
        ({"long": code_key(LONG)}, []),  # too long to be read
        ({"add": ""}, []),
        ({"lost": code_key("lost = 3")}, []),
        ({}, []),
    ],
)
def test_what_passed_where_it_was_saved_is_told_but_for_what_is_not_here(passed, names):
    sources = {"add": "add = 1", "double": "double = 2", "lost": "lost = 3", "long": LONG}
    answers = [answer(name, source) for name, source in sources.items()]
    notebook = new_notebook(cells=[new_code_cell("add = 0"), *answers])
    exercises = {
        "add": ExerciseResult(0, 2, Status.FAILED),
        "double": ExerciseResult(2, 2, Status.PASSED),
        "lost": ExerciseResult(0, 2, Status.ERROR),
        "long": ExerciseResult(0, 2, Status.ERROR),
    }
    lost = note_words.with_text({"kind": "not_here", "exercises": ["lost"], "names": ["my.csv"]})
    made = surroundings.of_saved_checks(passed, notebook, exercises, [lost])
    assert [note.facts["exercises"] for note in made] == ([names] if names else [])
    assert not notes.needs_review(made)


@pytest.mark.parametrize(
    ("cells", "is_told"),
    [
        ([answer("add", "1"), new_code_cell("1")], False),
        ([answer("plus", "1"), new_code_cell("1")], True),
        ([new_code_cell("1")], False),  # all grade ids are lost, as by some editors
        ([answer("add", "1"), new_code_cell("from course import checks; checks.add")], True),
        ([answer("add", "1"), new_code_cell("import course.checks as c")], True),
        ([answer("add", "1"), new_code_cell("from course import check")], False),
    ],
)
def test_an_older_release_is_for_a_person_to_see_unless_all_passed(cells, is_told):
    source = new_notebook(cells=[answer("add", "1"), TEST])
    failed = {"add": ExerciseResult(0, 2, Status.FAILED)}
    made = notes.of_older_release(new_notebook(cells=cells), source, failed)
    assert notes.needs_review(made) == bool(made) == is_told
    passed = {"add": ExerciseResult(2, 2, Status.PASSED)}
    assert not notes.of_older_release(new_notebook(cells=cells), source, passed)


def test_what_could_not_be_graded_is_for_a_person_to_see():
    assert notes.needs_review([], Status.ERROR)
    assert not notes.needs_review([], Status.TAMPERED)


@pytest.mark.parametrize(
    "note",
    [
        notes.earlier_stands(),
        notes.unreadable_time({"held": "yesterday"}),
        notes.unreadable_time({"held": ""}),
        notes.marked_before(["add"]),
        notes.look_alike(["ada", "Ada"]),
        notes.damaged_result("01-tiny"),
    ],
    ids=lambda note: note.kind,
)
def test_a_note_is_in_the_language_of_its_reader(note):
    with speaking("zh_CN"):
        assert not re.search("[a-z]{3,} [a-z]{3,} [a-z]{3,}", text_of(note))
    assert text_of(note) == note.text


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "look", "exercises": ["add"], "no_points": True},
        {"kind": "look", "exercises": []},
        {"kind": "look", "exercises": ["add"]},
        {"kind": "in_a_file", "file": "sums.py", "exercises": ["add"]},
        {"kind": "not_here", "names": ["log.txt"], "exercises": ["add"]},
        {"kind": "newer_python", "theirs": "3.13", "ours": "3.11"},
        {"kind": "newer_python", "theirs": "", "ours": "3.11"},
        {"kind": "other_notebooks", "files": ["a.ipynb"], "newer": ["a.ipynb"]},
        {"kind": "other_notebooks", "files": ["a.ipynb"], "unanswered": ["add"]},
    ],
    ids=lambda facts: facts["kind"],
)
def test_a_student_is_not_asked_to_do_what_the_instructor_should(facts):
    note = note_words.with_text(facts)
    assert "Please take a look." in note.text
    said = notes_for_students.text_of(note)
    for words in ("Please take a look", "the student", "grade again"):
        assert words not in said
    assert bool(said) != ("no_points" in facts)
    with speaking("zh_CN"):
        assert not re.search("[a-z]{3,} [a-z]{3,} [a-z]{3,}", notes_for_students.text_of(note))


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "tests_changed", "exercises": ["add"]},
        {"kind": "courses_own", "exercises": ["add"], "words": ["__wrapped__"]},
        {"kind": "older_release"},
    ],
)
def test_what_only_the_instructor_should_know_is_not_told_to_the_student(facts):
    note = note_words.with_text(facts)
    assert note.text
    assert notes_for_students.text_of(note) == ""


def test_a_student_is_told_how_to_see_an_error_of_cells_in_another_order():
    note = note_words.with_text({"kind": "passed_there", "exercises": ["add"]})
    for_student = notes_for_students.text_of(note)
    assert "Restart the kernel" in for_student
    assert "Grading also tests with other numbers" in for_student
    assert "kernel" not in note.text
    assert "can be edited" in note.text


def test_other_notes_are_the_same_for_a_student():
    note = notes.unreadable_time({"held": "noon"})
    assert notes_for_students.text_of(note) == note.text


def test_how_to_have_another_notebook_graded_is_told_where_it_may_be_wanted():
    files = {"kind": "other_notebooks", "files": ["a.ipynb"]}
    assert "grade again" in note_words.with_text(files | {"unanswered": ["add"]}).text
    assert "grade again" not in note_words.with_text(files).text


def test_notes_are_made_of_facts():
    package = Path(notes.__file__).parents[1]
    makers = {path.name for path in package.rglob("*.py") if "Note(" in path.read_text("utf-8")}
    assert makers == {"note_words.py", "results.py"}


def test_every_kind_is_documented():
    assert {*re.findall(r"^- `(\w+)`:", notes.__doc__, re.MULTILINE)} == {*KINDS}
