"""What stands beside the code: files that end well, pages that name what is there, one version."""

import ast
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from packaging.version import Version

import autograder.cli
import course.cli
from course.playgrounds import NAMES
from tests.conftest import sample

ROOT = Path(__file__).parent.parent
FOLDERS = (
    ".ci",
    ".github",
    "autograder",
    "benchmarks",
    "course",
    "deploy",
    "docs",
    "release",
    "scripts",
    "source",
    "tests",
    "translations",
)
FILES = [
    path
    for path in [*ROOT.iterdir(), *(path for name in FOLDERS for path in (ROOT / name).rglob("*"))]
    if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)
]
CODE = {".css", ".ipynb", ".j2", ".mplstyle", ".py"}
PROSE = {".cff", ".md", ".toml", ".txt", ".yaml", ".yml"}
WITHOUT_SUFFIX = {".editorconfig", ".gitignore", "LICENSE", "Makefile", "run"}


# Text ---------------------------------------------------------------------------------------------


def test_text_files_end_with_one_line_break_and_their_lines_with_no_blank():
    found = [path for path in FILES if path.suffix in CODE | PROSE or path.name in WITHOUT_SUFFIX]
    assert len(found) > 200
    for path in found:
        text = path.read_bytes().decode()
        assert text == "" or re.search(r"[^\n]\n\Z", text), path
        assert not re.search(r"[ \t\r]$", text, re.MULTILINE), path


def test_nothing_is_left_of_a_merge():
    assert [path for path in FILES if path.suffix in (".orig", ".rej")] == []


# Paths --------------------------------------------------------------------------------------------

PAGES = [
    ROOT / "README.md",
    ROOT / "README.zh-CN.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    ROOT / ".github" / "pull_request_template.md",
    ROOT / "autograder" / "sandbox" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
PLACEHOLDER = re.compile("NN|NAME|NOTEBOOK|LANGUAGE")
MADE = ("translations/de", "course_settings.py")  # by an example, and by each person


def named_paths(page):
    """What a page calls by its path or file name: in backticks, and in blocks of code."""
    text = page.read_text()
    for block in re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL):
        for word in block.strip("`").split():
            word = word.strip(",:;()…\"'")
            inside = word.split("/")[0] in FOLDERS and "/" in word
            a_file = re.fullmatch(r"[\w.-]+\.(cff|md|py|toml|yaml|yml)", word)
            if (inside or a_file) and not word.startswith(MADE):
                yield word


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_a_page_names_is_there(page):
    for word in named_paths(page):
        pattern = PLACEHOLDER.sub("*", word)
        found = any(ROOT.glob(pattern)) or ("/" not in word and named(word))
        assert found, f"{page.name} names {word}, which is not there"


def test_every_claim_of_the_threat_model_names_tests_that_are_there():
    """As a function or, in the corpus, as a case."""
    text = (ROOT / "docs" / "threat-model.md").read_text()
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", text)
    assert len(named) > 40
    for path, name in named:
        code = (ROOT / "tests" / path).read_text()
        assert f"def {name}(" in code or f'"{name}":' in code, f"{path}::{name}"


def named(name):
    """Whether there is a file of this name, wherever it is."""
    return any(path.name == name for path in FILES)


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CHANGELOG.md"], ids=lambda page: page.name)
def test_every_link_within_the_repository_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        assert "://" in target or (page.parent / target).exists(), target


def test_the_pages_name_paths_at_all():
    contributing = set(named_paths(ROOT / "CONTRIBUTING.md"))
    assert {"tests/banks/lesson_NN_NAME.py", "course/check/exercises.py"} <= contributing
    assert len(contributing) > 30


COMMANDS = {"autograder": autograder.cli.main, "course": course.cli.main}
CALL = re.compile(r"(?:[A-Z_]+=\S+ )*(?:\S*[/\\])?(autograder|course|make) ([a-z][\w-]*)([^#]*)")


def named_calls(page):
    """The commands of the project that a page names in code: program, command, and its options."""
    for block in re.findall(r"```.*?```|`[^`\n]+`", page.read_text(), re.DOTALL):
        for line in block.strip("`").splitlines():
            if call := CALL.match(line):
                yield call[1], call[2], re.findall(r"(?<!\S)--[a-z-]+", call[3])


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CHANGELOG.md"], ids=lambda page: page.name)
def test_every_command_that_a_page_names_is_there(page):
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for program, command, options in named_calls(page):
        if program == "make":
            assert command in targets
            continue
        assert command in COMMANDS[program].commands, f"{page.name} names {program} {command}"
        known = {name for one in COMMANDS[program].commands[command].params for name in one.opts}
        assert set(options) <= known, f"{page.name}: {program} {command} has no {options}"


def test_the_pages_name_commands_at_all():
    named = {
        (program, command) for page in PAGES for program, command, _options in named_calls(page)
    }
    for program, group in COMMANDS.items():
        assert {(program, command) for command in group.commands} <= named


SENTENCE = re.compile(r'"[^"]*[.\u3002]"')  # the text of a comment to students


def without_language(page):
    """A page, as it would be if it did not say which language is meant."""
    return page.read_text(encoding="utf-8").replace("zh_CN/", "").replace(" LANGUAGE=zh_CN", "")


def blocks(text):
    """The blocks of code of a page, without what they tell people."""
    for block in re.findall(r"```.*?```", text, re.DOTALL):
        yield [SENTENCE.sub("", line.split(" #")[0].rstrip()) for line in block.splitlines()]


def with_comments(page):
    """The lines of a page's commands that say something behind a `#`, or begin with one."""
    found = re.findall(r"^```(\w*)\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    shells = {"", "bash", "powershell", "sh"}
    lines = [line for kind, text in found if kind in shells for line in text.splitlines()]
    return [line for line in lines if re.search(r"(^|\s)#", line)]


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CHANGELOG.md"], ids=lambda page: page.name)
def test_no_command_of_a_page_has_a_comment(page):
    """In zsh, the shell of a Mac, what is pasted with `#` gives the comment to the command."""
    assert not with_comments(page.read_text(encoding="utf-8"))


def test_what_root_installs_for_everybody_can_be_read_by_everybody():
    found = re.findall(r"^```\w*\n(.*?)^```", (ROOT / "docs" / "hub.md").read_text(), re.S | re.M)
    found = [block for block in found if "/opt/deep-learning-live/bin/pip" in block]
    assert len(found) == 2
    assert all(block.startswith("umask 022\n") for block in found)


def test_no_command_of_the_kit_nor_of_a_remedy_has_a_comment():
    for name in ("building/kit_page.py", "doctor.py"):
        code = (ROOT / "autograder" / name).read_text(encoding="utf-8")
        texts = [one.value for one in ast.walk(ast.parse(code)) if isinstance(one, ast.Constant)]
        texts = [text for text in texts if isinstance(text, str)]
        assert not [line for text in texts for line in with_comments(text)]
        assert not [text for text in texts if re.match(r"\S.* # ", text)]


@pytest.mark.parametrize("name", ["README", "docs/instructors-guide", "docs/teaching"])
def test_a_page_in_chinese_has_all_commands_names_and_points_of_the_english_one(name):
    english, chinese = (without_language(ROOT / f"{name}{end}") for end in (".md", ".zh-CN.md"))
    translated = list(blocks(chinese))
    for block in blocks(english):
        assert block in translated
    words, translated = (" ".join(text.split()) for text in (english, chinese))
    for code in re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", words)):
        assert code in translated
    for sign in ("#", "|", "- "):  # headings, rows of tables, points of lists
        wanted, found = (
            sum(line.startswith(sign) for line in text.splitlines()) for text in (english, chinese)
        )
        assert found >= wanted, f"lines that begin with {sign}"
    numbers = [
        [re.findall(r"\d+", line) for line in text.splitlines() if line.startswith("#")]
        for text in (english, chinese)
    ]
    assert numbers[0] == numbers[1][: len(numbers[0])], "numbers in headings"


@pytest.mark.parametrize("end", [".md", ".zh-CN.md"])
def test_git_ignores_the_files_of_a_class_that_the_guide_names_in_its_commands(end):
    text = (ROOT / f"docs/instructors-guide{end}").read_text(encoding="utf-8")
    shells = "".join(re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
    calls = [line for line in shells.splitlines() if line.startswith(("autograder ", "nbgrader "))]
    calls += re.findall(r"`((?:autograder|nbgrader) [^`\n]+)`", text)
    named = {word for call in calls for word in call.split() if word.endswith((".csv", ".zip"))}
    assert {"students.csv", "gradebook.csv", "points.csv", "submissions.zip"} <= named
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {f"/{name}" for name in named} <= set(ignored)


NUMBER = r"\D*(\d)\D*?[:\uff1a] ?"  # of a lesson, before its name: English or Chinese


@pytest.mark.parametrize("end", [".md", ".zh-CN.md"])
def test_a_page_calls_a_lesson_what_its_notebook_calls_it(end):
    released = ROOT / "release" if end == ".md" else ROOT / "translations/zh_CN/release"
    pages = [ROOT / f"README{end}", ROOT / f"docs/teaching{end}", released / "start.ipynb"]
    readme, teaching, start = (page.read_text(encoding="utf-8") for page in pages)
    names = dict(re.findall(r"^\| (\d) \| (.+?) \|", readme, re.MULTILINE))
    assert names == dict(re.findall(rf"^## {NUMBER}(.+?) ?[(\uff08]", teaching, re.MULTILINE))
    assert names == dict(re.findall(rf"\[{NUMBER}([^\]]+)\]\(0", start))
    notebooks = sorted(released.glob("0*-*/*.ipynb"))
    assert list(names) == [path.parent.name[1] for path in notebooks]
    for path, name in zip(notebooks, names.values(), strict=True):
        title = re.search(rf"# {NUMBER}(.+?)\\n", path.read_text(encoding="utf-8"))[2]
        assert title.startswith(name)


NUMBERS = {14: ("fourteen", "十四"), 15: ("fifteen", "十五"), 16: ("sixteen", "十六")}


@pytest.mark.parametrize(("end", "language"), [("", 0), (".zh-CN", 1)])
def test_the_readme_counts_the_playgrounds(end, language):
    text = (ROOT / f"README{end}.md").read_text("utf-8")
    told = re.findall(r"\b\w+teen(?= playgrounds)|十\w?(?=个(?:可以动手摆弄的)?游乐场)", text)
    assert set(told) == {NUMBERS[len(NAMES)][language]}


def test_the_readme_names_every_folder():
    layout = (ROOT / "README.md").read_text().split("## The layout")[1].split("\n## ")[0]
    assert {name for name in FOLDERS if name[0] != "."} <= set(re.findall(r"`([\w-]+)/`", layout))


def test_the_architecture_names_every_room_and_nothing_else():
    tree = re.search(r"```\n(.*?)```", (ROOT / "docs" / "architecture.md").read_text(), re.DOTALL)
    package, named = "", set()
    for indent, name in re.findall(r"^( *)([\w./]+)", tree[1], re.MULTILINE):
        package = package if indent else name
        named.add(package + name if indent else name)
    assert all((ROOT / name).exists() for name in named)
    rooms = {
        path.parent for name in ("course", "autograder") for path in (ROOT / name).glob("*/*.py")
    }
    assert {f"{room.relative_to(ROOT)}/" for room in rooms} <= named


@pytest.mark.parametrize("package", ["course", "autograder"])
def test_the_architecture_names_every_module(package):
    text = (ROOT / "docs" / "architecture.md").read_text()
    names = {path.stem for path in (ROOT / package).glob("[!_]*.py")}
    unnamed = [name for name in names if f"`{name}`" not in text and f"{name}.py" not in text]
    assert not unnamed


def test_every_file_in_the_diagrams_of_the_architecture_is_there():
    text = (ROOT / "docs" / "architecture.md").read_text()
    diagrams = "".join(re.findall(r"```mermaid\n(.*?)```", text, re.DOTALL)).replace("<br/>", " ")
    named = set(re.findall(r"(?<![\w/])(?:\w+/)+[\w.]*\w|\w+/(?![\w…])", diagrams))
    assert {"live/page/view.js", "grading/records", "check/engine/attempt", "source/"} <= named
    for name in named - {"submitted/"}:  # of the class
        bases = [ROOT, ROOT / "course", ROOT / "autograder"]
        assert any((base / f"{name}{end}").exists() for base in bases for end in ("", ".py")), name


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
    assert "version" not in yaml.safe_load((ROOT / "CITATION.cff").read_text())


# Habits of a public project -----------------------------------------------------------------------


def test_the_citation_has_what_is_required_and_agrees_with_the_project():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert citation["cff-version"] == "1.2.0"
    assert citation["message"]
    assert f"# {citation['title']}\n" in (ROOT / "README.md").read_text()
    licences = [
        citation["license"],
        *(of["license"] for of in citation["references"] if "license" in of),
    ]
    assert " AND ".join(licences) == project["license"]
    assert citation["keywords"] == project["keywords"]
    (author,) = citation["authors"]
    assert author["name"] in (ROOT / "LICENSE").read_text()
    for reference in citation["references"]:
        assert {"type", "title", "authors"} <= set(reference)


FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


@pytest.mark.parametrize(
    "path", [path for path in FORMS if path.name != "config.yml"], ids=lambda path: path.name
)
def test_an_issue_form_is_one(path):
    form = yaml.safe_load(path.read_text())
    assert form["name"]
    assert form["description"]
    asked = [part for part in form["body"] if part["type"] != "markdown"]
    assert {part["type"] for part in asked} <= {"input", "textarea", "dropdown", "checkboxes"}
    assert len({part["id"] for part in asked}) == len(asked) > 0
    assert all(part["attributes"]["label"] for part in asked)
    assert any(part.get("validations", {}).get("required") for part in asked)


def test_a_wrong_verdict_is_reported_with_the_answer_the_message_and_what_was_expected():
    (path,) = (path for path in FORMS if path.name == "verdict.yml")
    asked = {part.get("id") for part in yaml.safe_load(path.read_text())["body"]}
    assert {"exercise", "answer", "message", "expected"} <= asked


def test_the_hooks_run_the_projects_own_tools():
    """So that their versions stand in constraints.txt alone."""
    repositories = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
    for hook in repositories[0]["hooks"]:
        assert hook["language"] == "system"
        tool, *arguments = hook["entry"].split()
        assert tool in (".venv/bin/ruff", ".venv/bin/python")
        tests = [argument for argument in arguments if argument.startswith("tests/")]
        assert all((ROOT / test).is_file() for test in tests), tests


# Nothing is left over -----------------------------------------------------------------------------


def private_names(path):
    """The private functions, classes and constants of a module."""
    for statement in ast.parse(path.read_text()).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement]
        names = [getattr(one, "id", getattr(one, "name", "")) for one in targets]
        yield from (name for name in names if re.match(r"_[^_]", name))


@pytest.mark.parametrize("package", ["autograder", "course"])
def test_every_private_name_is_used_in_its_module(package):
    found = [
        (path, name) for path in (ROOT / package).rglob("*.py") for name in private_names(path)
    ]
    assert len(found) > 100
    for path, name in found:
        used = re.findall(rf"\b{name}\b", path.read_text())
        assert len(used) > 1, f"{path.relative_to(ROOT)} has {name}, which nothing uses"


def test_no_test_replaces_a_private_name():
    """What a test sets is a public setting of its module, or a missing seam."""
    replaces = re.compile(r"""setattr\([^)]*["'.]_[a-zA-Z]""")
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    assert not [path for path in tests if replaces.search(path.read_text())]


# The choice of tests ------------------------------------------------------------------------------


def test_no_two_public_classes_have_one_name():
    found = [
        name
        for path in FILES
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in ("autograder", "course")
        for name in re.findall(r"^class ([A-Z]\w*)", path.read_text(), re.MULTILINE)
    ]
    assert sorted(found) == sorted(set(found))


def test_the_sample_of_many_depends_on_each_name_alone():
    names = [f"case {number}" for number in range(500)]
    chosen = sample(names, 5)
    assert 60 < len(chosen) < 140
    assert sample(reversed(names), 5) == chosen[::-1]
    more = sample([f"another {number}" for number in range(100)] + names, 5)
    assert [name for name in more if name in names] == chosen
    assert sample(names, 1) == names
    assert len(sample(names[:2], 1000)) == 1
