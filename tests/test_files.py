"""A file is written as a whole or not at all."""

import contextlib
import errno
import os
import stat
import time
import types

import pytest

from course.files import replacing, write_atomically, write_copy


@pytest.mark.parametrize(
    ("data", "content"), [(b"\x00\xff", b"\x00\xff"), ("Größe\n", "Größe\n".encode())]
)
def test_a_file_and_the_folders_above_it_are_created(data, content, tmp_path):
    path = tmp_path / "new" / "folder" / "file"
    write_atomically(path, data)
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def test_a_file_is_replaced(tmp_path):
    path = tmp_path / ("n" * 255)
    write_atomically(path, b"a long text")
    write_atomically(path, b"short")
    assert path.read_bytes() == b"short"
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_meets_the_old_file_until_the_new_one_is_complete(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with replacing(path) as new:
        new.write_bytes(b"ne")
        assert path.read_bytes() == b"old"
        new.write_bytes(b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("error", [OSError("no space left"), KeyboardInterrupt()])
def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(error, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def interrupted():
        with replacing(path) as new:
            new.write_bytes(b"half")
            raise error

    with pytest.raises(type(error)):
        interrupted()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("system", "denied", "arrives"), [
    ("nt", 3, True), ("nt", 4, False), ("posix", 1, False),
])  # fmt: skip
def test_on_windows_a_virus_scanner_may_hold_a_file_for_a_moment(
    system, denied, arrives, tmp_path, monkeypatch
):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    waits, results = [], [PermissionError(13, "[WinError 5] Access is denied")] * denied

    def replace(*paths):
        if results:
            raise results.pop()
        os.rename(*paths)

    ours = {"name": system, "replace": replace}
    monkeypatch.setattr("course.files.os", types.SimpleNamespace(**vars(os) | ours))
    monkeypatch.setattr(time, "sleep", waits.append)
    with contextlib.nullcontext() if arrives else pytest.raises(PermissionError):
        write_atomically(path, b"new")
    assert path.read_bytes() == (b"new" if arrives else b"old")
    assert list(tmp_path.iterdir()) == [path]
    assert sum(waits) < 2


def test_a_folder_in_the_way_is_an_error_and_stays(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    with pytest.raises(OSError, match="directory") as error:
        write_atomically(path, b"data")
    assert (error.value.filename, error.value.filename2) == (str(path), None)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("named", [None, "new", "another"])
def test_an_error_names_the_file_that_was_to_be_written(named, tmp_path):
    def fail():
        with replacing(tmp_path / "file") as new:
            names = {None: (), "new": (str(new),), "another": ("elsewhere",)}
            raise OSError(errno.ENOSPC, "No space left on device", *names[named])

    with pytest.raises(OSError, match="No space left") as error:
        fail()
    expected = "elsewhere" if named == "another" else str(tmp_path / "file")
    assert error.value.filename == expected


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_a_file_has_the_permissions_that_the_user_gives_new_files(tmp_path):
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "file", b"data")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


def test_a_copy_that_cannot_be_kept_has_no_path(tmp_path):
    path = tmp_path / "file"
    assert write_copy(path, b"data") == path
    assert path.read_bytes() == b"data"
    assert write_copy(path / "below a file", b"data") is None
