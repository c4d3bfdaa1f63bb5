"""Messages over a socket: a length, then plain data; and what each message is called."""

import socket
import struct

from autograder.sandbox.protocol import wire

_HEAD = struct.Struct("<I")


class Closed(ConnectionError):
    """The other side has gone."""


class Channel:
    """One end of the connection between a student's process and the examiner."""

    def __init__(self, connection: socket.socket):
        self._socket = connection
        self._ahead = bytearray()  # what has come, and was not yet asked for

    def send(self, data: bytes):
        """Send one message. Raises Closed."""
        try:
            self._socket.sendall(_HEAD.pack(len(data)) + data)
        except OSError as error:
            raise Closed(str(error)) from error

    def receive(self) -> bytes:
        """The next message; raises Closed at the end and wire.Malformed if it is too long."""
        (size,) = _HEAD.unpack(self._exactly(_HEAD.size))
        if size > wire.LARGEST_MESSAGE + 1_000:
            raise wire.Malformed(f"a message of {size:,} bytes")
        return self._exactly(size)

    def close(self):
        """Hang up."""
        self._socket.close()

    def fileno(self):
        """The descriptor of the socket."""
        return self._socket.fileno()

    def _exactly(self, size):
        while len(self._ahead) < size:
            try:
                most = min(max(size - len(self._ahead), 1 << 16), 1 << 20)
                part = self._socket.recv(most)
            except OSError as error:
                raise Closed(str(error)) from error
            if not part:
                raise Closed("the connection has ended")
            self._ahead += part
        data = bytes(self._ahead[:size])
        del self._ahead[:size]
        return data
