"""Read digits from an .npz file, MNIST's four IDX files or a table, and check what they hold."""

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NoReturn

import numpy as np

from course.digits import file_kinds, tables
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
    examples = _checked(images, labels, _("pixels"), _("labels"), str(path))
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
    train = _checked(arrays[0], arrays[1], "x_train", "y_train", name)
    test = _checked(arrays[2], arrays[3], "x_test", "y_test", name)
    return train, test


def read_idx_folder(folder: Path) -> tuple[Examples, Examples]:
    """Return the training and test examples of a folder with MNIST's four IDX files.

    They may be gzipped. Raises DigitsError.
    """
    return _read_idx_pair(folder, "train"), _read_idx_pair(folder, "t10k")


def _read_idx_pair(folder: Path, prefix: str) -> Examples:
    images = _find_idx(folder, f"{prefix}-images", "idx3-ubyte")
    labels = _find_idx(folder, f"{prefix}-labels", "idx1-ubyte")
    return _checked(
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


def _checked(
    images: np.ndarray, labels: np.ndarray, images_name: str, labels_name: str, path: str
) -> Examples:
    """Return the arrays as Examples, or say which of them is not what it should be."""

    def refuse(message: str, **values: object) -> NoReturn:
        raise DigitsError(
            message.format(path=path, images=images_name, labels=labels_name, **values)
        )

    images = _checked_images(images, refuse)
    _check_labels(labels, refuse)
    if len(images) != len(labels):
        refuse(
            _(
                "In {path}, {images} has {got:,} images but {labels} has {count:,} labels; "
                "expected one label per image. The two may come from different splits."
            ),
            got=len(images),
            count=len(labels),
        )
    if len(images) == 0:
        refuse(
            _("In {path}, {images} is empty; expected at least one image. Give another path."),
        )
    _check_view(images, labels, refuse)
    return Examples(images, labels.astype(np.uint8))


def _checked_images(images: np.ndarray, refuse: Callable[..., NoReturn]) -> np.ndarray:
    """Return the images as uint8 (n, 28, 28)."""
    if images.shape[1:] in ((784,), (28, 28, 1), (1, 28, 28)):
        images = images.reshape(-1, 28, 28)
    if images.ndim != 3 or images.shape[1:] != (28, 28):
        refuse(
            _(
                "In {path}, {images} has the shape {got}; expected (n, 28, 28). "
                "Reshape the images, or give another path."
            ),
            got=images.shape,
        )
    if images.dtype.kind not in "iu":
        refuse(
            _(
                "In {path}, {images} has the type {got}; expected uint8, whole numbers from 0 to "
                "255. Convert the images before saving them."
            ),
            got=images.dtype,
        )
    if images.dtype != np.uint8:
        outside = images[(images < 0) | (images > 255)]
        if outside.size:
            refuse(
                _(
                    "In {path}, {images} holds the value {got}; expected whole numbers from 0, "
                    "paper, to 255, ink. Convert the images before saving them."
                ),
                got=outside[0],
            )
        images = images.astype(np.uint8)
    return images


def _check_labels(labels: np.ndarray, refuse: Callable[..., NoReturn]) -> None:
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
    outside = np.flatnonzero((labels < 0) | (labels > 9))
    if len(outside):
        refuse(
            _(
                "In {path}, {labels}[{index}] is {got}; expected labels from 0 to 9. "
                "Are these labels of digits?"
            ),
            index=outside[0],
            got=labels[outside[0]],
        )


def _check_view(images: np.ndarray, labels: np.ndarray, refuse: Callable[..., NoReturn]) -> None:
    """Refuse images that show digits differently from MNIST."""
    if _is_inverted(images):
        refuse(
            _(
                "In {path}, {images} shows dark digits on light paper: at its border the numbers "
                "are large. Expected 0 for paper and 255 for ink: save 255 - images."
            ),
        )
    if _is_transposed(images[labels == 1]):
        refuse(
            _(
                "In {path}, the ones in {images} lie on their side: rows and columns are "
                "exchanged. Save images.transpose(0, 2, 1)."
            ),
        )


def _is_inverted(images: np.ndarray) -> bool:
    """Whether nearly all that is at the border of the images is ink."""
    return bool(images[:, [0, -1]].mean() > 200)


def _is_transposed(ones: np.ndarray) -> bool:
    """Whether the digit 1 is far wider than it is high, on average."""
    place = np.arange(28)

    def spread(ink):
        centre = (ink * place).sum() / ink.sum()
        return (ink * (place - centre) ** 2).sum() / ink.sum()

    mean = ones.mean(axis=0) if len(ones) else np.zeros((28, 28))
    return bool(mean.any() and spread(mean.sum(axis=0)) > 1.5 * spread(mean.sum(axis=1)))
