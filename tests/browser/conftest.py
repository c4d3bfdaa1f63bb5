"""What the browser tests share: one browser, and one JupyterLab that serves all their notebooks.

Both end with these tests: while Playwright drives a browser, other code here finds a running event
loop.
"""

from contextlib import contextmanager

import nbformat
import pytest

from tests import homes

from .lab import NotebookPage, headless_browser, new_page, server


@pytest.fixture(scope="package")
def browser(chromium):
    """A headless Chromium."""
    with headless_browser(chromium) as browser:
        yield browser


@pytest.fixture(scope="package")
def folder(tmp_path_factory):
    """The folder of notebooks that JupyterLab serves."""
    return tmp_path_factory.mktemp("notebooks")


@pytest.fixture(scope="package")
def address(folder, tmp_path_factory):
    """The address of JupyterLab, and of Notebook 7, which the same server serves."""
    home = tmp_path_factory.mktemp("server") / "home"
    homes.make(home)
    with server(folder, home) as address:
        yield address


@pytest.fixture(scope="package")
def opened(browser, folder, address):
    """Open a notebook in a new page, as a kind of NotebookPage; in the end its kernel ends."""

    @contextmanager
    def opened(name, notebook, kind=NotebookPage, **settings):
        nbformat.write(notebook, folder / name)
        with new_page(browser, **settings) as page:
            shown = kind(page, address, name)
            shown.theme("JupyterLab Light")  # whatever the last test has left
            yield shown
            page.evaluate("window.jupyterapp.serviceManager.sessions.shutdownAll()")

    return opened
