"""Save a run as it looked: PNG for the last picture, GIF or MP4 for all of them."""

from pathlib import Path

from course.messages import _

FORMATS = (".mp4", ".gif", ".png")
_FRAMES_PER_SECOND = 12
_END_SECONDS = 2  # the last picture stays, so that it can be read
_MOST_IN_MEMORY = 400  # pictures of a GIF, which is written at the end: longer runs show fewer


class RecordingError(ValueError):
    """A file that no run can be saved to: says what was got and what to do."""


def writable(path) -> Path:
    """Return the path if a run can be saved there; RecordingError if not. Nothing is written."""
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        message = _("The run would be saved to {path}; expected a name that ends in {formats}.")
        raise RecordingError(message.format(path=path, formats=", ".join(FORMATS)))
    if not path.parent.is_dir():
        message = _("There is no folder {folder} to save {name} in. Make it, or choose another.")
        raise RecordingError(message.format(folder=path.parent, name=path.name))
    return path


class Recording:
    """A file that pictures uint8 (height, width, 3) are added to; use it in a `with` statement."""

    def __init__(self, path):
        self.path = writable(path)
        self._kind = self.path.suffix.lower()
        self._frames, self._count, self._every = [], 0, 1
        self._last = None
        self._movie = None

    def add(self, picture):
        """Append a picture; all must have the same size, width and height even."""
        self._last = picture
        if self._kind == ".mp4":
            if self._movie is None:
                self._movie = _movie(self.path)
            self._movie.append_data(picture)
        elif self._kind == ".gif":
            self._keep(picture)

    def _keep(self, picture):
        """Keep every picture; when they become many, every second one, and so on."""
        if self._count % self._every == 0:
            self._frames.append(_few_colours(picture))
        self._count += 1
        if len(self._frames) > _MOST_IN_MEMORY:
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
            first, *others = [*self._frames, _few_colours(self._last)]
            durations = [1000 // _FRAMES_PER_SECOND] * len(others) + [1000 * _END_SECONDS]
            first.save(self.path, save_all=True, append_images=others, duration=durations, loop=0)
        else:
            from PIL import Image

            Image.fromarray(self._last).save(self.path, "png")


def _few_colours(picture):
    from PIL import Image

    return Image.fromarray(picture).quantize(128)


def _movie(path):
    import imageio

    # Every player can show yuv420p; the macro block size would otherwise stretch the picture.
    return imageio.get_writer(
        path, fps=_FRAMES_PER_SECOND, codec="libx264", macro_block_size=2, quality=8
    )
