"""Saved runs: PNG, GIF and MP4."""

import re
import sys
import types

import imageio
import numpy as np
import pytest

from course.recording import Recording, RecordingError


def test_a_recording_of_nothing_leaves_no_file(tmp_path):
    with Recording(tmp_path / "run.gif"):
        pass
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "reason"), [("run", "expected a name ending in"), ("no/run.gif", "There is no folder")]
)
def test_a_path_that_no_run_can_be_saved_to_is_refused(name, reason, tmp_path):
    with pytest.raises(RecordingError, match=reason):
        Recording(tmp_path / name)


@pytest.mark.parametrize(("system", "python", "typed"), [
    ("posix", "/opt/venv/bin/python", "/opt/venv/bin/python"),
    ("posix", "/Users/a/My Course/.venv/bin/python", "'/Users/a/My Course/.venv/bin/python'"),
    ("nt", r"C:\dl\.venv\Scripts\python.exe", r"C:\dl\.venv\Scripts\python.exe"),
    ("nt", r"C:\My Course\python.exe", r'& "C:\My Course\python.exe"'),
])  # fmt: skip
def test_what_is_to_be_typed_can_be_typed(system, python, typed, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio", None)
    monkeypatch.setattr(sys, "executable", python)
    monkeypatch.setattr("course.terminal_words.os", types.SimpleNamespace(name=system))
    with pytest.raises(RecordingError) as refused:
        Recording(tmp_path / "run.mp4")
    assert f'`{typed} -m pip install "imageio[ffmpeg]"`' in str(refused.value)


def test_without_the_packages_for_films_all_but_mp4_can_be_saved(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio", None)
    command = f'`{sys.executable} -m pip install "imageio[ffmpeg]"`'
    with pytest.raises(RecordingError, match=rf"{re.escape(command)}.* in \.gif\.$"):
        Recording(tmp_path / "run.mp4")
    with Recording(tmp_path / "run.gif") as recording:
        recording.add(np.zeros((4, 6, 3), np.uint8))
    assert (tmp_path / "run.gif").is_file()


def test_a_long_gif_keeps_fewer_pictures_and_the_last_one(tmp_path):
    with Recording(tmp_path / "run.gif", max_gif_pictures=10) as recording:
        for shade in range(50):
            recording.add(np.full((4, 6, 3), 5 * shade, np.uint8))
    frames = imageio.mimread(tmp_path / "run.gif")
    assert 5 <= len(frames) <= 11
    assert (frames[0][..., :3] == 0).all()
    assert (frames[-1][..., :3] == 245).all()
