"""The project files agree with each other, and on which Python the course runs."""

import ast
import contextlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

import check_python
from autograder import doctor
from tests.conftest import missing
from tests.test_imports import imports

# The first and the last release of each Python that the course runs on.
PYTHONS = [f"3.{minor}.{patch}" for minor in range(11, 14) for patch in (0, 99)]
RANGE = "Python 3.11 to 3.13"


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def pins(root):
    """The exact versions in constraints.txt, by canonical name."""
    lines = (root / "constraints.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+", name) for name in pins)
    return {canonicalize_name(name): version for name, version in pins.items()}


def test_environment_lists_what_pyproject_lists(root, project):
    environment = yaml.safe_load((root / "environment.yml").read_text())
    assert environment["name"] == project["name"]
    conda = [line for line in environment["dependencies"] if isinstance(line, str)]
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert "pip" in conda
    (python,) = (line for line in conda if line.startswith("python"))
    # repo2docker finds the version in this way alone; conda takes the newest 3.12 for =3.12.
    version = re.fullmatch(r"python\s*=+\s*([\d.]*)", python)[1]
    assert f"{version}.99" in SpecifierSet(project["requires-python"])
    constraints, *libraries, course = pip
    assert constraints == "--constraint constraints.txt"
    assert libraries == project["dependencies"]
    assert course == "--editable ."


def test_constraints_are_exact_within_the_ranges_and_name_no_host(project, pins):
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    for requirement in (Requirement(line) for lines in lists for line in lines):
        version = Version(pins[canonicalize_name(requirement.name)])
        assert version in requirement.specifier, f"{requirement} is tested with {version}"
        assert all(clause.operator == ">=" for clause in requirement.specifier), requirement


SYSTEMS = {
    "linux": {"platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
    "darwin": {"platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
    "win32": {"platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
}


@pytest.mark.parametrize("python", ["3.11", "3.13"])
@pytest.mark.parametrize("system", SYSTEMS)
def test_what_the_packages_need_on_any_system_is_among_the_constraints(
    project, pins, system, python
):
    on_it = SYSTEMS[system] | {"sys_platform": system, "python_version": python}
    on_it["python_full_version"] = f"{python}.0"
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    waiting = [Requirement(line) for lines in lists for line in lines]
    followed = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        version = pins.get(name)
        assert version, f"{name} is missing"
        assert version in requirement.specifier, f"{requirement} is tested with {version}"
        for extra in {"", *requirement.extras} - {extra for one, extra in followed if one == name}:
            followed.add((name, extra))
            with contextlib.suppress(metadata.PackageNotFoundError):  # it is for another system
                needed = map(Requirement, metadata.requires(name) or [])
                there = on_it | {"extra": extra}
                waiting += [one for one in needed if not one.marker or one.marker.evaluate(there)]
    assert len(followed) > 100


# Which Python ------------------------------------------------------------------------------------


def test_all_say_the_same_range_of_pythons(root, project):
    oldest, newest = check_python.OLDEST, check_python.NEWEST
    assert f"Python {oldest[0]}.{oldest[1]} to {newest[0]}.{newest[1]}" == RANGE
    assert (oldest, newest) == (doctor.OLDEST, doctor.NEWEST)
    above = f"{newest[0]}.{newest[1] + 1}"
    allowed = SpecifierSet(project["requires-python"])
    assert all(version in allowed for version in PYTHONS)
    classifiers = [line for line in project["classifiers"] if re.search(r"3\.\d", line)]
    listed = [line.removeprefix("Programming Language :: Python :: ") for line in classifiers]
    assert listed == [version.removesuffix(".0") for version in PYTHONS[::2]]
    assert "3.10.99" not in allowed
    assert f"{above}.0" not in allowed
    pages = ("README.md", "CONTRIBUTING.md", "docs/instructors-guide.md", "docs/hub.md")
    for name in (*pages, "autograder/building/kit_page.py"):
        assert RANGE in (root / name).read_text(encoding="utf-8"), name


def test_every_pin_admits_every_python_of_the_range(pins):
    """Else pip finds no set of versions, and names innocent packages."""
    found = {canonicalize_name(each.metadata["Name"]): each for each in metadata.distributions()}
    checked = [name for name, version in pins.items() if name in found]
    checked = [name for name in checked if found[name].version == pins[name]]
    if len(checked) <= 0.9 * len(pins):
        pytest.skip("what is installed here is not what constraints.txt pins")
    for name in checked:
        allowed = SpecifierSet(found[name].metadata.get("Requires-Python") or "")
        refused = [version for version in PYTHONS if version not in allowed]
        assert not refused, f"{name}=={pins[name]} needs Python {allowed}"


WRONG_PYTHONS = {
    "too old": ((3, 10, 14), "Linux", "x86_64", "", "Python 3.10.14 is too old"),
    "far too old": ((2, 7, 18), "Darwin", "x86_64", "", "Python 2.7.18 is too old"),
    "too new": ((3, 14, 0), "Darwin", "arm64", "", "Python 3.14.0 is too new"),
    "far too new": ((4, 0, 0), "Linux", "x86_64", "", "Python 4.0.0 is too new"),
    "an Intel Mac": ((3, 12, 4), "Darwin", "x86_64", "", "Macs with an Intel processor"),
    "another processor": ((3, 12, 4), "Linux", "armv7l", "", "for Linux on armv7l"),
    "another Windows": ((3, 12, 4), "Windows", "ARM64", "", "for Windows on ARM64"),
    "another system": ((3, 12, 4), "FreeBSD", "amd64", "", "for FreeBSD on amd64"),
    "another build": ((3, 12, 4), "Windows", "AMD64", "PyPy", "not published for PyPy"),
}


@pytest.mark.parametrize("wrong", WRONG_PYTHONS)
def test_what_is_wrong_with_a_python_is_said_in_one_sentence(wrong):
    *python, reason = WRONG_PYTHONS[wrong]
    sentence = check_python.problem(*python, advice="name another one")
    assert reason in sentence
    assert "\n" not in sentence
    assert (RANGE in sentence) == (sentence.endswith(": name another one"))
    assert (RANGE in sentence) == ("is too" in sentence or "PyPy" in sentence)


def test_a_mac_needs_the_macos_that_tensorflow_needs(root, monkeypatch, capsys):
    mac = ((3, 12, 4), "Darwin", "arm64")
    assert not check_python.problem(*mac, macos="12.7.6")
    assert not check_python.problem(*mac, macos="26.1")
    assert not check_python.problem(*mac, macos="10.16")  # as some Pythons call any later one
    sentence = check_python.problem(*mac, macos="11.7.10")
    assert "not published for macOS 11.7.10: update to macOS 12 or later" in sentence
    monkeypatch.setattr(platform, "mac_ver", lambda: ("11.7.10", ("", "", ""), "arm64"))
    with pytest.raises(SystemExit, match=r"macOS 11\.7\.10"):
        check_python.main()
    for name in ("README.md", "autograder/building/kit_page.py"):
        text = " ".join((root / name).read_text(encoding="utf-8").split())
        assert "a Mac with Apple silicon and macOS 12 or later" in text


@pytest.mark.parametrize(("system", "machine"), [
    ("Linux", "x86_64"), ("Linux", "aarch64"), ("Darwin", "arm64"), ("Windows", "AMD64"),
])  # fmt: skip
def test_the_pythons_of_the_range_will_do(system, machine):
    for version in PYTHONS:
        assert not check_python.problem(tuple(map(int, version.split("."))), system, machine)


def test_this_python_will_do():
    assert not check_python.unusual_build()
    check_python.main()


def test_the_test_of_the_python_runs_on_any_python(root):
    """Its syntax is that of Python 3.4, it imports little, and nothing that is installed."""
    tree = ast.parse((root / "check_python.py").read_text(), feature_version=(3, 4))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    assert set(imports(root / "check_python.py")) <= {"platform", "sys", "sysconfig"}


def pretended(path, version):
    """A program that runs Python scripts as a Python of this version would."""
    code = (
        f"import runpy, sys; sys.version_info = {version}; sys.argv = sys.argv[1:]; "
        "sys.path[:0] = ['.']; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{code}" "$@"\n')
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("version", "reason"),
    [((3, 10, 4, "final", 0), "3.10.4 is too old"), ((3, 14, 1, "final", 0), "3.14.1 is too new")],
)
def test_make_install_refuses_another_python_before_pip_does(root, tmp_path, version, reason):
    python = pretended(tmp_path / "python", version)
    refused = make_install(root, tmp_path / "venv", python)
    assert f"Python {reason}" in refused
    assert f"{RANGE}: name another one, as in: make install PYTHON=python3.12" in refused


def test_make_install_says_that_there_is_no_such_python(root, tmp_path):
    refused = make_install(root, tmp_path / "venv", "python3.99")
    assert "There is no python3.99 here: name another one" in refused


def test_make_install_names_both_pythons_if_the_environment_is_of_another(root, tmp_path):
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho Python 3.12.99\n")
    python.chmod(0o755)
    refused = make_install(root, tmp_path / "venv", sys.executable)
    assert "was made with Python 3.12.99, but" in refused
    assert f"is Python {platform.python_version()}: give the same PYTHON= as before" in refused


def make_install(root, venv, python):
    """What `make install` says when it refuses a Python: one line, before it does anything."""
    if not shutil.which("make"):
        missing("make", "`make install` cannot be tried")
    command = ["make", "--no-print-directory", "install", f"VENV={venv}", f"PYTHON={python}"]
    outer = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}  # of the make that runs the tests
    environment = {key: value for key, value in os.environ.items() if key not in outer}
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True, env=environment)
    assert answer.returncode != 0
    assert not (venv / "pyvenv.cfg").exists()
    assert not answer.stdout
    sentence, make_itself = answer.stderr.splitlines()
    assert make_itself.startswith("make: ***")
    return sentence
