"""Talk with the examiner: receive what it asks, send answers, call the functions that it gives."""

import builtins
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from autograder.sandbox.inside import originals, values
from autograder.sandbox.inside.calls import CallBack
from autograder.sandbox.inside.objects import Objects
from autograder.sandbox.inside.timer import Timer
from autograder.sandbox.protocol import wire
from autograder.sandbox.protocol.channel import Channel, Closed, Reply


class Conversation:
    """Messages from and to the examiner, whose functions can be called before an answer is sent."""

    def __init__(self, channel: Channel, objects: Objects, timer: Timer):
        """Talk over this channel about these objects."""
        self._channel = channel
        self._objects = objects
        self._timer = timer
        self._is_answering = False
        self._one_at_a_time = threading.Lock()

    def receive(self) -> Any:
        """Return the next message."""
        return wire.decode(self._channel.receive(), self._resolve)

    def send(self, message: Reply) -> None:
        """Send a message; if it cannot cross, the reason."""
        try:
            with warnings.catch_warnings(action="ignore"):  # none becomes an error here
                data = wire.encode(message, self._objects.refer)
        except Closed:
            raise
        except BaseException as error:  # the student's objects may fail in any way
            unfit = (message[0], "unfit", values.reason(error))
            data = wire.encode(unfit, self._objects.refer)
        self._channel.send(data)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Let the examiner's functions be called in the block, and never after it."""
        self._is_answering = True
        try:
            yield
        finally:
            with self._one_at_a_time:
                self._is_answering = False

    def _resolve(self, reference: wire.Reference) -> Any:
        if reference.side == "student":
            return self._objects.with_number(reference.number)
        return CallBack(partial(self._call_back, self._objects.test_number), reference)

    def _call_back(
        self,
        test_number: int,
        reference: wire.Reference,
        arguments: tuple,
        named: dict[str, Any],
    ) -> Any:
        """Call a function that the examiner gave in a test, while answering a call of that test."""
        # The student's function may call it from several threads.
        with self._one_at_a_time, originals.replacements.aside():
            if not self._is_answering or test_number != self._objects.test_number:
                raise RuntimeError("The call that this function was given for is over.")
            question = (0, "callback", reference.number, list(arguments), named)
            data = wire.encode(question, self._objects.refer)
            with self._timer.waiting():
                self._channel.send(data)
                _, operation, *rest = self.receive()
            if operation == "value":
                return rest[0]
            name, text = rest[:2]
            kind = getattr(builtins, name, None) or getattr(np.exceptions, name, None)
            if not (isinstance(kind, type) and issubclass(kind, Exception)):
                kind = RuntimeError
            raise kind(text)
