"""The project files agree with each other, and imports between the rooms go one way."""

import ast
import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text())["project"]


def test_environment_lists_what_pyproject_lists(root, project):
    environment = yaml.safe_load((root / "environment.yml").read_text())
    assert environment["name"] == project["name"]
    conda = [line for line in environment["dependencies"] if isinstance(line, str)]
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert f"python{project['requires-python']}" in conda
    *libraries, course = pip
    assert libraries == project["dependencies"]
    assert course == "--editable ."


def test_constraints_are_exact_within_the_ranges_and_name_no_host(root, project):
    lines = (root / "constraints.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+", name) for name in pins)
    pins = {name.lower().replace("_", "-"): version for name, version in pins.items()}
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    for requirement in (Requirement(line) for lines in lists for line in lines):
        version = Version(pins[requirement.name.lower()])
        assert version in requirement.specifier, f"{requirement} is tested with {version}"
        assert all(clause.operator == ">=" for clause in requirement.specifier), requirement


def imports(path):
    """The modules that a Python file imports, at any depth of its code."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_course_never_imports_autograder(root):
    for path in (root / "course").rglob("*.py"):
        found = [name for name in imports(path) if name.split(".")[0] == "autograder"]
        assert not found, f"{path} imports {found}"


def test_only_dashboard_and_playgrounds_import_ipywidgets(root):
    for path in (root / "course").rglob("*.py"):
        room = path.relative_to(root / "course").parts[0]
        if room.removesuffix(".py") in ("dashboard", "playgrounds"):
            continue
        found = [name for name in imports(path) if name.split(".")[0] == "ipywidgets"]
        assert not found, f"{path} imports {found}"


# Each room of the course, and the rooms that it may import: rooms above it in this list.
MAY_IMPORT = {
    "messages": set(),
    "silence": set(),
    "backend": {"silence"},
    "files": set(),
    "digits": {"files"},
    "networks": set(),
    "training": {"digits", "networks"},
    "panels": set(),
    "recording": set(),
    "clinic": {"digits", "training"},
    "check": {"digits", "clinic"},
    "pictures": {"digits", "networks", "training", "panels", "clinic"},
    "dashboard": {"panels", "pictures", "training", "recording"},
    "playgrounds": {"digits", "networks", "training", "panels", "pictures", "dashboard"},
    "terminal": {"panels", "recording", "training"},
    "workbook": {"files"},
    "cli": {"digits", "networks", "recording", "training", "panels", "terminal", "workbook"},
}
ANY_ROOM_MAY_IMPORT = {"messages", "silence", "backend"}


def test_every_room_of_the_course_is_in_the_list(root):
    rooms = {path.stem for path in (root / "course").iterdir() if path.suffix == ".py"}
    rooms |= {path.parent.name for path in (root / "course").glob("*/__init__.py")}
    assert rooms - {"__init__"} == set(MAY_IMPORT)


def test_no_room_may_import_one_below_it():
    for place, (room, allowed) in enumerate(MAY_IMPORT.items()):
        assert allowed <= set(list(MAY_IMPORT)[:place]), room


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_rooms_import_only_what_they_may(root, room):
    paths = [*(root / "course").glob(f"{room}.py"), *(root / "course" / room).rglob("*.py")]
    allowed = MAY_IMPORT[room] | {room}
    if room not in ANY_ROOM_MAY_IMPORT:
        allowed |= ANY_ROOM_MAY_IMPORT
    for path in paths:
        for name in imports(path):
            parts = name.split(".")
            # `from course import digits` gives the names "course" and "course.digits".
            if parts[0] == "course" and MAY_IMPORT.keys() & parts[1:2]:
                assert parts[1] in allowed, f"{path} imports {name}"


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
