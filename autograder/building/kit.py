"""Make the kit that an instructor gives to students: `course` and the lessons, no answers."""

import ast
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click

from autograder.building import kit_page
from autograder.messages import _, again
from course.messages import speaking
from course.workbook.editions import editions, find_edition
from course.workbook.errors import WorkbookError

NAME = "deep-learning-live"


def make(root: Path, destination: Path, language: str | None = None) -> Path:
    """Build the kit of the project at `root` in `destination`; returns the path of the .zip file.

    The folder of that name is replaced. The lessons in this language, by default that of release/,
    are those in release/ there; the others are in translations/. Only a kit in another language
    than that of release/ has its language in its name. Raises WorkbookError if there are no lessons
    in it.
    """
    own = editions(root)[0]
    chosen = find_edition(root, language) if language else own
    is_own = chosen.language == own.language
    kit = destination / (NAME if is_own else f"{NAME}-{chosen.language}")
    shutil.rmtree(kit, ignore_errors=True)
    kit.mkdir(parents=True)
    wheel = _wheel(root, kit)
    for edition in editions(root):
        is_first = edition.language == chosen.language
        folder = kit if is_first else kit / "translations" / edition.language
        shutil.copytree(
            edition.release,
            folder / "release",
            ignore=shutil.ignore_patterns(".*", "__pycache__"),
        )
    shutil.copy(root / "constraints.txt", kit)
    dependencies = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"][
        "dependencies"
    ]
    (kit / "light.txt").write_text("\n".join(_light(dependencies)) + "\n", encoding="utf-8")
    with speaking(chosen.language):
        write_scripts(root, kit, wheel.name)
        (kit / "README.md").write_text(kit_page.text(NAME, wheel.name), encoding="utf-8")
    environment = (root / "environment.yml").read_text(encoding="utf-8")
    first, *rest = environment.splitlines()
    lines = [first.split(".")[0] + ".", *rest]
    last = lines.index("      - --editable .")
    lines[last] = f"      - ./{wheel.name}"
    (kit / "environment.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Path(shutil.make_archive(str(kit), "zip", destination, kit.name))


def write_scripts(root: Path, kit: Path, wheel: str) -> None:
    """Write the scripts that run before anything is installed; they speak the current language.

    They cannot read a catalogue, so the texts of both go into check_python.py.
    """
    check = (root / "check_python.py").read_text(encoding="utf-8")
    install = Path(__file__).with_name("kit_install.py").read_text(encoding="utf-8")
    said = {text: again(text) for script in (check, install) for text in _texts(script)}
    others = {english: text for english, text in said.items() if text != english}
    table = json.dumps(others, ensure_ascii=False, indent=4)
    check = check.replace("TEXTS = {}\n", f"TEXTS = {table}\n")
    (kit / "check_python.py").write_text(check, encoding="utf-8")
    install = install.replace('WHEEL = ""', f'WHEEL = "{wheel}"')
    (kit / "install.py").write_text(install, encoding="utf-8")


def _texts(script: str) -> Iterator[str]:
    """The texts that a script gives to `_`."""
    for node in ast.walk(ast.parse(script)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_":
            yield ast.literal_eval(node.args[0])


def _light(dependencies: list[str]) -> Iterator[str]:
    """The dependencies for `install.py --light`, but for mlxtend, which comes without its own."""
    intel_linux = "sys_platform == 'linux' and platform_machine == 'x86_64'"
    others = "sys_platform != 'linux' or platform_machine != 'x86_64'"
    for dependency in dependencies:
        if dependency.startswith("tensorflow>"):
            yield f"{dependency.replace('tensorflow', 'tensorflow-cpu')}; {intel_linux}"
            yield f"{dependency}; {others}"
        elif not dependency.startswith("mlxtend>"):
            yield dependency


def _wheel(root: Path, kit: Path) -> Path:
    """Build a wheel of `course` alone, from a copy of the project without `autograder`."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copytree(
            root / "course", copy / "course", ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copy(root / "LICENSE", copy)
        (copy / "README.md").write_text("# Deep Learning, Live\n", encoding="utf-8")
        pyproject = _without_autograder(root / "pyproject.toml")
        (copy / "pyproject.toml").write_text(pyproject, encoding="utf-8")
        command = [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"),
            *("--wheel-dir", str(kit), str(copy)),
        ]
        subprocess.run(command, check=True)
    (wheel,) = kit.glob("*.whl")
    return wheel


def _without_autograder(pyproject: Path) -> str:
    """The project's metadata for students: one package, one command."""
    text = pyproject.read_text(encoding="utf-8")
    text = text.replace('autograder = "autograder.cli:main"\n', "")
    text = text.replace('include = ["course*", "autograder*"]', 'include = ["course*"]')
    text = text.replace('"MIT AND CC-BY-SA-3.0"', '"MIT"')  # the hidden digits stay here
    text = text.replace(', "autograder/exam/hidden_digits.md"', "")
    project = tomllib.loads(text)
    assert list(project["project"]["scripts"]) == ["course"], project["project"]["scripts"]
    assert project["tool"]["setuptools"]["packages"]["find"]["include"] == ["course*"]
    assert project["project"]["license"] == "MIT", project["project"]
    return text


@click.command()
@click.option("--language", metavar="CODE", help="That of the lessons in release/: zh_CN.")
def main(language):
    """Make the kit in kit/, from the project in this folder."""
    root = Path.cwd()
    try:
        path = make(root, Path("kit"), language)
        chosen = find_edition(root, language) if language else editions(root)[0]
    except WorkbookError as error:
        raise click.ClickException(str(error)) from None
    others = [one.language for one in editions(root) if one.language != chosen.language]
    said = _(
        "In it: a page that says how to start, the package, and the lessons (language: {language}; "
        "in translations/: {others})."
    )
    click.echo(path)
    click.echo(said.format(language=chosen.language, others=", ".join(others) or "-"))


if __name__ == "__main__":
    main()
