"""The 70,000 digits of MNIST: from Keras's cache, downloaded into it if they are not there."""

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from course.digits import formats
from course.digits.download import MNIST, DownloadError
from course.digits.examples import Digits, DigitsError, Examples
from course.digits.splits import with_validation
from course.files import write_copy
from course.messages import _


class NotDownloadedError(DigitsError):
    """MNIST is not in Keras's cache and could not be downloaded, for this reason."""

    def __init__(self, reason: str):
        self.reason = reason
        super().__init__(
            _(
                "MNIST is not in Keras's cache and could not be downloaded ({reason}); expected "
                "the file {path} or a connection to {address}. Connect to the internet and try "
                "again, or set COURSE_DIGITS to a copy of MNIST, or use the source 'embedded', "
                "which needs no network."
            ).format(reason=reason, path=mnist_cache(), address=MNIST.address)
        )


def mnist_cache() -> Path:
    """Return where Keras keeps its copy of MNIST, whether or not it is there."""
    home = Path("~").expanduser()
    if not os.access(home, os.W_OK):
        home = Path("/tmp")  # as Keras does
    return Path(os.environ.get("KERAS_HOME", home / ".keras")) / "datasets" / "mnist.npz"


def read(fetch: Callable[[], bytes]) -> Digits:
    """Return MNIST's digits from Keras's cache; if it is empty, `fetch` gives the file's bytes.

    Raises NotDownloadedError, or another DigitsError for a damaged cache.
    """
    path = mnist_cache()
    if os.path.exists(path):  # Path.exists raises where a folder above may not be read
        return with_validation(*_read_cache(path), "mnist", path)
    try:
        content = fetch()
    except DownloadError as error:
        raise NotDownloadedError(str(error)) from None
    train, test = formats.read_npz(BytesIO(content), MNIST.address)
    # If it cannot be kept, the next process downloads it again.
    return with_validation(train, test, "mnist", write_copy(path, content))


def _read_cache(path: Path) -> tuple[Examples, Examples]:
    try:
        train, test = formats.read_npz(path, str(path))
        if (len(train.labels), len(test.labels)) != (60_000, 10_000):
            raise DigitsError(
                _(
                    "It holds {train:,} training and {test:,} test digits; "
                    "expected 60,000 and 10,000."
                ).format(train=len(train.labels), test=len(test.labels))
            )
    except DigitsError as error:
        raise DigitsError(
            _(
                "Keras's copy of MNIST is damaged. {error} Delete the file {path} so that MNIST is "
                "downloaded again."
            ).format(error=error, path=path)
        ) from None
    return train, test
