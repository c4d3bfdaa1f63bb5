"""Every playground: its still picture, its dark page, and that it leaves nothing behind."""

import gc
import inspect
import io
import threading
import weakref

import matplotlib
import matplotlib.pyplot
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from course import playgrounds
from course.drawing.palette import DARK
from course.pictures.picture import Picture
from tests.left_behind import new_threads
from tests.open_widgets import open_widgets


def show(name, ladder, **options):
    """Show a playground; if it needs the ladder, with that of the tests."""
    playground = getattr(playgrounds, name)
    if "ladder" in inspect.signature(playground.show).parameters:
        options["ladder"] = ladder
    return playground.show(**options)


@pytest.mark.sampled(rarer=3)
@pytest.mark.parametrize("name", playgrounds.NAMES)
def test_the_still_picture_carries_the_words(name, ladder):
    settings = dict(matplotlib.rcParams)
    still = show(name, ladder, live=False)
    assert isinstance(still, Picture)
    assert len(still.alt) > 40
    assert still.alt.endswith(".")
    assert dict(matplotlib.rcParams) == settings


@pytest.mark.sampled(rarer=4)
@pytest.mark.parametrize("name", playgrounds.NAMES)
@pytest.mark.slow
def test_the_still_picture_can_be_dark(name, ladder):
    still = show(name, ladder, live=False, dark=True)
    corner = Image.open(io.BytesIO(still.png)).convert("RGB").getpixel((0, 0))
    np.testing.assert_allclose(corner, 255 * np.array(to_rgb(DARK.paper)), atol=1)


@pytest.mark.sampled(rarer=3)
@pytest.mark.parametrize("name", playgrounds.NAMES)
@pytest.mark.slow
def test_nothing_is_left_behind(name, ladder, capsys):
    threads, widgets = set(threading.enumerate()), open_widgets()
    shown = show(name, ladder, live=True)
    shown.wait()
    content = weakref.ref(getattr(shown, "dashboard", None) or shown.scene)
    assert shown.message == ""
    assert len(shown.alt) > 40
    shown._ipython_display_()
    words = capsys.readouterr().out.strip()  # as there are no widgets here
    assert words.endswith("?")
    assert len(words) < 110  # of what is longer, ipywidgets saves the beginning
    shown.close()
    del shown
    gc.collect()
    assert open_widgets() <= widgets
    assert content() is None
    assert not new_threads(threads)
    assert matplotlib.pyplot.get_fignums() == []
