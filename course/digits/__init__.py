"""The handwritten digits: where they come from, and how they are split.

`digits.load()` returns training, validation and test digits.
"""

from course.digits.examples import Digits, DigitsError, Examples
from course.digits.mnist import mnist_cache
from course.digits.sources import Loader, would_download

__all__ = [
    "Digits",
    "DigitsError",
    "Examples",
    "Loader",
    "announce_again",
    "load",
    "mnist_cache",
    "would_download",
]

# One for the whole process, so that a source is announced once and a failed download not repeated.
_loader = Loader()
load = _loader.load
announce_again = _loader.announce_again
