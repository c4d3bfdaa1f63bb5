"""The dashboard without a browser: what its widgets do to the run, and what stays behind."""

import errno
import threading
import time

import imageio
import numpy as np
import pytest

from course import dashboard, digits, training
from course.dashboard.player import Player, pause_all
from course.live.rate_slider import RateSlider
from course.live.stream import Stream
from course.panels import Snapshot
from course.pictures.picture import Picture
from course.recording import Recording

from .left_behind import assert_nothing_is_left, new_threads
from .open_widgets import open_widgets
from .pretended_cell import pretended_cell
from .waiting import until


@pytest.fixture(scope="module")
def data():
    train, validation, test = digits.load("embedded")
    return train, (validation[0][:50], validation[1][:50]), (test[0][:100], test[1][:100])


@pytest.fixture
def run(data):
    return training.start("softmax", data)


@pytest.fixture
def shown(run):
    shown = dashboard.show(run, steps=10_000_000, speed=None, live=True)
    yield shown
    shown.close()


def test_a_dashboard_that_does_not_play_says_of_no_run_that_it_is_running(run, shown, monkeypatch):
    """Another cell trains it, and no frame of this dashboard would tell when that ends."""
    run.advance(1)
    monkeypatch.setattr(type(run), "state", "running")
    shown.controls.batch_size.value = 50
    assert shown.view.snapshot.state == "paused"


def said(shown):
    """What the view says of the run: its state and the facts beside it."""
    head = Stream().message(shown.view.snapshot).content["head"]
    return f"{head['state']}: {', '.join(head['facts'])}"


# Under grading ------------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", ["NBGRADER_EXECUTION", "COURSE_STILL"])
@pytest.mark.slow
@pytest.mark.sampled(rarer=2)
def test_under_grading_it_trains_a_little_and_leaves_a_picture(run, monkeypatch, variable):
    monkeypatch.setenv(variable, "1")
    threads = set(threading.enumerate())
    picture = dashboard.show(run, steps=5000)
    assert isinstance(picture, Picture)
    assert run.steps == 200
    assert "at step 200" in picture.alt
    assert not new_threads(threads)


@pytest.mark.slow
def test_where_nobody_looks_it_is_a_picture_too(run, monkeypatch):
    assert isinstance(dashboard.show(run, steps=30), Picture)
    assert run.state == "finished"
    picture = dashboard.show(run, steps=30)
    assert run.steps == 60
    monkeypatch.setenv("COURSE_PICTURES", "words")
    words = dashboard.show(run, steps=0)
    assert (words.alt, words.png) == (picture.alt, b"")


# Sliders and buttons ------------------------------------------------------------------------------


def test_it_starts_ready_and_says_what_to_do(shown, run):
    assert shown.controls.view.label == "all six"
    assert run.state == "ready"
    assert shown.view.note.startswith("Press ▶ to train.")
    assert shown.controls.learning_rate.value == pytest.approx(0.5)
    assert shown.controls.batch_size.value == 100
    assert said(shown).startswith("ready: step 0 of 10,000,000")
    assert "Training of softmax" in shown.words.value


def test_sliders_act_during_the_run_and_leave_their_mark(shown, run):
    shown.controls.play.value = True
    until(lambda: run.steps > 20)
    shown.controls.learning_rate.value = 0.01
    until(lambda: any(change.setting == "learning_rate" for change in run.history.changes))
    shown.controls.batch_size.value = 50
    until(lambda: any(change.setting == "batch_size" for change in run.history.changes))
    shown.controls.play.value = False
    until(lambda: not shown.is_playing)
    assert run.learning_rate == pytest.approx(0.01)
    assert run.batch_size == 50
    rate, size = run.history.changes
    assert rate.step < size.step


def test_frames_arrive_while_it_plays(shown):
    steps = set()
    shown.controls.play.value = True
    until(lambda: steps.add(shown.view.snapshot.steps) or len(steps) >= 5)
    assert said(shown).startswith("running")
    assert shown.view.note == ""
    assert shown.controls.play.icon == "pause"
    shown.controls.play.value = False
    until(lambda: said(shown).startswith("paused"))
    assert shown.view.snapshot.state == "paused"
    until(lambda: shown.controls.play.icon == "play")  # drawn after the view


def test_one_step_and_both_resets(shown, run):
    shown.controls.one_step.click()
    assert run.steps == 1
    shown.controls.restart.click()
    assert (run.steps, run.state) == (0, "ready")
    shown.controls.play.value = True
    until(lambda: run.steps > 5)
    shown.controls.redraw_weights.click()
    assert (run.steps, run.state) == (0, "ready")
    assert not shown.is_playing
    assert shown.controls.play.value is False


def test_pins_are_named_and_may_be_several(shown, run):
    run.advance(5)
    shown.controls.pin.value = True
    shown.controls.restart.click()
    shown.controls.learning_rate.value = 0.1
    run.advance(3)
    shown.controls.learning_rate.value = 10  # which no step has used
    shown.controls.pin_more.click()
    run.advance(2)
    shown.controls.pin_more.click()  # with other digits, and the rate that waited
    run.learning_rate = 0.1
    run.advance(1)
    shown.controls.pin_more.click()
    shown.controls.restart.click()
    run.advance(1)
    run.batch_size = 50
    for rate in (0.2, 0.3):
        run.learning_rate = rate
        run.advance(1)
        shown.controls.pin_more.click()
    run.learning_rate = 0.4
    run.advance(1)
    for _time in range(2):
        shown.controls.pin_more.click()
    assert [pinned.name for pinned in shown.view.pinned] == [
        "softmax, rate 0.5, batch 100",
        "softmax, rate 0.1, batch 100",
        "softmax, rate 0.1 → 10, batch 100",
        "softmax, rate 0.1 → 10 → 0.1, batch 100",
        "softmax, rate 0.1 → 0.2, batch 100 → 50",
        "softmax, rate 0.1 → 0.2 → 0.3, batch 100 → 50",
        "softmax, rate 0.1 → … → 0.4, batch 100 → 50",
        "softmax, rate 0.1 → … → 0.4, batch 100 → 50 (2)",
    ]
    assert [pinned.snapshot.steps for pinned in shown.view.pinned] == [5, 3, 5, 6, 2, 3, 4, 4]
    shown.controls.pin.value = False
    assert not shown.view.pinned
    assert shown.controls.pin_more.disabled


def test_only_curves_that_are_there_can_be_pinned(shown):
    controls = shown.controls
    assert controls.pin.disabled
    controls.one_step.click()
    assert not controls.pin.disabled
    controls.pin.value = True
    assert not controls.pin_more.disabled
    controls.restart.click()
    assert controls.pin_more.disabled
    assert not controls.pin.disabled, "what is pinned can be removed"
    controls.pin.value = False
    assert controls.pin.disabled


def test_focus_from_the_list_and_from_the_keys_of_the_page(shown):
    shown.controls.view.value = ("loss",)
    assert shown.view.focus == ["loss"]
    for name, panels in (*shown.controls.view.options, ("all six", ())):
        shown.view.focus = list(panels)
        assert shown.controls.view.label == name


def test_speed(shown, run):
    shown.controls.speed.value = 10.0
    started = time.monotonic()
    shown.controls.play.value = True
    until(lambda: run.steps >= 3)
    shown.controls.play.value = False
    assert run.steps <= 3 + 10 * (time.monotonic() - started)


def test_sliders_have_round_values_and_the_true_one(data):
    run = training.start("softmax", data, learning_rate=0.0047)
    shown = dashboard.show(run, live=True)
    slider = shown.controls.learning_rate
    assert (slider.value, slider.label, slider.description) == (0.0047, "0.0047", "learning rate")
    labels = [label for label, _rate in slider.options]
    assert {"0.003", "0.5", "100"} <= set(labels)
    assert run.learning_rate == 0.0047
    assert "1,000" in [label for label, _size in shown.controls.batch_size.options]
    shown.close()


@pytest.mark.parametrize("rate", [0.003, 0.0030001, 0.0047, 100])
def test_no_two_places_of_the_slider_say_the_same(rate):
    """A network that Keras made keeps its rate as a float32."""
    slider = RateSlider(np.float32(rate))
    labels = [label for label, _rate in slider.options]
    assert len(set(labels)) == len(labels)
    assert slider.value == np.float32(rate)


def test_a_digit_on_show_has_its_probabilities(shown, run):
    run.advance(10)
    pixels = run.data["test"].images[3]
    shares = shown.view.probabilities("test digits", 3, pixels)
    assert shares.sum() == pytest.approx(1)
    assert shares.argmax() == Snapshot.of(run).test_digits.predictions[3]


def test_the_speed_that_was_asked_for_is_shown(run):
    shown = dashboard.show(run, speed=33, live=True)
    assert shown.controls.speed.label == "33 steps/s"
    labels = [label for label, _speed in shown.controls.speed.options]
    assert labels[1:] == ["1,000 steps/s", "100 steps/s", "33 steps/s", "10 steps/s", "1 step/s"]
    shown.close()
    with_default = dashboard.show(run, live=True)
    assert with_default.controls.speed.label == "100 steps/s"
    with_default.close()
    unlimited = dashboard.show(run, speed=None, live=True)
    assert unlimited.controls.speed.label == "as fast as it can"
    for place, label in ((0, "as fast as it can"), (1, "1,000 steps/s"), (0, "as fast as it can")):
        unlimited.controls.speed.index = place  # as the page chooses
        assert unlimited.controls.speed.label == label
    unlimited.close()


def test_the_format_of_a_film_stays_beside_its_button_where_the_row_wraps(shown):
    controls = shown.controls
    (camera,) = (box for box in controls.rows()[0].children if hasattr(box, "children"))
    assert camera.children == (controls.save, controls.film, controls.film_format)
    assert camera.layout.flex_flow is None


@pytest.mark.slow
def test_saving_overwrites_nothing(shown, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown.controls.save.click()
    shown.controls.save.click()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["softmax-step-0-2.png", "softmax-step-0.png"]
    assert 'href="softmax-step-0-2.png" download' in shown.message.value


@pytest.mark.parametrize("button", ["save", "film"])
def test_it_says_where_nothing_can_be_saved(shown, run, tmp_path, monkeypatch, button):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(type(run), "name", "missing/softmax")
    if button == "save":
        shown.controls.save.click()
    else:
        shown.controls.film.value = True
        assert not shown.controls.film.value
        assert not shown.controls.film_format.disabled
    name = "-step-0.png" if button == "save" else "-film.mp4"
    assert f"{tmp_path / run.name}{name}" in shown.message.value
    assert "cannot be written: No such file or directory." in shown.message.value


@pytest.mark.slow
def test_a_film_that_cannot_be_written_leaves_the_training_alone(shown, run, tmp_path, monkeypatch):
    def add(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Recording, "add", add)
    shown.controls.film.value = True
    shown.controls.play.value = True
    until(lambda: run.steps > 20)
    assert shown.is_playing
    assert "No space left on device" in shown.message.value
    shown.controls.film.value = False
    assert "No space left on device" in shown.message.value


@pytest.mark.parametrize("suffix", [".mp4", ".gif"])
@pytest.mark.slow
@pytest.mark.sampled(rarer=2)
def test_a_film_is_saved_when_the_camera_is_pressed_again(
    shown, run, tmp_path, monkeypatch, suffix
):
    monkeypatch.chdir(tmp_path)
    shown.controls.film_format.value = suffix
    shown.controls.film.value = True
    assert "Filming" in shown.message.value
    for _step in range(3):
        shown.controls.one_step.click()
    shown.controls.film.value = False
    (path,) = tmp_path.iterdir()
    assert path.name == f"softmax-film{suffix}"
    assert f'href="{path.name}" download' in shown.message.value
    frames = imageio.mimread(path, memtest=False)
    assert len(frames) >= 3
    assert frames[0].shape[:2] == (540, 960)
    assert (frames[0] != frames[-1]).any()


@pytest.mark.slow
def test_a_film_that_is_not_ended_is_saved_when_the_dashboard_goes(shown, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown.controls.film.value = True
    shown.controls.one_step.click()
    shown.close()
    assert [path.name for path in tmp_path.iterdir()] == ["softmax-film.mp4"]


@pytest.mark.slow
def test_a_schedule_moves_the_slider_until_it_is_moved_by_hand(data):
    run = training.start("five-layers-relu", data)
    shown = dashboard.show(run, steps=1000, live=True)
    try:
        first = shown.controls.learning_rate.value
        for _ in range(3):
            shown.controls.one_step.click()
        run.advance(300)
        shown.controls.one_step.click()
        assert shown.controls.learning_rate.value < first
        assert run.schedule is not None
        shown.controls.learning_rate.value = 0.01
        assert run.schedule is None
        assert run.learning_rate == pytest.approx(0.01)
    finally:
        shown.close()


@pytest.mark.slow
def test_it_says_one_thing_also_when_the_run_went_on_elsewhere(shown, run):
    run.total_steps = 10
    run.advance(10)  # in another cell, or on another dashboard
    assert said(shown).startswith("ready: step 0")
    shown.controls.play.value = True
    assert said(shown).startswith("finished: step 10 of 10,")
    assert (shown.view.note, shown.controls.play.value) == ("", False)
    assert shown.controls.play.disabled
    assert (shown.progress.value, shown.progress.bar_style) == (1, "success")


def test_it_says_that_it_runs_as_soon_as_play_is_pressed(shown):
    shown.controls.play.value = True
    assert said(shown).startswith("running")
    assert shown.view.note == ""


def test_space_in_the_page_presses_play(shown, run):
    def press():
        shown.view.hear(None, {"kind": "space"}, [])
        return shown.is_playing

    assert press()
    until(lambda: run.steps)
    assert not press()
    run.total_steps = run.steps
    shown.controls.one_step.click()
    assert not press()  # it is over


def test_where_there_are_no_widgets_it_has_words(shown):
    assert shown.widget._repr_mimebundle_()["text/plain"] == "Live view of the training"


def test_the_speed_is_told_where_the_run_is_as_fast_as_it_can(shown):
    shown.controls.play.value = True
    until(lambda: "steps/s" in said(shown))
    shown.controls.speed.value = 100.0
    until(lambda: "steps/s" not in said(shown))


@pytest.mark.slow
def test_a_frame_is_one_message_but_for_the_hundredths_of_the_bar(shown):
    values = []
    shown.progress.observe(lambda change: values.append(change.new), "value")
    shown.run.total_steps = 1000
    for _ in range(50):
        shown.controls.one_step.click()
    assert len(values) <= 6


# Ends ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_divergence_is_said_and_a_reset_ends_it(data):
    run = training.start("five-layers-relu", data, learning_rate=1e30)
    shown = dashboard.show(run, live=True)
    try:
        shown.controls.play.value = True
        until(lambda: run.state == "diverged" and not shown.is_playing)
        until(lambda: "diverged" in said(shown))
        until(lambda: "of the batch recognised before it diverged" in shown.words.value)
        assert shown.progress.bar_style == "danger"  # the words are told last
        assert shown.controls.play.disabled
        assert shown.view.titles["training digits"] == "Training digits before it diverged"
        shown.controls.learning_rate.value = 0.001
        shown.controls.restart.click()
        assert shown.view.titles["training digits"] == "Training digits"
        assert not shown.controls.play.disabled
        shown.controls.one_step.click()
        assert run.steps == 1
    finally:
        shown.close()


def test_a_finished_run_says_so_and_can_be_shown_again(run):
    shown = dashboard.show(run, steps=20, live=True)
    shown.controls.play.value = True
    until(lambda: "finished" in said(shown))
    assert run.steps == 20
    shown.close()
    again = dashboard.show(run, steps=20, live=True)
    assert not again.controls.play.disabled
    again.close()


@pytest.mark.slow
def test_running_a_cell_again_closes_what_it_showed(run, monkeypatch):
    for variable in ("NBGRADER_EXECUTION", "COURSE_STILL"):
        monkeypatch.delenv(variable, raising=False)
    before = open_widgets()
    with pretended_cell("cell"):
        first = dashboard.show(run).widget.model_id
        opened = open_widgets() - before
        dashboard.show(run)
        assert opened <= open_widgets(), "one cell may show several"
        opened = open_widgets() - before
    with pretended_cell("cell"):
        again = dashboard.show(run)
    assert again.widget.model_id == first
    assert opened & open_widgets() == {first}
    again.close()


class Broken:
    """A network of the learner's whose fourth step fails."""

    W = np.zeros((784, 10))
    steps = 0

    def predict(self, images):
        """Return equal probabilities."""
        return np.zeros((len(images), 10)) + 0.1

    def step(self, images, labels, learning_rate):
        """Count the step; fail at the fourth."""
        self.steps += 1
        if self.steps > 3:
            raise ZeroDivisionError("<b>three is enough</b>")


def test_an_error_of_a_learners_function_appears_below_the_view(data):
    shown = dashboard.show(training.Run(Broken(), data), live=True)
    try:
        shown.controls.play.value = True
        until(lambda: "ZeroDivisionError" in shown.message.value)
        assert "&lt;b&gt;three is enough" in shown.message.value
        assert "<b>three" not in shown.message.value
        until(lambda: not shown.controls.play.value)
        assert shown.run.steps == 3
    finally:
        shown.close()


def test_one_plays_at_a_time_and_an_interrupt_pauses_it(data):
    players = [
        Player(training.start("softmax", data), lambda: None, lambda error: None) for _ in range(2)
    ]
    players[0].play()
    until(lambda: players[0].run.steps)
    players[1].play()
    until(lambda: players[1].run.steps)
    assert not players[0].is_playing
    pause_all()
    until(lambda: not players[1].is_playing)
    for player in players:
        player.stop()


@pytest.mark.parametrize("steps", [30, None])
def test_the_digits_are_tested_once_at_the_end(run, monkeypatch, steps):
    tested, evaluate = [], run.evaluate
    monkeypatch.setattr(run, "evaluate", lambda **how: tested.append(run.steps) or evaluate(**how))
    run.total_steps = steps
    player = Player(run, lambda: None, lambda error: pytest.fail(str(error)))
    player.play()
    until(lambda: run.steps >= 30)
    player.stop()
    assert tested.count(run.steps) == 1
    assert run.history.test.steps[-1] == run.steps


def test_when_the_view_goes_the_training_pauses_and_comes_back_with_it(shown, run):
    shown.view.set_trait("_view_count", 1)
    shown.controls.play.value = True
    until(lambda: run.steps > 3)
    shown.view.set_trait("_view_count", 0)
    until(lambda: not shown.is_playing)
    shown.view.set_trait("_view_count", 1)
    until(lambda: shown.is_playing)


@pytest.mark.weekly
def test_twenty_dashboards_leave_nothing_behind(data):
    def show_one():
        run = training.start("softmax", data)
        shown = dashboard.show(run, live=True)
        shown.controls.play.value = True
        until(lambda: run.steps > 2)
        shown.close()
        return [shown, shown.view]

    assert_nothing_is_left(show_one, times=20, slack=10)
