"""What is kept of students is not for others to read; and it is said where they can."""

import contextlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.collecting.attempts import store
from autograder.course_folder import CourseError, find
from autograder.grading.file_modes import kept_private, set_modes
from autograder.nbgrader_plugins.release_feedback import release_feedback
from tests import tiny_course
from tests.tiny_course import LESSON, NAME

pytestmark = [
    pytest.mark.usefixtures("quick_start"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
    pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes"),
]


@contextlib.contextmanager
def umask(mask):
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.fixture
def course(tmp_path):
    return tiny_course.make_course(tmp_path / "course")


def run(course, *command, code=0):
    answer = CliRunner().invoke(main, [*command, "--course", str(course)])
    assert code is None or answer.exit_code == code, answer.output
    return answer


def a_term(course):
    """Everything that a command writes of a student, under the usual umask."""
    with umask(0o022), tiny_course.quick_worker():
        before = set(course.rglob("*"))
        homework = nbformat.writes(tiny_course.source_notebook()).encode()
        for attempt in (homework.replace(b"2 * a", b"a + a"), homework):
            store(find(course), LESSON, "ada", {NAME: attempt, "beside/it.txt": b"x"})
        run(course, "grade", "1", "--jobs", "1", "--json", str(course / "results.json"))
        run(course, "feedback", "1", "--zip")
        run(course, "report", "1")
        run(course, "export")
        assert os.umask(0o022) == 0o022, "the umask is as it was"
        return set(course.rglob("*")) - before


def modes(paths):
    """Those of the files, and of the folders."""
    kinds = ([path for path in paths if path.is_dir() is kind] for kind in (False, True))
    return [{stat.S_IMODE(path.stat().st_mode) & 0o777 for path in kind} for kind in kinds]


@pytest.mark.slow
def test_what_is_written_of_students_is_the_owners_to_read(course):
    made = a_term(course)
    names = {path.name for path in made}
    assert {"gradebook.db", "result.json", NAME, "sums.html", "grades.csv", "results.json"} < names
    assert {"it.txt", f"{LESSON}.html"} < names
    assert modes(made) == [{0o600}, {0o700}]


@pytest.mark.parametrize("by", ["the folder", "course_settings.py", "nbgrader_config.py"])
@pytest.mark.slow
@pytest.mark.sampled(rarer=3)
def test_it_is_the_groups_where_the_course_is(course, by):
    if by == "the folder":
        course.chmod(0o770)
    else:
        with (course / by).open("a") as settings:  # in nbgrader_config.py, behind all else
            settings.write("c = get_config()\nc.CourseDirectory.groupshared = True\n")
    assert modes(a_term(course)) == [{0o660}, {0o770}]


@pytest.mark.slow
def test_settings_of_ones_own_open_it(course):
    settings = "c = get_config()\nc.GenerateFeedback.permissions = 644\n"
    (course / "course_settings.py").write_text(settings)
    assert modes(a_term(course)) == [{0o644}, {0o755}]


def test_students_can_read_the_pages_that_are_released(course):
    exchange = course.parent / "exchange"
    (exchange / "deep-learning-live").mkdir(parents=True)
    settings = f"c = get_config()\nc.Exchange.root = {str(exchange)!r}\n"
    (course / "course_settings.py").write_text(settings)
    a_term(course)
    inbound = (
        exchange / "deep-learning-live" / "inbound" / f"ada+{LESSON}+2027-03-01 12:00:00 UTC+x"
    )
    tiny_course.write("{}", inbound / "sums (1).ipynb")
    for folder in (course / "feedback" / "ada" / LESSON, inbound):
        for name in ("submission_secret.txt", "timestamp.txt"):
            (folder / name).write_text("2027-03-01 12:00:00 UTC")
    with umask(0o077):
        release_feedback(find(course), LESSON)
    pages = list(exchange.rglob("*.html"))
    assert len(pages) == 2, "also under the name by which the notebook was handed in"
    for page in pages:
        assert stat.S_IMODE(page.stat().st_mode) == 0o644
        assert stat.S_IMODE(page.parent.stat().st_mode) == 0o711, "nobody can list the pages"


@pytest.fixture
def open_course():
    """A course that everybody on this machine can enter."""
    folder = Path(tempfile.mkdtemp()).resolve()
    folder.chmod(0o755)
    if all(above.stat().st_mode & stat.S_IXOTH for above in folder.parents):
        yield tiny_course.make_course(folder / "course")
        shutil.rmtree(folder)
    else:
        folder.rmdir()
        pytest.skip("the folder for temporary files is closed itself")


def test_what_another_instructor_has_made_as_it_should_be_is_left_alone(open_course):
    """A second instructor writes pages anew in folders that are the first one's."""
    open_course.chmod(0o770)
    folder = open_course / "feedback" / "ada" / LESSON
    with umask(0o007):
        tiny_course.write("<html>", folder / "sums.html")
    set_modes(find(open_course), folder)
    with tiny_course.ordinary_user():  # of the same group
        set_modes(find(open_course), folder)
    assert modes([folder, *folder.rglob("*")]) == [{0o660}, {0o770}]


@pytest.mark.slow
def test_a_comment_by_one_instructor_locks_no_other_out(course):
    course.chmod(0o770)
    a_term(course)
    (course / ".writing.lock").unlink()
    (course / "comments.csv").write_text("lesson,key,text\nall,well,Well done.\n")
    with umask(0o022):
        run(course, "comment", "1", "double", "well", "ada")
    assert modes([course / ".writing.lock"]) == [{0o660}, set()]


def test_a_mode_that_is_none_is_said(course):
    settings = "c = get_config()\nc.GenerateFeedback.permissions = 0o600\n"
    (course / "course_settings.py").write_text(settings)
    with pytest.raises(CourseError, match="permissions = 384"), kept_private(find(course)):
        pass


@pytest.mark.slow
def test_it_is_said_where_others_can_read_it(open_course, caplog):
    with umask(0o022), tiny_course.quick_worker():
        tiny_course.submit(open_course, "ada", tiny_course.source_notebook())
        said = run(open_course, "grade", "1", "--jobs", "1").stderr
        assert f"can read submitted, source: chmod o-rwx {open_course}" in said
        (open_course / "gradebook.db").chmod(0o644)  # as `nbgrader db` makes it
        assert "can read submitted, source" in run(open_course, "grade", "1").stderr
        assert "gradebook.db was open to others (mode 644," in caplog.text
        assert modes([open_course / "gradebook.db"])[0] == {0o600}
        (open_course / "gradebook.db").chmod(0o644)
        said = run(open_course, "doctor", code=None).output
        assert "LOOK  other users of this machine can read gradebook.db" in said
        open_course.chmod(0o750)
        assert "can read" not in run(open_course, "grade", "1").stderr
