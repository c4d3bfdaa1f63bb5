"""nbgrader all around: exchange, collected files, scores by hand, late penalties, formgrader."""

import contextlib
import http.cookiejar
import json
import os
import re
import shutil
import time
import urllib.error
import urllib.request
import zipfile
from datetime import timedelta

import nbformat
import pytest
from click.testing import CliRunner
from nbgrader import apps

from autograder import course_folder
from autograder.cli import main
from autograder.grading import gradebook
from tests import tiny_course
from tests.browser.lab import server
from tests.tiny_course import LESSON, NAME, ROOT, submission

pytestmark = [
    pytest.mark.usefixtures("quick_start"),
    pytest.mark.xdist_group("nbgrader"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]

# To be late costs a point, by nbgrader's own hook for such rules.
LATE = """
from nbgrader.plugins import LateSubmissionPlugin

class APoint(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 1 if total_seconds_late > 3600 else 0

c.AssignLatePenalties.plugin_class = APoint
"""


def run(app_class, folder, *arguments):
    """Run a command of nbgrader in this process, from a folder; raises if it fails."""
    before = os.getcwd()
    os.chdir(folder)
    app_class.clear_instance()
    try:
        app = app_class.instance()
        app.initialize(list(arguments))
        app.start()
    except SystemExit as ending:
        if ending.code:
            raise RuntimeError(f"{app_class.__name__} ended with {ending.code}") from ending
    finally:
        app_class.clear_instance()
        os.chdir(before)


def autograder(course, *arguments):
    answer = CliRunner().invoke(main, [*arguments, "--course", str(course)])
    assert answer.exit_code == 0, answer.output
    return answer.output


@pytest.fixture(scope="module")
def exchange(tmp_path_factory):
    """A real exchange folder, and a student's folder with a home of its own."""
    folder = tmp_path_factory.mktemp("exchange")
    folder.chmod(0o777)
    student = tmp_path_factory.mktemp("student")
    (student / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        "c.CourseDirectory.course_id = 'deep-learning-live'\n"
        f"c.Exchange.root = {str(folder)!r}\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_DATA_DIR", str(student / "data"))
        patch.setenv("USER", "student-01")
        yield folder, student


@pytest.fixture(scope="module")
def course(tmp_path_factory, exchange):
    """A course that releases to the exchange, by nbgrader's own commands."""
    course = tiny_course.make_course(tmp_path_factory.mktemp("course"))
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(f"c.Exchange.root = {str(exchange[0])!r}\n{LATE}")
    run(apps.GenerateAssignmentApp, course, LESSON)
    return course


@pytest.fixture(scope="module")
def collected(course, exchange):
    """What a student fetched, solved and submitted, collected; the student's id."""
    _, student = exchange
    run(apps.ReleaseAssignmentApp, course, LESSON)
    run(apps.FetchAssignmentApp, student, LESSON)
    path = student / LESSON / NAME
    fetched = nbformat.read(path, as_version=4)
    nbformat.write(submission(fetched, double="    return int(2 * a)"), path)
    run(apps.SubmitApp, student, LESSON)
    run(apps.CollectApp, course, LESSON)
    (folder,) = (course / "submitted").iterdir()
    return folder.name


def test_a_submission_comes_through_the_exchange(course, collected):
    folder = course / "submitted" / collected / LESSON
    assert {NAME, "timestamp.txt"} <= {path.name for path in folder.iterdir()}
    notebook = nbformat.read(folder / NAME, as_version=4)
    assert "HIDDEN" not in nbformat.writes(notebook)


def test_the_real_lessons_are_released_from_the_root_folder(exchange, tmp_path):
    """From a copy of the repository's own folders, as committed."""
    folder, student = exchange
    for name in ("source", "release"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    for lesson in ("01-softmax", "06-convolution"):
        run(apps.ReleaseAssignmentApp, tmp_path, lesson, f"--Exchange.root={folder}")
        run(apps.FetchAssignmentApp, student, lesson)
        assert list((student / lesson).glob("*.ipynb"))
    released = tmp_path / "release" / "01-softmax" / "softmax.ipynb"
    before = released.read_bytes()
    run(apps.GenerateAssignmentApp, tmp_path, "01-softmax", "--force")
    assert released.read_bytes() == before  # as `autograder build` wrote it


@pytest.fixture(scope="module")
def graded(course, collected):
    """The collected submission, graded; then a person gave a point and wrote a comment."""
    autograder(course, "grade", LESSON, "--jobs", "1")
    with gradebook.opened(course_folder.find(course)) as book:
        book.find_grade("check_double", "sums", LESSON, collected).manual_score = 1.0
        comment = book.find_comment("double", "sums", LESSON, collected)
        comment.manual_comment = "Nearly: think of **0.25**."
        book.db.commit()
    return course


@pytest.mark.slow
def test_what_nbgrader_refuses_in_mid_term_leaves_the_release(graded):
    source, released = (graded / folder / LESSON / NAME for folder in ("source", "release"))
    before, text = released.read_bytes(), source.read_text()
    source.write_text(text.replace('"grade_id": "double"', '"grade_id": "twice"'))
    with pytest.raises(RuntimeError):
        run(apps.GenerateAssignmentApp, graded, LESSON, "--force")
    assert released.read_bytes() == before
    source.write_text(text)
    run(apps.GenerateAssignmentApp, graded, LESSON, "--force")
    assert released.read_bytes() == before


def recorded(course, student):
    return gradebook.submission_scores(course_folder.find(course), LESSON)[student]


def test_marks_and_comments_by_hand_survive_grading_again(graded, collected):
    autograder(graded, "grade", LESSON, "--jobs", "1", "--force")
    assert recorded(graded, collected).scores == {"add": 2.0, "double": 1.0}
    with gradebook.opened(course_folder.find(graded)) as book:
        grade = book.find_grade("check_double", "sums", LESSON, collected)
        assert (grade.auto_score, grade.manual_score) == (0.0, 1.0)
        assert grade.needs_manual_grade  # it is shown for review, as nbgrader does
        comment = book.find_comment("double", "sums", LESSON, collected).comment
    assert comment == "Nearly: think of **0.25**."


def test_the_students_page_shows_them_and_comes_back_through_the_exchange(
    graded, collected, exchange
):
    _, student = exchange
    autograder(graded, "feedback", LESSON)
    # Whose work came by another way has no secret of the exchange's, and is passed over.
    tiny_course.write("<html>", graded / "feedback" / "by-hand" / LESSON / "sums.html")
    run(apps.ReleaseFeedbackApp, graded, LESSON)
    run(apps.FetchFeedbackApp, student, LESSON)
    (page,) = (student / LESSON / "feedback").rglob("*.html")
    text = page.read_text()
    assert "marked by hand" in text
    assert "Nearly: think of <strong>0.25</strong>." in text
    assert "HIDDEN" not in text


@pytest.mark.slow
def test_late_submissions_lose_points_by_nbgraders_rule(graded, collected):
    with gradebook.opened(course_folder.find(graded)) as book:
        submitted = book.find_submission(LESSON, collected).timestamp
        book.update_or_create_assignment(LESSON, duedate=str(submitted.replace(year=2020)))
    autograder(graded, "grade", LESSON, "--jobs", "1", "--force")
    assert recorded(graded, collected).late_penalty == 1
    (graded / "extensions.csv").write_text(
        f"student,lesson,due\n{collected},{LESSON},{submitted + timedelta(1)} UTC\n"
    )
    run(apps.AutogradeApp, graded, LESSON, "--force")
    assert recorded(graded, collected).late_penalty == 0
    with gradebook.opened(course_folder.find(graded)) as book:
        book.update_or_create_assignment(LESSON, duedate=None)
    autograder(graded, "grade", LESSON, "--jobs", "1", "--force")
    (graded / "extensions.csv").unlink()
    assert recorded(graded, collected).late_penalty == 0


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("ada_4711_1234_sums.ipynb", "ada"),
        ("ada_sums-2.ipynb", "ada"),
        ("ada.lovelace@example.org_attempt_2026-01-02_sums (1).ipynb", "ada.lovelace@example.org"),
        ("ada_4711_assignsubmission_file_/sums.ipynb", "ada"),
        ("part 1/ada_4711_assignsubmission_file_/sums.ipynb", "ada"),
        ("sums.ipynb", None),
        ("ada_4711_other.ipynb", None),
    ],
)
def test_zip_collect_knows_whose_a_file_is(course, tmp_path, name, student):
    folder = tmp_path / "course_of_x"
    folder.mkdir()
    shutil.copy(course / "nbgrader_config.py", folder)
    shutil.copytree(course / "source", folder / "source")
    archive = folder / "downloaded" / LESSON / "archive"
    archive.mkdir(parents=True)
    with zipfile.ZipFile(archive / "all.zip", "w") as file:
        file.write(course / "release" / LESSON / NAME, name)
    run(apps.ZipCollectApp, folder, LESSON)
    found = {path.parent.parent.name for path in folder.glob(f"submitted/*/{LESSON}/{NAME}")}
    assert found == ({student} if student else set())


EVIL = "<script>evil()</script>"


@pytest.fixture(scope="module")
def formgrader(graded, collected, tmp_path_factory):
    """JupyterLab in the course's folder, with a nasty graded notebook; a function that asks it."""
    path = graded / "autograded" / collected / LESSON / NAME
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source += f"\n\n{EVIL} <img src=x onerror=evil()>"
    notebook.cells[1].outputs = [
        nbformat.v4.new_output("display_data", {"text/html": EVIL, "text/plain": EVIL}),
        nbformat.v4.new_output("display_data", {"application/javascript": "evil()"}),
    ]
    notebook.cells[1].metadata.tags = ['"><script>evil()</script>']
    notebook.cells.append(nbformat.v4.new_raw_cell(EVIL + "<img src=x onerror=evil()>"))
    nbformat.write(notebook, path)
    tiny_course.start_quickly(graded)
    with server(graded, tmp_path_factory.mktemp("home")) as address:
        cookies = http.cookiejar.CookieJar()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))

        def fetch(page, post=False):
            request = urllib.request.Request(address.removesuffix("lab") + f"formgrader/{page}")
            if post:
                tokens = [cookie.value for cookie in cookies if cookie.name == "_xsrf"]
                request.add_header("X-XSRFToken", tokens[0])
                request.method = "POST"
            with browser.open(request, timeout=200) as answer:
                return answer.read().decode()

        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:  # it says its address before it listens
            with contextlib.suppress(urllib.error.URLError):
                fetch("manage_assignments")
                break
            time.sleep(0.2)
        yield fetch


@pytest.mark.slow
def test_formgraders_pages_load(formgrader, collected):
    assert "Manage Assignments" in formgrader("manage_assignments")
    (assignment,) = json.loads(formgrader("api/assignments"))
    assert assignment["name"] == LESSON
    assert assignment["num_submissions"] == 1
    (notebook,) = json.loads(formgrader(f"api/submitted_notebooks/{LESSON}/sums"))
    assert (notebook["student"], notebook["score"], notebook["max_score"]) == (collected, 3, 5)
    assert formgrader("gradebook")
    assert formgrader("manage_students")


@pytest.mark.slow
def test_formgrader_shows_a_submission_without_running_it(formgrader):
    """The page has the right to do all that the instructor may."""
    (notebook,) = json.loads(formgrader(f"api/submitted_notebooks/{LESSON}/sums"))
    page = formgrader(f"submissions/{notebook['id']}/")
    assert "check_double" in page
    assert "secret_of_double" in page  # the instructor sees the hidden tests
    assert "<strong>Exercise <code>double</code></strong>" in page
    assert "<b>secret_of_double</b>" in page  # why, and the traceback unfolds
    turns = '<summary style="display: list-item">'  # its triangle, which Bootstrap takes away
    assert f"<details>{turns}Traceback</summary><pre>" in page
    assert EVIL not in page
    assert "&lt;script&gt;evil()" in page  # shown, as text
    assert not re.search(r"<[^>]*onerror", page)


@pytest.mark.slow
def test_formgraders_autograde_button_goes_through_the_grader(formgrader, graded, collected):
    """And leaves what a person gave."""
    path = graded / "autograded" / collected / LESSON / NAME
    (path.parent / "result.json").unlink()
    formgrader("manage_assignments")
    answer = json.loads(formgrader(f"api/submission/{LESSON}/{collected}/autograde", post=True))
    assert answer["success"], answer
    assert EVIL not in path.read_text()  # it is graded anew, from what was submitted
    result = json.loads((path.parent / "result.json").read_text())["result"]
    assert result["exercises"]["double"]["message"] == "secret_of_double"
    assert recorded(graded, collected).scores == {"add": 2.0, "double": 1.0}
