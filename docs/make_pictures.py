"""Remake the pictures of the README and the guide: `make pictures`. They need Chromium."""

import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image

from docs import guide_pictures, screenshots
from tests.browser.lab import NotebookPage, browser_page, notebook_of, notebook_server

IMAGES = Path(__file__).parent / "images"
SHOW = """\
run = training.start("softmax", digits.load("embedded"))
dashboard.show(run, steps=3000, speed=20)"""


FILM_FRAMES, FRAME_MILLISECONDS, FILM_WIDTH = 60, 200, 960


def film_dashboard(path: Path, chromium: str):
    """Play with the dashboard in a real JupyterLab, and save a film of what the screen shows."""
    notebook = notebook_of(
        {"set-up": "from course import dashboard, digits, training", "show": SHOW}
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        notebook_server(Path(folder), "live.ipynb", notebook) as address,
        browser_page(chromium, 1250, 900) as page,
    ):
        shown = NotebookPage(page, address, "live.ipynb")
        page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
        shown.run("set-up")
        shown.run("show")
        cell = shown.cell("show")
        frames = [cell.screenshot()]
        page.locator(".widget-toggle-button").first.click()
        for number in range(1, FILM_FRAMES):
            if number == FILM_FRAMES * 2 // 3:
                _lower_the_rate(page)
            frames.append(cell.screenshot())
            page.wait_for_timeout(FRAME_MILLISECONDS)
        _save_film([Image.open(io.BytesIO(frame)) for frame in frames], path)


def _lower_the_rate(page):
    handle = page.locator(".noUi-handle").first.bounding_box()
    page.mouse.move(handle["x"] + 8, handle["y"] + 8)
    page.mouse.down()
    page.mouse.move(handle["x"] - 40, handle["y"] + 8, steps=3)
    page.mouse.up()


def _save_film(frames: list[Image.Image], path: Path):
    """An animated picture that ends with its last frame for three seconds, and begins again."""
    size = FILM_WIDTH, round(FILM_WIDTH * frames[0].height / frames[0].width)
    small = [frame.convert("RGB").resize(size) for frame in frames]
    duration = [FRAME_MILLISECONDS] * (len(small) - 1) + [3000]
    settings = {"duration": duration, "loop": 0, "quality": 60, "method": 6}
    small[0].save(path, save_all=True, append_images=small[1:], **settings)


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    film_dashboard(IMAGES / "training.webp", chromium)
    screenshots.draw(IMAGES, chromium)
    guide_pictures.draw(IMAGES, chromium)
