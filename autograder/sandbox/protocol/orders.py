"""What the grader tells the fork server, an order, and what it tells the examiner, its job.

Each order comes with open descriptors. It goes over a stream, after its length: macOS has no
sockets that preserve message boundaries.
"""

import json
import socket
import struct
from dataclasses import dataclass

_HEAD = struct.Struct("<I")
_MAX_DESCRIPTORS = 4


@dataclass
class Job:
    """A notebook to be examined."""

    notebook: dict
    cell_timeout: float  # seconds
    timeout: float  # seconds, for the whole notebook


@dataclass
class Order:
    """A student's process to be forked, and an examiner if there are descriptors for one."""

    base: str  # the process's own folder
    files: str | None  # the folder of the lesson's files
    secrets: list[str]  # files and folders that it must not see
    cores: list[int]  # that it may use; all that there are, if there are none
    group: str | None  # the folder of its control group


def send(connection: socket.socket, order: Order, descriptors: list[int]) -> None:
    """Send an order and copies of these descriptors."""
    message = json.dumps(vars(order)).encode()
    socket.send_fds(connection, [_HEAD.pack(len(message))], descriptors)
    connection.sendall(message)


def receive(connection: socket.socket) -> tuple[Order | None, list[int]]:
    """Return the next order and its descriptors; None if the other side has closed."""
    head, descriptors, *_ = socket.recv_fds(connection, _HEAD.size, _MAX_DESCRIPTORS)
    (size,) = _HEAD.unpack(head) if head else (0,)
    message = bytearray()
    while len(message) < size:
        part = connection.recv(size - len(message))
        if not part:
            return None, descriptors
        message += part
    return Order(**json.loads(message)) if message else None, descriptors
