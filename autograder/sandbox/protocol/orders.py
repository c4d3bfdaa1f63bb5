"""The grader's orders to the fork server: a message, with open descriptors.

Each goes over a stream, after its length: macOS has no sockets that preserve message boundaries.
"""

import socket
import struct

_HEAD = struct.Struct("<I")
_MAX_DESCRIPTORS = 4


def send(connection: socket.socket, message: bytes, descriptors: list[int]) -> None:
    """Send a message and copies of these descriptors."""
    socket.send_fds(connection, [_HEAD.pack(len(message))], descriptors)
    connection.sendall(message)


def receive(connection: socket.socket) -> tuple[bytes, list[int]]:
    """Return the next message and its descriptors; no bytes if the other side has closed."""
    head, descriptors, *_ = socket.recv_fds(connection, _HEAD.size, _MAX_DESCRIPTORS)
    (size,) = _HEAD.unpack(head) if head else (0,)
    message = bytearray()
    while len(message) < size:
        part = connection.recv(size - len(message))
        if not part:
            return b"", descriptors
        message += part
    return bytes(message), descriptors
