"""Read digits from an .npz file, from MNIST's four IDX files or from a table."""

import gzip
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

from course.digits import file_kinds, tables
from course.digits.array_checks import checked_examples
from course.digits.examples import DigitsError, Examples
from course.digits.splits import split_off
from course.messages import _

# Where torchvision's root, or Keras's own folder, keeps the IDX files or Keras's file.
_IDX_FOLDERS = (".", "raw", "MNIST/raw")
_NPZ_FILES = ("mnist.npz", "datasets/mnist.npz")


def read(path: Path) -> tuple[Examples, Examples]:
    """Return the training and test examples of an .npz file, a table, or a folder with them.

    Raises DigitsError, as `read_npz` and `read_idx_folder` do.
    """
    if path.is_dir():
        return _read_folder(path)
    if ".csv" in path.suffixes:
        return _read_table(path)
    return read_npz(path, str(path))


def _read_folder(folder: Path) -> tuple[Examples, Examples]:
    for place in _IDX_FOLDERS:
        if any((folder / place).glob("t*-*-idx*")) or any((folder / place).glob("t*-*.idx*")):
            return read_idx_folder(folder / place)
    for name in _NPZ_FILES:
        if (folder / name).is_file():
            return read_npz(folder / name, str(folder / name))
    return read_idx_folder(folder)  # which says what is missing


def _read_table(path: Path) -> tuple[Examples, Examples]:
    """Read a table of digits; a seventh of them are the test examples, as in MNIST."""
    try:
        images, labels = tables.read_csv(path)
    except tables.TableError as error:
        raise DigitsError(
            _(
                "{path} has {count:,} columns; expected 785, a label and 28 x 28 pixels. Tables "
                "without labels, such as Kaggle's test.csv, teach nothing: give train.csv."
            ).format(path=path, count=error.columns)
        ) from None
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise DigitsError(
            _(
                "{path} cannot be read ({error}); expected a table of whole numbers, with a label "
                "and 784 pixels in each line. It may be truncated: get it again."
            ).format(path=path, error=_short(error))
        ) from None
    examples = checked_examples(images, labels, _("pixels"), _("labels"), str(path))
    return split_off(examples, max(1, len(labels) // 7))


def read_npz(file: Path | BinaryIO, name: str) -> tuple[Examples, Examples]:
    """Return the training and test examples of an .npz file with Keras's names for the arrays.

    Errors call the file by `name`. Raises DigitsError.
    """
    names = ("x_train", "y_train", "x_test", "y_test")
    try:
        with np.lib.npyio.NpzFile(file, allow_pickle=False) as content:  # type: ignore[arg-type]
            missing = [wanted for wanted in names if wanted not in content]
            arrays = [np.asarray(content[wanted]) for wanted in names if wanted in content]
    except Exception as error:  # of many kinds: NumPy's, zipfile's, zlib's, struct's
        kind = file_kinds.describe(file) if isinstance(file, Path) else ""
        if kind:
            raise DigitsError(
                _(
                    "{path} cannot be read. It is {kind}; expected an .npz file with the arrays "
                    "x_train, y_train, x_test and y_test. Get it again, or give another path."
                ).format(path=name, kind=kind)
            ) from None
        raise DigitsError(
            _(
                "{path} cannot be read ({error}); expected an .npz file with the arrays x_train, "
                "y_train, x_test and y_test. It may be truncated, or another kind of file: "
                "get it again, or give another path."
            ).format(path=name, error=_short(error))
        ) from None
    if missing:
        raise DigitsError(
            _(
                "{path} does not contain {missing}; expected the arrays x_train, y_train, x_test "
                "and y_test. Save them under these names with numpy.savez."
            ).format(path=name, missing=", ".join(missing))
        )
    train = checked_examples(arrays[0], arrays[1], "x_train", "y_train", name)
    test = checked_examples(arrays[2], arrays[3], "x_test", "y_test", name)
    return train, test


def read_idx_folder(folder: Path) -> tuple[Examples, Examples]:
    """Return the training and test examples of a folder with MNIST's four IDX files.

    They may be gzipped. Raises DigitsError.
    """
    return _read_idx_pair(folder, "train"), _read_idx_pair(folder, "t10k")


def _read_idx_pair(folder: Path, prefix: str) -> Examples:
    images = _find_idx(folder, f"{prefix}-images", "idx3-ubyte")
    labels = _find_idx(folder, f"{prefix}-labels", "idx1-ubyte")
    return checked_examples(
        _read_idx(images, 3), _read_idx(labels, 1), images.name, labels.name, str(folder)
    )


def _find_idx(folder: Path, start: str, end: str) -> Path:
    for name in (f"{start}-{end}", f"{start}.{end}"):
        for path in (folder / name, folder / f"{name}.gz"):
            if path.is_file():
                return path
    raise DigitsError(
        _(
            "The folder {folder} has no file {name}; expected MNIST's four IDX files "
            "(train-images, train-labels, t10k-images, t10k-labels), gzipped or not, or a file "
            "mnist.npz. Put them all there, or give the path of an .npz file."
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
                "dimensions. It may be truncated, or another kind of file: get it again."
            ).format(path=path, error=_short(error), dimensions=dimensions)
        ) from None
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def _short(error: BaseException) -> str:
    """Return the first line of an error, as NumPy's and the system's can be long."""
    lines = str(error).splitlines()
    return lines[0][:100] if lines else type(error).__name__
