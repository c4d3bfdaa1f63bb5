"""How the checks find models and errors that are in a student's process."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.sandbox.examiner.answers import remote_frames
from course.check.engine import environment


class RemoteEnvironment(environment.Environment):
    """Answers run in a student's process, and models that they saved are loaded in a fresh one."""

    def __init__(self, folder: Path, load: Callable[[bytes], Any]):
        """Take the folder of fetched files, and a function that loads a model from its bytes."""
        self._folder, self._load = folder.resolve(), load

    def load_model(self, path: Path) -> Any:
        """Return a stand-in for the model in a file that was fetched; no other file is read."""
        path = Path(path).resolve()
        if not path.is_relative_to(self._folder):
            raise ValueError("This is not a file that was handed in.")
        return self._load(path.read_bytes())

    def frames_of(self, error: BaseException) -> list[environment.Frame]:
        """Return the remote frames; none of an error that the examiner itself raised."""
        return remote_frames(error)
