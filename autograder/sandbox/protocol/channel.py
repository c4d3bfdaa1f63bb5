"""Messages over a socket: a length, then that many bytes."""

import socket
import struct
from typing import Any

from autograder.sandbox.protocol import wire

Reply = tuple[Any, ...]  # of a student's process: its kind, and what that has to say

_HEAD = struct.Struct("<I")


class Closed(ConnectionError):
    """The other side has closed the connection."""


class Channel:
    """One end of the connection between a student's process and the examiner."""

    def __init__(self, connection: socket.socket):
        """Talk over this connection."""
        self._socket = connection
        self._buffer = bytearray()  # received, but not yet asked for

    def send(self, data: bytes) -> None:
        """Send one message. Raises Closed."""
        try:
            self._socket.sendall(_HEAD.pack(len(data)) + data)
        except OSError as error:
            raise Closed(str(error)) from error

    def receive(self) -> bytes:
        """Return the next message. Raises Closed, or wire.Malformed if it is too long."""
        (size,) = _HEAD.unpack(self._receive_exactly(_HEAD.size))
        if size > wire.MAX_MESSAGE_BYTES + 1_000:
            raise wire.Malformed(f"a message of {size:,} bytes")
        return self._receive_exactly(size)

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def _receive_exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            try:
                limit = min(max(size - len(self._buffer), 1 << 16), 1 << 20)
                part = self._socket.recv(limit)
            except OSError as error:
                raise Closed(str(error)) from error
            if not part:
                raise Closed("the connection has ended")
            self._buffer += part
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data
