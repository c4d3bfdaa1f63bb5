"""Make the pictures of README and guide anew: `make pictures`. Most need Chromium."""

import shutil
import tempfile
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from autograder.demo import draw_test_digits
from docs import guide_pictures
from tests.browser.lab import NotebookPage, browser_page, server

IMAGES = Path(__file__).parent / "images"
SHOW = """\
run = training.start("softmax", digits.load("embedded"))
dashboard.show(run, steps=3000)"""


def photograph_dashboard(path: Path):
    """Play with the dashboard in a real JupyterLab, and save what the screen shows."""
    cells = [
        new_code_cell("from course import dashboard, digits, training", id="set-up"),
        new_code_cell(SHOW, id="show"),
    ]
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    with tempfile.TemporaryDirectory() as folder:
        work, home = Path(folder, "work"), Path(folder, "home")
        work.mkdir()
        home.mkdir()
        nbformat.write(notebook, work / "live.ipynb")
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        with server(work, home) as address, browser_page(chromium, 1250, 900) as page:
            shown = NotebookPage(page, address, "live.ipynb")
            page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
            shown.run("set-up")
            shown.run("show")
            page.locator(".widget-toggle-button").first.click()
            page.wait_for_timeout(5000)
            handle = page.locator(".noUi-handle").first.bounding_box()
            page.mouse.move(handle["x"] + 8, handle["y"] + 8)
            page.mouse.down()
            page.mouse.move(handle["x"] - 40, handle["y"] + 8, steps=3)
            page.mouse.up()
            page.wait_for_timeout(3000)
            shown.cell("show").screenshot(path=path)


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    draw_test_digits(IMAGES / "test_digits.png")
    photograph_dashboard(IMAGES / "dashboard.png")
    guide_pictures.draw(IMAGES, shutil.which("chromium") or shutil.which("chromium-browser"))
