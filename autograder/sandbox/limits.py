"""What a student's process may use; the one place where these numbers stand."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Limits for one submission."""

    memory: int = 2_000_000_000  # bytes that it takes itself, TensorFlow's own not counted
    processes: int = 100  # threads count too; TensorFlow needs about ten
    file_size: int = 200_000_000  # bytes
    disk: int = 300_000_000  # bytes in its home and temporary folder, which are memory
    files: int = 256  # open at a time
    threads: int = 1  # that TensorFlow computes with: a class is graded side by side
    output: int = 5_000_000  # characters that a cell shows; what comes after them is dropped
    outputs: int = 2_000  # texts and pictures of a cell
    all_output: int = 30_000_000  # characters that a notebook shows
    printed: int = 100_000  # characters that a test cell shows
    message: int = 20_000  # characters of an error
    grace: float = 2.0  # seconds that an interrupted cell has to stop
