"""The places of students' work and of the course's own files, which no submission may see."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from jupyter_core.paths import jupyter_config_path
from nbgrader.exchange.default import Exchange
from traitlets.config import Config
from traitlets.config.loader import JSONFileConfigLoader, PyFileConfigLoader

from autograder.course_folder import OF_STUDENTS, CourseError, CourseFolder
from autograder.messages import _

_SETTINGS = (
    *(("Exchange", "root"), ("Exchange", "cache"), ("CourseDirectory", "root")),
    *(("TransferApp", "exchange_directory"), ("TransferApp", "cache_directory")),  # old names
    *(("CourseDirectory", f"{step}_directory") for step in ("submitted", "autograded", "feedback")),
    *(("CourseDirectory", f"{step}_directory") for step in ("source", "release", "solution")),
)
_IN_THE_COURSE = (*OF_STUDENTS, "source", "translations", "reports", "gradebook.db", "autograder")


def private_places(course: CourseFolder) -> tuple[str, ...]:
    """Return the course's folder, nbgrader's exchange, and all other folders that nbgrader may use.

    All configurations that nbgrader reads count, and so does its default, whichever applies.
    """
    places = {str(course.root), Exchange.root.default_value}
    for config in (course.config(), *_other_configurations()):
        values = (config[section].get(name) for section, name in _SETTINGS)
        places |= {os.path.join(course.root, value) for value in values if isinstance(value, str)}
    return tuple(sorted(places))


def check_packages(course: CourseFolder, folders: Iterable[str]) -> None:
    """Raise CourseError if a folder of packages is not there, or would show what is private.

    It may be in the course's folder, but not among what is private there. All are real paths.
    """
    root = os.path.realpath(course.root)
    inner = (os.path.join(root, name) for name in _IN_THE_COURSE)
    hidden = sorted({os.path.realpath(place) for place in (*private_places(course), *inner)})
    for folder in map(Path, folders):
        if not folder.is_dir():
            said = _("There is no folder {folder}: create it, or correct c.Sandbox.packages.")
            raise CourseError(said.format(folder=folder))
        for place in hidden:
            is_in = place != root and folder.is_relative_to(place)
            if is_in or Path(place).is_relative_to(folder):
                said = _(
                    "c.Sandbox.packages cannot show {folder} to students' code, because {place} "
                    "must stay hidden: name a folder that holds nothing but packages."
                )
                raise CourseError(said.format(folder=folder, place=place))


def _other_configurations():
    """The configurations in Jupyter's folders: the machine's, the environment's and the user's."""
    for folder in jupyter_config_path():
        for name in ("jupyter_config", "nbgrader_config"):
            for loader, ending in ((PyFileConfigLoader, "py"), (JSONFileConfigLoader, "json")):
                with contextlib.suppress(Exception):  # there is none, or none that can be read
                    yield Config(loader(f"{name}.{ending}", path=folder).load_config())


def exchange_folder(course: CourseFolder) -> Path:
    """Return where nbgrader's exchange is, or would be."""
    return Path(course.root, course.config().Exchange.get("root", Exchange.root.default_value))
