"""Draw your own digit: what the network of each lesson takes it for, while you draw."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from course import front_end, networks
from course.drawing.centring import centre_like_mnist
from course.drawing.number_format import percent
from course.messages import _
from course.playgrounds import playground, rungs
from course.playgrounds.answers import answers
from course.playgrounds.pad import PEN, Pad, ink
from course.playgrounds.playground import Unsuitable

_QUICK = "softmax"  # trained at once, within a second or two, even where nobody looks


def _example():
    """An 8 with a small upper loop, drawn without care, for the picture that nobody draws."""
    for angle in np.linspace(0, 2 * np.pi, 40):
        small = 0.5 if np.cos(angle) > 0 else 1.0
        across, down = 60 * np.sin(2 * angle) * small, 96 * np.cos(angle) * small**0.5
        yield 140 + across + 18 * np.cos(angle), 140 - down


EXAMPLE = (tuple(_example()),)


# What is computed ---------------------------------------------------------------------------------


def seen(strokes, pen=PEN):
    """The digit that the networks see, uint8 (28, 28), or None when nothing was drawn."""
    drawing = ink(strokes, pen)
    return centre_like_mnist(drawing) if drawing.any() else None


class Panel:
    """The networks that are asked: the learner's own, and the rungs that are trained so far."""

    def __init__(self, network=None):
        self.own = network
        self.names = [*networks.LADDER]
        self.training = None

    def rows(self) -> list[str]:
        """The names, from the top."""
        return [_("your network"), *self.names] if self.own is not None else self.names

    def ask(self, image):
        """For every row the ten probabilities (10,), or the words that stand there instead."""
        rows = [self._own(image)] if self.own is not None else []
        return rows + [self._rung(name, image) for name in self.names]

    def _own(self, image):
        try:
            return None if image is None else answers(self.own, image[np.newaxis])[0]
        except Unsuitable as error:
            return str(error)

    def _rung(self, name, image):
        network = rungs.asked(name)
        if network is not None:
            return None if image is None else answers(network, image[np.newaxis])[0]
        share = self.training.share(name) if self.training else 0
        if self.training and self.training.error:
            return _("could not be trained: {error}").format(error=self.training.error)
        return (
            _("is training: {share:.0%}").format(share=share)
            if share
            else _("waits for its training")
        )


# What is drawn ------------------------------------------------------------------------------------


class _Picture:
    """The digit as the networks see it, and a table: a row for each network, ten columns."""

    def __init__(self, figure, theme, panel):
        self._panel, self._theme = panel, theme
        self._names = panel.rows()
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

    def __call__(self, pad):
        strokes, pen = pad
        image = seen(strokes, pen)
        self._seen.set_data(np.zeros((28, 28)) if image is None else image)
        table = np.zeros((len(self._names), 10))
        said, waiting = [], 0
        for row, answer in enumerate(self._panel.ask(image)):
            shares = answer if isinstance(answer, np.ndarray) else np.zeros(10)
            table[row] = shares
            best = int(np.argmax(shares))
            known = bool(shares.any())
            note = answer if isinstance(answer, str) else ""
            waiting += bool(note)
            for digit, text in enumerate(self._shares[row]):
                share = shares[digit]
                text.set_text(f"{100 * share:.0f}" if share >= 0.005 else "")
                text.set_fontweight("bold" if digit == best else "normal")
                text.set_color(self._theme.paper if share > 0.5 else self._theme.ink)
            self._answers[row].set_text(str(best) if known else "")
            self._notes[row].set_text(_shortened(note))
            if known:
                said.append((self._names[row], best, shares[best]))
            elif note and image is not None:
                said.append((self._names[row], note, None))
        self._table.set_data(table)
        return _describe(image, said)


def _shortened(note, most=50):
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


def show(network=None, *, dark: bool = False, live: bool | None = None):
    """Draw a digit, and see what the networks of the ladder take it for, and your own.

    `network` is the learner's own: a Keras model, a run, an object with `predict(images)`, or a
    function of the images that returns ten probabilities or logits for each. The ladder is trained
    in the background, on the embedded sample, for some seconds.
    """
    live = front_end.has_audience() if live is None else live
    rungs.train(_QUICK)
    panel = Panel(network)
    if live:
        panel.training = rungs.Training(panel.names)
    else:
        panel.names = [name for name in panel.names if rungs.known(name)]
    shown = playground.show(
        lambda figure, theme: _Picture(figure, theme, panel),
        {"pad": Pad(() if live else EXAMPLE)},
        title=_("Draw your own digit"),
        question=_("What do the networks take it for?"),
        hint=_(
            "draw an 8 with a small upper loop, a 7 with a bar, a 1 with a foot. Look for a digit "
            "that one network gets wrong and a later one right; then make the pen thin."
        ),
        size=(5.6, 0.8 + 0.3 * max(5, len(panel.rows()))),
        beside=True,
        closing=panel.training.stop if live else None,
        dark=dark,
        live=live,
    )
    if live:
        panel.training.start(playground.in_time(shown.redraw))
    return shown
