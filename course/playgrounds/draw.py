"""Draw your own digit: what the networks of the ladder take it for, while you draw."""

import ipywidgets as widgets
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from course import front_end
from course.drawing.centring import centre_like_mnist
from course.drawing.number_format import percent
from course.messages import _
from course.playgrounds import figure_playground as playground
from course.playgrounds.controls import switch
from course.playgrounds.inputs import UnsuitableInput
from course.playgrounds.moves import on_kernel_thread
from course.playgrounds.pad import PEN, Pad, draw_strokes
from course.playgrounds.predictions import predict_probabilities
from course.playgrounds.trained_ladder import LADDER, BackgroundTraining, TrainedLadder

_SIDE = 28
_QUICK = "softmax"  # trained at once, within a second or two, even where nobody looks


def _example():
    """Yield the points of a careless 8 with a small upper loop, for the still picture."""
    for angle in np.linspace(0, 2 * np.pi, 40):
        small = 0.5 if np.cos(angle) > 0 else 1.0
        across, down = 60 * np.sin(2 * angle) * small, 96 * np.cos(angle) * small**0.5
        yield 140 + across + 18 * np.cos(angle), 140 - down


EXAMPLE = (tuple(_example()),)


# What is computed ---------------------------------------------------------------------------------


def digit_of(strokes, pen=PEN, centred=True):
    """Return the digit that the networks see, uint8 (28, 28), or None if nothing was drawn.

    `centred` scales and centres it as the digits of MNIST are; otherwise the whole pad is seen.
    """
    drawing = draw_strokes(strokes, pen)
    if not drawing.any():
        return None
    if centred:
        return centre_like_mnist(drawing)
    square = len(drawing) // _SIDE
    return drawing.reshape(_SIDE, square, _SIDE, square).mean(axis=(1, 3)).astype(np.uint8)


class NetworkRows:
    """The networks that answer, a row for each: the learner's own, and those of the ladder."""

    def __init__(self, ladder: TrainedLadder, own=None):
        self.own = own
        self.names = list(ladder.names)
        self.training: BackgroundTraining | None = None
        self._ladder = ladder

    def labels(self) -> list[str]:
        """Return the labels of the rows, from the top."""
        return [_("your network"), *self.names] if self.own is not None else self.names

    def answers(self, image) -> list:
        """Return ten probabilities (10,) for each row, or None, or what is said in their place."""
        own = [self._own_answer(image)] if self.own is not None else []
        return own + [self._answer(name, image) for name in self.names]

    def _own_answer(self, image):
        try:
            return None if image is None else predict_probabilities(self.own, image[np.newaxis])[0]
        except UnsuitableInput as error:
            return str(error)

    def _answer(self, name, image):
        network = self._ladder.compiled(name)
        if network is not None:
            return None if image is None else predict_probabilities(network, image[np.newaxis])[0]
        share = self.training.share(name) if self.training else 0
        if self.training and self.training.error:
            return _("could not be trained: {error}").format(error=self.training.error)
        if share:
            return _("is training: {share:.0%}").format(share=share)
        return _("waits for its training")


# What is drawn ------------------------------------------------------------------------------------


class _Picture:
    """The digit as the networks see it, and a table: a row for each network, ten columns."""

    def __init__(self, figure, theme, rows):
        self._rows, self._theme = rows, theme
        self._names = rows.labels()
        count = len(self._names)
        self._colours = LinearSegmentedColormap.from_list("share", [theme.paper, theme.training])
        left, right = figure.subplots(1, 2, width_ratios=[1, 2.9])
        self._seen = left.imshow(np.zeros((28, 28)), cmap="gray_r", vmin=0, vmax=255, animated=True)
        left.set(xticks=[], yticks=[])
        left.spines[:].set_visible(True)
        left.set_title(_("as they see it"))
        left.set_xlabel(_("28 x 28"))
        self._table = right.imshow(
            np.zeros((count, 10)),
            cmap=self._colours,
            vmin=0,
            vmax=1,
            aspect="auto",
            interpolation="nearest",
            animated=True,
        )
        right.set_xticks([*range(10), 10.8], labels=[*range(10), _("answer")], fontsize=10)
        right.set_yticks(range(count), labels=self._names, fontsize=8.5)
        right.tick_params(length=0, labeltop=True, labelbottom=False)
        right.spines[:].set_visible(False)
        spare = max(0, 4 - count) / 2  # a single row need not be as high as the picture
        right.set(xlim=(-0.5, 11.7), ylim=(count - 0.5 + spare, -0.5 - spare))
        lines = right.hlines(np.arange(1, count) - 0.5, -0.5, 11.7, color=theme.grid, linewidth=0.7)
        lines.set(animated=True, zorder=1)
        place = {"ha": "center", "va": "center", "animated": True}
        self._shares = [
            [right.text(digit, row, "", fontsize=8, **place) for digit in range(10)]
            for row in range(count)
        ]
        self._answers = [
            right.text(10.8, row, "", fontsize=12, fontweight="bold", color=theme.ink, **place)
            for row in range(count)
        ]
        place["ha"] = "left"
        self._notes = [
            right.text(-0.3, row, "", fontsize=8, style="italic", color=theme.quiet, **place)
            for row in range(count)
        ]

    def __call__(self, pad, centred):
        strokes, pen = pad
        image = digit_of(strokes, pen, centred)
        self._seen.set_data(np.zeros((28, 28)) if image is None else image)
        table = np.zeros((len(self._names), 10))
        said = []
        for row, answer in enumerate(self._rows.answers(image)):
            shares = answer if isinstance(answer, np.ndarray) else np.zeros(10)
            table[row] = shares
            best = int(np.argmax(shares))
            is_known = bool(shares.any())
            note = answer if isinstance(answer, str) else ""
            for digit, text in enumerate(self._shares[row]):
                share = shares[digit]
                text.set_text(f"{100 * share:.0f}" if share >= 0.005 else "")
                text.set_fontweight("bold" if digit == best else "normal")
                text.set_color(self._theme.paper if share > 0.5 else self._theme.ink)
            self._answers[row].set_text(str(best) if is_known else "")
            self._notes[row].set_text(_shorten(note))
            if is_known:
                said.append((self._names[row], best, shares[best]))
            elif note and image is not None:
                said.append((self._names[row], note, None))
        self._table.set_data(table)
        return _describe(image, said)


def _shorten(note, most=50):
    return note if len(note) <= most else f"{note[:most]}…"


def _describe(image, said):
    if image is None:
        return _("The pad is empty: draw a digit from 0 to 9 on it.")
    parts = [
        _("{name}: {note}").format(name=name, note=answer)
        if share is None
        else _("{name}: {digit} ({share})").format(name=name, digit=answer, share=percent(share))
        for name, answer, share in said
    ]
    return _("What the networks take the drawing for. {answers}.").format(answers="; ".join(parts))


def show(
    network=None,
    *,
    centred: bool = True,
    dark: bool = False,
    live: bool | None = None,
    ladder: TrainedLadder = LADDER,
):
    """Draw a digit, and see what your own network and those of the ladder take it for.

    `network` is the learner's own: a Keras model, a run, an object with `predict(images)`, or a
    function of the images that returns ten probabilities or logits for each. The networks of the
    `ladder` are trained in the background, on the embedded sample, for a few seconds each.
    `centred` is whether the drawing is at first scaled and centred, as the digits of MNIST are.
    """
    live = front_end.has_audience() if live is None else live
    ladder.train(_QUICK)
    rows = NetworkRows(ladder, network)
    if live:
        rows.training = ladder.in_background(rows.names)
    else:
        rows.names = [name for name in rows.names if ladder.trained(name)]
    controls = {
        "pad": Pad(() if live else EXAMPLE),
        "centred": switch(_("scale and centre it, as MNIST does"), centred),
    }
    shown = playground.show(
        lambda figure, theme: _Picture(figure, theme, rows),
        controls,
        title=_("Draw your own digit"),
        question=_("What do the networks take it for?"),
        hint=_(
            "draw an 8 with a small upper loop, a 7 with a bar, a 1 with a foot. Look for a digit "
            "that one network gets wrong and a later one right; then make the pen thin. Untick the "
            "box, and draw small, in a corner."
        ),
        size=(5.6, 0.8 + 0.3 * max(5, len(rows.labels()))),
        arranged=widgets.VBox(list(controls.values())),
        beside=True,
        closing=rows.training.stop if live else None,
        dark=dark,
        live=live,
    )
    if live:
        rows.training.start(on_kernel_thread(shown.redraw))
    return shown
