"""A learner plays with every playground of playgrounds.ipynb in a real JupyterLab."""

import re
import shutil

import nbformat
import pytest
from playwright.sync_api import expect

from course import playgrounds

from .lab import NotebookPage, browser_page, server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NOTEBOOK = "playgrounds.ipynb"


class PlaygroundPage(NotebookPage):
    """The notebook; a playground is called by the name of its module."""

    def play(self, name):
        """Open a playground."""
        self.name = name.replace("_", "-")
        self.here = self.cell(self.name)
        self.run(self.name)
        expect(self.picture).to_be_visible(timeout=30_000)

    @property
    def picture(self):
        """The picture of the playground."""
        return self.here.locator("img")

    def looks(self):
        """What the picture is now, and what is said of it."""
        return self.picture.get_attribute("src"), self.picture.get_attribute("alt")

    def settle(self):
        """Wait until the kernel has answered all moves."""
        self.page.wait_for_timeout(100)
        self.page.wait_for_function(
            "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
        )

    # Moves ----------------------------------------------------------------------------------------

    def slide(self, which, key="ArrowRight", times=5):
        """Move a slider by the keyboard."""
        handle = self.here.locator(".noUi-handle").nth(which)
        handle.focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def type(self, which, text):
        """Type into a box."""
        box = self.here.locator("input[type=number], .widget-text input").nth(which)
        box.fill(text)
        box.press("Enter")

    def choose(self, which, name):
        """Choose from a drop-down list."""
        self.here.locator("select").nth(which).select_option(name)

    def press(self, name):
        """Press a button."""
        self.here.get_by_role("button", name=name).click()

    def click(self, right, down):
        """Click into the picture, at shares of its width and height."""
        box = self.picture.bounding_box()
        self.picture.click(position={"x": right * box["width"], "y": down * box["height"]})

    def draw(self, *points):
        """Draw a stroke on the pad, through points in shares of its width and height."""
        canvas = self.here.locator("canvas")
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
        mouse = self.page.mouse
        mouse.move(*places[0])
        mouse.down()
        for place in places[1:]:
            mouse.move(*place, steps=8)
        mouse.up()

    def says(self, words):
        """Wait until the picture's words contain these."""
        expect(self.picture).to_have_attribute("alt", re.compile(words), timeout=30_000)


# Each playground, and moves that must each change picture and words.
MOVES = {
    "softmax": [
        lambda page: page.slide(3),
        lambda page: page.slide(10, "ArrowLeft"),
        lambda page: page.slide(11, times=1),
        # Faster than it is drawn: the latest move wins.
        lambda page: (page.slide(10, "ArrowLeft", times=40), page.says("temperature 0.1 ")),
    ],
    "two_distances": [
        lambda page: page.slide(0, times=1),
        lambda page: page.slide(1),
        lambda page: page.slide(2),
    ],
    "loss_surface": [
        lambda page: page.slide(0),
        lambda page: page.type(0, "3.5"),
        lambda page: page.click(0.1, 0.3),
    ],
    "batch_size": [
        lambda page: page.slide(0, times=2),
        lambda page: page.choose(0, "at the start, all 0"),
        lambda page: page.press("draw again"),
    ],
    "learning_rate": [
        lambda page: page.slide(0),
        lambda page: page.slide(1, "ArrowLeft"),
        lambda page: page.slide(2),
    ],
    "activations": [
        lambda page: page.choose(1, "ReLU"),
        lambda page: page.choose(0, "He: 2 / inputs"),
        lambda page: page.press("draw again"),
    ],
    "dropout": [
        lambda page: page.slide(0),
        lambda page: page.slide(1),
        lambda page: page.choose(0, "test, nothing dropped"),
    ],
    "convolution": [
        lambda page: page.choose(0, "blur"),
        lambda page: page.type(8, "2"),
        lambda page: page.choose(1, "stride 2, no zeros (valid)"),
        lambda page: page.slide(0, "ArrowLeft"),
        lambda page: page.click(0.15, 0.4),
    ],
    "draw": [  # its words change by themselves as well, while the networks are trained
        lambda page: (page.draw((0.3, 0.2), (0.7, 0.2), (0.45, 0.8)), page.says("softmax: 7")),
        lambda page: (page.press("Clear"), page.says("pad is empty")),
        lambda page: (page.draw((0.5, 0.2), (0.5, 0.8)), page.says("softmax: 1")),
    ],
    "confusion": [
        lambda page: page.click(0.3, 0.3),
        lambda page: page.choose(0, "8"),
        lambda page: page.choose(1, "8"),
    ],
}


@pytest.fixture(scope="module")
def page(root, tmp_path_factory, chromium):
    """The released notebook, its first cell run."""
    folder = tmp_path_factory.mktemp("playgrounds")
    work, home = folder / "work", folder / "home"
    work.mkdir()
    home.mkdir()
    shutil.copy(root / "release" / NOTEBOOK, work)
    with server(work, home) as address, browser_page(chromium) as page:
        opened = PlaygroundPage(page, address, NOTEBOOK)
        opened.run("setup")
        yield opened


def test_every_playground_is_in_the_notebook_and_in_this_test(root):
    notebook = nbformat.read(root / "source" / NOTEBOOK, as_version=4)
    calls = [cell.source for cell in notebook.cells if cell.source.startswith("playgrounds.")]
    assert calls == [f"playgrounds.{name}.show()" for name in playgrounds.NAMES]
    assert list(MOVES) == list(playgrounds.NAMES)


@pytest.mark.sampled
@pytest.mark.parametrize("name", MOVES)
def test_every_move_changes_picture_and_words(page, name, tmp_path):
    page.play(name)
    for move in MOVES[name]:
        source, alt = page.looks()
        move(page)
        expect(page.picture).not_to_have_attribute("alt", alt)
        expect(page.picture).not_to_have_attribute("src", source)
        page.settle()
    page.here.scroll_into_view_if_needed()
    page.page.screenshot(path=tmp_path / "light.png")


@pytest.mark.slow
def test_in_the_dark(page, tmp_path):
    """A few: that each one is drawn for a dark page is tested without a browser."""
    page.theme("JupyterLab Dark")
    for name in ("softmax", "loss_surface", "draw"):
        cell = name.replace("_", "-")
        page.write(cell, f"playgrounds.{name}.show(dark=True)")
        page.play(name)
        page.here.scroll_into_view_if_needed()
        page.page.screenshot(path=tmp_path / f"{cell}.png")
