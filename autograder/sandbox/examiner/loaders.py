"""Links to fresh students' processes, in which no student's code has run: for saved models."""

import socket
from typing import Any

from autograder.sandbox.examiner.answers import result_of
from autograder.sandbox.examiner.link import Broken, Link, Reply, StudentGone
from autograder.sandbox.examiner.stand_ins import stand_in
from autograder.sandbox.protocol import events
from autograder.sandbox.protocol.channel import Channel


class ModelError(RuntimeError):
    """A saved model that cannot be examined."""


class Loaders:
    """The processes that a test loads its saved models in."""

    def __init__(self, link: Link, reports: socket.socket):
        """Ask for them over `reports`; `link` is that to the student's own process."""
        self._link, self._reports = link, reports
        self._loaders: list[_Loader] = []

    @property
    def asking(self) -> bool:
        """Whether one of them is to answer."""
        return any(loader.asking for loader in self._loaders)

    def load(self, data: bytes) -> Any:
        """Load the bytes of a saved model, in a process of its own."""
        self._reports.sendall(events.encode(events.LoaderWanted()))
        _data, descriptors, *_flags = socket.recv_fds(self._reports, 1, 1)
        channel = Channel(socket.socket(fileno=descriptors[0]))
        loader = _Loader(channel, self._link.folder, stand_in)
        loader.deadline = self._link.deadline
        self._loaders.append(loader)
        return result_of(loader, loader.ask("load", data, loader.remaining()), [])

    def end(self) -> None:
        """End them all."""
        for loader in self._loaders:
            loader.channel.close()
        self._loaders = []


class _Loader(Link):
    """A link to one of them; if the process ends, the model is at fault."""

    def ask(self, operation: str, *arguments: object) -> Reply:
        try:
            return super().ask(operation, *arguments)
        except (StudentGone, Broken) as error:
            raise ModelError("the process that loaded it has ended") from error
