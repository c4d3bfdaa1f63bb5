"""The README's screenshots: the live view inside `fit`, a digit shown large, and a playground."""

import io
import re
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

from tests.browser.lab import (
    NotebookPage,
    headless_browser,
    new_page,
    notebook_of,
    notebook_server,
)

BEGIN = """\
from course import dashboard, digits, playgrounds
from course.backend import keras

data = digits.load("embedded")
hidden = [keras.layers.Dense(size, "relu") for size in (200, 60)]
output = keras.layers.Dense(10, "softmax")
model = keras.Sequential(
    [keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), *hidden, output]
)
model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])"""
FIT = """\
live = dashboard.Live(data)
model.fit(*data.train, epochs=60, verbose=0, callbacks=[live])"""
PLAY = "playgrounds.loss_surface.show()"


def draw(images: Path, chromium: str) -> None:
    """Write fit.webp, digit.webp and playground.webp, as they look in a real JupyterLab."""
    notebook = notebook_of({"begin": BEGIN, "fit": FIT, "play": PLAY})
    with (
        tempfile.TemporaryDirectory() as folder,
        notebook_server(Path(folder), "fit.ipynb", notebook) as address,
        headless_browser(chromium) as browser,
        new_page(browser, 760, 1200, dark=True, pixel_ratio=2) as page,
    ):
        shown = NotebookPage(page, address, "fit.ipynb")
        page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
        shown.theme("JupyterLab Dark")
        shown.run("begin")
        shown.cell("fit").locator(".jp-InputPrompt").click()
        page.keyboard.press("Shift+Enter")
        _wait_for(page.locator(".dll-facts"), r"step [2-9]\d\d\b")
        _set_rate(page, share=40 / 70)  # of the way: 0.1
        _wait_for(page.locator("[data-panel=accuracy]"), r"test [89]\d")
        _save(shown.cell("fit").screenshot(), images / "fit.webp")
        page.locator(".dll-box button").filter(has=page.locator(".fa-stop")).click()
        _wait_for(page.locator(".dll-state"), "finished")
        _save(_large_digit(page), images / "digit.webp")
        shown.theme("JupyterLab Light")
        shown.run("play")
        expect(shown.cell("play").locator("canvas").first).to_be_visible()
        page.mouse.move(0, 0)
        page.wait_for_timeout(2000)  # until all panels are drawn
        _save(shown.cell("play").screenshot(), images / "playground.webp")


def _wait_for(part, pattern):
    expect(part).to_contain_text(re.compile(pattern), timeout=120_000)


def _set_rate(page, share):
    track = page.locator(".noUi-target").first
    box = track.bounding_box()
    track.click(position={"x": share * box["width"], "y": box["height"] / 2})


def _large_digit(page) -> bytes:
    """Show the first mistake among the test digits, and close it again."""
    page.locator("[data-panel='test digits'] canvas").click(position={"x": 60, "y": 4})
    page.add_style_tag(content=".dll-dialog::backdrop { background: #111111; }")
    dialog = page.locator(".dll-dialog")
    expect(dialog.locator(".dll-bar")).to_have_count(10)
    picture = dialog.screenshot()
    page.keyboard.press("Escape")
    return picture


def _save(screenshot: bytes, path: Path):
    Image.open(io.BytesIO(screenshot)).convert("RGB").save(path, quality=70, method=6)
