"""Find settings that nothing reads: misspelt ones, and folders that have a fixed name here."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from traitlets.config import Config, Configurable

# Sections that only this program reads. CourseFolder.config has checked those of Limits.
_OWN = {
    "Course": {"language"},
    "Grade": {"sandbox", "timeout"},
    "Limits": None,
    "Sandbox": {"packages"},
    # nbgrader's in JupyterLab, whose modules need a server.
    "AssignmentList": None,
    "FormgradeExtension": None,
}
_FOLDERS = ("source", "release", "submitted", "autograded", "feedback")


@dataclass(frozen=True)
class Unread:
    """A setting that nothing reads, and the real one that it may mean, or ""."""

    name: str
    nearest: str = ""


def unread(config: Config) -> Iterator[Unread]:
    """Yield the misspelt settings of a configuration."""
    known = _known()
    for section, settings in config.items():
        if not isinstance(settings, Config):
            yield Unread(f"c.{section}")
            continue
        meant = section if section in known else _nearest(section, known)
        for name in settings:
            there = known.get(meant, ())
            if meant == section and (there is None or name in there):
                continue
            nearest = name if there is None or name in there else _nearest(name, there)
            yield Unread(f"c.{section}.{name}", f"c.{meant}.{nearest}" if nearest else "")


def other_folders(config: Config) -> Iterator[tuple[str, str]]:
    """Yield each setting that names another folder than the one that is used, and that one."""
    for folder in _FOLDERS:
        name = f"{folder}_directory"
        if config.CourseDirectory.get(name, folder) != folder:
            yield f"c.CourseDirectory.{name}", folder


def _known():
    """The names of the settings of each section, or None where any is taken."""
    import nbgrader.apps  # noqa: F401 (so that its classes are there; it takes a second)

    found = {}
    for kind in _below(Configurable):
        # What a parent's section says holds for its children, too.
        names = {
            name for one in (kind, *_below(kind)) for name in one.class_trait_names(config=True)
        }
        found.setdefault(kind.__name__, set()).update(names)
    return found | _OWN


def _below(kind):
    """All classes that are derived from one."""
    children = kind.__subclasses__()
    return {*children}.union(*map(_below, children))


def _nearest(word, words):
    """The word of these that is most like another, or ""."""
    return next(iter(difflib.get_close_matches(word, words, 1)), "")
