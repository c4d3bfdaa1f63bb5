"""The six panels: what moves when the run moves, marks, alarms, focus, pinning, and the words."""

import subprocess
import sys
import threading

import matplotlib
import matplotlib.image
import numpy as np
import pytest
from matplotlib.text import Text

from course import networks
from course.drawing.palette import MISTAKE_RGB
from course.live.words import view_words
from course.panels import Panels, Snapshot
from course.panels.changes import merge_close_changes
from course.panels.description import describe
from course.panels.painter.digit_panels import fit_tiles
from course.panels.painter.layout import NAMES, boxes
from course.panels.snapshot import curve_points
from course.panels.thinning import choose_test_digits, downsample
from course.training import Change, Run

from .numpy_network import NumpySoftmax

SETS = ("training", "test", "validation")


def digits(count, seed):
    """Easy "digits": noise, and a bright row whose place is the label."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, count)
    images = rng.integers(0, 160, (count, 28, 28), np.uint8)
    images[np.arange(count), 4 + 2 * labels] += 60
    return images, labels


TRAIN, VALIDATION, TEST = digits(600, 1), digits(100, 2), digits(1000, 3)


@pytest.fixture
def run():
    return Run(NumpySoftmax(), (TRAIN, VALIDATION, TEST), learning_rate=0.1, batch_size=50)


@pytest.fixture
def panels(run):
    panels = Panels(run)
    yield panels
    panels.close()


def part(picture, name, names=NAMES):
    """Cut one panel's axes out of a picture of 960 x 540."""
    x, y, width, height = boxes(names, 960, 540)[name]
    return picture[int(540 - y - height) : int(540 - y), int(x) : int(x + width)]


def axes_of(panels, name):
    """The axes of one panel."""
    (axes,) = [axes for axes in panels.figure.axes if axes.get_label() == name]
    return axes


def share(picture, colour):
    return (picture == np.array(colour)).all(axis=-1).mean()


def changed(before, after):
    """The names of the panels that differ between two pictures."""
    return {name for name in NAMES if (part(before, name) != part(after, name)).any()}


@pytest.mark.parametrize("size", [(960, 540), (641, 367), (1333, 701), (320, 180)])
def test_a_frame_has_the_size_that_was_asked_for(run, size):
    picture = Panels(run, width=size[0], height=size[1]).update()
    assert picture.shape == (size[1], size[0], 3)
    assert picture.dtype == np.uint8


def test_every_panel_moves_with_the_run(run, panels):
    before = panels.update()
    run.advance(30)
    assert changed(before, panels.update()) == set(NAMES)


def test_nothing_moves_when_the_run_stands_still(run, panels):
    run.advance(5)
    first = panels.update()
    np.testing.assert_array_equal(first, panels.update())
    assert first is not panels.update()


@pytest.mark.slow
def test_a_frame_in_place_is_what_a_new_figure_draws(run, panels):
    for _ in range(5):
        run.advance(9)
        panels.update()
    np.testing.assert_array_equal(panels.update(), Panels(run).update())


def test_ticks_and_frames_are_redrawn_only_when_they_change(run, panels, monkeypatch):
    run.advance(12)
    panels.update()
    draws = []
    whole = panels.figure.draw
    monkeypatch.setattr(panels.figure, "draw", lambda *args: draws.append(1) or whole(*args))
    for _ in range(10):
        panels.update()
    assert not draws
    panels.focus("loss")
    panels.update()
    assert len(draws) == 1


def test_one_figure_and_none_in_pyplot(run, panels):
    figure = panels.figure
    count = len(figure.axes)
    for _ in range(3):
        run.advance(2)
        panels.update()
        panels.focus("loss")
        panels.update()
        panels.focus(None)
    artists = sum(len(axes.get_children()) for axes in figure.axes)
    panels.update()
    assert panels.figure is figure
    assert len(figure.axes) == count
    assert sum(len(axes.get_children()) for axes in figure.axes) == artists
    import matplotlib.pyplot

    assert matplotlib.pyplot.get_fignums() == []


def test_the_settings_of_matplotlib_are_left_alone(run):
    before = dict(matplotlib.rcParams)
    Panels(run, dark=True).update()
    assert dict(matplotlib.rcParams) == before


def test_dots_stand_at_both_ends_of_a_wide_gap_between_tests(run, panels):
    run.advance(2)
    run.advance(1)
    run.advance(40)
    run.advance(1)
    panels.update()
    found = {
        tuple(line.get_xdata())
        for axes in panels.figure.axes
        for line in axes.lines
        if line.get_marker() == "o" and len(line.get_xdata()) > 1
    }
    assert found == {(3, 43)}
    run.reset()
    for _ in range(44):
        run.advance(1)
    panels.update()
    assert not any(
        line.get_marker() == "o" and len(line.get_xdata()) > 1
        for axes in panels.figure.axes
        for line in axes.lines
    )


def test_marks_where_a_setting_was_changed(run, panels):
    run.advance(20)
    before = panels.update()
    run.history.changes.append(Change(10, "learning_rate", 0.1, 0.05))
    after = panels.update()
    assert changed(before, after) == {"accuracy", "loss", "weights", "biases"}


def test_marks_say_the_new_value_and_share_a_line_when_close():
    changes = [
        Change(10, "learning_rate", 0.5, 0.1),
        Change(100, "learning_rate", 0.1, 0.2),
        Change(104, "learning_rate", 0.2, 0.03),
        Change(105, "batch_size", 100, 1500),
    ]
    assert merge_close_changes(changes, near=20) == [
        (10, {"learning_rate": "rate 0.1"}),
        (100, {"learning_rate": "rate 0.03", "batch_size": "batch 1,500"}),
    ]
    assert merge_close_changes([], near=20) == []


def test_the_alarm_past_100(run, panels):
    run.advance(5)
    before = panels.update()
    assert "alarm" not in panels.describe()
    run.network.W[0, 0] = -101.0
    run.advance(1)
    after = panels.update()
    assert "alarm: weights beyond 100" in panels.describe()
    assert "biases beyond" not in panels.describe()
    red = (0xCC, 0x33, 0x11)
    assert share(part(before, "weights"), red) == 0
    assert share(part(after, "weights"), red) > 0.01
    assert share(part(after, "biases"), red) == 0
    run.reset()
    run.advance(5)
    assert share(part(panels.update(), "weights"), red) == 0


def test_the_states_are_said_in_words(run, panels):
    assert "is ready to start, at step 0" in panels.describe()
    assert "not tested yet" in panels.describe()
    run.advance(4)
    words = panels.describe()
    accuracy = run.history.test.accuracy[-1]
    assert "line is paused, at step 4 (epoch 0.33)" in words
    assert f"{accuracy:.1%} of 1,000 test digits recognised" in words
    assert f"({np.count_nonzero(run.test_predictions != TEST[1])} mistakes)" in words
    assert words.endswith(".")
    assert words.count(". ") == 0, "one sentence"
    with run.playing():
        assert "is running" in panels.describe()
    run.learning_rate = 0.05
    run.total_steps = 6
    run.advance(10)
    assert "has finished, at step 6" in panels.describe()
    assert "a setting changed once, to rate 0.05 at step 4" in panels.describe()


@pytest.mark.parametrize(("loss", "title"), [(None, "Cross-entropy loss"), ("mse", "Loss")])
def test_the_loss_is_called_what_it_is(loss, title):
    panels = Panels(Run(networks.softmax(), (TRAIN, TEST), loss=loss))
    texts = axes_of(panels, "loss").findobj(Text)
    assert title in {text.get_text() for text in texts}
    panels.close()


def test_diverged_is_one_big_word(run, panels):
    run.advance(3)
    before = panels.update()
    run.network.b[:] = np.nan
    run.advance(3)
    assert run.state == "diverged"
    after = panels.update()
    assert "has diverged" in panels.describe()
    red = (0xCC, 0x33, 0x11)
    middle = slice(232, 352), slice(60, 600)
    assert share(before[middle], red) < 0.02
    assert share(after[middle], red) > 0.3
    texts = axes_of(panels, "training digits").findobj(Text)
    assert "Training digits before it diverged" in {text.get_text() for text in texts}
    assert "recognised before it diverged" in panels.describe()
    run.reset()
    run.network.b[:] = 0
    assert share(panels.update()[middle], red) < 0.02


@pytest.mark.parametrize("names", [*[(name,) for name in NAMES], NAMES[:2], ("weights", "biases")])
def test_focus_shows_one_panel_or_a_pair_large(run, panels, names):
    run.advance(10)
    everything = panels.update()
    panels.focus(names)
    picture = panels.update()
    assert picture.shape == everything.shape
    visible = {axes.get_label() for axes in panels.figure.axes if axes.get_visible()}
    assert visible == {*names, "header"}
    for name in names:
        assert part(picture, name, names).size > 2 * part(everything, name).size
    panels.focus(None)
    np.testing.assert_array_equal(panels.update(), everything)


@pytest.mark.slow
def test_focus_takes_one_name(panels):
    panels.focus("loss")
    assert panels.shown == ("loss",)


@pytest.mark.parametrize("names", ["losses", ("loss", "loss"), (), NAMES[:3]])
def test_focus_on_something_else_is_an_error(panels, names):
    with pytest.raises(ValueError, match=r"expected one or two of accuracy, loss"):
        panels.focus(names)
    assert panels.shown == NAMES


def test_pin_overlays_the_run_and_unpin_takes_it_away(run, panels):
    run.advance(40)
    panels.pin()
    run.reset()
    overlaid = panels.update()
    panels.unpin()
    plain = panels.update()
    assert changed(overlaid, plain) == {"accuracy", "loss"}
    faint = part(overlaid, "loss").reshape(-1, 3)
    assert len(np.unique(faint, axis=0)) > len(
        np.unique(part(plain, "loss").reshape(-1, 3), axis=0)
    )


def test_a_pinned_run_stays_as_it_was(run, panels):
    run.advance(10)
    panels.pin()
    run.reset()
    before = panels.update()
    panels.update()
    run.advance(1)
    run.reset()
    np.testing.assert_array_equal(panels.update(), before)


@pytest.mark.slow
def test_dark_has_a_dark_page_and_light_words(run):
    run.advance(10)
    light, dark = Panels(run).update(), Panels(run, dark=True).update()
    assert np.median(light) > 240
    corner = dark[0, 0]
    assert corner.max() < 50
    # The header: nothing there but words and lines, which must stand out.
    assert dark[:30].max() > 200
    assert light[:30].min() < 80


def test_the_red_edge_reads_as_the_accuracy(run, panels):
    run.advance(1)
    for wrong in (0, 40, 333, 1000):
        run.test_predictions = TEST[1].copy()
        run.test_predictions[:wrong] = (TEST[1][:wrong] + 1) % 10
        picture = part(panels.update(), "test digits")
        red = np.flatnonzero((picture[:, 0] == MISTAKE_RGB).all(axis=-1))
        rows = 225 / 25  # pixels of one row of digits
        assert len(set((red // rows).astype(int))) == -(-wrong // 40)


def test_the_gauge_shows_a_fair_share_until_all_mistakes_fit():
    labels = np.zeros(10_000, int)
    predictions = np.zeros(10_000, int)
    predictions[3_000:] = 1
    chosen, depth = choose_test_digits(labels, predictions)
    assert (len(chosen), depth) == (1000, 1.0)
    assert np.count_nonzero(predictions[chosen]) == 700
    predictions[:] = 0
    predictions[9_950:] = 1
    chosen, depth = choose_test_digits(labels, predictions)
    assert (len(chosen), depth) == (1000, 0.1)
    assert chosen[:50].tolist() == list(range(9_950, 10_000))
    assert len(set(chosen.tolist())) == 1000
    assert choose_test_digits(labels, None)[1] == 1.0


@pytest.mark.parametrize("wrong", [0, 1, 999, 1000, 1001, 9_999, 10_000])
def test_the_gauge_always_has_a_thousand_different_digits(wrong):
    predictions = np.zeros(10_000, int)
    predictions[:wrong] = 1
    chosen, depth = choose_test_digits(np.zeros(10_000, int), predictions)
    assert len(set(chosen.tolist())) == 1000
    assert depth == (0.1 if wrong <= 1000 else 1.0)


@pytest.mark.parametrize("count", [1, 7, 100, 1000, 3000])
def test_digits_fit_into_their_panel(count):
    columns, (height, width), shown = fit_tiles(count, 287, 225)
    assert columns * width <= 287
    assert -(-shown // columns) * height <= 225
    assert shown == min(count, 1000)


@pytest.mark.parametrize("size", [1, 3, 600])
def test_any_batch_size(run, panels, size):
    run.batch_size = size
    run.advance(2)
    part(panels.update(), "training digits")
    counted = f"{size:,} training digits" if size > 1 else "the one training digit"
    assert counted in panels.describe()


def test_the_legend_has_the_order_of_the_live_view(run, panels):
    run.advance(1)
    panels.pin()
    panels.update()
    names = [*view_words()["curves"].values(), "pinned run"]
    places = {text.get_text(): text.get_position()[0] for text in panels.figure.findobj(Text)}
    assert sorted(names, key=places.get) == names


def test_one_digit_and_one_mistake_are_not_several(run):
    run.batch_size = 1
    run.advance(1)
    labels = run.data["test"].labels.astype(int)
    answers = labels.copy()
    answers[0] = (labels[0] + 1) % 10
    run.test_predictions = answers
    words = describe(Snapshot.of(run))
    assert "of the one training digit of the batch recognised" in words
    assert "(1 mistake)" in words


def test_without_validation_digits():
    run = Run(NumpySoftmax(), (TRAIN, TEST), learning_rate=0.1)
    run.advance(3)
    legend = Panels(run).update()[:30]
    whole = Run(NumpySoftmax(), (TRAIN, VALIDATION, TEST), learning_rate=0.1)
    whole.advance(3)
    assert (legend != Panels(whole).update()[:30]).any()


def test_save_writes_the_picture_and_its_description(run, panels, tmp_path):
    run.advance(3)
    path = tmp_path / "run.png"
    panels.save(path)
    read = matplotlib.image.imread(path)
    np.testing.assert_array_equal((read[..., :3] * 255).round().astype(np.uint8), panels.update())
    assert panels.describe().encode() in path.read_bytes()
    with pytest.raises(ValueError, match=r"ends in \.png"):
        panels.save(tmp_path / "run.jpg")


def test_a_size_too_small_is_an_error(run):
    with pytest.raises(ValueError, match="at least 320 x 180"):
        Panels(run, width=100, height=100)


@pytest.mark.slow
def test_the_figure_can_be_saved_at_another_resolution(run, panels, tmp_path):
    run.advance(3)
    panels.update()
    panels.figure.savefig(tmp_path / "large.png", dpi=200)
    assert matplotlib.image.imread(tmp_path / "large.png").shape[:2] == (1080, 1920)
    panels.figure.savefig(tmp_path / "run.svg")
    assert panels.update().shape == (540, 960, 3)


@pytest.mark.slow
def test_drawing_while_another_thread_trains_and_resets(run, panels):
    stop = threading.Event()
    failures = []

    def train():
        try:
            while not stop.is_set():
                run.advance(7)
                run.batch_size = 10 + run.steps % 30
                if run.steps > 100:
                    run.reset()
        except Exception as error:
            failures.append(error)

    thread = threading.Thread(target=train)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        thread.start()
        for _ in range(12):
            panels.update()
            panels.describe()
    finally:
        stop.set()
        thread.join()
        sys.setswitchinterval(interval)
    assert not failures


class Growing:
    """A curve to which another thread adds a row after every read of its steps, `times` over."""

    def __init__(self, times):
        self.times, self._steps = times, np.arange(3)

    @property
    def steps(self):
        """The steps; there may be more afterwards."""
        now = self._steps
        if self.times:
            self.times -= 1
            self._steps = np.arange(len(now) + 1)
        return now

    @property
    def loss(self):
        """A number for each step that there is now."""
        return self._steps * 1.0

    accuracy = loss


def test_a_curve_that_grows_while_it_is_read_stays_in_step():
    for times in (0, 1, 2, 50):
        steps, loss, accuracy = curve_points(Growing(times))
        assert len(steps) == len(loss) == len(accuracy)
    assert len(curve_points(Growing(1)).steps) == 4, "read again, not cut short"


@pytest.mark.parametrize("size", [1e-300, 1e38, 1e300])
def test_values_of_any_size_can_be_drawn(run, panels, size):
    run.advance(3)
    run.history.weights.append(4, [np.array([-size, 0, size])])
    run.history.test.extend([4], [size], [0.1])
    assert panels.update().shape == (540, 960, 3)


def test_a_snapshot_has_columns_of_equal_length(run):
    run.advance(12)
    snapshot = Snapshot.of(run)
    for name in SETS:
        assert len({len(column) for column in getattr(snapshot, name)}) == 1
    assert snapshot.weights.edges.shape == (len(snapshot.weights.steps), 8)


def test_a_snapshot_stays_as_it_was(run):
    run.advance(12)
    snapshot, description = Snapshot.of(run), describe(Snapshot.of(run))
    run.learning_rate = 0.5
    run.total_steps = 40
    run.advance(3)
    run.reset()
    assert describe(snapshot) == description
    assert (snapshot.steps, snapshot.total_steps, snapshot.learning_rate) == (12, None, 0.1)
    assert snapshot.training.steps.tolist() == list(range(1, 13))
    assert snapshot.test_digits.mistakes is not None
    assert Snapshot.of(run).test_digits.mistakes is None


def test_a_snapshot_needs_no_matplotlib():
    program = "import sys, course.panels.description; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.split() == [b"False"]


def test_a_long_curve_is_drawn_short_with_its_peaks():
    values = np.random.default_rng(0).random(4000)
    values[1234], values[77] = 50, np.nan
    steps, thinned = downsample(np.arange(4000), values, 100)
    assert len(steps) == len(thinned) == 200
    assert np.nanmax(thinned) == 50
    assert np.nanmin(thinned) == np.nanmin(values)
    assert (np.diff(steps) >= 0).all()


def test_a_huge_start_does_not_flatten_the_loss(run, panels):
    training = run.history.training
    training.extend(np.arange(1, 201), np.r_[1e6, np.full(199, 0.3)], np.full(200, 0.9))
    run.history.test.extend([200], [0.31], [0.9])
    panels.update()
    assert 0.3 < axes_of(panels, "loss").get_ylim()[1] < 1


@pytest.mark.slow
def test_the_accuracy_axis_begins_at_90_percent_when_it_is_high(run, panels):
    axes = axes_of(panels, "accuracy")
    for accuracy, floor in ((0.2, 0), (0.95, 0), (0.95, 0), (0.95, 0.9), (0.5, 0)):
        step = len(run.history.test) + 1
        run.history.test.extend([step], [1.0], [accuracy])
        panels.update()
        assert axes.get_ylim()[0] == floor
