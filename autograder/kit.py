"""Make what an instructor hands to students: `course` and the lessons, without any answers."""

import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

NAME = "deep-learning-live"

_PAGE = """\
# Deep Learning, Live

A course in deep learning, in notebooks: you build and train networks that read handwritten digits.

## Install

With Python 3.11 or newer, in this folder:

```
python3 -m venv .venv
.venv/bin/pip install ./{wheel}
```

On Windows the programs are in `.venv\\Scripts` in place of `.venv/bin`. With conda, this does the
same: `conda env create --file environment.yml`, then `conda activate {name}`.

## Work

```
.venv/bin/course lab         # opens JupyterLab on your own copies of the lessons, in work/
.venv/bin/course lab playgrounds    # pictures to play with, without exercises
.venv/bin/course lessons     # the lessons, and how far you have got
.venv/bin/course check work/01-softmax/softmax.ipynb    # which exercises pass
```

Run the cells of a notebook from top to bottom with `Shift+Enter`, and write your answers where it
says `YOUR CODE HERE`. The cell below each answer checks it. Your work is never overwritten.

## Submit

Press **Validate** in the toolbar of the notebook: it runs everything once more. Then hand in the
notebook file from `work/`, under the name that it has.

No internet is needed for the lessons: 5,000 real digits come with the packages.
"""


def make(root: Path, destination: Path) -> Path:
    """Build the kit of the project at `root` in `destination`; returns the path of the .zip file.

    The folder `destination`/deep-learning-live is made anew.
    """
    kit = destination / NAME
    shutil.rmtree(kit, ignore_errors=True)
    kit.mkdir(parents=True)
    wheel = _wheel(root, kit)
    shutil.copytree(
        root / "release", kit / "release", ignore=shutil.ignore_patterns(".*", "__pycache__")
    )
    (kit / "README.md").write_text(_PAGE.format(name=NAME, wheel=wheel.name))
    environment = (root / "environment.yml").read_text()
    first, *rest = environment.splitlines()
    lines = [first.split(".")[0] + ".", *rest]
    last = lines.index("      - --editable .")
    lines[last] = f"      - ./{wheel.name}"
    (kit / "environment.yml").write_text("\n".join(lines) + "\n")
    return Path(shutil.make_archive(str(kit), "zip", destination, NAME))


def _wheel(root: Path, kit: Path) -> Path:
    """Build a wheel of `course` alone, from a copy of the project without `autograder`."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copytree(
            root / "course", copy / "course", ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copy(root / "LICENSE", copy)
        (copy / "README.md").write_text("# Deep Learning, Live\n")
        (copy / "pyproject.toml").write_text(_without_autograder(root / "pyproject.toml"))
        command = [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"),
            *("--wheel-dir", str(kit), str(copy)),
        ]
        subprocess.run(command, check=True)
    (wheel,) = kit.glob("*.whl")
    return wheel


def _without_autograder(pyproject: Path) -> str:
    """The project's metadata for students: one package, one command."""
    text = pyproject.read_text()
    text = text.replace('autograder = "autograder.cli:main"\n', "")
    text = text.replace('include = ["course*", "autograder*"]', 'include = ["course*"]')
    project = tomllib.loads(text)
    assert list(project["project"]["scripts"]) == ["course"], project["project"]["scripts"]
    assert project["tool"]["setuptools"]["packages"]["find"]["include"] == ["course*"]
    return text


if __name__ == "__main__":
    print(make(Path.cwd(), Path("kit")))
