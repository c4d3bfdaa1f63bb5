"""The workflows: each step runs a command that works here by hand, too."""

import re

import pytest
import yaml

from tests.conftest import ROOT

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
        for path in re.findall(r"(?<![\w/.])((?:tests|\.ci)/[\w/.]+)", command):
            assert (ROOT / path).exists(), path
        for module in re.findall(r"-m (tests\.\w+)", command):
            assert (ROOT / f"{module.replace('.', '/')}.py").exists()


def test_the_pythons_are_those_that_the_course_runs_on():
    found = set()
    for path in WORKFLOWS:
        found |= set(re.findall(r'"(3\.\d+)"', path.read_text()))
    assert found == {"3.11", "3.12", "3.13"}
