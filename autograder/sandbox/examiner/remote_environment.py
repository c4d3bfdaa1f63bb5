"""How the checks find models and errors that are in a student's process."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.sandbox.examiner.answers import remote_frames, result_of
from autograder.sandbox.examiner.link import Link, Remote
from course.check.engine import environment, keras_objects

_MAX_TEXT = 100  # characters of an answer's code that are shown in a hint


class RemoteEnvironment(environment.Environment):
    """Answers in a student's process, and the models that they saved in a fresh one."""

    def __init__(self, link: Link, load: Callable[[bytes], Any]):
        """Take the link to the process, and a function that loads a model from its bytes."""
        self._link, self._folder, self._load = link, link.folder.resolve(), load

    def make(self, descriptions: list[tuple]) -> list:
        """Return stand-ins for Keras objects that the student's process makes."""
        link = self._link
        made = result_of(link, link.ask("make", descriptions, link.remaining()), [])
        if type(made) is not list or len(made) != len(descriptions):
            link.break_off("not the Keras objects that were asked for")
        link.keep([value for value in made if isinstance(value, Remote)])
        return made

    def kind_of(self, value: object) -> str:
        """Return the kind of a Keras object: "model", "history" …, or ""."""
        kinds = value.reference.kinds if isinstance(value, Remote) else frozenset()
        return next((kind for kind in keras_objects.KINDS if kind in kinds), "")

    def fetch(self, path: str) -> Path:
        """Return the path of a copy of the student's file; nothing is there if it has none."""
        return Path(self._link.fetch(path))

    def load_model(self, path: Path) -> Any:
        """Return a stand-in for the model in a file that was fetched; no other file is read."""
        path = Path(path).resolve()
        if not path.is_relative_to(self._folder):
            raise ValueError("This is not a file that was handed in.")
        return self._load(path.read_bytes())

    def about_code(self, question: str, function: Any, *details: object) -> bool | str:
        """Ask the student's process about the code of a function that is there."""
        if not isinstance(function, Remote):
            return super().about_code(question, function, *details)
        link = self._link
        with contextlib.suppress(Exception):  # the code has broken what that needs
            asked = link.ask("about_code", question, function, list(details), link.remaining())
            found = result_of(link, asked, [])
            if type(found) is bool or (type(found) is str and len(found) <= _MAX_TEXT):
                return found
        return False

    def frames_of(self, error: BaseException) -> list[environment.Frame]:
        """Return the remote frames; none of an error that the examiner itself raised."""
        return remote_frames(error)
