"""Keep the catalogues of translations in step with the course: `make messages` and so on.

    python -m autograder.building.catalogues update [LANGUAGE]...
    python -m autograder.building.catalogues compile

translations/LANGUAGE/ holds a .po file for the messages of `course`, one for those of `autograder`,
and one for each notebook, in which an entry is a cell and its context the cell's id.
"""

import importlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.mofile import write_mo

from autograder.building.release import catalogue_name
from autograder.building.translation import read_catalogue, texts, write_catalogue
from course.files import write_atomically
from course.translated_help import help_texts

PACKAGES = ("course", "autograder")
_METHODS = [("**.py", "python"), ("**.j2", "jinja2")]
_OF_KIT = "check_python.py"  # outside both packages; its texts belong to the autograder's kit
# What click itself says, which a command looks up in the catalogue of `course`.
_OF_CLICK = (
    "Usage:",
    "Options",
    "Commands",
    "Show this message and exit.",
    "Show the version and exit.",
    "default: {default}",
    "required",
    "Error: {message}",
    "Try '{command} {option}' for help.",
    "Missing command.",
    "Missing argument",
    "Missing option",
    "No such option {name!r}.",
    "No such command {name!r}.",
    "Invalid value: {message}",
    "Invalid value for {param_hint}: {message}",
    "Option {name!r} does not take a value.",
    "{value!r} is not a valid {number_type}.",
    "{value} is not in the range {range}.",
    "{name} {filename!r} does not exist.",
    "{name} {filename!r} is a file.",
    "{name} {filename!r} is a directory.",
    "file",
    "directory",
    "Aborted!",
    ("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    ("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    ("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
)
_KEYWORDS = {"_": None, "ngettext": (1, 2)}


def languages(root: Path) -> list[str]:
    """Return the languages into which the course is translated."""
    return sorted(path.name for path in (root / "translations").iterdir() if path.is_dir())


def templates(root: Path) -> Iterator[tuple[str, Catalog]]:
    """Yield each catalogue's name and its messages, as the code and the notebooks hold them now."""
    for package in PACKAGES:
        yield package, _of_package(root / package)
    for path in notebooks(root):
        yield catalogue_name(path), _of_notebook(path)


def notebooks(root: Path) -> list[Path]:
    """Return the instructor's notebooks, lessons first."""
    return [
        *sorted((root / "source").glob("*/*.ipynb")),
        *sorted((root / "source").glob("*.ipynb")),
    ]


def _of_package(folder):
    catalogue = Catalog(domain=folder.name)
    found = extract_from_dir(folder, _METHODS, keywords=_KEYWORDS, comment_tags=("Translators:",))
    for file, _line, message, comments, _context in found:
        catalogue.add(message, locations=[(f"{folder.name}/{file}", 0)], auto_comments=comments)
    if folder.name == "autograder":
        path = folder.parent / _OF_KIT
        for _line, message, _comments, _context in extract_from_file("python", path, _KEYWORDS):
            catalogue.add(message, locations=[(_OF_KIT, 0)])
    for text in _OF_CLICK if folder.name == "course" else ():
        catalogue.add(text, locations=[("click", 0)])
    command = importlib.import_module(f"{folder.name}.cli").main
    for text, module in help_texts(command):
        catalogue.add(text, locations=[(f"{module.replace('.', '/')}.py", 0)])
    return catalogue


def _of_notebook(path):
    catalogue = Catalog(domain=catalogue_name(path))
    for cell, text in texts(json.loads(path.read_text(encoding="utf-8"))):
        catalogue.add(text, context=cell)
    return catalogue


def bring_up_to_date(catalogue: Catalog, template: Catalog) -> None:
    """Give a catalogue the template's messages; those that they replace are kept as obsolete.

    The translation of a changed cell, or of a message much like a new one, becomes a fuzzy
    translation of the new text, which is not used.
    """
    template.creation_date = catalogue.creation_date  # else each update would change the file
    cells = {message.context: message for message in catalogue if message.context}
    catalogue.update(template, no_fuzzy_matching=bool(cells))
    for message in catalogue:
        before = cells.get(message.context)
        if before and before.string and not message.string:
            message.string, message.previous_id = before.string, (before.id,)
            message.flags.add("fuzzy")


def open_entries(catalogue: Catalog) -> tuple[int, int]:
    """Return how many messages of a catalogue have no translation, and how many a fuzzy one."""
    messages = [message for message in catalogue if message.id]
    fuzzy = [message for message in messages if message.fuzzy and message.string]
    missing = [message for message in messages if not _is_whole(message)]
    return len(missing), len(fuzzy)


def _is_whole(message):
    return all(message.string) if message.pluralizable else bool(message.string)


def compiled(root: Path, language: str, package: str) -> bytes:
    """Return what the program reads of a package's translations: an .mo file."""
    catalogue = read_catalogue(root / "translations" / language / f"{package}.po")
    for message in catalogue:  # a form that is missing is shown in English
        if message.id and not _is_whole(message):
            message.string = ""
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def compiled_path(root: Path, language: str, package: str) -> Path:
    """Return where the program looks for a package's translations."""
    return root / package / "locale" / language / "LC_MESSAGES" / f"{package}.mo"


@click.group()
def main():
    """Keep the catalogues in translations/ in step with the course."""


@main.command()
@click.argument("new_languages", metavar="[LANGUAGE]...", nargs=-1)
@click.option("--tidy", is_flag=True, help="Leave out the translations of what is gone.")
def update(new_languages, tidy):
    """Bring all catalogues up to date, and begin those of a new LANGUAGE, such as de."""
    root = Path.cwd()
    for language in new_languages:
        (root / "translations" / language).mkdir(parents=True, exist_ok=True)
    found = list(templates(root))
    for language in languages(root):
        for name, template in found:
            path = root / "translations" / language / f"{name}.po"
            catalogue = read_catalogue(path)
            bring_up_to_date(catalogue, template)
            write_catalogue(path, catalogue, tidy)
        _tell(root, language)


@main.command("compile")
def compile_all():
    """Compile the messages of the packages into what the programs read."""
    root = Path.cwd()
    for language in languages(root):
        for package in PACKAGES:
            path = compiled_path(root, language, package)
            write_atomically(path, compiled(root, language, package))
        _tell(root, language)


def _tell(root, language):
    """Say how much of a language is still to be translated; until then English is shown."""
    for path in sorted((root / "translations" / language).glob("*.po")):
        catalogue = read_catalogue(path)
        missing, fuzzy = open_entries(catalogue)
        whole = len(catalogue) - missing - fuzzy
        click.echo(
            f"{language}/{path.name}: {whole} of {len(catalogue)} translated, "
            f"{missing} missing, {fuzzy} fuzzy"
        )


if __name__ == "__main__":
    main()
