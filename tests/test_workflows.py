"""The workflows: each step runs a command that works here by hand, too."""

import re
import shlex
import subprocess
import sys

import pytest
import yaml

from tests.conftest import ROOT
from tests.test_repository import COMMANDS

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
EXPRESSION = re.compile(r"\$\{\{ ([a-z]+)\.([a-z_.]+) \}\}")


def jobs():
    for path in WORKFLOWS:
        for name, job in yaml.safe_load(path.read_text())["jobs"].items():
            yield pytest.param(job, id=f"{path.stem}: {name}")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_says_what_it_is_for_and_may_no_more_than_it_needs(path):
    text = path.read_text()
    workflow = yaml.safe_load(text)
    assert text.startswith("# ")
    assert workflow["name"] == path.stem
    assert set(workflow["permissions"]) == {"contents"}
    assert True in workflow  # YAML's reading of `on`
    for needed in (job.get("needs") for job in workflow["jobs"].values()):
        assert needed is None or needed in workflow["jobs"]


@pytest.mark.parametrize("job", list(jobs()))
def test_a_job_runs_what_is_there(job):
    values = job.get("strategy", {}).get("matrix", {})
    systems = values.get("os", [job["runs-on"]])
    assert all(re.fullmatch(r"(ubuntu|macos|windows)-\d+(\.\d+)?", system) for system in systems)
    for step in job["steps"]:
        assert ("uses" in step) != ("run" in step)
        assert "@v" in step.get("uses", "@v")
        for scope, name in EXPRESSION.findall(str(step)):
            assert scope == "github" or name in values
        command = step.get("run", "")
        for target in re.findall(r"\bmake ([a-z]+)", command):
            assert target in TARGETS
        for path in re.findall(r"(?<![\w/.])((?:tests|deploy|\.ci)/[\w/.]+)", command):
            assert (ROOT / path).exists(), path
        for program, name in re.findall(r"\b(course|autograder) ([a-z]+)", command):
            assert name in COMMANDS[program].commands
        for module in re.findall(r"-m (tests\.\w+)", command):
            assert (ROOT / f"{module.replace('.', '/')}.py").exists()


@pytest.mark.slow
def test_the_newest_of_everything_fails_at_what_is_deprecated_in_any_module(tmp_path):
    path = ROOT / ".github" / "workflows" / "newest.yml"
    steps = yaml.safe_load(path.read_text())["jobs"]["newest"]["steps"]
    (command,) = (step["run"] for step in steps if "/pytest" in step.get("run", ""))
    (option,) = (word for word in shlex.split(command) if word.startswith("filterwarnings="))
    for module, code in (("course.live.view", 1), ("autograder.cli", 1), ("of_others", 0)):
        (tmp_path / "test_it.py").write_text(
            "import warnings\n"
            "def test_it():\n"
            f"    warnings.warn_explicit('old', DeprecationWarning, 'it.py', 1, {module!r})\n"
        )
        run = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-o", option]
        assert subprocess.run(run, cwd=tmp_path, stdout=subprocess.PIPE).returncode == code


def test_the_pythons_are_those_that_the_course_runs_on():
    found = set()
    for path in WORKFLOWS:
        found |= set(re.findall(r'"(3\.\d+)"', path.read_text()))
    assert found == {"3.11", "3.12", "3.13"}
