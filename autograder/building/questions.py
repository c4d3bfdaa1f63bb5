"""The questions to think about in a lesson, and the answers that unfold below them."""

import itertools
import re
import textwrap
from collections.abc import Iterator
from typing import NamedTuple

from autograder.building import release
from autograder.building.translation import read_source
from autograder.course_folder import CourseError, CourseFolder
from autograder.messages import _
from course.messages import in_all_languages

_HEADING = re.compile(r"(#{1,6})\s+(.*?)[\s#:]*$")
_ITEM = re.compile(r"(\d+)[.)]\s+")
_FOLD_OUT = re.compile(
    r"<details\b[^>]*>\s*(?:<summary\b.*?</summary>)?(.*?)</details>", re.DOTALL | re.IGNORECASE
)
_FENCES = ("```", "~~~")


class Question(NamedTuple):
    """A question, and the lesson's answer to it: "" if there is none."""

    text: str
    answer: str


def read_questions(course: CourseFolder, lesson: str) -> list[Question]:
    """Return the questions of a lesson, in the course's language. Raises CourseError for none."""
    path = course.notebook(lesson)
    try:
        notebook = read_source(path, release.editions(course, path)[course.language])
        found = find_questions(notebook)
    except (ValueError, KeyError, AttributeError, TypeError) as error:  # JSON, but of another form
        said = _("{path} cannot be read ({reason})")
        raise CourseError(said.format(path=path, reason=error)) from error
    if not found:
        said = _(
            "{lesson} has no questions to think about: expected the heading {heading!r} in its "
            "notebook, and a numbered list of questions below it."
        )
        (heading,) = _headings().values()
        raise CourseError(said.format(lesson=lesson, heading=heading))
    return found


def find_questions(notebook: dict) -> list[Question]:
    """Return the numbered questions below the heading, whatever language it is in.

    A fold-out holds the answer to the question above it, or a numbered list of the answers to
    several.
    """
    cells = (cell for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    parts = _FOLD_OUT.split(_section("\n\n".join("".join(cell["source"]) for cell in cells)))
    found: list[Question] = []
    for asked, told in itertools.zip_longest(parts[::2], parts[1::2], fillvalue=""):
        texts = _items(asked)
        answers = _items(told) if len(texts) > 1 else {}
        found += [Question(text, answers.get(number, "")) for number, text in texts.items()]
        if found and not answers:
            text, answer = found.pop()
            told = textwrap.dedent(told).strip()
            found.append(Question(text, f"{answer}\n\n{told}".strip()))
    return found


def _headings() -> dict[str, str]:
    return {"Questions to think about": _("Questions to think about")}


def _section(text: str) -> str:
    """The text below the heading, up to the next heading of the same or a higher level."""
    names = {name.casefold() for name in in_all_languages(_headings)}
    lines: list[str] = []
    level = 0  # of the heading, once it is found
    for line, is_code in _lines(text):
        heading = None if is_code else _HEADING.match(line)
        if level and heading and len(heading[1]) <= level:
            break
        if level:
            lines.append(line)
        elif heading and heading[2].casefold() in names:
            level = len(heading[1])
    return "\n".join(lines)


def _items(text: str) -> dict[int, str]:
    """The items of a numbered list by their numbers; they are counted if a number comes twice."""
    items: list[list[str]] = []
    numbers = []
    for line, is_code in _lines(text):
        if not is_code and (start := _ITEM.match(line)):
            numbers.append(int(start[1]))
            items.append([line[start.end() :], ""])
        elif items:
            items[-1][1] += f"{line}\n"
    if len(set(numbers)) < len(numbers):
        numbers = list(range(1, len(items) + 1))
    texts = (f"{first}\n{textwrap.dedent(rest)}".strip() for first, rest in items)
    return dict(zip(numbers, texts, strict=True))


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """The lines of a Markdown text, and whether each belongs to a block of code."""
    is_code = False
    for line in text.split("\n"):
        is_fence = line.lstrip().startswith(_FENCES)
        yield line, is_code or is_fence
        is_code ^= is_fence
