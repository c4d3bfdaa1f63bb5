"""Inside the walls nothing of others is to be seen, whoever grades; what notebooks need is."""

import json
import os
import sys
import sysconfig
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from autograder import course_folder
from autograder.building import release
from autograder.course_folder import CourseError
from autograder.grading.lesson import read_lesson
from autograder.grading.private_places import private_places
from autograder.sandbox.inside import linux, visible
from tests import ordinary_user, tiny_course
from tests.conftest import ROOT, missing_walls
from tests.ordinary_user import GRADE, NOBODY
from tests.tiny_course import LESSON, NAME, submission

pytestmark = [pytest.mark.xdist_group("visible"), pytest.mark.timeout(900)]

MARK = "of-somebody-else.txt"
PACKAGES = sysconfig.get_paths()["purelib"]
EXCHANGE = "/usr/local/share/nbgrader/exchange"
QUICK = [sys.executable, "-m", "tests.quick_start", "grade"]
# Folders in each of which a file is planted, if there is such a folder on this machine.
OTHERS = [
    *(f"/usr/local/{name}" for name in ("etc", "games", "include", "share", "src")),
    *(f"/usr/{name}" for name in ("games", "include", "src", "share/doc", "share/man")),
    *("/home", "/media", "/mnt", "/opt", "/srv", "/var/cache", "/var/lib", "/var/mail", "/var/www"),
    *("/var/spool", "/etc/default", "/etc/ssh", "/run", "/boot"),
    *(f"{sys.prefix}/{name}" for name in ("share", "include", "etc")),
]

LOOK = f"""
import json, os, socket, sys
seen = [os.path.join(folder, name) for folder, _, names in os.walk("/")
        for name in names if name == {MARK!r}]
for path in json.load(open("planted.json")):
    try: seen.append(open(path).name)
    except OSError: pass
print(f"seen: {{seen}}")
told = [*os.environ.values(), *sys.argv, *sys.orig_argv, *sys.path, str(os.uname())]
for name in ("environ", "cmdline", "mountinfo", "maps", "cgroup"):
    told.append(open(f"/proc/self/{{name}}", errors="replace").read())
paths = json.load(open("paths.json"))
print(f"told: {{[path for path in paths if any(path in text for text in told)]}}")
print(f"host: {{socket.gethostname()}} {{os.uname().nodename}} {{os.path.exists('/old')}}")
"""
USE = """
import locale, math, ssl, subprocess, zoneinfo
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from matplotlib import font_manager
import scipy.optimize, scipy.stats
plt.plot([1, 2]); plt.title("x²"); plt.show()
locale.setlocale(locale.LC_ALL, "C.UTF-8")
print("sum", float(tf.reduce_sum(tf.constant(np.arange(4.0)))), zoneinfo.ZoneInfo("Asia/Tokyo"))
print("fonts", len(font_manager.findSystemFonts()))
print("certificates", len(ssl.create_default_context().get_ca_certs()))
print("home", os.path.expanduser("~"), os.getcwd())
!ls / && python3 -c "import json; print('python', json.dumps(6 * 7))" && sort --version | head -1
"""


def found(course, paths, cells=(LOOK, USE), **more):
    """What a submission with these cells has shown."""
    released = release.release_notebook(course / "source" / LESSON / NAME)
    notebook = submission(released)
    notebook.cells += map(new_code_cell, cells)
    tiny_course.submit(course, "ada", notebook)
    (course / "submitted" / "ada" / LESSON / "planted.json").write_text(json.dumps(paths))
    own = [str(course), str(course / "tmp"), "/nowhere/of/the/grader"]
    (course / "submitted" / "ada" / LESSON / "paths.json").write_text(json.dumps(own))
    search = {"PATH": f"/nowhere/of/the/grader:{os.environ['PATH']}:{course}"}
    more["env"] = search | more.get("env", {})
    command = more.pop("command", GRADE)
    plant = dict.fromkeys(paths, "secret")
    answer = ordinary_user.run([*command, LESSON], course, plant=plant, **more)
    assert answer.returncode == 0, answer.stdout
    graded = nbformat.read(course / "autograded" / "ada" / LESSON / NAME, as_version=4)
    return [json.dumps(cell.outputs) for cell in graded.cells[-len(cells) :]]


@pytest.fixture
def course(tmp_path):
    missing_walls()
    ordinary_user.missing_ordinary_user()
    return tiny_course.make_course(tmp_path, cell_timeout=300)


def configure(course, line):
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(f"{line}\n")


@pytest.mark.slow
@pytest.mark.parametrize("user", [0, pytest.param(NOBODY, marks=pytest.mark.weekly)])
def test_nothing_of_others_is_seen_and_what_is_needed_works(course, user):
    paths = [f"{folder}/{MARK}" for folder in OTHERS if os.path.isdir(folder)]
    paths += [f"{EXCHANGE}/course/inbound/bob+{LESSON}/{MARK}", f"{PACKAGES}/pip/exchange/{MARK}"]
    configure(course, f"c.Exchange.root = {PACKAGES + '/pip/exchange'!r}")
    look, use = found(course, paths, user=user, umask=0o077)
    assert "seen: []" in look
    assert "told: []" in look, "no path of the grader's"
    assert "host: student student False" in look
    assert "sum 6.0 Asia/Tokyo" in use
    assert "python 42" in use
    assert "image/png" in use
    assert "home /student/home /student/work" in use
    assert "fonts 0" not in use or not visible_fonts()
    assert "coreutils" in use
    assert "rror" not in use


def visible_fonts():
    from matplotlib import font_manager

    return [path for path in font_manager.findSystemFonts() if path.startswith("/usr/")]


@pytest.mark.slow
def test_what_lies_where_only_options_and_settings_say_is_not_seen(course, tmp_path):
    """Within what is needed: an exchange that the user's own settings name, by a link; submissions.

    The others' are where the course's settings say, but the command's option names these.
    """
    (tmp_path / "home" / ".jupyter").mkdir(parents=True)
    (tmp_path / "linked").symlink_to(f"{PACKAGES}/pip/exchange")
    settings = json.dumps({"Exchange": {"root": str(tmp_path / "linked")}})
    (tmp_path / "home" / ".jupyter" / "nbgrader_config.json").write_text(settings)
    elsewhere = f"{PACKAGES}/pip/handed-in"
    configure(course, f"c.CourseDirectory.submitted_directory = {elsewhere!r}")
    paths = [f"{PACKAGES}/pip/exchange/{MARK}", f"{elsewhere}/bob/{LESSON}/{MARK}"]
    command = [*QUICK, "--submitted", str(tmp_path / "submitted")]
    (look,) = found(course, paths, [LOOK], command=command)
    assert "seen: []" in look


@pytest.mark.weekly
def test_a_python_in_usr_local_works_and_what_lies_beside_it_is_not_seen(course):
    bind = linux.BIND | linux.RECURSIVE
    look, use = found(
        course,
        [f"{EXCHANGE}/course/inbound/bob+{LESSON}/{MARK}", f"/usr/local/include/x/{MARK}"],
        command=["/usr/local/bin/python3", *GRADE[1:]],
        mounts=[(sys.base_prefix, "/usr/local", None, bind)],
        env={"PYTHONPATH": f"{ROOT}:{PACKAGES}"},
    )
    assert "seen: []" in look
    assert "sum 6.0 Asia/Tokyo" in use
    # This one may look for its own library where it was built for, which is not in /usr/local.
    assert "python 42" in use or "loading shared libraries: libpython" in use


# The lists ----------------------------------------------------------------------------------------


def test_a_prefix_is_shown_in_part(tmp_path, monkeypatch):
    """Other environments in it, as in that of a conda, are not."""
    for name in ("lib/python3", "bin", "envs/other/lib", "pkgs", "share/fonts", "share/nbgrader"):
        (tmp_path / "conda" / name).mkdir(parents=True)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "conda"))
    places = visible.find_visible().places
    shown = {path for path in places if path.startswith(str(tmp_path))}
    assert shown == {str(tmp_path / "conda" / name) for name in ("bin", "lib", "share/fonts")}


def test_what_is_behind_links_is_shown_where_it_is_and_linked_to(tmp_path, monkeypatch):
    (tmp_path / "real" / "venv" / "lib").mkdir(parents=True)
    (tmp_path / "name").symlink_to(tmp_path / "real")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "name" / "venv"))
    found = visible.find_visible()
    assert str(tmp_path / "real" / "venv" / "lib") in found.places
    assert found.links[f"{tmp_path}/name/venv/lib"] == f"{tmp_path}/real/venv/lib"
    assert not any(path.startswith(f"{tmp_path}/name") for path in found.places)


def test_no_listed_place_is_one_in_which_others_keep_things():
    places = map(Path, visible.find_visible().places)
    home = Path.home()
    for place in places:
        assert str(place) not in ("/", "/usr", "/usr/local", "/usr/share", "/usr/local/lib", "/etc")
        assert not home.is_relative_to(place)
        assert not ROOT.is_relative_to(place)


def test_every_configuration_that_nbgrader_reads_counts(tmp_path, monkeypatch):
    course = tiny_course.make_course(tmp_path / "course")
    configure(course, "c.Exchange.root = '/srv/one'\nc.TransferApp.exchange_directory = '/srv/two'")
    folders = [tmp_path / "etc", tmp_path / "user"]
    for folder in folders:
        folder.mkdir()
    (folders[0] / "nbgrader_config.py").write_text("get_config().Exchange.root = '/srv/three'")
    (folders[1] / "jupyter_config.json").write_text('{"Exchange": {"root": "/srv/four"}}')
    (folders[1] / "nbgrader_config.py").write_text("1 / 0")
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(folders[0]))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(folders[1]))
    found = private_places(course_folder.find(course))
    assert {f"/srv/{number}" for number in ("one", "two", "three", "four")} < set(found)
    assert {str(course), EXCHANGE} < set(found)


@pytest.mark.parametrize(("value", "words"), [
    ("'/srv'", "must be a list of folders"), ("[7]", "must be a list of folders"),
    ("['nowhere']", "There is no folder"), ("['.']", "must stay hidden"),
    ("['..']", "must stay hidden"), ("['link']", "must stay hidden"),
    (f"['source/{LESSON}']", "must stay hidden"), ("['exchange/inner']", "must stay hidden"),
])  # fmt: skip
def test_packages_that_are_missing_or_show_what_is_private_are_refused(tmp_path, value, words):
    course = tiny_course.make_course(tmp_path / "course")
    (course / "exchange" / "inner").mkdir(parents=True)
    (course / "link").symlink_to("source")
    configure(course, f"c.Exchange.root = 'exchange'\nc.Sandbox.packages = {value}")
    with pytest.raises(CourseError, match=words):
        read_lesson(course_folder.find(course), LESSON)
