"""The page side of the view alone, without a notebook: what it says, and where things stand."""

import base64
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from course import digits, playgrounds, training
from course.live.page import page_side
from course.live.stream import Stream
from course.live.view import MODULES, View
from course.panels import Snapshot
from course.panels.snapshot import CurvePoints
from course.playgrounds import backpropagation, stage
from course.playgrounds.scene import Axis, Panel, Scene
from course.training import Change

from .lab import expect_soon, new_page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CURVES = ("accuracy", "loss")
DOTTED = "dotted: not measured in between"
TRAITS = ("words", "colours", "focus", "titles", "missing", "hiding", "note")
TRAITS_OF_STAGE = ("words", "colours", "title", "scene", "alt", "message", "hiding", "heard")
MAKE = """async ([source, css, traits]) => {
  document.head.append(Object.assign(document.createElement("style"), { textContent: css }));
  const place = Object.assign(document.createElement("div"), { className: "dll-box" });
  document.body.append(place);
  const heard = {};
  const sent = [];
  const model = {
    get: (name) => traits[name],
    set: (name, value) => (traits[name] = value),
    save_changes: () => {},
    send: (content) => sent.push(content),
    on: (name, act) => (heard[name] ??= []).push(act),
    off: () => {},
  };
  window.tell = (name, ...what) => (heard[name] ?? []).forEach((act) => act(...what));
  window.take = (content, buffers) => {
    const bytes = buffers.map((text) => Uint8Array.from(atob(text), (one) => one.charCodeAt()));
    window.tell("msg:custom", content, bytes.map((one) => new DataView(one.buffer)));
  };
  window.sent = sent;
  window.traits = traits;
  const module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  module.default.render({ model, el: place });
}"""


def open_widget(page, source, css, widget, names):
    """Show a widget with these of its traits in an empty page."""
    page.set_content("<!doctype html><body style='margin: 0; background: white'></body>")
    page.evaluate(MAKE, [source, css, {name: getattr(widget, name) for name in names}])


class ViewPage:
    """A view of a model that only the test moves."""

    def __init__(self, page):
        self.page = page
        self.view = View()
        open_widget(page, page_side(*MODULES), page_side("view.css"), self.view, TRAITS)
        self.state, self.note = page.locator(".dll-state"), page.locator(".dll-note")

    def take(self, message):
        """Let a message of the kernel arrive."""
        content, buffers = message
        self.page.evaluate(
            "message => window.take(...message)",
            [content, [base64.b64encode(buffer).decode() for buffer in buffers]],
        )

    def welcome(self):
        """Let the kernel answer the page's greeting."""
        self.take(({"kind": "welcome"}, []))

    def greetings(self):
        """The names by which the page has greeted so far."""
        return {said["page"] for said in self.page.evaluate("window.sent") if "page" in said}

    def pin(self, run, *names):
        """Let the kernel pin the run as it is now, under each of these names."""
        sent = []
        self.view.send = lambda *message: sent.append(message)
        for name in names:
            self.view.pin(Snapshot.of(run), name)
        self.take(sent[-1])


@pytest.fixture
def run():
    run = training.start("softmax", digits.load("embedded"))
    run.advance(30)
    return run


@pytest.fixture
def page(browser):
    with new_page(browser) as page:
        yield page


@pytest.fixture
def shown(page):
    shown = ViewPage(page)
    # Once when it is made, once when it has a size.
    page.wait_for_function("document.querySelector('.dll-view').dataset.frames >= 2")
    return shown


@pytest.mark.slow
def test_a_page_that_missed_a_message_asks_for_all_of_it_and_has_it_again(shown, run):
    stream = Stream()
    shown.take(stream.message(Snapshot.of(run)))
    shown.welcome()
    assert len(shown.greetings()) == 1
    run.advance(5)
    stream.message(Snapshot.of(run))  # the connection is lost
    run.advance(5)
    shown.take(stream.message(Snapshot.of(run)))
    assert len(shown.greetings()) == 2
    shown.welcome()
    shown.take(Stream().message(Snapshot.of(run)))
    shown.page.locator("[data-panel=loss] canvas").focus()
    shown.page.keyboard.press("End")
    expect(shown.page.locator("[data-panel=loss] .dll-tip")).to_contain_text("step 40: training")
    assert len(shown.greetings()) == 2


def test_a_page_answers_when_the_kernel_calls(shown):
    shown.take(({"kind": "call"}, []))
    assert shown.page.evaluate("window.sent.at(-1).kind") == "answer"


def test_space_pauses_but_not_among_the_digits(shown):
    for panel in ("loss", "test digits", "training digits", "weights"):
        shown.page.locator(f"[data-panel='{panel}'] canvas").focus()
        shown.page.keyboard.press("Space")
    sent = shown.page.evaluate("window.sent.map(({ kind }) => kind)")
    assert sent.count("space") == 2


@pytest.mark.slow
def test_a_run_that_is_not_heard_of_any_more_is_asked_for_and_then_called_lost(page, run):
    page.clock.install(time=datetime(2026, 1, 1))
    page.clock.pause_at(datetime(2026, 1, 2))  # no second passes of itself, however busy it is here
    shown = ViewPage(page)
    with run.playing():
        shown.take(Stream().message(Snapshot.of(run)))
    shown.welcome()
    page.clock.run_for(4_000)
    expect(shown.state).to_have_text("running")
    assert len(shown.greetings()) == 1
    page.clock.run_for(3_000)
    assert len(shown.greetings()) == 2
    expect(shown.note).to_be_hidden()
    page.clock.run_for(5_000)
    expect(shown.note).to_have_text(
        "The kernel does not answer: it is busy, or the connection is lost."
    )
    shown.welcome()  # it is back; meanwhile, the run was paused
    shown.take(Stream().message(Snapshot.of(run)))
    page.clock.run_for(100)
    expect(shown.state).to_have_text("paused")
    expect(shown.note).to_be_hidden()
    page.clock.run_for(60_000)  # what is paused need not be heard of
    assert len(shown.greetings()) == 2


@pytest.mark.slow
def test_a_run_of_a_restarted_kernel_is_not_called_running(shown, run):
    with run.playing():
        shown.take(Stream().message(Snapshot.of(run)))
    expect(shown.state).to_have_text("running")
    shown.page.evaluate("window.tell('comm_live_update')")
    expect(shown.state).to_have_text("disconnected")
    expect(shown.note).to_have_text("The kernel was restarted: run this cell to go on.")
    expect(shown.page.locator(".dll-view")).not_to_contain_text("running")


@pytest.mark.slow
def test_the_legend_has_one_order_and_tells_pinned_runs_apart(shown, run):
    shown.take(Stream().message(Snapshot.of(run)))
    shown.pin(run, "softmax", "softmax", "another")
    names = ["training", "validation", "test", DOTTED, "softmax", "softmax (2)", "another"]
    expect(shown.page.locator(".dll-key")).to_have_text(names)
    looks = shown.page.evaluate(
        "[...document.querySelectorAll('.dll-key i')].map(one => getComputedStyle(one))"
        ".map(style => [style.borderTop, style.borderImageSource].join())"
    )
    assert len(set(looks)) == len(names)


@pytest.mark.slow
def test_the_legend_says_what_a_dotted_line_means_while_there_is_one(shown, run):
    run.reset()
    run.evaluate()
    stream = Stream()
    shown.take(stream.message(Snapshot.of(run)))
    expect(shown.page.locator(".dll-key.gap")).to_have_count(0)
    run.advance(300, evaluate=False)
    run.evaluate()
    shown.take(stream.message(Snapshot.of(run)))
    expect(shown.page.locator(".dll-key.gap")).to_have_text(DOTTED)


@pytest.mark.slow
def test_a_panel_that_gets_the_focus_tells_what_has_been_measured_meanwhile(shown, run):
    stream = Stream()
    shown.take(stream.message(Snapshot.of(run)))
    accuracy, loss = (shown.page.locator(f"[data-panel={one}] canvas") for one in CURVES)
    place = accuracy.get_attribute("aria-valuenow")
    loss.focus()
    for key, panel in (("2", loss), ("1", accuracy)):
        panel.page.keyboard.press(key)
        shown.page.evaluate("window.tell('change:focus')")
        expect(panel).to_be_focused()
        run.advance(300)
        shown.take(stream.message(Snapshot.of(run)))
    expect(accuracy).not_to_have_attribute("aria-valuenow", place)


@pytest.mark.slow
def test_panels_beside_each_other_begin_at_one_height_and_fit(shown, run):
    run.advance(300)
    shown.take(Stream().message(Snapshot.of(run)))
    for width in (360, 540, 780, 840, 1280):
        shown.page.set_viewport_size({"width": width, "height": 1000})
        expect(shown.page.locator("[data-panel=accuracy] .dll-value")).to_contain_text("best")
        expect_soon(shown.page, lambda: are_level(shown.page))
        assert shown.page.evaluate("document.documentElement.scrollWidth") <= width


def are_level(page):
    """Whether the canvases of panels beside each other begin and end at one height."""
    tops = page.evaluate(
        "[...document.querySelectorAll('.dll-panel')].map(panel =>"
        " [panel, panel.querySelector('canvas')].map(one => one.getBoundingClientRect()))"
        ".map(([panel, canvas]) => [panel.top, canvas.top, canvas.height])"
    )
    return len({panel for panel, *_canvas in tops}) == len(set(map(tuple, tops)))


@pytest.mark.slow
def test_in_two_columns_what_belongs_together_is_side_by_side(shown):
    panels = shown.page.locator(".dll-panel")
    order = ["accuracy", "loss", "weights", "biases", "training digits", "test digits"]
    for width, columns in ((600, 2), (400, 1), (1280, 3)):
        shown.page.set_viewport_size({"width": width, "height": 1000})
        places = panels.evaluate_all(
            "all => all.map(one => [one.dataset.panel, one.getBoundingClientRect()])"
            ".map(([name, { left, top }]) => [top, left, name])"
        )
        assert len({left for _top, left, _name in places}) == columns
        seen = [name for _top, _left, name in sorted(places)]
        assert seen == (order if columns == 2 else [name for _top, _left, name in places])


@pytest.mark.slow
def test_long_numbers_at_an_axis_are_not_cut_off(shown, run):
    run.history.weights.append(30, [np.array([-6.07e21, 2.4e21])])
    shown.page.evaluate(WRITTEN)
    shown.take(Stream().message(Snapshot.of(run)))
    shown.page.wait_for_function("written.some(({ text }) => text.endsWith('e21'))")
    labels = [one for one in shown.page.evaluate("written") if one["text"].endswith("e21")]
    assert min(one["x"] - one["width"] for one in labels) >= 0


@pytest.mark.slow
def test_an_accuracy_that_nobody_reports_is_said_and_no_curve_is_promised(shown, run):
    snapshot, why = Snapshot.of(run), shown.page.locator("[data-panel=accuracy] .dll-why")
    nothing = CurvePoints(*np.zeros((3, 0)))
    unknown = snapshot.training._replace(accuracy=np.full(len(snapshot.training.steps), np.nan))
    bare = replace(snapshot, training=unknown, validation=nothing, test=nothing)
    shown.take(Stream().message(bare))
    expect(why).to_contain_text("No accuracy is reported.")
    expect(shown.page.locator(".dll-key")).to_have_text(["training"])
    shown.take(Stream().message(snapshot))
    expect(why).to_be_hidden()
    names = ["training", "validation", "test", DOTTED]
    expect(shown.page.locator(".dll-key")).to_have_text(names)


@pytest.mark.slow
def test_keys_that_save_the_notebook_or_run_the_cell_reach_it_and_others_do_not(shown, run):
    shown.take(Stream().message(Snapshot.of(run)))
    # What JupyterLab does, at the document: from there outwards it ignores such elements.
    shown.page.evaluate(
        "() => { window.acted = []; document.addEventListener('keydown', (event) => {"
        " if (!event.target.closest('[data-lm-suppress-shortcuts]')) acted.push(event.key); },"
        " true); }"
    )
    canvas = shown.page.locator("[data-panel='test digits'] canvas")
    canvas.focus()
    for key in ("a", "ArrowRight", "Control+s", "d", "Shift+Enter", "0", "Control+Enter"):
        shown.page.keyboard.press(key)
    assert shown.page.evaluate("acted.filter(key => !['Control', 'Shift'].includes(key))") == [
        "s",
        "Enter",
        "Enter",
    ]
    expect(shown.page.locator(".dll-dialog")).to_be_hidden()
    canvas.press("Enter")
    expect(shown.page.locator(".dll-dialog")).to_be_visible()
    shown.page.keyboard.press("Shift+Enter")
    assert shown.page.evaluate("acted.filter(key => key === 'Enter').length") == 2


@pytest.mark.slow
def test_without_a_kernel_controls_fade_once_and_words_do_not(shown):
    gone = "jupyter-widgets-disconnected"
    shown.page.evaluate(
        "gone => { document.querySelector('.dll-box').insertAdjacentHTML('beforeend',"
        " `<div class='widget-container ${gone}'><div class='widget-container ${gone}'>"
        "  <button class='widget-button ${gone}'>play</button>"
        "  <div class='widget-html ${gone}'>words</div></div></div>`); }",
        gone,
    )
    strengths = shown.page.evaluate(
        "['.widget-button', '.widget-html'].map((name) => {"
        " let strength = 1;"
        " for (let node = document.querySelector(name); node; node = node.parentElement)"
        "  strength *= Number(getComputedStyle(node).opacity);"
        " return strength; })"
    )
    assert strengths == [0.5, 1]


@pytest.mark.slow
def test_who_wants_little_motion_reads_values_at_once(page, run):
    page.emulate_media(reduced_motion="reduce")
    page.clock.install(time=datetime(2026, 1, 1))
    page.clock.pause_at(datetime(2026, 1, 2))  # no second passes of itself, however busy it is here
    shown = ViewPage(page)
    page.clock.run_for(1_000)
    shown.take(Stream().message(Snapshot.of(run)))
    page.clock.run_for(1_000)
    shown.take(Stream().message(Snapshot.of(run)))  # the next drawing waits
    page.locator("[data-panel=loss] canvas").hover(position={"x": 120, "y": 60})
    page.clock.run_for(50)
    expect(page.locator("[data-panel=loss] .dll-tip")).to_contain_text("training", timeout=1_000)


@pytest.mark.slow
def test_a_screen_reader_reads_a_curve_as_a_slider_that_frames_do_not_move(shown, run):
    stream = Stream()
    shown.take(stream.message(Snapshot.of(run)))
    loss = shown.page.get_by_role("slider", name="Cross-entropy loss: test")
    loss.focus()
    shown.page.keyboard.press("ArrowLeft")
    expect(loss).to_have_attribute("aria-valuenow", "29")
    expect(loss).to_have_attribute("aria-valuemax", "30")
    expect(loss).to_have_attribute("aria-valuetext", re.compile("^step 29: training 0"))
    told = loss.evaluate("canvas => canvas.ariaLabel + canvas.ariaValueText")
    run.advance(20)
    run.evaluate()
    shown.take(stream.message(Snapshot.of(run)))
    facts = shown.page.locator(".dll-facts")
    expect(facts).to_contain_text("step 50")
    assert loss.evaluate("canvas => canvas.ariaLabel + canvas.ariaValueText") == told
    loss.blur()
    expect(loss).to_have_attribute("aria-valuetext", re.compile("^step 50: "))


@pytest.mark.slow
def test_what_is_out_of_sight_is_drawn_when_it_is_seen_and_its_words_at_once(shown, run):
    stream = Stream()
    shown.take(stream.message(Snapshot.of(run)))
    page = shown.page
    look = "document.querySelector('[data-panel=loss] canvas').toDataURL()"
    expect(page.locator("[data-panel=loss] .dll-value")).to_contain_text("test")
    page.evaluate("document.body.style.paddingTop = '5000px'")
    page.evaluate(UNSEEN)
    before = page.evaluate(look)
    run.advance(300)
    run.evaluate()
    shown.take(stream.message(Snapshot.of(run)))
    expect(page.locator(".dll-facts")).to_contain_text("step 330")
    assert page.evaluate(look) == before
    page.locator("[data-panel=loss] canvas").scroll_into_view_if_needed()
    expect_soon(page, lambda: page.evaluate(look) != before)


# An observer that begins later hears of it after the view's own.
UNSEEN = """new Promise((resolve) => {
  const observer = new IntersectionObserver((changes) => {
    if (!changes.at(-1).isIntersecting) resolve();
  });
  observer.observe(document.querySelector(".dll-grid"));
})"""


@pytest.mark.slow
def test_digits_are_drawn_in_the_ink_of_the_page(shown, run):
    shown.take(Stream().message(Snapshot.of(run)))
    expect(shown.page.locator("[data-panel='training digits'] .dll-value")).to_contain_text("wrong")
    ink = shown.view.colours["light"]["ink"]
    wanted = [int(ink[place : place + 2], 16) for place in (1, 3, 5)]
    is_there = shown.page.evaluate(
        "wanted => {"
        " const canvas = document.querySelector('[data-panel=\"training digits\"] canvas');"
        " const { width, height } = canvas;"
        " const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);"
        " for (let i = 0; i < data.length; i += 4)"
        "  if (data[i + 3] > 200 && wanted.every((part, j) => Math.abs(data[i + j] - part) < 4))"
        "   return true;"
        " return false; }",
        wanted,
    )
    assert is_there


@pytest.mark.slow
def test_after_the_dialog_the_keyboard_is_at_the_digit_that_was_shown(shown, run):
    shown.take(Stream().message(Snapshot.of(run)))
    keyboard, dialog = shown.page.keyboard, shown.page.locator(".dll-dialog")
    shown.page.locator("[data-panel='test digits'] canvas").focus()
    for key in ["ArrowRight"] * 4 + ["Enter"]:
        keyboard.press(key)
    expect(dialog).to_have_attribute("aria-label", re.compile("the network says"))
    told = dialog.get_attribute("aria-label")
    keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    dialog.evaluate("dialog => (dialog.ariaLabel = '')")
    keyboard.press("Enter")
    expect(dialog).to_have_attribute("aria-label", told)


@pytest.mark.slow
def test_the_accuracy_axis_narrows_where_validation_has_no_accuracy(shown, run):
    high = CurvePoints(np.array([10, 20, 30]), np.full(3, 0.1), np.full(3, 0.95))
    stream, snapshot = Stream(), replace(Snapshot.of(run), test=high)
    root, accuracy = (shown.page.locator(f) for f in (".dll-view", "[data-panel=accuracy]"))

    def look():
        return accuracy.locator("canvas").evaluate("canvas => canvas.toDataURL()")

    unknown = high._replace(accuracy=np.full(3, np.nan))
    shown.take(stream.message(replace(snapshot, validation=unknown)))
    expect(accuracy.locator(".dll-value")).to_contain_text("95")
    before, frames = look(), root.get_attribute("data-frames")
    shown.take(stream.message(replace(snapshot, validation=CurvePoints(*np.zeros((3, 0))))))
    expect(root).not_to_have_attribute("data-frames", frames)
    assert look() == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tested", "ends"),
    [([0, 1, 2, 30], [2, 30]), ([0, 14, 15, 30], [0, 14, 15, 30]), (range(31), [])],
)
def test_dots_stand_at_both_ends_of_a_wide_gap_between_tests(shown, run, tested, ends):
    steps = np.array(tested)
    table = CurvePoints(steps, np.full(len(steps), 0.5), np.full(len(steps), 0.9))
    shown.page.evaluate(
        "() => { window.arcs = [];"
        " const { arc } = CanvasRenderingContext2D.prototype;"
        " CanvasRenderingContext2D.prototype.arc = function (...given) {"
        "  const { panel } = this.canvas.closest('[data-panel]').dataset;"
        "  if (given[2] === 3) window.arcs.push(panel);"
        "  return arc.apply(this, given); }; }"
    )
    nothing = CurvePoints(*np.zeros((3, 0)))
    shown.take(Stream().message(replace(Snapshot.of(run), test=table, validation=nothing)))
    expect(shown.page.locator("[data-panel=loss] .dll-value")).to_contain_text("0.5")
    arcs = shown.page.evaluate("window.arcs")
    assert arcs.count("loss") == arcs.count("accuracy") == len(ends)


WRITTEN = """() => {
  window.written = [];
  for (const how of ["fillText", "strokeText"]) {
    const write = CanvasRenderingContext2D.prototype[how];
    CanvasRenderingContext2D.prototype[how] = function (text, x, y) {
      const { e, f } = this.getTransform();
      const panel = this.canvas.closest("[data-panel]").dataset.panel;
      const size = parseFloat(this.font.match(/[\\d.]+px/)[0]);
      const { width } = this.measureText(text);
      window.written.push({ how, text: `${text}`, panel, size, width, x: e + x, y: f + y });
      write.apply(this, arguments);
    };
  }
}"""


@pytest.mark.slow
def test_marks_of_changes_that_are_close_on_the_screen_are_one(shown, run):
    run.advance(170)  # of an axis that ends at 200
    for step in (40, 41, 60, 62, 64, 66, 150, 195, 199):
        run.history.changes.append(Change(step, "learning_rate", 0.1, step / 100))
    run.history.changes.append(Change(67, "batch_size", 100, 5))
    shown.page.evaluate(WRITTEN)
    shown.take(Stream().message(Snapshot.of(run)))
    shown.page.wait_for_function("written.some(({ panel }) => panel === 'loss')")
    written = shown.page.evaluate("written")
    labels = [one for one in written if one["panel"] == "loss" and "rate" in one["text"]]
    for how in ("strokeText", "fillText"):
        named = [one["text"] for one in labels if one["how"] == how]
        assert named == ["rate 0.41", "rate 0.66, batch 5", "rate 1.5", "rate 1.99"]
    places = sorted({one["x"] for one in labels})
    assert min(np.diff(places)) >= 12


@pytest.mark.slow
def test_numbers_of_a_graph_interrupt_its_lines_and_are_smaller_where_it_is_narrow(page):
    scene = backpropagation.show(live=True)
    scene.controls["step"].value = backpropagation.LAST
    folder = Path(stage.__file__).parent
    source, css = page_side(*stage.MODULES, folder=folder), page_side("stage.css", folder=folder)
    sizes = {}
    for width in (800, 300):
        page.set_viewport_size({"width": width, "height": 1000})
        open_widget(page, source, css, scene.stage, TRAITS_OF_STAGE)
        page.evaluate(CLEARED)  # first: a frame may come in between
        page.evaluate(WRITTEN)
        page.set_viewport_size({"width": width - 10, "height": 1000})
        page.wait_for_function("written.some(({ text }) => text === '2.24')")
        numbers = [one for one in page.evaluate("written") if one["text"] in ("2.24", "1.2")]
        cleared = page.evaluate("cleared")
        assert all(any(is_around(box, one) for box in cleared) for one in numbers)
        sizes[width] = {one["size"] for one in numbers}
    scene.close()
    assert sizes[800] == {13}
    assert max(sizes[300]) < 13


# Keeps the boxes in which a canvas is cleared, without its whole.
CLEARED = """() => {
  window.cleared = [];
  const { clearRect } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.clearRect = function (x, y, width, height) {
    if (width < this.canvas.clientWidth) window.cleared.push([x, y, width, height]);
    clearRect.call(this, x, y, width, height);
  };
}"""


def is_around(box, number):
    """Whether a box is around a number that is centred above or below a place."""
    left, top, width, height = box
    half = number["width"] / 2
    is_wide = left <= number["x"] - half and number["x"] + half <= left + width
    return is_wide and top - 0.1 <= number["y"] <= top + height + 0.1


@pytest.mark.slow
def test_only_the_main_button_of_a_mouse_points_at_a_place_of_a_playground(page):
    axis = Axis(0, 1)
    scene = Scene([Panel("plane", axis, axis, [], step=(0.1, 0.1))], "a plane")
    widget = stage.Stage(title="A plane")
    widget.show(scene)
    open_stage(page, widget)
    canvas = page.locator("[data-panel=plane] canvas")
    for button, count in (("right", 0), ("middle", 0), ("left", 2)):
        canvas.click(button=button)
        assert len(page.evaluate("window.sent")) == count


def open_stage(page, widget):
    """Show the stage of a playground in an empty page."""
    folder = Path(stage.__file__).parent
    source, css = page_side(*stage.MODULES, folder=folder), page_side("stage.css", folder=folder)
    open_widget(page, source, css, widget, TRAITS_OF_STAGE)


def plane_at(place):
    """A scene with one panel in which the arrow keys move by 0.1."""
    axis = Axis(0, 1)
    return Scene([Panel("plane", axis, axis, [], step=(0.1, 0.1), at=place)], "a plane")


@pytest.mark.slow
def test_arrow_keys_count_that_come_before_the_kernel_has_answered(page):
    widget = stage.Stage(title="A plane")
    widget.show(plane_at((0.2, 0.2)))
    open_stage(page, widget)
    canvas = page.locator("[data-panel=plane] canvas")
    last = "window.sent.at(-1)"

    def answer(place, message):
        """Do what the kernel does when it has drawn what came of a message."""
        widget.show(plane_at(place))
        change = "scene => { traits.scene = scene; tell('change:scene'); }"
        page.evaluate(change, widget.scene)
        page.evaluate(f"traits.heard = {message}.sent")

    for key in ("ArrowRight",) * 5 + ("ArrowUp",):
        canvas.press(key)
    told = [(one["x"], one["y"]) for one in page.evaluate("window.sent")]
    expected = [(0.3, 0.2), (0.4, 0.2), (0.5, 0.2), (0.6, 0.2), (0.7, 0.2), (0.7, 0.3)]
    np.testing.assert_allclose(told, expected)
    answer((0.3, 0.2), "window.sent[0]")  # the others are under way
    canvas.press("ArrowRight")
    assert page.evaluate(f"{last}.x") == pytest.approx(0.8)
    answer((0.5, 0.5), last)  # the kernel's word counts
    canvas.press("ArrowRight")
    assert page.evaluate(f"{last}.x") == pytest.approx(0.6)
    assert page.evaluate(f"{last}.y") == pytest.approx(0.5)


@pytest.mark.slow
def test_a_wide_picture_has_no_empty_room_around_it_where_the_page_is_narrow(page):
    across, down = Axis(0, 6, ticks=()), Axis(4, 0, ticks=())
    panel = Panel("digits", across, down, [], equal=True, frame=False)
    widget = stage.Stage(title="Digits")
    widget.show(Scene([panel, replace(panel, name="others", equal=False)], "digits", height=350))
    heights = {}
    for width in (300, 1000):
        page.set_viewport_size({"width": width, "height": 600})
        open_stage(page, widget)
        heights[width] = page.locator("[data-panel] canvas").evaluate_all(
            "all => all.map(one => one.clientHeight)"
        )
    assert heights == {300: [pytest.approx(300 * 4 / 6, abs=4), 350], 1000: [350, 350]}


@pytest.mark.slow
@pytest.mark.parametrize("width", [700, 851, 1000])
def test_panels_are_whole_pixels_wide_so_that_their_words_are_sharp(page, width):
    axis = Axis(0, 1)
    widget = stage.Stage(title="Three")
    widget.show(Scene([Panel(name, axis, axis, []) for name in "abc"], "three panels"))
    page.set_viewport_size({"width": width, "height": 600})
    open_stage(page, widget)
    canvases = page.locator("[data-panel] canvas")
    expect(canvases).to_have_count(3)
    widths = canvases.evaluate_all("all => all.map(one => one.getBoundingClientRect().width)")
    assert widths == [round(one) for one in widths]


OVERLAPS = """() => {
  const boxes = new Map();
  const { clearRect, fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.clearRect = function (x, y, width, height) {
    if (width >= this.canvas.clientWidth) boxes.set(this.canvas, []);
    clearRect.call(this, x, y, width, height);
  };
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    const size = this.measureText(text);
    const ends = [
      [x - size.actualBoundingBoxLeft, y - size.actualBoundingBoxAscent],
      [x + size.actualBoundingBoxRight, y + size.actualBoundingBoxDescent],
    ].map(([x, y]) => this.getTransform().transformPoint({ x, y }));
    const [left, right] = ends.map((end) => end.x).sort((a, b) => a - b);
    const [top, bottom] = ends.map((end) => end.y).sort((a, b) => a - b);
    boxes.get(this.canvas)?.push({ text: String(text), left, right, top, bottom });
    fillText.call(this, text, x, y);
  };
  const touch = (a, b) =>
    a.left < b.right + 1 && b.left < a.right + 1 && a.top < b.bottom && b.top < a.bottom;
  window.overlaps = () =>
    [...boxes.values()].flatMap((all) =>
      all.flatMap((a, i) =>
        all.slice(0, i).filter((b) => touch(a, b)).map((b) => `${b.text} | ${a.text}`)));
}"""


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in playgrounds.NAMES if name != "build_network"])
@pytest.mark.sampled(rarer=3)
def test_no_words_of_a_playground_touch_each_other_where_it_is_narrow(page, name):
    scene = getattr(playgrounds, name).show(live=True)
    scene.wait()
    folder = Path(stage.__file__).parent
    source, css = page_side(*stage.MODULES, folder=folder), page_side("stage.css", folder=folder)
    page.evaluate(OVERLAPS)
    for width in (238, 270, 400):  # the first: of a page of 360, the second: of 400
        page.set_viewport_size({"width": width, "height": 1000})
        open_widget(page, source, css, scene.stage, TRAITS_OF_STAGE)
        canvas = page.locator("[data-panel] canvas").first
        expect_soon(page, lambda canvas=canvas: canvas.evaluate("one => one.width") != 300)
        page.wait_for_timeout(100)
        assert page.evaluate("overlaps()") == [], width
    scene.close()
