"""Imports between the rooms go one way, and what is heavy is imported late."""

import ast
import graphlib
import subprocess
import sys

import pytest

from tests import tiny_course


def imports(path):
    """The modules that a Python file imports, at any depth of its code."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.slow
def test_course_never_imports_autograder(root):
    for path in (root / "course").rglob("*.py"):
        found = [name for name in imports(path) if name.split(".")[0] == "autograder"]
        assert not found, f"{path} imports {found}"


WIDGET_LIBRARIES = {"ipywidgets", "anywidget"}


@pytest.mark.slow
def test_few_rooms_import_widget_libraries(root):
    for path in (root / "course").rglob("*.py"):
        room = path.relative_to(root / "course").parts[0]
        if room.removesuffix(".py") in ("live", "dashboard", "playgrounds"):
            continue
        found = [name for name in imports(path) if name.split(".")[0] in WIDGET_LIBRARIES]
        assert not found, f"{path} imports {found}"


# Each room of a package, and the rooms that it may import: rooms above it in this list. A room
# inside a room is one of its own.
MAY_IMPORT = {
    "course": {
        "messages": set(),
        "translated_help": set(),
        "columns": set(),
        "silence": set(),
        "home": set(),
        "shadowing": set(),
        "imports": set(),
        "backend": {"imports", "silence"},
        "files": set(),
        "digits": {"files"},
        "networks": set(),
        "training": {"networks"},
        "terminal_words": set(),
        "drawing": {"terminal_words"},
        "panels": {"drawing", "training"},
        "recording": {"terminal_words"},
        "code_key": set(),
        "front_end": set(),
        "clinic": {"digits", "training"},
        "check/exercises": set(),
        "check/engine": {"check/exercises"},
        "check/references": {"training", "check/engine"},
        "check": {
            *("digits", "clinic", "code_key", "front_end"),
            *("check/exercises", "check/engine", "check/references"),
        },
        "pictures": {
            *("digits", "networks", "training", "drawing", "panels", "clinic"),
            "check/references",
        },
        "live": {"drawing", "panels", "pictures", "training", "front_end"},
        "dashboard": {
            *("drawing", "live", "panels", "pictures", "training", "recording", "front_end"),
        },
        "playgrounds": {
            *("digits", "networks", "training", "drawing", "panels", "pictures", "front_end"),
            *("check/references", "live", "dashboard"),
        },
        "terminal": {"panels", "recording", "training"},
        "workbook": {"files", "imports", "shadowing", "code_key"},
        "commands": {
            *("digits", "networks", "recording", "training", "panels", "terminal", "workbook"),
            *("columns", "shadowing"),
        },
        "cli": {"translated_help", "workbook", "commands"},
    },
    "autograder": {
        "messages": set(),
        "names": set(),
        "nbgrader_metadata": set(),
        "sandbox/protocol": set(),
        "sandbox/limits": set(),
        "course_folder": {"names", "sandbox/limits"},
        "systems": {"course_folder"},
        "sandbox/inside": {"sandbox/protocol", "sandbox/limits"},
        "sandbox/examiner": {"nbgrader_metadata", "sandbox/protocol", "sandbox/limits"},
        "sandbox/fork_server": {
            *("sandbox/protocol", "sandbox/limits", "sandbox/inside", "sandbox/examiner"),
        },
        "sandbox/start": {"sandbox/inside", "sandbox/fork_server"},
        "sandbox/outside": {"sandbox/protocol", "sandbox/limits", "sandbox/inside"},
        "sandbox": {"sandbox/outside", "sandbox/limits"},
        "exam": set(),
        "building": {"nbgrader_metadata", "course_folder"},
        "grading": {
            *("names", "systems", "nbgrader_metadata", "course_folder", "building"),
            *("sandbox", "sandbox/outside", "sandbox/examiner", "sandbox/protocol"),
        },
        "collecting": {"names", "course_folder", "grading"},
        "pages": {
            *("names", "nbgrader_metadata", "course_folder", "building", "grading"),
            "collecting",
        },
        "nbgrader_plugins": {"names", "course_folder", "building", "grading", "pages"},
        "best_attempt": {"course_folder", "building", "grading", "collecting"},
        "watching": {
            *("names", "course_folder", "grading", "pages", "collecting", "nbgrader_plugins"),
        },
        "unread_settings": set(),
        "doctor": {
            *("systems", "course_folder", "grading", "sandbox", "sandbox/outside"),
            "unread_settings",
        },
        "forgetting": {"names", "course_folder", "grading", "collecting"},
        "demo": {
            *("systems", "nbgrader_metadata", "course_folder", "building", "grading", "pages"),
            *("sandbox", "sandbox/outside"),
        },
        "commands": {
            *("names", "systems", "course_folder", "building", "grading", "pages"),
            *("collecting", "best_attempt", "watching", "doctor", "forgetting", "sandbox/outside"),
        },
        "cli": {"names", "course_folder", "commands"},
    },
}
ANY_ROOM_MAY_IMPORT = {"messages", "silence", "imports", "backend"}
ROOMS = [(package, room) for package, rooms in MAY_IMPORT.items() for room in rooms]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_every_room_is_in_the_list(root, package):
    rooms = {path.stem for path in (root / package).iterdir() if path.suffix == ".py"}
    rooms |= {path.parent.name for path in (root / package).glob("*/__init__.py")}
    assert rooms - {"__init__"} == {room.split("/")[0] for room in MAY_IMPORT[package]}


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_no_room_may_import_one_below_it(package):
    rooms = list(MAY_IMPORT[package])
    for place, room in enumerate(rooms):
        assert MAY_IMPORT[package][room] <= set(rooms[:place]), room


def room_of(package, parts):
    """The room of a module, by the parts of its name behind that of the package."""
    inner = "/".join(parts[:2])
    return inner if inner in MAY_IMPORT[package] else parts[0]


@pytest.mark.parametrize(("package", "room"), ROOMS)
def test_rooms_import_only_what_they_may(root, package, room):
    folder = root / package
    paths = [*folder.glob(f"{room}.py"), *(folder / room).rglob("*.py")]
    of_path = {
        path: room_of(package, path.relative_to(folder).with_suffix("").parts) for path in paths
    }
    paths = [path for path in paths if of_path[path] == room]
    assert paths, f"no room {room}"
    allowed = MAY_IMPORT[package][room] | {room}
    if room not in ANY_ROOM_MAY_IMPORT:
        allowed |= ANY_ROOM_MAY_IMPORT
    for path in paths:
        for name in imports(path):
            first, *parts = name.split(".")
            # `from course import digits` gives the names "course" and "course.digits".
            if first == package and MAY_IMPORT[package].keys() & {*parts[:1], "/".join(parts[:2])}:
                assert room_of(package, parts) in allowed, f"{path} imports {name}"


def imported_modules(path, modules):
    """Which of these modules a file imports: of `from course import digits`, `course.digits`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in modules else node.module for name in inner]
        else:
            continue
        yield from (name for name in names if name in modules)


@pytest.mark.parametrize("package", MAY_IMPORT)
@pytest.mark.slow
def test_no_modules_import_each_other_in_a_circle(root, package):
    """Imports inside functions count, too."""
    modules = {}
    for path in (root / package).rglob("*.py"):
        name = ".".join(path.relative_to(root).with_suffix("").parts)
        modules[name.removesuffix(".__init__")] = path
    graph = {name: set(imported_modules(path, modules)) for name, path in modules.items()}
    assert sum(map(len, graph.values())) > len(graph)
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize("command", ["course", "autograder"])
def test_help_imports_nothing_heavy(command):
    """What is heavy is imported by the command that needs it: `--help` answers at once."""
    code = (
        f"import sys; from {command}.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit as stop: assert not stop.code\n"
        "heavy = {'tensorflow', 'keras', 'numpy', 'matplotlib', 'nbgrader', 'nbconvert', 'scipy'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert "Usage:" in answer.stdout


def test_grading_has_its_sandbox_warm_up_before_anything_heavy_is_imported(tmp_path):
    """The two take seconds each. nbgrader comes without what it adds to JupyterLab's server."""
    tiny_course.make_course(tmp_path)
    code = (
        "import sys; from autograder.cli import main; from autograder.sandbox.outside import pool\n"
        "heavy = {'nbgrader', 'nbconvert', 'sqlalchemy', 'numpy'}\n"
        "pool.warm_up = lambda *settings: print('before:', heavy & set(sys.modules))\n"
        "sys.argv = ['autograder', 'grade', '1', '--student', 'nobody']\n"
        "server = 'nbgrader.server_extensions.formgrader.handlers'\n"
        "try: main()\n"
        "finally: print('after:', 'nbgrader' in sys.modules, server in sys.modules)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path
    )
    assert "before: set()\n" in answer.stdout, answer.stderr
    assert "after: True False\n" in answer.stdout, answer.stderr


@pytest.mark.slow
def test_a_lesson_begins_without_what_only_the_drawing_of_its_valley_needs():
    """Grading imports all pictures and draws none, and SciPy's optimisers take their time."""
    code = (
        "import sys, course.pictures.lesson_02_gradient_descent, course.playgrounds.loss_surface\n"
        "print('scipy.optimize' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


@pytest.mark.weekly
def test_a_package_that_keras_does_without_can_still_be_imported():
    """Keras imports scikit-learn for wrappers that no lesson uses, which takes its time."""
    code = (
        "import sys, course.backend; assert 'sklearn' not in sys.modules\n"
        "import sklearn.linear_model; print(sklearn.linear_model.LinearRegression().fit_intercept)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "True"
