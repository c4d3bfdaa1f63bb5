"""Files of a learner that hide a package: `import numpy` finds a `numpy.py` beside the notebook."""

import os
import sys
from collections.abc import Iterable, Iterator
from importlib.machinery import PathFinder
from pathlib import Path

from course.messages import _

PACKAGES = (
    *("course", "numpy", "tensorflow", "keras", "matplotlib", "scipy", "PIL", "IPython"),
    "ipywidgets",
)
# Modules that nothing imports, whose names are as good for a file of one's own.
_UNUSED = {"antigravity", "idlelib", "lib2to3", "test", "this", "turtle", "turtledemo"}
OF_PYTHON = tuple(sorted(sys.stdlib_module_names - _UNUSED))


def refuse_shadowing_files() -> None:
    """Raise ImportError, which says what to rename, if Python finds a file here first."""
    here = os.getcwd()
    for name, file in _hiding_files(here, (*PACKAGES, *OF_PYTHON)):
        found = _found(name)
        if found and os.path.dirname(found) in (here, os.path.join(here, name)):
            raise ImportError(_sentence(name, file, here))


def hiding_files(folder: Path, names: Iterable[str] = (*PACKAGES, *OF_PYTHON)) -> list[str]:
    """Return a sentence about each file in a folder that hides one of these in notebooks there."""
    return [_sentence(name, file, folder) for name, file in _hiding_files(str(folder), names)]


def beside_notebooks(work: Path) -> list[str]:
    """Return a sentence about each file that hides something in a folder with notebooks."""
    folders = {path.parent for path in work.rglob("[!.]*.ipynb")}
    return [said for folder in sorted(folders) for said in hiding_files(folder)]


def _hiding_files(folder: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    own = os.path.join(os.path.dirname(__file__), "__init__.py")
    for name in names:
        spec = PathFinder.find_spec(name, [folder])
        # A folder of files that are no package has no origin.
        if spec and spec.origin and not os.path.samefile(spec.origin, own):
            yield name, os.path.relpath(spec.origin, folder).replace(os.sep, "/")


def _found(name: str) -> str | None:
    """Where `import` finds a package or module, or has found it."""
    if name in sys.modules:
        return getattr(sys.modules[name], "__file__", None)
    if name in sys.builtin_module_names:
        return None
    spec = PathFinder.find_spec(name)
    return spec.origin if spec else None


def _sentence(name: str, file: str, folder: str | Path) -> str:
    if name in PACKAGES:
        said = _(
            "Your file {file} hides the package {name}, which the course needs: give it another "
            "name, and restart the kernel. It is in {folder}."
        )
    else:
        said = _(
            "Your file {file} hides the module {name}, which belongs to Python: give it another "
            "name, and restart the kernel. It is in {folder}."
        )
    return said.format(file=file, name=name, folder=folder)
