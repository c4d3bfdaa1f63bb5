"""The dashboard in Notebook 7."""

import pytest
from playwright.sync_api import expect

from .lab import browser_page, notebook_of, notebook_server
from .test_dashboard import ASK, SHOW, DashboardPage

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

# The first step, which takes long, is done before it is waited for.
READY = SHOW.replace("dashboard.show", "run.advance()\ndashboard.show")


class Notebook7Page(DashboardPage):
    """The dashboard of the cell "show" in Notebook 7, which opens a notebook at another address."""

    path = "../notebooks"


def test_the_dashboard_can_be_played_with(tmp_path, chromium):
    notebook = notebook_of({"show": READY, "ask": ASK})
    with (
        notebook_server(tmp_path, "live.ipynb", notebook, "notebook") as address,
        browser_page(chromium, height=1400) as page,
    ):
        shown = Notebook7Page(page, address, "live.ipynb")
        shown.run("show")
        expect(page.locator(".dll-view")).to_be_visible()
        shown.expect_to_be_played_with()
        expect(page.locator(".validate-button")).to_be_visible()
