"""The last picture of a view, which a saved notebook still shows when it is opened again."""

import html
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import numpy as np
from IPython import get_ipython
from IPython.display import display
from PIL import Image

from course.messages import _, sentences
from course.panels import Panels, Snapshot
from course.panels.description import describe
from course.panels.snapshot import PredictedDigits
from course.pictures.picture import Picture, TextAlternative, text_only
from course.training.examples import SIDE

_REST = 0.5  # seconds without a change, after which the last picture is drawn
_MAX_WAIT = 3.0  # seconds after a change, if more of them follow without a rest


def still_picture(snapshot: Snapshot, dark: bool = False) -> Picture:
    """Return a picture of the six panels, or only its words where nobody will look."""
    words = describe(snapshot)
    if text_only():
        return TextAlternative(words)
    panels = Panels(_with_grey_digits(snapshot), dark=dark)
    try:
        has_photographs = any(
            digits.images.ndim == 4 for digits in (snapshot.batch, snapshot.test_digits)
        )
        return Picture.from_array(panels.update(), words, is_dark=dark or has_photographs)
    finally:
        panels.close()


class LastPicture:
    """An output below a view that stays in the notebook when the view is gone.

    As long as the view is there, it hides this output by the style rule `hiding`.
    """

    def __init__(self, name: str = ""):
        self.name = name or uuid.uuid4().hex
        still = f'.dll-still[data-view="{self.name}"]'
        self.hiding = f"{still}, .jp-OutputArea-child:has({still}) {{ display: none; }}"
        self._display_id = uuid.uuid4().hex
        self._is_shown = False
        self._waiting: threading.Timer | None = None
        self._newest: deque[Callable[[], Picture]] = deque(maxlen=1)  # that is not drawn yet
        self._due = 0.0  # when it is drawn at the latest
        self._drawing = threading.Lock()  # or an older picture could be ready after a newer one

    def show(self, words: str) -> None:
        """Open the output below the view, with a description of the picture."""
        self._display(words, html.escape(words))

    def keep(self, draw: Callable[[], Picture]) -> None:
        """Put the picture that `draw()` returns into the output, unless a newer one comes soon."""
        now = time.monotonic()
        if not self._newest:
            self._due = now + _MAX_WAIT
        self.cancel()
        if self._is_shown:
            self._newest.append(draw)
            rest = min(_REST, max(0.0, self._due - now))
            self._waiting = threading.Timer(rest, self._draw_newest)
            self._waiting.daemon = True
            self._waiting.start()

    def cancel(self) -> None:
        """Do not draw a picture that is still due."""
        self._newest.clear()
        if self._waiting is not None:
            self._waiting.cancel()

    def _draw_newest(self):
        with self._drawing:
            try:
                draw = self._newest.pop()
            except IndexError:  # it was drawn while this waited for the lock
                return
            picture = draw()
            self._display(picture.alt, picture._repr_mimebundle_()["text/html"])

    def _display(self, words, picture):
        if get_ipython() is None:
            return
        # A page that is reloaded while a cell is running cannot ask the kernel for the view, and
        # shows what was saved before: perhaps the picture of another run.
        text = _(
            "This is how it looked at {time}. If a cell is still running, the live view comes back "
            "when it ends. If not, run this cell to go on."
        ).format(time=f"{datetime.now():%Y-%m-%d %H:%M}")
        block = (
            f'<div class="dll-still" data-view="{self.name}">{_HIDE_DEAD_VIEW}'
            f"<p><b>{html.escape(text)}</b></p>{picture}</div>"
        )
        bundle = {"text/html": block, "text/plain": sentences(words, text)}
        display(bundle, raw=True, display_id=self._display_id, update=self._is_shown)
        self._is_shown = True


# For a view that is gone, JupyterLab shows a line of text, "Loading widget..." or an error, without
# any element in it; every other output names its MIME type.
_HIDE_DEAD_VIEW = (
    "<style>.jp-OutputArea-child:has(~ .jp-OutputArea-child .dll-still) "
    "> .jp-OutputArea-output:not([data-mime-type]):not(:has(*)) { display: none; }</style>"
)


def _with_grey_digits(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with its images as the still panels draw them: grey, 28 by 28."""
    return replace(snapshot, batch=_grey(snapshot.batch), test_digits=_grey(snapshot.test_digits))


def _grey(digits: PredictedDigits) -> PredictedDigits:
    images = digits.images
    if images.shape[1:] == (SIDE, SIDE):
        return digits
    small = [Image.fromarray(image).convert("L").resize((SIDE, SIDE)) for image in images]
    grey = np.stack([np.asarray(image) for image in small])
    is_ink = images.ndim == 3  # in colours, 255 is light
    return digits._replace(images=grey if is_ink else 255 - grey)
