"""Load digits: the sources, and the order in which they are tried."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from course.digits import download, embedded, formats, mnist
from course.digits.examples import Digits, DigitsError
from course.digits.splits import with_validation
from course.messages import _


class Loader:
    """A loader of digits that announces the source, once.

    It keeps the embedded sample in memory, and remembers a failed download in order not to repeat
    it. `fetch` returns the bytes of mnist.npz, or raises DownloadError; `parse` returns the rows of
    the embedded sample, uint8 (5000, 785), each a label and its pixels.
    """

    def __init__(
        self,
        *,
        fetch: Callable[[], bytes] = download.fetch,
        parse: Callable[[], np.ndarray] = embedded.parse,
    ):
        self._fetch = fetch
        self._parse = parse
        self._announced: set[str] = set()
        self._download_failure: str | None = None
        self._sample: Digits | None = None

    def load(self, source: str | os.PathLike = "auto") -> Digits:
        """Load the digits, split into training, validation and test.

        `source` is one of
        - "auto": the path in the environment variable COURSE_DIGITS if that is set, otherwise MNIST
          from Keras's cache or by download, otherwise the embedded sample;
        - "mnist": the 70,000 digits from Keras's cache, downloaded into it if necessary;
        - "embedded" (or "sample"): 5,000 real MNIST digits that need no network;
        - a path: an .npz file with x_train, y_train, x_test and y_test; a folder with the four IDX
          files of MNIST, gzipped or not, as torchvision keeps them, or with mnist.npz; or a .csv
          file with a label and 784 pixels in each line, as Kaggle has it.

        One sixth of the training digits becomes the validation split (of MNIST 10,000 of 60,000; of
        the embedded sample 500 of 4,000). Validation digits are picked evenly from all ten classes,
        and picked and shuffled by what the images show, so that the order of a file does not matter
        and every call gives the same splits in the same order.

        Which source was used is printed once. Raises DigitsError where the source cannot be read;
        but "auto", without a network or with a damaged cache, falls back on the embedded sample.
        """
        digits = self._from_source(source)
        self._announce(digits)
        return digits

    def announce_again(self) -> None:
        """Announce the next source even if it was announced before, as a new process would."""
        self._announced.clear()

    def _from_source(self, source: str | os.PathLike) -> Digits:
        if isinstance(source, os.PathLike):
            return _from_path(Path(source), str(source))
        if source == "auto":
            if os.environ.get("COURSE_DIGITS"):
                return _from_course_digits(os.environ["COURSE_DIGITS"])
            return self._automatic()
        if source == "mnist":
            return mnist.read(self._fetch)
        if source in ("embedded", "sample"):
            return self._embedded_sample()
        if not isinstance(source, str) or not _looks_like_path(source):
            raise DigitsError(
                _(
                    "There is no source of digits called {got}; expected 'auto', 'mnist', "
                    "'embedded' or the path of a file or folder. Check the spelling."
                ).format(got=repr(source))
            )
        return _from_path(Path(source), source)

    def _automatic(self) -> Digits:
        """Return MNIST if it is in Keras's cache or can be downloaded, else the embedded sample."""
        if os.path.exists(mnist.mnist_cache()):  # perhaps since a download failed
            self._download_failure = None
        if self._download_failure is None:
            try:
                return mnist.read(self._fetch)
            except mnist.NotDownloadedError as error:
                self._download_failure = error.reason
            except DigitsError as error:
                self._say(_("{error} Until then the embedded sample is used.").format(error=error))
                return self._embedded_sample()
        self._say(
            _("MNIST could not be downloaded ({reason}); the embedded sample is used.").format(
                reason=self._download_failure
            )
        )
        return self._embedded_sample()

    def _embedded_sample(self) -> Digits:
        if self._sample is None:
            self._sample = embedded.read(self._parse)
        return self._sample

    def _announce(self, digits: Digits) -> None:
        names = {"mnist": _("MNIST"), "embedded": _("the embedded sample of MNIST")}
        self._say(
            _(
                "Digits: {name} ({train:,} training, {validation:,} validation, {test:,} test)."
            ).format(
                name=names.get(digits.source, digits.source),
                train=len(digits.train.labels),
                validation=len(digits.validation.labels),
                test=len(digits.test.labels),
            )
        )

    def _say(self, sentence: str) -> None:
        """Print a sentence the first time; not to standard error, which fails a graded cell."""
        if sentence not in self._announced:
            self._announced.add(sentence)
            print(sentence, flush=True)


def would_download() -> bool:
    """Return whether the source "auto" would try to download MNIST."""
    return not (os.environ.get("COURSE_DIGITS") or os.path.exists(mnist.mnist_cache()))


def _looks_like_path(source: str) -> bool:
    return bool(source) and (
        "/" in source or os.sep in source or bool(Path(source).suffix) or os.path.exists(source)
    )


def _from_course_digits(value: str) -> Digits:
    try:
        return _from_path(Path(value), value)
    except DigitsError as error:
        raise DigitsError(
            _(
                "COURSE_DIGITS points to {path}. {error} To do without it, unset COURSE_DIGITS."
            ).format(path=value, error=error)
        ) from None


def _from_path(path: Path, source: str) -> Digits:
    path = Path(os.path.expanduser(path))
    if not os.path.exists(path):  # Path.exists raises where a folder above may not be read
        raise DigitsError(
            _(
                "There is no file or folder {path}; expected an .npz file with MNIST's four "
                "arrays, or a folder with its four IDX files. Check the path."
            ).format(path=path)
        )
    return with_validation(*formats.read(path), source, path)
