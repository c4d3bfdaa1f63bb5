"""Build a network: layers, neurons and the rest, trained on real digits before your eyes."""

import contextlib
import html
import threading

import ipywidgets as widgets
import numpy as np
from IPython.display import display

from course import dashboard, digits
from course.front_end import close_widget, show_in_cell, shows_live
from course.live.in_words import DescribedBox
from course.live.last_picture import LastPicture, still_picture
from course.messages import _, labelled
from course.panels import Snapshot
from course.panels.description import describe
from course.pictures.picture import TextAlternative, text_only
from course.playgrounds import controls, playground
from course.playgrounds.inputs import UnsuitableInput
from course.playgrounds.moves import on_kernel_thread
from course.training import Run
from course.training.examples import read_splits

OPTIMIZERS = ("adam", "sgd", "rmsprop")
STEPS = 1000
_STILL_STEPS = 50
_PATIENCE = 2.0  # seconds for a page to answer a press; without one, it is not waited for longer
_NEURONS = (1, 2, 5, 10, 30, 60, 100, 200)
_COUNTS = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)


def _texts() -> dict[str, str]:
    """What stands around the playground."""
    return {
        "title": _("Build a network"),
        "question": _("Which one reads your digits best?"),
        "hint": _(
            "reach 92% with as few parameters as possible. Then take 100 training digits and many "
            "neurons, and watch training and test part; then five layers of sigmoid with sgd, and "
            "watch nothing happen."
        ),
    }


def _in_words() -> str:
    texts = _texts()
    return labelled(texts["title"], texts["question"])


def activations() -> list[tuple[str, str]]:
    """Return the activations to choose from, each with the name of its control's list."""
    return [*((name, name) for name in ("relu", "sigmoid", "tanh")), (_("none (linear)"), "linear")]


# What is built ------------------------------------------------------------------------------------


def build(layers: int = 2, neurons: int = 60, activation: str = "relu", seed: int = 0):
    """Return a Keras model: hidden dense layers of equally many neurons, then ten logits."""
    from course.backend import keras

    def start(number):
        initializers = keras.initializers
        kind = initializers.HeNormal if activation == "relu" else initializers.GlorotUniform
        return kind(seed + number)

    name = f"{layers}x{neurons}-{activation}" if layers else "softmax"  # the same in all languages
    network = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten()], name=name)
    for number in range(layers):
        hidden = keras.layers.Dense(neurons, activation, kernel_initializer=start(number))
        network.add(hidden)
    network.add(keras.layers.Dense(10, kernel_initializer=start(layers), name="logits"))
    return network


def begin(data, *, layers, neurons, activation, optimizer, learning_rate, count) -> Run:
    """Return a run of such a network on the first `count` training digits."""
    splits = read_splits(data)
    some = tuple(part[:count] for part in splits["train"])
    return Run(
        build(layers, neurons, activation),
        (some, splits["test"]),
        learning_rate,
        batch_size=min(100, count),
        optimizer=optimizer,
        total_steps=STEPS,
    )


def make_controls(count: int) -> dict:
    """Return the controls by the names of what they set, for this many training digits."""
    counts = sorted({number for number in _COUNTS if number < count} | {count})
    return {
        "layers": controls.slider(_("hidden layers"), 2, 0, 5, 1, width=260),
        "neurons": controls.steps(_("neurons each"), 60, _NEURONS, width=260),
        "activation": controls.choice(_("activation"), "relu", activations(), width=200),
        "optimizer": controls.choice(_("optimiser"), "adam", OPTIMIZERS, width=190),
        "learning_rate": controls.log_slider(
            _("learning rate at the start"), 0.003, -4, 1, width=340
        ),
        "count": controls.steps(_("training digits"), count, counts, width=300),
    }


# What is played with ------------------------------------------------------------------------------


class NetworkBuilder:
    """The controls of a network above the dashboard of its training; made by `show`.

    `dashboard` is that of the present network, or None; `message` is what is said in its place. A
    page knows the builder by its `name`; by default, a new one.
    """

    def __init__(self, data, name=""):
        self._data = data
        self.dashboard: dashboard.Dashboard | None = None
        self._built_from: dict = {}  # the settings of the present network
        self.controls = make_controls(read_splits(data)["train"].size)
        self.build_button = controls.button(_("Build and train"), width=150)
        self.build_button.button_style = "primary"
        self.build_button.disabled = True  # until the first network is there
        self._press_timer: threading.Timer | None = None
        self._summary, self._place = widgets.HTML(), widgets.VBox()
        self._last = LastPicture(name)  # of one network after another
        self._box = DescribedBox(self._parts(), _in_words(), name)
        self.build_button.on_click(self._on_press)
        for control in self.controls.values():
            control.observe(self._on_move, "value")
        self.message = ""
        self._say(_("Loading TensorFlow…"))
        self._loading = threading.Thread(target=self._load, daemon=True, name="playground")
        self._built = on_kernel_thread(self.build)
        self._build_pressed = on_kernel_thread(self._on_answer)
        self._loading.start()

    def _parts(self):
        texts = {name: html.escape(text) for name, text in _texts().items()}
        head = f"<b>{texts['title']}</b> &middot; {texts['question']}"
        invitation = _("Try:")
        hiding = f"<style>{self._last.hiding}</style>"
        foot = f"<b>{html.escape(invitation)}</b> {texts['hint']}{hiding}"
        wrapping = {"flex_flow": "row wrap", "max_width": "100%", "align_items": "center"}
        row = widgets.HBox([*self.controls.values(), self.build_button], layout=wrapping)
        return [widgets.HTML(head), row, self._summary, self._place, widgets.HTML(foot)]

    def _load(self):
        with contextlib.suppress(Exception):  # `build` says what is wrong
            from course.backend import keras

            first = [keras.Input((1,)), keras.layers.Dense(1)]
            keras.Sequential(first)  # takes a second the first time
        self._built()

    def wait(self):
        """Return when the first network is there."""
        self._loading.join()

    def _on_press(self, _button):
        """Say that the press was heard, and build when all the controls have been heard as well.

        While the kernel is busy, a page keeps back where a slider is, but never a press. What it
        answers to a call comes after both. The button stays enabled: it would lose the focus.
        """
        if self._press_timer is not None:  # an earlier press is still waiting
            return
        self._say(_("Building…"))
        self._press_timer = threading.Timer(_PATIENCE, self._build_pressed)
        self._press_timer.daemon = True
        self._press_timer.start()
        if self.dashboard is not None:
            self.dashboard.view.call(self._build_pressed)

    def _on_answer(self):
        timer, self._press_timer = self._press_timer, None
        if timer is not None:  # only one of a page's answer and the end of patience
            timer.cancel()
            self.build(plays=True)

    def build(self, plays: bool = False):
        """Build the network of the present controls, ready to train; if it `plays`, it trains."""
        if self._box.comm is None:  # closed in the meantime
            return
        try:
            self._build(plays)
        finally:
            self.build_button.disabled = False

    def _build(self, plays):
        settings = self._settings()
        try:
            run = begin(self._data, **settings)
            speed = None if plays else 100
            shown = dashboard.Dashboard(run, speed=speed, last=self._last)
        except Exception as error:  # a traceback would go where no learner looks
            said = _("This cannot be built: {kind}: {error}")
            self._say(said.format(kind=type(error).__name__, error=error))
            return
        before, self.dashboard = self.dashboard, shown
        self._built_from = settings
        self._place.children = [shown.widget]
        if before is not None:
            before.close()
            snapshot = Snapshot.of(run)  # the picture of this one was put off as well
            self._last.keep(lambda: still_picture(snapshot))
        self._say("")
        if plays:
            shown.controls.play.value = True

    def _settings(self):
        return {name: control.value for name, control in self.controls.items()}

    def _on_move(self, _change):
        self._say(self.message)

    def _say(self, message):
        """Say a message, or else what the controls stand for."""
        self.message = message
        layers, neurons = (self.controls[name].value for name in ("layers", "neurons"))
        said = message or _("{count:,} parameters").format(count=parameters(layers, neurons))
        if not message and self._settings() != self._built_from:
            said = _("{said}: press “Build and train” to see it").format(said=said)
        self._summary.value = f'<div role="status">{html.escape(said)}</div>'

    @property
    def alt(self) -> str:
        """What is to be seen, in words."""
        return self.message or describe(Snapshot.of(self.dashboard.run))

    def close(self):
        """End the training, and let go of the widgets."""
        self.wait()
        if self._press_timer is not None:
            self._press_timer.cancel()
        if self.dashboard is not None:
            self.dashboard.close()
        close_widget(self._box)

    def _ipython_display_(self):
        display(self._box)
        self._last.show(self.alt)

    def __repr__(self) -> str:
        """Say what is shown."""
        return f"<NetworkBuilder: {self.alt}>"


def parameters(layers: int, neurons: int) -> int:
    """Return how many weights and biases such a network has."""
    sizes = np.array([784, *[neurons] * layers, 10])
    return int((sizes[:-1] * sizes[1:]).sum() + sizes[1:].sum())


def show(data=None, *, dark: bool = False, live: bool | None = None):
    """Build a network from a few choices, and watch all six panels while it is trained.

    `data` is what `digits.load` returns; without it, the embedded sample is used.
    """
    data = digits.load("embedded") if data is None else data
    try:
        count = read_splits(data)["train"].size
    except (TypeError, ValueError) as error:
        texts = _texts() | {"dark": dark, "live": live}
        return playground.refuse(UnsuitableInput(str(error)), **texts)
    if shows_live(live):
        return show_in_cell(lambda name: NetworkBuilder(data, name))
    if text_only():
        return TextAlternative(_in_words())
    settings = make_controls(count)
    values = {name: control.value for name, control in settings.items()}
    for control in settings.values():
        close_widget(control)
    return dashboard.show(begin(data, **values), _STILL_STEPS, dark=dark, live=False)
