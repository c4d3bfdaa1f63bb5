"""A learner plays with every playground of playgrounds.ipynb in a real JupyterLab."""

import re

import nbformat
import pytest
from playwright.sync_api import expect

from course import playgrounds
from tests.conftest import tried

from .lab import NotebookPage, expect_soon

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NOTEBOOK = "playgrounds.ipynb"
MINUS = "\N{MINUS SIGN}"


class PlaygroundPage(NotebookPage):
    """The notebook; a playground is called by the name of its module."""

    def play(self, name):
        """Open a playground."""
        self.name = name.replace("_", "-")
        self.here = self.cell(self.name)
        self.run(self.name)
        expect(self.stage).to_be_visible(timeout=90_000)
        expect(self.panel.first).to_be_visible(timeout=150_000)

    @property
    def stage(self):
        """The stage of the playground."""
        return self.here.locator(".dll-stage, .dll-view")

    @property
    def panel(self):
        """The panels on the stage."""
        return self.stage.locator("canvas")

    def looks(self):
        """What is said of the picture, and what all its panels look like."""
        return self.stage.get_attribute("data-alt"), self.panel.evaluate_all(
            "panels => panels.map(panel => panel.toDataURL()).join()"
        )

    def settle(self):
        """Wait until the kernel has answered all moves."""
        self.page.wait_for_timeout(100)
        self.page.wait_for_function(
            "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
        )

    def sliders(self):
        """What a screen reader says of each slider: its name, its value; and what is shown."""
        return self.here.locator(".dll-box .noUi-handle").evaluate_all(
            "handles => handles.map(handle => [handle.ariaLabel, handle.ariaValueText,"
            " handle.closest('.widget-slider').querySelector('.widget-readout').textContent])"
        )

    def expect_named_controls(self):
        """Every control has a name, and every slider tells the value that it shows."""
        expect_soon(self.page, lambda: all(name for name, _value, _shown in self.sliders()))
        names = [name for name, _value, _shown in self.sliders()]
        assert "null" not in names
        assert len(set(names)) == len(names)
        expect(self.here.locator(".dll-box [title=null]")).to_have_count(0)
        expect_soon(
            self.page, lambda: all(value == shown for _name, value, shown in self.sliders())
        )
        expect(self.here.locator(".dll-steps [contenteditable=true]")).to_have_count(0)
        expect_soon(self.page, lambda: not self.nameless())
        # A screen reader keeps the arrow keys from what is an image to it.
        expect(self.stage.locator("canvas[tabindex='0'][role=img]")).to_have_count(0)

    def nameless(self):
        """The lists, boxes and buttons that a screen reader has no name for."""
        controls = self.here.locator(".dll-box :is(select, input, button):visible")
        return controls.evaluate_all(
            "nodes => nodes.filter(node => !(node.labels?.[0]?.textContent || node.title"
            " || node.ariaLabel || node.textContent.trim())).map(node => node.outerHTML)"
        )

    # Moves ----------------------------------------------------------------------------------------

    def slide(self, which, key="ArrowRight", times=5):
        """Move a slider by the keyboard."""
        handle = self.here.locator(".noUi-handle").nth(which)
        handle.focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def type_beside(self, which, text, key, shown, bounds):
        """Type a number beside a slider, in place of all but the sign of what stands there."""
        readout = self.here.locator(".widget-readout").nth(which)
        expect(readout).to_have_attribute("title", bounds)
        readout.click()
        for press in ("Home", "ArrowRight", "Shift+End"):
            self.page.keyboard.press(press)
        self.page.keyboard.type(text)
        self.page.keyboard.press(key)
        expect(readout).to_have_text(shown)

    def type(self, which, text):
        """Type into a box."""
        box = self.here.locator("input[type=number], .widget-text input").nth(which)
        box.fill(text)
        box.press("Enter")

    def choose(self, which, name):
        """Choose from a drop-down list."""
        self.here.locator("select").nth(which).select_option(name)

    def press(self, name):
        """Press a button."""
        self.here.get_by_role("button", name=name).click()

    def point(self, panel, right, down):
        """Point at a place of a panel, at shares of its width and height."""
        canvas = self.stage.locator(f"[data-panel='{panel}'] canvas")
        box = canvas.bounding_box()
        canvas.click(position={"x": right * box["width"], "y": down * box["height"]})

    def key(self, panel, *keys):
        """Press keys in a panel."""
        canvas = self.stage.locator(f"[data-panel='{panel}'] canvas")
        for key in keys:
            canvas.press(key)

    def keys_at_once(self, panel, key, times):
        """Press a key in a panel without waiting for the kernel."""
        self.stage.locator(f"[data-panel='{panel}'] canvas").focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def draw(self, *points):
        """Draw a stroke on the pad, through points in shares of its width and height."""
        canvas = self.here.locator(".dll-pad")
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
        mouse = self.page.mouse
        mouse.move(*places[0])
        mouse.down()
        for place in places[1:]:
            mouse.move(*place, steps=8)
        mouse.up()

    def draw_by_keys(self):
        """Draw a 1 by keys alone."""
        self.here.locator(".dll-pad").focus()
        for key in ("Space", *["ArrowDown"] * 18, "Space"):
            self.page.keyboard.press(key)

    def says(self, words):
        """Wait until the picture's words contain these."""
        expect(self.stage).to_have_attribute("data-alt", re.compile(words), timeout=90_000)


# Each playground, and moves that must each change picture and words.
MOVES = {
    "softmax": [
        lambda page: page.slide(3),
        lambda page: page.slide(10, "ArrowLeft"),
        lambda page: page.slide(11, times=1),
        # Faster than it is drawn: the latest move wins.
        lambda page: (page.slide(10, "ArrowLeft", times=40), page.says("temperature 0.1 ")),
    ],
    "two_distances": [
        lambda page: page.slide(0, times=1),
        lambda page: page.slide(1),
        lambda page: page.slide(2),
    ],
    "loss_surface": [
        lambda page: page.slide(0),
        lambda page: page.type(0, "3.5"),
        lambda page: page.point("map", 0.5, 0.3),
        lambda page: page.key("map", "ArrowLeft"),
    ],
    "batch_size": [
        lambda page: page.slide(0, times=2),
        lambda page: page.choose(0, "at the start, all 0"),
        lambda page: page.press("draw again"),
    ],
    "learning_rate": [
        lambda page: page.slide(0),
        lambda page: page.slide(1, "ArrowLeft"),
        lambda page: page.slide(2),
    ],
    "activations": [
        lambda page: page.choose(1, "ReLU"),
        lambda page: page.choose(0, "He: 2 / inputs"),
        lambda page: page.press("draw again"),
    ],
    "dropout": [
        lambda page: page.slide(0),
        lambda page: page.slide(1),
        lambda page: page.choose(0, "test, nothing dropped"),
    ],
    "convolution": [
        # Faster than it is drawn: every key counts.
        lambda page: (page.keys_at_once("map", "ArrowRight", 5), page.says("column 11 of")),
        lambda page: page.choose(0, "blur"),
        lambda page: page.type(8, "2"),
        lambda page: page.choose(1, "stride 2, no zeros (valid)"),
        lambda page: page.slide(0, "ArrowLeft"),
        lambda page: page.point("digit", 0.5, 0.4),
        lambda page: page.key("map", "ArrowDown", "ArrowRight"),
    ],
    "draw": [  # its words change by themselves as well, while the networks are trained
        lambda page: (page.draw((0.3, 0.2), (0.7, 0.2), (0.45, 0.8)), page.says("softmax: 7")),
        lambda page: (page.press("Clear"), page.says("pad is empty")),
        lambda page: (page.draw((0.5, 0.2), (0.5, 0.8)), page.says("softmax: 1")),
        lambda page: (page.press("Clear"), page.says("pad is empty")),
        lambda page: (page.draw_by_keys(), page.says("softmax: 1")),
    ],
    "confusion": [
        lambda page: page.point("matrix", 0.55, 0.4),
        lambda page: page.key("matrix", "ArrowUp"),
        lambda page: page.choose(0, "8"),
        lambda page: page.choose(1, "8"),
    ],
    "backpropagation": [
        lambda page: page.press("one step"),
        lambda page: page.slide(0, times=9),
        lambda page: page.type_beside(3, "1.2", "Tab", MINUS + "1.2", MINUS + "3 … 3"),
        lambda page: page.type_beside(3, "1000", "Enter", MINUS + "3", MINUS + "3 … 3"),
        lambda page: page.press("descend"),
    ],
    "build_network": [],  # its view has a test of its own
    "capacity": [
        lambda page: page.slide(1, times=1),
        lambda page: page.key("table", "ArrowLeft"),
    ],
    "pooling": [
        lambda page: page.slide(0, times=1),
        lambda page: page.point("map", 0.5, 0.4),
        lambda page: page.key("pooled", "ArrowDown"),
    ],
    "receptive_field": [
        lambda page: page.point("map", 0.5, 0.6),
        lambda page: page.key("map", "ArrowDown", "ArrowRight"),
        lambda page: page.choose(0, "3: 7 x 7 x 4"),
        lambda page: page.point("digit", 0.5, 0.4),
        lambda page: page.slide(0, times=1),
    ],
}


@pytest.fixture(scope="module")
def page(root, opened):
    """The released notebook, its first cell run."""
    notebook = nbformat.read(root / "release" / NOTEBOOK, as_version=4)
    with opened(NOTEBOOK, notebook, PlaygroundPage) as page:
        page.run("setup")
        yield page


def test_every_playground_is_in_the_notebook_and_in_this_test(root):
    notebook = nbformat.read(root / "source" / NOTEBOOK, as_version=4)
    calls = [cell.source for cell in notebook.cells if cell.source.startswith("playgrounds.")]
    assert calls == [f"playgrounds.{name}.show()" for name in playgrounds.NAMES]
    assert list(MOVES) == list(playgrounds.NAMES)


@pytest.mark.sampled(rarer=6)
@pytest.mark.parametrize("name", MOVES)
@pytest.mark.slow
def test_every_move_changes_picture_and_words(page, name, tmp_path):
    page.play(name)
    page.expect_named_controls()
    for move in MOVES[name]:
        alt, looks = page.looks()
        move(page)
        expect(page.stage).not_to_have_attribute("data-alt", alt, timeout=90_000)
        page.settle()
        expect_soon(page.page, lambda before=looks: page.looks()[1] != before)
        page.expect_named_controls()
    page.here.scroll_into_view_if_needed()
    page.page.screenshot(path=tmp_path / "light.png")


def ink(page):
    """The colour in which a playground writes."""
    return page.stage.evaluate("stage => getComputedStyle(stage).getPropertyValue('--dll-ink')")


@pytest.mark.slow
def test_the_theme_of_the_page_is_followed_and_the_frame_is_sharp(page, tmp_path):
    page.play("softmax")
    light = ink(page), page.looks()
    page.theme("JupyterLab Dark")
    expect_soon(page.page, lambda: ink(page) != light[0])
    expect_soon(page.page, lambda: page.looks()[1] != light[1][1])
    assert page.looks()[0] == light[1][0]
    page.here.screenshot(path=tmp_path / "dark.png")
    page.theme("JupyterLab Light")
    expect_soon(page.page, lambda: ink(page) == light[0])
    widths = page.panel.first.evaluate(
        "panel => [panel.width, panel.clientWidth, devicePixelRatio]"
    )
    assert widths[0] == round(widths[1] * widths[2])


@pytest.mark.slow
def test_the_arrow_of_a_list_is_light_on_a_dark_page(page):
    page.play("convolution")
    choice = page.here.locator("select").first
    arrow = "select => getComputedStyle(select).backgroundImage"
    assert "svg+xml" in choice.evaluate(arrow)
    page.theme("JupyterLab Dark")
    expect_soon(page.page, lambda: "e4e9ee" in choice.evaluate(arrow))
    page.theme("JupyterLab Light")
    expect_soon(page.page, lambda: "e4e9ee" not in choice.evaluate(arrow))


@pytest.mark.slow
def test_panels_wrap_where_it_is_narrow(page):
    page.play("two_distances")
    expect_soon(page.page, lambda: len({box["y"] for box in boxes(page)}) == 1)
    page.page.set_viewport_size({"width": 560, "height": 1000})
    expect_soon(page.page, lambda: len({box["y"] for box in boxes(page)}) == 3)
    narrow = boxes(page)
    room = page.here.bounding_box()
    assert all(box["x"] + box["width"] <= room["x"] + room["width"] for box in narrow)
    page.play("activations")  # its five columns of numbers need the whole width
    expect_soon(page.page, lambda: len({box["y"] for box in boxes(page)}) == 2)
    page.page.set_viewport_size({"width": 1280, "height": 1000})


def boxes(page):
    """Where the panels are."""
    return [canvas.bounding_box() for canvas in page.panel.all()]


CONTROLS = """box => [...box.querySelectorAll(".widget-box")].map(row => ({
  hidden: row.scrollWidth - row.clientWidth,
  controls: [...row.children].filter(one => one.matches(".widget-inline-hbox, .jupyter-button"))
    .map(one => one.getBoundingClientRect().toJSON()),
}))"""


GAPS = """all => all.map(one => [one, one.nextElementSibling].map(it => it.getBoundingClientRect()))
.map(([one, next]) => [next.x - one.right, one.x - next.x])"""  # the second where a new line begins


CUT = """box =>
[...box.querySelectorAll(".widget-inline-hbox, .widget-inline-vbox, .dll-pad, button")]
.map(one => one.getBoundingClientRect().right - box.getBoundingClientRect().right)"""


@pytest.mark.slow
def test_no_control_is_cut_off_or_alone_in_its_row_on_a_narrow_page(page):
    toggle = "window.jupyterapp.commands.execute('application:toggle-left-area')"
    page.page.evaluate(toggle)
    for name in ("loss_surface", "build_network", "draw", "softmax"):
        page.play(name)
        for width in (360, 400):
            page.page.set_viewport_size({"width": width, "height": 1000})
            page.page.wait_for_timeout(500)
            assert max(page.here.locator(".dll-box").first.evaluate(CUT)) <= 0, (name, width)
            tracks = page.here.locator(".widget-hslider .noUi-target")
            assert min(tracks.evaluate_all("all => all.map(one => one.clientWidth)")) >= 40
        page.page.set_viewport_size({"width": 1280, "height": 1000})
    page.page.set_viewport_size({"width": 400, "height": 1000})
    page.page.wait_for_timeout(500)
    tops = page.here.locator(".widget-vslider").evaluate_all(
        "all => all.map(one => Math.round(one.getBoundingClientRect().top))"
    )
    assert [tops.count(top) for top in sorted(set(tops))] == [5, 5]
    page.page.evaluate(toggle)
    page.page.set_viewport_size({"width": 1280, "height": 1000})


@pytest.mark.parametrize("name", ["softmax", "convolution", "build_network"])
@pytest.mark.slow
@pytest.mark.sampled(rarer=3)
def test_controls_fit_stand_in_line_and_are_apart(page, name):
    page.play(name)
    for width in (640, 1280):  # beside the list of files
        page.page.set_viewport_size({"width": width, "height": 1000})
        for is_so in (all_controls_fit, lines_begin_below_each_other, names_fit, lists_are_apart):
            expect_soon(page.page, lambda is_so=is_so: is_so(page.here))


def all_controls_fit(here):
    """Whether no row hides a part of its controls."""
    return not any(row["hidden"] for row in rows_of_controls(here))


def lines_begin_below_each_other(here):
    """Whether the first controls of the lines of a row stand below each other."""
    for row in rows_of_controls(here):
        places = [box["x"] for box in row["controls"]]
        pairs = zip(places, [1e9, *places], strict=False)
        firsts = {round(x) for x, before in pairs if x <= before}
        if len(firsts) > 1:
            return False
    return True


def rows_of_controls(here):
    """The rows of controls: what each hides, and where its controls are."""
    return here.locator(".dll-box").first.evaluate(CONTROLS)


def names_fit(here):
    """Whether the names of upright sliders have room."""
    names = here.locator(".widget-vslider > .widget-label")
    sizes = names.evaluate_all("all => all.map(one => [one.scrollHeight, one.clientHeight])")
    return all(needed <= there for needed, there in sizes)


def lists_are_apart(here):
    """Whether there is a gap between a list and what stands beside it."""
    gaps = here.locator(".widget-dropdown:not(:last-child)").evaluate_all(GAPS)
    return all(gap >= 8 or back >= 0 for gap, back in gaps)


@pytest.mark.slow
def test_a_network_is_built_and_trained(page):
    page.play("build_network")
    page.press("Build and train")
    expect(page.here.locator(".dll-view[data-state=finished]")).to_be_visible(timeout=120_000)
    speed = page.here.get_by_label("speed").locator("option:checked")
    expect(speed).to_have_text("as fast as it can")
    page.slide(0, "ArrowLeft", 2)  # the kernel may still be busy with the first of these
    page.press("Build and train")
    expect(page.here.locator(".dll-facts")).to_contain_text("softmax")


@pytest.mark.weekly
def test_the_next_morning(page, tmp_path):
    """The last one: it ends the kernel."""
    names = [*tried(playgrounds.NAMES, 3), "build_network"]
    for name in names:
        page.play(name)
    for name in names:
        page.here = page.cell(name.replace("_", "-"))
        expect(page.here.locator(".dll-still img")).to_have_count(1, timeout=150_000)
        expect(page.here.locator(".dll-still")).to_be_hidden()
    browser = page.page
    browser.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    browser.evaluate("window.jupyterapp.serviceManager.sessions.shutdownAll()")
    browser.goto("about:blank")
    page = PlaygroundPage(browser, page.address, NOTEBOOK)
    for name in names:
        here = page.cell(name.replace("_", "-"))
        expect(here.locator(".dll-still img")).to_be_visible()
        expect(here.locator(".dll-still")).to_contain_text("run this cell to go on.")
    for line in ("Error displaying widget", "Loading widget"):
        for found in browser.get_by_text(line).all():
            expect(found).to_be_hidden()
    page.theme("JupyterLab Dark")  # on which the picture is dark, too
    expect(here.locator(".dll-still img")).to_have_css("filter", re.compile("invert"))
    browser.screenshot(path=tmp_path / "morning.png")
