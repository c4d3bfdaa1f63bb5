"""What depends on where an answer runs: Keras objects there, and finding the line of an error.

In a notebook the check and the answer share one process. An examiner that keeps the answer in
another process makes its own Environment and hands it to `use`.
"""

import contextlib
import sysconfig
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import course
from course.check.engine import keras_objects, overwritten, own_code
from course.check.engine.traced_frames import traced_frames

_PACKAGES = {"site-packages", "dist-packages"}  # folders of them, a user's own too
_COMPILED = (".pyx", ".pxd", ".pxi")  # Cython sources, whose paths are not absolute
_REWRITTEN = "__autograph_generated_file"  # TensorFlow's own wording of a function that it traces
_LIBRARIES = (
    *{sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")},
    str(Path(course.__file__).parent),
    "<frozen",
    "<__array_function__",
)


@dataclass(frozen=True)
class Frame:
    """A place that an error passed on its way: a line in a function.

    `is_learners` says whether the function is in the notebook, not in a library; `kinds` what the
    notebook's own names in the line stand for.
    """

    function: str
    number: int
    line: str
    is_learners: bool
    kinds: Mapping[str, str] = field(default_factory=dict)


class StillRunning(Exception):
    """A call of an answer was stopped before its end."""

    def __init__(self, seconds: float):
        """Take how long it ran."""
        super().__init__(seconds)
        self.seconds = seconds


class Environment:
    """The answer runs in the process of the check."""

    @contextlib.contextmanager
    def calling(self) -> Iterator[None]:
        """Surround each call of an answer. May raise StillRunning."""
        yield

    @contextlib.contextmanager
    def diagnosing(self) -> Iterator[None]:
        """Surround further calls of an answer that has failed, to find out what is behind it."""
        yield

    def fetch(self, path: str) -> Path:
        """Return where the file is that an answer was to write to this path of its own."""
        return Path(path)

    def load_model(self, path: Path) -> Any:
        """Return the model in a `.keras` file, loaded in Keras's safe mode and not compiled."""
        from course.backend import keras

        return keras.models.load_model(path, compile=False, safe_mode=True)

    def make(self, descriptions: list[tuple]) -> list:
        """Return the Keras objects with these descriptions, made where the answer runs."""
        return keras_objects.make(descriptions)

    def kind_of(self, value: object) -> str:
        """Return the kind of a Keras object of the answer's: "model", "history" …, or ""."""
        return keras_objects.kind_of(value)

    def about_code(self, question: str, function: Any, *details: object) -> bool | str:
        """Return the answer to one of the QUESTIONS about the code of an answer."""
        return own_code.QUESTIONS[question](function, *details)

    def frames_of(self, error: BaseException) -> list[Frame]:
        """Return the frames of an error in the answer, from the call of the answer inwards."""
        places = traceback.walk_tb(error.__traceback__)
        found = zip(traceback.extract_tb(error.__traceback__), places, strict=True)
        frames = [
            Frame(
                text.name,
                text.lineno or 0,
                line := text.line or "",
                not is_library(text.filename),
                overwritten.kinds_in_line(frame, line),
            )
            for text, (frame, _number) in list(found)[1:]
        ]
        traced = [
            Frame(function, number, line, not is_library(file))
            for file, number, function, line in traced_frames(error)
        ]
        return frames + traced


_environment = Environment()


def use(environment: Environment) -> Environment:
    """Check answers in this environment from now on; return the one that was used so far."""
    global _environment
    before, _environment = _environment, environment
    return before


@contextlib.contextmanager
def here() -> Iterator[None]:
    """Run answers in this process inside the block: the course's own, say."""
    before = use(Environment())
    try:
        yield
    finally:
        use(before)


def calling() -> contextlib.AbstractContextManager:
    """Surround a call of an answer as its environment wants it."""
    return _environment.calling()


def diagnosing() -> contextlib.AbstractContextManager:
    """Surround further calls of an answer that has failed as its environment wants it."""
    return _environment.diagnosing()


def fetch(path: str) -> Path:
    """Return where the file is that an answer was to write to this path of its own."""
    return _environment.fetch(path)


def load_model(path: Path) -> Any:
    """Return the model that an answer saved; whatever Keras raises if it cannot be loaded."""
    return _environment.load_model(path)


def make(descriptions: list[tuple]) -> list:
    """Return the Keras objects with these descriptions, made where the answer runs."""
    return _environment.make(descriptions)


def kind_of(value: object) -> str:
    """Return the kind of a Keras object of the answer's: "model", "history" …, or ""."""
    return _environment.kind_of(value)


def about_code(question: str, function: Any, *details: object) -> bool | str:
    """Return the answer to one of the QUESTIONS of `own_code`, where the answer runs."""
    return _environment.about_code(question, function, *details)


def frames_of(error: BaseException) -> list[Frame]:
    """Return the frames of an error in the answer; none if it never came into it."""
    return _environment.frames_of(error)


def is_library(filename: str) -> bool:
    """Return whether a file belongs to Python, to an installed package or to the course."""
    return (
        filename.startswith(_LIBRARIES)
        or filename.endswith(_COMPILED)
        or Path(filename).name.startswith(_REWRITTEN)
        or not _PACKAGES.isdisjoint(Path(filename).parts)
    )
