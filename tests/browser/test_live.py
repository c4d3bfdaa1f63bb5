"""A learner watches `model.fit` in a real JupyterLab, and acts while the cell is running."""

import re

import pytest
from playwright.sync_api import expect

from .lab import NotebookPage, all_are_sharp, expect_soon, notebook_of, zoom

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

BEGIN = """
from course import dashboard, digits
from course.backend import keras

data = digits.load("embedded")
images, labels = data.train
layers = [keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10)]
model = keras.Sequential(layers)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.SGD(0.1), loss, metrics=["accuracy"])
"""
FIT = """
live = dashboard.Live(data)
model.fit(images / 255, labels, epochs=1_000, batch_size=100, verbose=0, callbacks=[live]);
"""
ASK = "[(change.setting, change.new) for change in live.snapshot().changes]"


class LivePage(NotebookPage):
    """The view below the cell "fit"."""

    def start(self):
        """Run the cell, and come back while it is running."""
        self.cell("fit").locator(".jp-InputPrompt").click()
        self.page.keyboard.press("Shift+Enter")
        self.view = self.page.locator(".dll-view")
        expect(self.view).to_be_visible()

    def press(self, icon):
        """Press the button with this icon."""
        self.page.locator(".dll-box button").filter(has=self.page.locator(f".fa-{icon}")).click()

    def panel(self, name):
        """One panel."""
        return self.view.locator(f'.dll-panel[data-panel="{name}"]')

    def expect_state(self, state):
        """Wait until the view says this."""
        expect(self.view.locator(".dll-state")).to_have_text(state, timeout=90_000)

    def wait_until_done(self):
        """Wait until the cell has ended."""
        prompt = self.cell("fit").locator(".jp-InputPrompt")
        expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=90_000)

    def step(self):
        """The step that the view shows."""
        facts = self.view.locator(".dll-facts").inner_text()
        found = re.search(r"step ([\d,]+)", facts)
        return int(found[1].replace(",", "")) if found else 0

    def expect_step(self, condition):
        """Wait until the step fulfils a condition, and return it."""
        expect_soon(self.page, lambda: condition(self.step()))
        return self.step()

    def columns(self):
        """In how many columns the panels stand."""
        return self.page.evaluate(
            "new Set([...document.querySelectorAll('.dll-panel')]"
            ".map(panel => Math.round(panel.getBoundingClientRect().left))).size"
        )

    def overflows(self):
        """Whether something in the view or its controls is wider than there is room."""
        return self.page.evaluate(
            "[...document.querySelectorAll('.dll-box, .dll-box *')].some(part => {"
            "  const box = document.querySelector('.dll-box').getBoundingClientRect();"
            "  const own = part.getBoundingClientRect();"
            "  return own.width > 1.5 && own.right > box.right + 1; })"
        )


@pytest.fixture(scope="module")
def begun(opened):
    """The notebook, open in one page with one kernel until a test ends it; its first cell run."""
    notebook = notebook_of({"begin": BEGIN, "fit": FIT, "ask": ASK})
    with opened("live.ipynb", notebook, LivePage, height=1400) as shown:
        shown.run("begin")
        yield shown


@pytest.fixture
def shown(begun):
    """That page as it was at first: its width, what stands in the cell, and nothing below it."""
    begun.page.set_viewport_size({"width": 1280, "height": 1400})
    begun.write("fit", FIT)
    begun.page.evaluate("window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    expect(begun.page.locator(".dll-view")).to_have_count(0)
    return begun


@pytest.mark.slow
def test_controls_act_while_the_cell_is_running(shown, tmp_path):
    page = shown.page
    shown.start()
    shown.expect_step(lambda step: step > 50)

    handle = page.get_by_role("slider", name="learning rate")
    expect(handle).to_have_attribute("aria-valuetext", "0.1")
    handle.focus()
    page.keyboard.press("ArrowRight")
    expect(shown.view.locator(".dll-facts")).to_contain_text("rate 0.12", timeout=30_000)
    expect(handle).to_have_attribute("aria-valuetext", "0.12")
    shown.press("pause")
    shown.expect_state("paused")
    step = shown.step()
    shown.press("step-forward")
    assert shown.expect_step(lambda now: now != step) == step + 1
    expect(shown.cell("fit").locator(".jp-InputPrompt")).to_have_text("[*]:")

    expect(shown.view.locator(".dll-note")).to_be_hidden()
    shown.panel("accuracy").locator("canvas").hover(position={"x": 120, "y": 60})
    expect(shown.panel("accuracy").locator(".dll-tip")).to_contain_text("training")
    shown.panel("test digits").locator("canvas").click(position={"x": 60, "y": 4})
    expect(page.locator(".dll-dialog .dll-bar")).to_have_count(10)
    expect(page.locator(".dll-dialog")).to_contain_text("the network says")
    page.screenshot(path=tmp_path / "digit.png")
    page.keyboard.press("Escape")

    shown.press("play")
    shown.expect_step(lambda now: now > step + 20)
    shown.press("stop")
    shown.expect_state("finished")
    shown.run("ask")
    expect(shown.output("ask")).to_have_text("[('learning_rate', 0.12)]")


@pytest.mark.slow
def test_keyboard_alone(shown):
    page = shown.page
    shown.write("fit", FIT.replace("1_000", "2"))
    shown.start()
    shown.expect_state("finished")
    loss = shown.panel("loss").locator("canvas")
    loss.focus()
    page.keyboard.press("End")
    expect(shown.panel("loss").locator(".dll-tip")).to_contain_text("step 70: training 0.")
    page.keyboard.press("ArrowLeft")
    expect(loss).to_have_attribute("aria-valuetext", re.compile("^step 69:"))
    page.keyboard.press("2")
    expect(shown.panel("loss")).to_be_visible()
    expect(shown.panel("accuracy")).to_be_hidden()
    page.keyboard.press("1")
    expect(shown.panel("accuracy").locator("canvas")).to_be_focused()
    page.keyboard.press("0")
    expect(shown.panel("loss")).to_be_visible()
    shown.panel("test digits").locator("canvas").focus()
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".dll-dialog .dll-bar")).to_have_count(10)
    page.keyboard.press("Escape")
    expect(page.locator(".dll-dialog")).to_be_hidden()


@pytest.mark.slow
def test_themes_and_widths(shown, tmp_path):
    page = shown.page
    page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    shown.start()
    shown.expect_step(lambda step: step > 30)
    for theme, name in (("JupyterLab Dark", "dark"), ("JupyterLab Light", "light")):
        shown.theme(theme)
        view = shown.page.locator(".dll-view.dark")
        expect(view).to_have_count(int(name == "dark"))
        for width, columns in ((400, 1), (800, 2), (1280, 3), (1920, 3)):
            page.set_viewport_size({"width": width, "height": 1400})
            shown.cell("fit").scroll_into_view_if_needed()
            expect_soon(page, lambda columns=columns: shown.columns() == columns)
            expect_soon(page, lambda: not shown.overflows())
            page.screenshot(path=tmp_path / f"{name}-{width}.png")
    shown.press("pause")
    shown.expect_state("paused")
    for factor in (2, 1.5, 1):
        zoom(page, factor)
        expect_soon(page, lambda: all_are_sharp(page))
        expect_soon(page, lambda: not shown.overflows())
    shown.press("stop")
    shown.wait_until_done()


UNTIL_STOPPED = """
from pathlib import Path

class UntilStopped(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        self.model.stop_training = Path("stop").exists()

live = dashboard.Live(data)
callbacks = [live, UntilStopped()]
model.fit(images / 255, labels, epochs=1_000, batch_size=100, verbose=0, callbacks=callbacks);
"""


@pytest.mark.slow
def test_a_page_reloaded_in_mid_fit_shows_that_run_when_the_cell_ends(shown, folder, tmp_path):
    page, still = shown.page, shown.page.locator(".dll-still")
    shown.write("fit", FIT.replace("1_000", "2"))
    shown.start()
    shown.wait_until_done()
    expect(page.locator(".dll-still img")).to_have_count(1, timeout=150_000)
    shown.write("fit", UNTIL_STOPPED)
    shown.save()  # with the picture of the run before
    shown.start()
    shown.expect_state("running")
    shown.expect_step(lambda step: step > 100)
    shown.load()
    expect(still).to_be_visible()
    expect(still).to_contain_text("If a cell is still running, the live view comes back")
    page.screenshot(path=tmp_path / "reloaded.png")
    (folder / "stop").touch()
    shown.expect_state("finished")
    shown.expect_step(lambda step: step > 100)
    expect(still).to_be_hidden()
    (folder / "stop").unlink()
    shown.write("fit", FIT)  # in the same place, under the same name
    shown.start()
    shown.expect_state("running")
    shown.press("stop")
    shown.wait_until_done()
    shown.expect_state("finished")
    expect(page.locator(".dll-view")).to_have_count(1)


@pytest.mark.slow
def test_the_next_morning(shown, folder, tmp_path):
    saved = folder / "live.ipynb"
    page = shown.page
    shown.write("fit", FIT.replace("1_000", "2"))
    shown.start()
    shown.wait_until_done()
    shown.expect_state("finished")
    expect(page.locator(".dll-still img")).to_have_count(1, timeout=150_000)
    expect(page.locator(".dll-still")).to_be_hidden()
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    expect_soon(page, lambda: "data:image/png" in saved.read_text())
    shown = LivePage(page, shown.address, "live.ipynb")  # the kernel is still there
    shown.view = page.locator(".dll-view")
    expect(shown.view).to_be_visible()
    shown.expect_state("finished")

    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    expect(shown.view.locator(".dll-note")).to_contain_text("run this cell to go on")
    page.evaluate("window.jupyterapp.serviceManager.sessions.shutdownAll()")
    page.goto("about:blank")
    shown = LivePage(page, shown.address, "live.ipynb")
    expect(page.locator(".dll-still img")).to_be_visible()
    expect(page.locator(".dll-still")).to_contain_text("run this cell to go on.")
    for line in ("Error displaying widget", "Loading widget"):
        expect(page.get_by_text(line)).to_be_hidden()
    page.screenshot(path=tmp_path / "morning.png")
