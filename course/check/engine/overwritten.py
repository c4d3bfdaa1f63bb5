"""Tell of a name, such as np or sum, that a learner has given to something else."""

import builtins
import re
from types import FrameType, ModuleType

from course.messages import _

_MAX_NAMES = 10  # of a line


def kinds_in_line(frame: FrameType, line: str) -> dict[str, str]:
    """Return the kinds of the notebook's own names in the line at which a frame is.

    Modules and what the course itself made are left out: they are what they are to be.
    """
    names, used = frame.f_globals, set(frame.f_code.co_names)
    found = [name for name in re.findall(r"(?<![\w.])[^\W\d]\w*", line) if name in used & {*names}]
    return {
        name: type(names[name]).__name__
        for name in found[:_MAX_NAMES]
        if not isinstance(names[name], ModuleType)
        and not str(type(names[name]).__module__).startswith("course.")
    }


def is_of_python(name: str) -> bool:
    """Whether this is the name of one of Python's own functions or types."""
    return callable(getattr(builtins, name, None))


def cannot_be_called(kind: str, error: str) -> bool:
    """Whether the text of an error says that a value of this kind was called as a function."""
    return bool(re.search(rf"\b{re.escape(kind)}'? object is not callable", error))


def has_no_such_attribute(kind: str, error: str) -> bool:
    """Whether the text of an error says that a value of this kind was taken for a module."""
    return bool(re.search(rf"\b{re.escape(kind)}'? object has no attribute", error))


def about_first_cells(name: str, kind: str) -> str:
    """What to say of a name that the first cells of the notebook make."""
    return _(
        "{name} is now something else, {kind}: run the first cells of the notebook again."
    ).format(name=name, kind=kind)


def about_import(name: str, kind: str, line: str) -> str:
    """What to say of a name that is imported by this line, but not in the first cells."""
    return _("{name} is now something else, {kind}: run `{line}` again.").format(
        name=name, kind=kind, line=line
    )


def about_python(name: str, kind: str) -> str:
    """What to say of the name of one of Python's own functions."""
    return _("{name} is now something else, {kind}: `del {name}` brings Python's own back.").format(
        name=name, kind=kind
    )


def about_answer(name: str, kind: str) -> str:
    """What to say of the name of another exercise."""
    return _("{name} is now something else, {kind}: run the cell that defines it again.").format(
        name=name, kind=kind
    )
