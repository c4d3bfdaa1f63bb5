"""Files of digits: an .npz file or MNIST's four IDX files, and errors that say what to do."""

import gzip
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from course import digits
from tests.digits import made_digits
from tests.digits.made_digits import (
    IDX_NAMES,
    NAMES,
    assert_same,
    idx_bytes,
    rows,
    save_idx,
    save_npz,
    some_arrays,
)

DAMAGED_GZIP = b"\x1f\x8b\x08" + bytes(60)


def refusal(path):
    return made_digits.refusal(digits.load, path)


# Good files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [str, Path])
def test_npz_file(kind, tmp_path):
    path = save_npz(tmp_path / "mine.npz")
    data = digits.load(kind(path))
    assert (data.source, data.path) == (str(path), path)
    assert [len(split.labels) for split in data] == [100, 20, 20]
    arrays = some_arrays()
    before = digits.Examples(arrays["x_train"], arrays["y_train"])
    assert rows(data.train, data.validation) == rows(before)
    assert np.bincount(data.validation.labels).tolist() == [2] * 10
    np.testing.assert_array_equal(data.test.images, arrays["x_test"])
    np.testing.assert_array_equal(data.test.labels, arrays["y_test"])


@pytest.mark.parametrize("dot", [False, True])
@pytest.mark.parametrize("compress", [False, True])
def test_idx_folder(dot, compress, tmp_path):
    folder = save_idx(tmp_path / "idx", some_arrays(), dot=dot, compress=compress)
    assert_same(digits.load(folder), digits.load(save_npz(tmp_path / "mine.npz")))


def test_idx_folder_with_compressed_files_that_lost_their_ending(tmp_path):
    folder = save_idx(tmp_path / "idx", some_arrays(), compress=True)
    for path in list(folder.iterdir()):
        path.rename(path.with_suffix(""))
    assert len(digits.load(folder).train.labels) == 100


def test_splits_of_a_file_do_not_depend_on_its_order(tmp_path):
    arrays = some_arrays()
    order = np.random.default_rng(1).permutation(120)
    shuffled = {"x_train": arrays["x_train"][order], "y_train": arrays["y_train"][order]}
    one = digits.load(save_npz(tmp_path / "one.npz"))
    assert_same(one, digits.load(save_npz(tmp_path / "other.npz", **shuffled)))


@pytest.mark.parametrize("shape", [(784,), (28, 28, 1), (1, 28, 28)])
@pytest.mark.parametrize("dtype", [np.int16, np.int64, np.uint64])
def test_images_of_other_shapes_and_whole_number_types(shape, dtype, tmp_path):
    changes = {
        name: some_arrays()[name].reshape(-1, *shape).astype(dtype)
        for name in ("x_train", "x_test")
    }
    changed = save_npz(tmp_path / "changed.npz", **changes)
    assert_same(digits.load(changed), digits.load(save_npz(tmp_path / "mine.npz")))


@pytest.mark.parametrize("place", ["raw", "MNIST/raw", "mnist.npz", "datasets/mnist.npz"])
def test_a_folder_above_the_files_will_do(place, tmp_path):
    """As torchvision and Keras keep them."""
    root = tmp_path / "root"
    (root / place).parent.mkdir(parents=True)
    if place.endswith(".npz"):
        save_npz(root / place)
    else:
        save_idx(root / place, some_arrays())
    assert_same(digits.load(root), digits.load(save_npz(tmp_path / "mine.npz")))


@pytest.mark.parametrize("names", ["label", "none", "class at the end"])
@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
def test_a_table_of_digits(names, ending, tmp_path):
    arrays = some_arrays()
    table = np.column_stack([arrays["y_train"], arrays["x_train"].reshape(-1, 784)])
    pixels = [f"pixel{number}" for number in range(784)]
    head = {"label": ["label", *pixels], "class at the end": [*pixels, '"class"\r']}.get(names)
    if names == "class at the end":
        table = np.roll(table, -1, axis=1)
    lines = [",".join(map(str, row)) for row in [*([head] if head else []), *table]]
    content = ("\ufeff" + "\n".join(lines) + "\n").encode()
    path = tmp_path / f"train{ending}"
    path.write_bytes(gzip.compress(content) if ending.endswith(".gz") else content)
    data = digits.load(path)
    assert [len(split.labels) for split in data] == [86, 17, 17]
    before = digits.Examples(arrays["x_train"], arrays["y_train"])
    assert rows(*data) == rows(before)


def test_a_damaged_table_is_named(tmp_path):
    (tmp_path / "train.csv.gz").write_bytes(DAMAGED_GZIP)
    assert "train.csv.gz cannot be read" in refusal(tmp_path / "train.csv.gz")


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint64, ">i4"])
def test_labels_of_any_integer_type(dtype, tmp_path):
    labels = some_arrays()["y_train"].astype(dtype)
    data = digits.load(save_npz(tmp_path / "mine.npz", y_train=labels))
    assert data.train.labels.dtype == np.uint8


def test_smallest_file(tmp_path):
    data = digits.load(save_npz(tmp_path / "two.npz", **some_arrays(training=2, test=1)))
    assert [len(split.labels) for split in data] == [1, 1, 1]
    assert "at least two" in refusal(save_npz(tmp_path / "one.npz", **some_arrays(1, 1)))


# Errors -------------------------------------------------------------------------------------------


def test_truncated_npz(tmp_path):
    path = save_npz(tmp_path / "mine.npz")
    content = path.read_bytes()
    for size in (0, 1, 10, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:size])
        message = refusal(path)
        assert "mine.npz cannot be read" in message
        assert "truncated" in message


def test_npz_with_damage_inside(tmp_path):
    """Whatever byte is flipped, there is a clear error or (in an unused byte) none at all."""
    path = tmp_path / "mine.npz"
    np.savez_compressed(path, **some_arrays(12, 2))
    content = path.read_bytes()
    rng = np.random.default_rng(5)
    refused = 0
    for place in rng.integers(0, len(content), 150):
        damaged = bytearray(content)
        damaged[place] ^= 255
        path.write_bytes(damaged)
        try:
            digits.load(path)
        except digits.DigitsError:
            refused += 1
    assert refused > 100


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "It is empty"),
        (
            b"\n<!DOCTYPE html><title>Log in</title>",
            "It is a web page, perhaps a login or error page",
        ),
        (pickle.dumps([1]), "It is a pickle, which could run any program"),
        (gzip.compress(pickle.dumps([1])), "It is a pickle"),
        (gzip.compress(idx_bytes(np.zeros((2, 28, 28), np.uint8))), "give the folder that holds"),
        (DAMAGED_GZIP, "It may be truncated, or another kind of file"),
        (b"PK\3\4 and no more", "It is a zip archive that is damaged"),
        (b"\x89HDF\r\n", "It is an HDF5 file"),
    ],
    ids=["empty", "page", "pickle", "gzipped pickle", "gzipped IDX", "damaged gzip", "zip", "HDF5"],
)
def test_what_another_kind_of_file_is(content, reason, tmp_path):
    (tmp_path / "mnist.npz").write_bytes(content)
    message = refusal(tmp_path / "mnist.npz")
    assert reason in message
    assert "expected an .npz file" in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (",".join(["0"] * 784), "has 784 columns; expected 785"),
        ("id,text\n1,a\n", "has 2 columns"),
        (",".join(["0"] * 785) + "\n1,2\n", "cannot be read"),
        (",".join(["label", *["0"] * 784]) + "\n" + ",".join(["x"] * 785), "cannot be read"),
        (",".join(["12", *["0"] * 784]), "labels[0] is 12"),
    ],
    ids=["no labels", "another table", "truncated", "words", "no digits"],
)
def test_a_table_of_something_else(text, reason, tmp_path):
    (tmp_path / "train.csv").write_text(text)
    message = refusal(tmp_path / "train.csv")
    assert reason in message
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize("change", [None, "transposed", "inverted"])
def test_images_that_are_not_as_they_should_be_are_noticed(change, tmp_path, sample_rows):
    images, labels = sample_rows[:, 1:].reshape(-1, 28, 28), sample_rows[:, 0]
    arrays = dict(zip(NAMES, (images, labels) * 2, strict=True))
    for name in ("x_train", "x_test"):
        if change == "transposed":
            arrays[name] = arrays[name].transpose(0, 2, 1)
        elif change == "inverted":
            arrays[name] = 255 - arrays[name]
    np.savez(tmp_path / "mine.npz", **arrays)
    if change is None:
        assert len(digits.load(tmp_path / "mine.npz").test.labels) == 5_000
    else:
        wanted = {"transposed": "Save images.transpose(0, 2, 1)", "inverted": "save 255 - images"}
        assert wanted[change] in refusal(tmp_path / "mine.npz")


def save_array_alone(path):
    with path.open("wb") as file:
        np.save(file, np.zeros((5, 28, 28), np.uint8))


def save_pickle(path):
    objects = np.array([object()] * 120, dtype=object)
    np.savez(path, **some_arrays() | {"y_train": objects})


def save_text(path):
    path.write_text("label,pixels\n5,0\n")


@pytest.mark.parametrize(
    ("save", "reason"),
    [
        (save_array_alone, "a single NumPy array"),
        (save_pickle, "a zip archive that is damaged, or holds something else"),
        (save_text, "another kind of file"),
    ],
)
def test_foreign_file(save, reason, tmp_path):
    save(tmp_path / "foreign.npz")
    message = refusal(tmp_path / "foreign.npz")
    assert "foreign.npz cannot be read" in message
    assert reason in message


def test_zip_file_with_something_else_under_the_names(tmp_path):
    with zipfile.ZipFile(tmp_path / "mine.npz", "w") as archive:
        for name in NAMES:
            archive.writestr(name, "no array")
    assert "x_train has the shape ()" in refusal(tmp_path / "mine.npz")


@pytest.mark.parametrize("name", NAMES)
def test_missing_array(name, tmp_path):
    message = refusal(save_npz(tmp_path / "mine.npz", **{name: None}))
    assert f"does not contain {name};" in message


IMAGES = np.zeros((20, 28, 28), np.uint8)
LABELS = np.zeros(20, np.uint8)


@pytest.mark.parametrize(
    ("name", "array", "reason"),
    [
        (
            "x_test",
            IMAGES.reshape(5, 56, 56),
            "x_test has the shape (5, 56, 56); expected (n, 28, ",
        ),
        ("x_test", IMAGES[:, :, 1:], "x_test has the shape (20, 28, 27)"),
        ("x_test", IMAGES[0], "x_test has the shape (28, 28)"),
        ("x_test", np.uint8(3), "x_test has the shape ()"),
        ("x_test", IMAGES / np.float32(255), "x_test has the type float32; expected uint8"),
        ("x_test", IMAGES.astype(bool), "x_test has the type bool"),
        ("x_test", IMAGES.astype(int) + 256, "x_test holds the value 256"),
        ("x_test", IMAGES.astype(np.int8) - np.int8(1), "x_test holds the value -1"),
        ("x_test", 255 - IMAGES, "save 255 - images"),
        ("x_test", IMAGES[:19], "19 images but y_test has 20 labels"),
        ("y_test", LABELS[:19], "20 images but y_test has 19 labels"),
        ("y_test", np.eye(10)[LABELS], "y_test has the shape (20, 10); expected (n,)"),
        ("y_test", LABELS.astype(float), "y_test has the type float64; expected whole numbers"),
        ("y_test", np.array(["7"] * 20), "y_test has the type <U1"),
        ("y_test", LABELS.astype(bool), "y_test has the type bool"),
        ("y_test", LABELS + np.uint8(10), "y_test[0] is 10; expected labels from 0 to 9"),
        ("y_test", np.where(np.arange(20) == 7, -1, 0), "y_test[7] is -1"),
        ("y_test", LABELS.astype(int) + 256, "y_test[0] is 256"),
        ("x_train", IMAGES[:0], "120 labels"),
    ],
)
def test_wrong_arrays(name, array, reason, tmp_path):
    message = refusal(save_npz(tmp_path / "mine.npz", **{name: array}))
    assert reason in message
    assert "mine.npz" in message


@pytest.mark.parametrize("split", ["train", "test"])
def test_empty_split(split, tmp_path):
    arrays = {f"x_{split}": IMAGES[:0], f"y_{split}": LABELS[:0]}
    assert f"x_{split} is empty" in refusal(save_npz(tmp_path / "mine.npz", **arrays))


@pytest.mark.parametrize("name", IDX_NAMES)
def test_idx_folder_with_a_file_missing(name, tmp_path):
    folder = save_idx(tmp_path / "idx", some_arrays())
    (folder / name).unlink()
    message = refusal(folder)
    assert f"has no file {name}" in message
    assert str(folder) in message


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("name", IDX_NAMES)
def test_truncated_idx_file(name, compress, tmp_path):
    folder = save_idx(tmp_path / "idx", some_arrays(), compress=compress)
    path = folder / (name + ".gz" * compress)
    content = path.read_bytes()
    for size in (0, 3, 7, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:size])
        message = refusal(folder)
        assert f"{path} cannot be read" in message
        assert "truncated" in message


@pytest.mark.parametrize(
    "content",
    [
        idx_bytes(LABELS),  # of the labels, where the images should be
        idx_bytes(IMAGES) + b"x",
        b"\x00\x00\x0d\x03" + idx_bytes(IMAGES)[4:],  # floats
        b"\x00\x00\x08\x03" + b"\xff" * 12,  # of an unbelievable size
        b"PK\x03\x04" + bytes(100),
    ],
    ids=["labels", "too long", "floats", "huge", "zip"],
)
def test_foreign_idx_file(content, tmp_path):
    folder = save_idx(tmp_path / "idx", some_arrays())
    (folder / "t10k-images-idx3-ubyte").write_bytes(content)
    assert "t10k-images-idx3-ubyte cannot be read" in refusal(folder)


def test_wrong_arrays_in_idx_files(tmp_path):
    folder = save_idx(tmp_path / "idx", some_arrays() | {"y_test": LABELS + np.uint8(11)})
    assert "t10k-labels-idx1-ubyte[0] is 11" in refusal(folder)
    folder = save_idx(tmp_path / "lengths", some_arrays() | {"y_test": LABELS[:3]})
    assert "20 images but t10k-labels-idx1-ubyte has 3 labels" in refusal(folder)


def test_errors_are_value_errors_of_one_line(tmp_path):
    assert issubclass(digits.DigitsError, ValueError)
    for source in (
        "mnits",
        "no/such/file",
        tmp_path,
        save_npz(tmp_path / "a.npz", x_test=IMAGES[0]),
    ):
        assert len(refusal(source).splitlines()) == 1
