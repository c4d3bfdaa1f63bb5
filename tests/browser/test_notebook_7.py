"""The dashboard in Notebook 7."""

import pytest
from playwright.sync_api import expect

from .lab import notebook_of
from .test_dashboard import ASK, SHOW, DashboardPage

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

# The first step, which takes long, is done before it is waited for.
READY = SHOW.replace("dashboard.show", "run.advance()\ndashboard.show")


class Notebook7Page(DashboardPage):
    """The dashboard of the cell "show" in Notebook 7, which opens a notebook at another address."""

    path = "../notebooks"


def test_the_dashboard_can_be_played_with(opened):
    notebook = notebook_of({"show": READY, "ask": ASK})
    with opened("notebook-7.ipynb", notebook, Notebook7Page, height=1400) as shown:
        shown.run("show")
        expect(shown.page.locator(".dll-view")).to_be_visible()
        shown.expect_to_be_played_with()
        expect(shown.page.locator(".validate-button")).to_be_visible()
