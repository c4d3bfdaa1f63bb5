"""Translate a notebook: choose the texts to translate, and put the translations in.

A Markdown cell is translated as a whole. Of a code cell it is the docstrings of its functions, or
else all of it, if it holds comments or phrases. Cells that test are the same in every language.
"""

import ast
import copy
import io
import json
import re
import textwrap
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from course.workbook.notebooks import nbgrader_settings

_IMPORTS_COURSE = re.compile(r"^(from|import) course\b", re.MULTILINE)
_WIDTH = 100
_HEADER = {
    "header_comment": "# Deep Learning, Live: CONTRIBUTING.md says how it is translated.",
    "project": "deep-learning-live",
    "version": "all",
    "msgid_bugs_address": "none",
    "last_translator": "none",
    "language_team": "none",
    "fuzzy": False,
}


class Text(NamedTuple):
    """A text of a notebook, and the id of its cell."""

    cell: str
    text: str


class TranslatedEdition(NamedTuple):
    """A language other than English, and the .po file of a notebook in it."""

    language: str
    catalogue: Path


Translations = Mapping[Text, str]


def read_catalogue(path: Path) -> Catalog:
    """Return the catalogue in a .po file; an empty one if there is no such file."""
    if not path.exists():
        return Catalog(path.parent.name, path.stem, **_HEADER)
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parent.name, domain=path.stem)
    for message in catalogue:  # Babel takes the previous English text for a translator's comment
        message.user_comments = [one for one in message.user_comments if one[:1] != "|"]
    return catalogue


def write_catalogue(path: Path, catalogue: Catalog, tidy: bool = False) -> None:
    """Write a .po file that changes only where its messages do; `tidy` leaves out obsolete ones."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(
            file,
            catalogue,
            _WIDTH,
            include_lineno=False,
            include_previous=True,
            ignore_obsolete=tidy,
        )


def translations(path: Path) -> Translations:
    """Return what a notebook's .po file translates; fuzzy ones are left out."""
    return {
        Text(message.context, message.id): message.string
        for message in read_catalogue(path)
        if message.context and message.string and not message.fuzzy
    }


def read_source(path: Path, edition: TranslatedEdition | None = None) -> dict:
    """Return an instructor's notebook as stored on disk; in an edition, in its language."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    if edition is None:
        return notebook
    return translated(notebook, edition.language, translations(edition.catalogue))


def texts(notebook: dict) -> Iterator[Text]:
    """Yield the texts of an instructor's notebook that are to be translated, in their order."""
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            yield Text(cell["id"], source)
        elif not _is_test(cell):
            docstrings = [node.value for node in _docstrings(source)]
            found = docstrings or ([source] if _has_phrases(source) else [])
            yield from (Text(cell["id"], text) for text in found)


def translated(notebook: dict, language: str, translations: Translations) -> dict:
    """Return an instructor's notebook in this language; what has no translation stays English.

    Its metadata and its first cell that imports the course say which language it is in.
    """
    notebook = copy.deepcopy(notebook)
    notebook["metadata"]["course"] = {"language": language}
    announced = False
    for cell in notebook["cells"]:
        cell["source"] = source = _translated_source(cell, translations)
        if cell["cell_type"] == "code" and not announced and _IMPORTS_COURSE.search(source):
            announced = True
            cell["source"] = f'import course\n\ncourse.use_language("{language}")\n\n{source}'
    return notebook


def _translated_source(cell, translations):
    source = "".join(cell["source"])
    if whole := translations.get(Text(cell["id"], source)):
        return whole
    if cell["cell_type"] != "code" or _is_test(cell):
        return source
    lines = source.split("\n")
    for node in reversed(_docstrings(source)):
        if text := translations.get(Text(cell["id"], node.value)):
            indent = " " * node.col_offset
            text = textwrap.indent(text, indent).strip()
            lines[node.lineno - 1 : node.end_lineno] = [f'{indent}"""{text}"""']
    return "\n".join(lines)


def _is_test(cell):
    return bool(nbgrader_settings(cell).get("grade"))


def _docstrings(source):
    """The docstrings of the functions at the top level of a cell, as syntax nodes."""
    try:
        functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    except SyntaxError:  # a magic, for example
        return []
    return [
        node.body[0].value for node in functions if ast.get_docstring(node, clean=False) is not None
    ]


def _has_phrases(source):
    """Whether a cell's code holds comments, or strings that people read."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (SyntaxError, tokenize.TokenError):
        return False
    keys = {key for node in nodes if isinstance(node, ast.Dict) for key in node.keys}
    strings = (
        node for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return any(token.type == tokenize.COMMENT for token in tokens) or any(
        node in keys or " " in node.value or node.value.endswith(":") for node in strings
    )
