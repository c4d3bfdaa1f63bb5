"""A real JupyterLab in headless Chromium, driven as a learner drives it."""

import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import homes

# Debian's chromium, as root, without the lookups that a closed network refuses.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def notebook_of(cells: dict[str, str]) -> NotebookNode:
    """A notebook of these code cells, by their ids."""
    notebook = new_notebook(cells=[new_code_cell(text, id=name) for name, text in cells.items()])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    return notebook


@contextmanager
def notebook_server(folder: Path, name: str, notebook: NotebookNode):
    """Serve one notebook, from a new folder `work` beside a new home; yields the address."""
    work, home = folder / "work", folder / "home"
    work.mkdir()
    homes.make(home)
    nbformat.write(notebook, work / name)
    with server(work, home) as address:
        yield address


@contextmanager
def server(folder: Path, home: Path):
    """Serve a folder by JupyterLab and Notebook 7, with a home of its own; yields the address."""
    settings = home / "settings" / "@jupyterlab"
    notifications = settings / "apputils-extension" / "notification.jupyterlab-settings"
    tracker = settings / "notebook-extension" / "tracker.jupyterlab-settings"
    documents = settings / "docmanager-extension" / "plugin.jupyterlab-settings"
    for path, value in {
        notifications: {"fetchNews": "false", "checkForUpdates": False},
        documents: {"autosave": False},  # it would come between a test's own saving, and ask
        tracker: {"windowingMode": "none"},  # every cell is in the page, so that tests find it
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value))
    environment = os.environ | {
        "HOME": str(home),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    log = home / "jupyterlab.log"
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *("--ServerApp.port=0", "--IdentityProvider.token=", "--ServerApp.password="),
        *("--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True"),
    ]
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        deadline = time.monotonic() + 60
        while not (found := re.search(r"http://localhost:\d+/lab", log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, f"JupyterLab did not start:\n{log.read_text()}"
            time.sleep(0.2)
        yield found.group()
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)  # it waits for its kernels
        except subprocess.TimeoutExpired:
            process.kill()


@contextmanager
def headless_browser(chromium: str):
    """A headless Chromium, in which pages know nothing of each other."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=90_000)
        with playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS) as one:
            yield one


@contextmanager
def new_page(browser: Browser, width=1280, height=1000, dark=False, pixel_ratio=1):
    """A new page of this browser."""
    settings = {
        "viewport": {"width": width, "height": height},
        "color_scheme": "dark" if dark else "light",
        "device_scale_factor": pixel_ratio,
    }
    with browser.new_page(**settings) as page:
        page.set_default_timeout(60_000)
        yield page


@contextmanager
def browser_page(chromium: str, width=1280, height=1000, dark=False):
    """A page of a headless Chromium of its own."""
    with headless_browser(chromium) as browser, new_page(browser, width, height, dark) as page:
        yield page


def zoom(page: Page, factor: float):
    """Zoom in a window that stays as large: there are fewer units, and each has more pixels."""
    size = {name: round(length / factor) for name, length in page.viewport_size.items()}
    settings = size | {"deviceScaleFactor": factor, "mobile": False}
    page.context.new_cdp_session(page).send("Emulation.setDeviceMetricsOverride", settings)


def all_are_sharp(page: Page) -> bool:
    """Whether every canvas that is seen has exactly the pixels of the screen."""
    return page.evaluate(
        "[...document.querySelectorAll('.dll-box canvas')].filter(canvas => canvas.clientWidth)"
        ".every(canvas => canvas.width === Math.round(canvas.clientWidth * devicePixelRatio))"
    )


def expect_soon(page: Page, condition, seconds=90):
    """Wait until a condition holds; fail if it does not within these seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        page.wait_for_timeout(100)


class NotebookPage:
    """One open notebook: its cells by their ids, as the learner sees and runs them."""

    path = "tree"  # of notebooks, in the application's address

    def __init__(self, page: Page, address: str, notebook: str):
        self.page, self.address, self.notebook = page, address, notebook
        self.load()
        page.wait_for_function(
            "window.jupyterapp.shell.currentWidget.sessionContext?.session?.kernel?.status"
            " === 'idle'"
        )
        ids = page.evaluate(
            "Array.from(window.jupyterapp.shell.currentWidget.content.model.cells)"
            ".map(cell => cell.id)"
        )
        self.index = {cell_id: index for index, cell_id in enumerate(ids)}

    def load(self):
        """Load the notebook as it was saved, whatever its kernel is doing."""
        # Not the notebooks of before.
        self.page.goto(f"{self.address}/{self.path}/{self.notebook}?reset")
        self.page.wait_for_function(
            "window.jupyterapp?.shell.currentWidget?.content?.model?.cells?.length"
        )

    def save(self):
        """Save the notebook, and wait until it is saved."""
        self.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
        self.page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")

    def cell(self, cell_id: str):
        """The cell of this id on the page."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(self.index[cell_id])

    def write(self, cell_id: str, source: str):
        """Replace what stands in a cell, as if typed."""
        self.page.evaluate(
            "([index, source]) => window.jupyterapp.shell.currentWidget.content.model"
            ".cells.get(index).sharedModel.setSource(source)",
            [self.index[cell_id], source],
        )

    def run(self, cell_id: str, timeout=150_000):
        """Run a cell by Shift+Enter and wait until it is done."""
        cell = self.cell(cell_id)
        cell.scroll_into_view_if_needed()
        cell.locator(".jp-InputPrompt").click()
        self.page.keyboard.press("Shift+Enter")
        expect(cell.locator(".jp-InputPrompt")).to_have_text(
            re.compile(r"\[\d+\]:"), timeout=timeout
        )

    def run_all_above(self, cell_id: str, timeout=120_000):
        """Run every code cell above this one, through JupyterLab's own command."""
        self.cell(cell_id).locator(".jp-InputPrompt").click()
        self.page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-above')")
        self.page.wait_for_function(
            "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'",
            timeout=timeout,
        )

    def theme(self, name: str):
        """Change to another theme of JupyterLab."""
        self.page.evaluate(
            "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})",
            name,
        )
        self.page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=name)

    def output(self, cell_id: str):
        """What a cell has put out, on the page."""
        return self.cell(cell_id).locator(".jp-OutputArea-output")

    def validate(self, timeout=120_000) -> str:
        """Press Validate and return what the dialog says."""
        self.page.locator(".validate-button").click()
        dialog = self.page.locator(".jp-Dialog, dialog").last
        expect(dialog).to_be_visible(timeout=timeout)
        return dialog.inner_text()
