"""In a real JupyterLab: how steady the pictures are, and how soon a moved slider acts.

Each move waits until the one before has acted: of two moves within one long step, as that with a
test of a slow network, only the second would ever act.
"""

import ast

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.lab import browser_page, notebook_of, notebook_server
from tests.browser.test_dashboard import PLAY, DashboardPage

MOVES = 40
SHOW = """
import threading, time
import ipywidgets
from course import dashboard, digits, training

run = training.start("{network}", digits.load("embedded"))
acted, count = [], ipywidgets.Label().add_class("acted")

def watch():
    while True:
        if len(run.history.changes) > len(acted):
            acted.append(time.time())
            count.value = str(len(acted))
        time.sleep(0.001)

threading.Thread(target=watch, daemon=True).start()
display(count)
dashboard.show(run, steps=10_000_000, speed=None)
"""


@pytest.mark.benchmark(group="the dashboard in a browser")
@pytest.mark.parametrize("network", ["softmax", "convolutional"])
def test_slider(benchmark, network, tmp_path, chromium):
    notebook = notebook_of({"show": SHOW.format(network=network), "ask": "acted"})
    with (
        notebook_server(tmp_path, "live.ipynb", notebook) as address,
        browser_page(chromium) as page,
    ):
        shown = DashboardPage(page, address, "live.ipynb")
        shown.run("show")
        shown.toggle(PLAY)
        shown.expect_state("running")
        page.wait_for_timeout(3000)
        gaps = _gaps_between_frames(page, seconds=5)
        handle = page.locator(".noUi-handle").first
        handle.focus()
        moved = []

        def move():
            moved.append(page.evaluate("Date.now() / 1000"))
            page.keyboard.press(f"Arrow{('Left', 'Right')[len(moved) % 2]}")
            expect(page.locator(".acted")).to_have_text(str(len(moved)))
            page.wait_for_timeout(200)

        benchmark.pedantic(move, rounds=MOVES)
        shown.toggle(PLAY)
        shown.expect_state("paused")
        acted = ast.literal_eval(shown.ask_text())
    assert len(acted) == MOVES
    delays = 1000 * (np.array(acted) - np.array(moved))
    benchmark.extra_info["figures"] = {
        "network": network,
        "pictures a second": f"{1000 / np.mean(gaps):.1f}",
        "gap between them, 95th percentile": f"{np.percentile(gaps, 95):.0f} ms",
        "slider to effect, median": f"{np.median(delays):.0f} ms",
        "slider to effect, 95th percentile": f"{np.percentile(delays, 95):.0f} ms",
    }


def _gaps_between_frames(page, seconds):
    """The milliseconds between one drawing of the panels and the next."""
    times = page.evaluate(
        """seconds => new Promise((resolve) => {
            const times = [];
            const observer = new MutationObserver(() => times.push(performance.now()));
            const view = document.querySelector(".dll-view");
            observer.observe(view, {attributeFilter: ["data-frames"]});
            setTimeout(() => (observer.disconnect(), resolve(times)), 1000 * seconds);
        })""",
        seconds,
    )
    return np.diff(times)
