"""What a student's process may use."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Limits for one submission, and the extra packages that it may import."""

    memory: int = 2_000_000_000  # bytes, not counting TensorFlow itself
    processes: int = 256  # threads included: TensorFlow needs ten, each stream of data three
    file_size: int = 200_000_000  # bytes
    disk: int = 300_000_000  # bytes in its home and temporary folders, which lie in memory
    files: int = 128  # open at the same time, in each process
    threads: int = 1  # for TensorFlow, each with a core: submissions are graded in parallel
    output: int = 5_000_000  # characters that a cell shows; the rest is dropped
    outputs: int = 2_000  # texts and pictures that a cell shows
    all_output: int = 20_000_000  # bytes that a notebook shows: in JSON, and in memory
    all_outputs: int = 5_000  # texts and pictures that a notebook shows
    printed: int = 100_000  # characters that a test cell shows
    message: int = 20_000  # characters of an error message
    grace: float = 5.0  # seconds that an interrupted cell has to stop
    packages: tuple[str, ...] = ()  # folders with packages of the course's own: real paths
