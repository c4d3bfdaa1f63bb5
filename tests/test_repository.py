"""What stands beside the code: files that end well, pages that name what is there, one version."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from packaging.version import Version

import autograder.cli
import course.cli
from tests.conftest import sample

ROOT = Path(__file__).parent.parent
FOLDERS = (
    ".ci",
    ".github",
    "autograder",
    "benchmarks",
    "course",
    "docs",
    "release",
    "scripts",
    "source",
    "tests",
)
FILES = [
    path
    for path in [*ROOT.iterdir(), *(path for name in FOLDERS for path in (ROOT / name).rglob("*"))]
    if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)
]
CODE = {".css", ".ipynb", ".j2", ".mplstyle", ".py"}
PROSE = {".cff", ".md", ".toml", ".txt", ".yaml", ".yml"}
WITHOUT_SUFFIX = {".editorconfig", ".gitignore", "LICENSE", "Makefile", "run"}


# Version ------------------------------------------------------------------------------------------

SECTIONS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


@pytest.fixture(scope="module")
def changelog():
    """The headings of the changelog: (level, text)."""
    text = (ROOT / "CHANGELOG.md").read_text()
    return [(len(level), words) for level, words in re.findall(r"^(#+) (.+)$", text, re.MULTILINE)]


def test_the_changelog_has_the_usual_form(changelog):
    assert changelog[:2] == [(1, "Changelog"), (2, "[Unreleased]")]
    assert {words for level, words in changelog if level == 3} <= SECTIONS
    released = [words for level, words in changelog[2:] if level == 2]
    entries = [re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)", one) for one in released]
    assert all(entries), released
    for newer, older in pairwise(entries):
        assert Version(newer[1]) > Version(older[1])
        assert newer[2] >= older[2]


def test_the_version_is_that_of_the_newest_entry(changelog):
    newest = next(words for level, words in changelog[2:] if level == 2)
    assert newest.startswith(f"[{course.__version__}] ")


@pytest.mark.parametrize("command", [course.cli.main, autograder.cli.main])
def test_both_commands_tell_it(command):
    answer = CliRunner().invoke(command, ["--version"])
    assert answer.output.rstrip().endswith(f"version {course.__version__}")


def test_it_stands_nowhere_else():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "course.__version__"}


# The choice of tests ------------------------------------------------------------------------------


def test_the_sample_of_many_depends_on_each_name_alone():
    names = [f"case {number}" for number in range(500)]
    chosen = sample(names, 5)
    assert 60 < len(chosen) < 140
    assert sample(reversed(names), 5) == chosen[::-1]
    more = sample([f"another {number}" for number in range(100)] + names, 5)
    assert [name for name in more if name in names] == chosen
    assert sample(names, 1) == names
    assert len(sample(names[:2], 1000)) == 1
