"""A learner plays with the dashboard in a real JupyterLab."""

import ast
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .lab import NotebookPage, notebook_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SHOW = """
from course import dashboard, digits, training

run = training.start("softmax", digits.load("embedded"))
dashboard.show(run, steps=1_000_000, dark=True)
"""
ASK = """
import threading

for thread in threading.enumerate():  # a run that is to pause does its last steps
    if thread.name == "training":
        thread.join()
(run.steps, run.state, run.learning_rate, [tuple(change) for change in run.history.changes])
"""

PLAY, PIN = 0, 1  # the toggle buttons
STEP, AGAIN, NEW_DRAW = range(3)  # the first of the other ones


class DashboardPage(NotebookPage):
    """The dashboard of the cell "show": its buttons, sliders and view."""

    def toggle(self, which):
        """Press one of the toggle buttons."""
        self.page.locator(".widget-toggle-button").nth(which).click()

    def press(self, which):
        """Press one of the other buttons."""
        self.page.locator("button.widget-button:not(.widget-toggle-button)").nth(which).click()

    def drag(self, slider, pixels):
        """Drag the handle of a slider by the mouse."""
        box = self.page.locator(".noUi-handle").nth(slider).bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + pixels, y, steps=4)
        self.page.mouse.up()

    def expect_new_frames(self):
        """Wait until the panels have been drawn twice more."""
        frames = "Number(document.querySelector('.dll-view').dataset.frames)"
        self.page.wait_for_function(f"{frames} >= {self.page.evaluate(frames) + 2}")

    def ask(self):
        """What the kernel knows of the run: steps, state, learning rate, changes."""
        return ast.literal_eval(self.ask_text())

    def ask_text(self):
        """What the cell "ask" shows."""
        self.run("ask")
        return self.output("ask").inner_text().strip()

    def expect_to_be_played_with(self):
        """Play, lower the learning rate by the slider, and pause: the kernel knows of all of it."""
        self.toggle(PLAY)
        self.expect_state(r"running: step ([2-9]|\d\d|\d,)")
        self.drag(0, -60)
        self.toggle(PLAY)
        self.expect_state("paused")
        steps, state, rate, _changes = self.ask()
        assert (steps > 0, state) == (True, "paused")
        assert rate < 0.5
        self.page.locator("button").filter(has=self.page.locator(".fa-camera")).click()
        saved = self.page.locator(".dll-box a[download]")
        with self.page.expect_download() as download:
            saved.click()
        assert download.value.suggested_filename == f"softmax-step-{steps}.png"
        assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")

    def try_the_keys(self):
        """Act by keys that JupyterLab would take for its own; the notebook stays as it was."""
        cells = self.page.locator(".jp-Notebook .jp-Cell").count()
        view = self.page.locator(".dll-box select").first
        view.press("ArrowDown")
        expect(self.page.locator(".dll-panel:visible")).to_have_count(1)
        view.press("Home")
        expect(self.page.locator(".dll-panel:visible")).to_have_count(6)
        play = self.page.locator(".widget-toggle-button").nth(PLAY)
        for key, state in (("Enter", "running"), ("Space", "paused"), ("b", "paused")):
            play.press(key)
            self.expect_state(state)
        assert self.page.locator(".jp-Notebook .jp-Cell").count() == cells

    def expect_state(self, text):
        """Wait until the line above the panels says this, the state before the facts."""
        self.page.wait_for_function(
            "text => { const view = [...document.querySelectorAll('.dll-view')].at(-1);"
            " const parts = [...(view?.querySelectorAll('.dll-state, .dll-facts span') ?? [])];"
            " const [state, ...facts] = parts.map(part => part.textContent);"
            " return new RegExp(text).test(`${state}: ${facts.join(' ')}`); }",
            arg=text,
            timeout=90_000,
        )


@pytest.mark.slow
def test_play_with_the_dashboard(opened, tmp_path):
    """In the dark; what follows the theme is tried in test_live.py."""
    notebook = notebook_of({"show": SHOW, "ask": ASK, "second": SHOW.replace("run", "other")})
    with opened("dashboard.ipynb", notebook, DashboardPage, dark=True) as shown:
        page = shown.page
        shown.theme("JupyterLab Dark")
        shown.run("show")
        expect(page.locator(".dll-view")).to_be_visible()
        shown.expect_state("ready: step 0 ")
        shown.write("show", DECAYING)
        shown.run("show")
        shown.press(STEP)
        shown.expect_state("step 1 ")
        assert shown.ask_text().startswith("(1, 'paused', 0.00299")
        shown.write("show", SHOW)
        shown.run("show")
        shown.expect_state("ready: step 0 ")

        for name in ("learning rate", "batch size"):
            expect(page.get_by_role("slider", name=name)).to_have_count(1)
        shown.toggle(PLAY)
        shown.expect_state("running")
        shown.expect_new_frames()
        shown.drag(0, -60)
        shown.expect_new_frames()
        page.screenshot(path=tmp_path / "running.png")
        shown.toggle(PLAY)
        shown.expect_state("paused")
        steps, state, rate, _changes = shown.ask()
        assert (steps > 0, state) == (True, "paused")
        assert rate < 0.5

        shown.press(STEP)
        shown.expect_state(f"paused: step {steps + 1:,} ")
        changes = shown.ask()[3]  # the last one counts from this step, if not before
        assert {change[1] for change in changes} == {"learning_rate"}
        assert changes[-1][3] == pytest.approx(rate)

        shown.toggle(PIN)
        shown.press(AGAIN)
        shown.expect_state("ready: step 0 ")
        expect(page.locator(".dll-legend")).to_contain_text("softmax, rate 0.")
        shown.press(STEP)
        shown.expect_state("step 1 ")
        shown.press(NEW_DRAW)
        shown.expect_state("ready: step 0 ")

        shown.try_the_keys()
        shown.toggle(PLAY)
        shown.expect_state("running: step [1-9]")
        page.evaluate("window.jupyterapp.commands.execute('kernelmenu:interrupt')")
        shown.expect_state("paused")
        page.screenshot(path=tmp_path / "pinned.png")
        shown.write("show", DIVERGING)
        shown.run("show")
        shown.toggle(PLAY)
        shown.expect_state("diverged")
        digits = shown.cell("show").locator("[data-panel='training digits']")
        expect(digits.locator("b")).to_have_text("Training digits before it diverged")
        expect(digits.locator("canvas")).to_have_attribute("aria-label", re.compile("diverged: "))
        page.screenshot(path=tmp_path / "diverged.png")
        alarm = shown.cell("show").locator(".dll-diverged").bounding_box()
        panels = shown.cell("show").locator(".dll-grid").bounding_box()
        assert alarm["y"] + alarm["height"] <= panels["y"]  # it hides no curve
        shown.write("show", SHOW)
        shown.run("show")
        shown.toggle(PLAY)
        shown.run("second")
        second = shown.cell("second")
        second.locator(".noUi-handle").first.press("ArrowRight")
        second.locator(".widget-toggle-button").first.click()
        expect(second.locator(".dll-state")).to_have_text("running")
        expect(shown.cell("show").locator(".dll-state")).to_have_text("paused")  # one at a time
        page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
        shown = DashboardPage(page, shown.address, "dashboard.ipynb")  # reloaded in mid-run
        second = shown.cell("second")
        # JupyterLab asks a kernel that is training for all widgets so far.
        expect(second.locator(".dll-state")).to_have_text("running", timeout=120_000)
        second.locator(".widget-toggle-button").first.click()
        expect(second.locator(".dll-state")).to_have_text("paused")
        shown.write("ask", "(run.learning_rate, other.learning_rate)")
        assert ast.literal_eval(shown.ask_text()) == (0.5, 0.6)


@pytest.mark.slow
def test_a_reloaded_page_shows_the_dashboard_of_now_and_not_the_saved_one(opened):
    with opened("reloaded.ipynb", notebook_of({"show": SHOW}), DashboardPage) as shown:
        shown.run("show")
        shown.save()
        shown.run("show")
        shown.toggle(PLAY)
        shown.expect_state("running")
        shown.load()
        shown.expect_state("running")
        expect(shown.page.locator(".dll-still")).to_be_hidden()


DECAYING = SHOW.replace('"softmax"', '"five-layers-relu"')
DIVERGING = SHOW.replace('"softmax"', '"five-layers-relu"').replace(
    'load("embedded"))', 'load("embedded"), learning_rate=1e30)'
)
