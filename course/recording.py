"""Save what a run looked like: PNG for the last picture, GIF or MP4 for all of them."""

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from course.messages import _
from course.terminal_words import this_python

FORMATS = (".mp4", ".gif", ".png")
_FRAMES_PER_SECOND = 12
_END_SECONDS = 2  # the last picture stays, so that it can be read
MAX_GIF_PICTURES = 400  # kept in memory, as a GIF is written at the end: longer runs show fewer


class RecordingError(ValueError):
    """A run cannot be saved to this file; the message says why and what to do."""


def can_save_mp4() -> bool:
    """Return whether the packages for MP4 are installed; the other formats need none."""
    return all(importlib.util.find_spec(name) for name in ("imageio", "imageio_ffmpeg"))


def check_folder(path: Path) -> None:
    """Raise RecordingError if there is no folder for a file with this path."""
    if not path.parent.is_dir():
        message = _("There is no folder {folder} to save {name} in. Create it, or choose another.")
        raise RecordingError(message.format(folder=path.parent, name=path.name))


def _checked(path: str | Path) -> Path:
    """Return the path if a run can be saved there; RecordingError if not. Nothing is written."""
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        message = _("The run would be saved to {path}; expected a name ending in {formats}.")
        raise RecordingError(message.format(path=path, formats=", ".join(FORMATS)))
    check_folder(path)
    if path.suffix.lower() == ".mp4" and not can_save_mp4():
        raise RecordingError(
            _(
                "MP4 films need a package that is not installed here. Install it with "
                '`{python} -m pip install "imageio[ffmpeg]"`, or choose a name ending in .gif.'
            ).format(python=this_python())
        )
    return path


class Recording:
    """A file to add pictures to, uint8 (height, width, 3); leaving its `with` block completes it.

    Nothing is written before the first picture. Raises RecordingError where no run can be saved.
    """

    def __init__(self, path: str | Path, max_gif_pictures: int = MAX_GIF_PICTURES):
        self.path = _checked(path)
        self._max_gif_pictures = max_gif_pictures
        self._kind = self.path.suffix.lower()
        self._frames: list[Image.Image] = []
        self._count, self._every = 0, 1
        self._last: np.ndarray | None = None
        self._movie: Any = None  # imageio's writer of an MP4, from the first picture on

    def add(self, picture: np.ndarray) -> None:
        """Append a picture; all must have the same size, with even width and height."""
        self._last = picture
        if self._kind == ".mp4":
            if self._movie is None:
                self._movie = _movie(self.path)
            self._movie.append_data(picture)
        elif self._kind == ".gif":
            self._keep(picture)

    def _keep(self, picture):
        """Keep every picture; once there are too many, every second one, and so on."""
        if self._count % self._every == 0:
            self._frames.append(_few_colours(picture))
        self._count += 1
        if len(self._frames) > self._max_gif_pictures:
            del self._frames[1::2]
            self._every *= 2

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if self._last is None:
            return
        if self._movie is not None:
            for _repeat in range(_END_SECONDS * _FRAMES_PER_SECOND):
                self._movie.append_data(self._last)
            self._movie.close()
        elif self._kind == ".gif":
            first, others = self._frames[0], [*self._frames[1:], _few_colours(self._last)]
            durations = [1000 // _FRAMES_PER_SECOND] * len(others) + [1000 * _END_SECONDS]
            first.save(self.path, save_all=True, append_images=others, duration=durations, loop=0)
        else:
            Image.fromarray(self._last).save(self.path, "png")


def _few_colours(picture: np.ndarray) -> Image.Image:
    return Image.fromarray(picture).quantize(128, Image.Quantize.MAXCOVERAGE)


def _movie(path):
    import imageio

    # With its usual macro block size of 16, imageio would stretch the picture.
    return imageio.get_writer(
        path, fps=_FRAMES_PER_SECOND, codec="libx264", macro_block_size=2, quality=8
    )
