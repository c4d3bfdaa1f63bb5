"""Copies: the learner's own are never overwritten, and a check copies no whole home folder."""

import json
import os

import pytest

from course.workbook import copies
from course.workbook.copies import copy_folder, copy_missing
from course.workbook.errors import WorkbookError


def test_what_is_there_is_never_overwritten(kit):
    release, work = kit / "release", kit / "work"
    mine = work / "01-numbers/numbers.ipynb"
    mine.parent.mkdir(parents=True)
    mine.write_text("my own work")
    copied, changed = copy_missing(release, work)
    assert mine.read_text() == "my own work"
    assert copied == ["01-numbers/table.txt", "02-reading/reading.ipynb"]
    assert changed == []
    assert copy_missing(release, work) == ([], [])


@pytest.mark.parametrize("content", ["not JSON", "[]", '{"01-numbers/numbers.ipynb": 3}'])
def test_a_damaged_record_of_copies_does_no_harm(content, kit):
    release, work = kit / "release", kit / "work"
    copy_missing(release, work)
    (record,) = (path for path in work.iterdir() if path.is_file())
    assert set(json.loads(record.read_text())) == {
        "01-numbers/numbers.ipynb",
        "01-numbers/table.txt",
        "02-reading/reading.ipynb",
    }
    record.write_text(content)
    assert copy_missing(release, work) == ([], [])


def test_a_file_in_the_place_of_the_folder_is_an_error_and_stays(kit):
    (kit / "work").write_text("a file where the folder should be")
    with pytest.raises(WorkbookError, match="cannot be copied"):
        copy_missing(kit / "release", kit / "work")
    assert (kit / "work").read_text() == "a file where the folder should be"


def test_a_folder_is_copied_without_hidden_files(kit, tmp_path):
    target = tmp_path / "copy"
    copy_folder(kit / "release", target)
    copied = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert copied == {
        "01-numbers/numbers.ipynb",
        "01-numbers/table.txt",
        "02-reading/reading.ipynb",
    }


def test_a_file_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    """As on Windows, where a spreadsheet locks the table that it shows."""

    def refuse(path, copy):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(copies.shutil, "copyfile", refuse)
    source = tmp_path / "lesson"
    source.mkdir()
    (source / "table.csv").touch()
    with pytest.raises(WorkbookError, match=r"table\.csv cannot be copied .* close it there"):
        copy_folder(source, tmp_path / "copy")


def many_files(folder):
    for number in range(copies.MAX_FILES + 1):
        (folder / str(number)).touch()


def much_data(folder):
    (folder / "film.mp4").touch()
    os.truncate(folder / "film.mp4", copies.MAX_BYTES + 1)  # it takes no space on the disk


@pytest.mark.parametrize("fill", [many_files, much_data])
def test_a_folder_that_holds_too_much_is_refused(fill, tmp_path):
    source = tmp_path / "much"
    source.mkdir()
    fill(source)
    with pytest.raises(WorkbookError, match="Move the notebook to a folder of its own"):
        copy_folder(source, tmp_path / "copy")
