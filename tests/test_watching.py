"""What arrives is graded and gets its page, whatever goes wrong at one poll."""

import os

import pytest
from nbgrader.utils import notebook_hash

from autograder import course_folder, watching
from autograder.best_attempt import grade_best
from autograder.building import release
from autograder.collecting.attempts import attempts
from autograder.collecting.exchange import collect_from_exchange
from autograder.grading import gradebook
from autograder.watching import WatchSettings
from tests import tiny_course
from tests.tiny_course import ALONE, LESSON, NAME, submission

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


@pytest.fixture(scope="module", autouse=True)
def quick_worker():
    with tiny_course.quick_worker():
        yield


@pytest.fixture
def course(tmp_path):
    folder = tiny_course.make_course(tmp_path / "course")
    (folder / "course_settings.py").write_text(
        f"c = get_config()\nc.Exchange.root = {str(tmp_path / 'exchange')!r}\n"
        "c.ExchangeCollect.check_owner = False\n"
    )
    return course_folder.find(folder)


def submit_to_exchange(course, student, day, name=NAME, **answers):
    released = release.release_notebook(course.notebook(LESSON))
    when = f"2026-03-{day:02} 10:00:00.000000 UTC"
    inbound = course.root.parent / "exchange" / "deep-learning-live" / "inbound"
    folder = inbound / f"{student}+{LESSON}+{when}+x"
    tiny_course.write(submission(released, **answers), folder / name)
    (folder / "timestamp.txt").write_text(when)
    (folder / "submission_secret.txt").write_text("secret")
    os.utime(folder / name, (0, 0))
    return folder


def poll(course, **options):
    settings = WatchSettings([LESSON], from_exchange=True, release=True, **options)
    # The folders of these tests are younger than their names, which is noted.
    return [line.partition(";")[0] for line in watching.poll(course, LESSON, settings)]


def test_what_arrives_is_graded_and_its_page_released(course):
    submit_to_exchange(course, "ada", 1, double="    return a")
    pages = course.root.parent / "exchange" / "deep-learning-live" / "feedback"
    pages.mkdir()
    assert poll(course) == [f"{LESSON}: ada collected", f"{LESSON}: ada 2/5 failed"]
    page = course.feedback("ada", LESSON) / "sums.html"
    assert "HIDDEN" not in page.read_text()
    assert list((course.root.parent / "exchange").rglob("feedback/*.html"))
    assert poll(course) == []
    submit_to_exchange(course, "ada", 2)
    assert poll(course, max_attempts=1) == []  # a second one does not count then
    assert poll(course, max_attempts=2) == [f"{LESSON}: ada replaced", f"{LESSON}: ada 5/5 passed"]
    submit_to_exchange(course, "ada", 3, double="    return a")
    assert poll(course, max_attempts=2) == []
    submit_to_exchange(course, "bob", 3, name="sums (1).ipynb")
    bob = [f"{LESSON}: bob collected", f"{LESSON}: bob 5/5 passed"]
    assert poll(course, max_attempts=2) == bob
    asked_for = notebook_hash(secret="secret", notebook_id="sums (1)")  # as by `fetch_feedback`
    assert "bob" in (pages / f"{asked_for}.html").read_text()


@pytest.mark.weekly
def test_an_attempt_that_was_set_aside_is_not_collected_again(course):
    def collect():
        (row,) = collect_from_exchange(course, LESSON, max_attempts=3).rows
        grade_best(course, LESSON, settings=ALONE)
        scores = gradebook.submission_scores(course, LESSON)["ada"].scores
        return row.became, len(attempts(course, LESSON, "ada")), sum(scores.values())

    found = []
    for day, double in ((1, "    return 2 * a"), (2, "    return a"), (3, "    return a + 0")):
        submit_to_exchange(course, "ada", day, double=double)
        found += [collect(), collect()]
    assert found == [
        ("collected", 0, 5), ("unchanged", 0, 5),
        ("replaced", 1, 5), ("unchanged", 1, 5),
        ("replaced", 2, 5), ("unchanged", 2, 5),
    ]  # fmt: skip


def test_what_a_timestamp_says_itself_is_not_collected_again_and_stops_nobody(course):
    for student, text in (("ada", "yesterday"), ("bob", "2020-01-01 10:00:00 UTC")):
        folder = submit_to_exchange(course, student, 1)
        (folder / "timestamp.txt").write_text(text)
    became = [[row.became for row in collect_from_exchange(course, LESSON).rows] for _ in "12"]
    assert became == [["collected"] * 2, ["unchanged"] * 2]


def test_a_name_does_no_harm_in_a_log(course):
    released = release.release_notebook(course.notebook(LESSON))
    tiny_course.submit(course.root, "a\x1bb", submission(released))
    os.utime(course.root / "submitted" / "a\x1bb" / LESSON / NAME, (0, 0))
    lines = list(watching.poll(course, LESSON, WatchSettings([LESSON])))
    assert lines == [f"{LESSON}: a\\x1bb 5/5 passed"]


@pytest.mark.slow
def test_what_is_still_on_its_way_waits(course):
    released = release.release_notebook(course.notebook(LESSON))
    tiny_course.submit(course.root, "ada", submission(released))
    assert not list(watching.poll(course, LESSON, WatchSettings([LESSON])))
    os.utime(course.root / "submitted" / "ada" / LESSON / NAME, (0, 0))
    assert list(watching.poll(course, LESSON, WatchSettings([LESSON]))) == [
        f"{LESSON}: ada 5/5 passed"
    ]


@pytest.mark.slow
def test_a_page_that_could_not_be_written_is_tried_again_and_reported_once(course):
    released = release.release_notebook(course.notebook(LESSON))
    tiny_course.submit(course.root, "ada", submission(released))
    os.utime(course.root / "submitted" / "ada" / LESSON / NAME, (0, 0))
    tiny_course.write("in the way", course.root / "feedback" / "ada")
    pending = {}

    def lines():
        return list(watching.poll(course, LESSON, WatchSettings([LESSON]), pending))

    graded, failed = lines()
    assert (graded, "no page for ada" in failed) == (f"{LESSON}: ada 5/5 passed", True)
    assert lines() == []
    (course.root / "feedback" / "ada").unlink()
    assert lines() == []
    assert (course.feedback("ada", LESSON) / "sums.html").exists()
    assert pending == {}


def test_what_goes_wrong_is_said_and_tried_again(course, monkeypatch):
    class Enough(BaseException):
        pass

    said, rounds = [], []

    def rest(seconds):
        rounds.append(seconds)
        if len(rounds) == 2:
            raise Enough

    monkeypatch.setattr(watching.time, "sleep", rest)
    with pytest.raises(Enough):
        watching.watch(course, WatchSettings([LESSON], from_exchange=True), 5, said.append)
    assert len(said) == 2
    assert all("release_assignment" in line and "tried again later" in line for line in said)
