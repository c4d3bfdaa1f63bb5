"""The dashboard in Notebook 7."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from .lab import browser_page, server
from .test_dashboard import ASK, SHOW, DashboardPage

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

# The first step, which takes long, is done before it is waited for.
READY = SHOW.replace("dashboard.show", "run.advance()\ndashboard.show")


class Notebook7Page(DashboardPage):
    """The dashboard of the cell "show" in Notebook 7, which opens a notebook at another address."""

    path = "../notebooks"


def test_the_dashboard_can_be_played_with(tmp_path, chromium):
    work, home = tmp_path / "work", tmp_path / "home"
    work.mkdir()
    home.mkdir()
    cells = [new_code_cell(READY, id="show"), new_code_cell(ASK, id="ask")]
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, work / "live.ipynb")
    with server(work, home, "notebook") as address, browser_page(chromium, height=1400) as page:
        shown = Notebook7Page(page, address, "live.ipynb")
        shown.run("show")
        expect(page.locator(".dll-view")).to_be_visible()
        shown.expect_to_be_played_with()
        expect(page.locator(".validate-button")).to_be_visible()
