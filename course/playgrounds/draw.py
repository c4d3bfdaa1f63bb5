"""Draw your own digit: what the networks of the ladder take it for, while you draw."""

import ipywidgets as widgets
import numpy as np

from course.drawing.centring import centre_like_mnist
from course.drawing.number_format import percent
from course.front_end import shows_live
from course.messages import _, sentences
from course.playgrounds import playground, scene
from course.playgrounds.controls import switch
from course.playgrounds.inputs import UnsuitableInput
from course.playgrounds.moves import on_kernel_thread
from course.playgrounds.pad import PEN, Pad, draw_strokes
from course.playgrounds.predictions import predict_probabilities
from course.playgrounds.scene import Axis, Panel, Scene, rect, text
from course.playgrounds.trained_ladder import LADDER, BackgroundTraining, TrainedLadder
from course.training.examples import SIDE

_QUICK = "softmax"  # trained within a second or two, even where nobody looks
_MAX_NOTE = 50  # characters of why a network gives no answer


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

    It is scaled and centred as MNIST's digits are; otherwise a pixel is a tenth of the pad's units.
    """
    drawing = draw_strokes(strokes, pen)
    if not drawing.any():
        return None
    if centred:
        return centre_like_mnist(drawing)
    fine = len(drawing) // SIDE
    return np.uint8(drawing.reshape(SIDE, fine, SIDE, fine).mean(axis=(1, 3)).round())


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

    def progress(self) -> str:
        """Say which network is in training, or "" when all are trained."""
        number = self.training.number if self.training else 0
        if not number:
            return ""
        message = _("Training the networks… ({number} of {count})")
        return message.format(number=number, count=len(self.names))

    def answers(self, image) -> list:
        """Return ten probabilities (10,) for each row, or None, or a message in their place."""
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
        return _("is waiting to be trained")


# What is drawn ------------------------------------------------------------------------------------


class _Picture:
    """The digit as the networks see it, and a table: a row for each network, ten columns."""

    def __init__(self, rows):
        self._rows, self._names = rows, rows.labels()

    def __call__(self, pad, centred) -> Scene:
        strokes, pen = pad
        image = digit_of(strokes, pen, centred)
        answers = self._rows.answers(image)
        seen = np.zeros((SIDE, SIDE)) if image is None else image / 255
        pixels = [scene.image(seen, (0, 0, SIDE, SIDE)), rect(0, 0, SIDE, SIDE)]
        note = _("scaled and centred, like MNIST") if centred else _("just as it is drawn")
        across = Axis(-0.3, SIDE + 0.3, ticks=())
        down = Axis(SIDE + 0.3, -0.3, ticks=())
        count = len(self._names)
        columns = [*((digit, str(digit)) for digit in range(10)), (10.9, _("answer"))]
        return Scene(
            [
                Panel(
                    "seen",
                    across,
                    down,
                    pixels,
                    _("as they see it"),
                    note,
                    weight=0.8,
                    equal=True,
                    frame=False,
                ),
                Panel(
                    "table",
                    Axis(-0.6, 11.7, ticks=columns),
                    Axis(max(count, 3) - 0.5, -0.5, ticks=list(enumerate(self._names))),
                    self._marks(answers),
                    _("probabilities in percent"),
                    self._rows.progress(),
                    weight=1.6,
                    full_width=400,
                    frame=False,
                ),
            ],
            self._describe(image, answers),
            height=60 + 30 * max(5, count),
        )

    def _marks(self, answers):
        count = len(answers)
        lines = [[-0.5, row - 0.5, 11.7, row - 0.5] for row in range(1, count)]
        marks = [scene.segments(np.reshape(lines, (-1, 4)), "grid")]
        shares = np.full((count, 10), np.nan)
        for row, answer in enumerate(answers):
            if isinstance(answer, np.ndarray):
                shares[row] = answer
            elif answer is not None:
                note = {"colour": "quiet", "size": 11, "align": "left"}
                marks.append(text(-0.3, row, _shorten(answer), **note))
        marks.insert(0, scene.image(shares, (-0.5, -0.5, 9.5, count - 0.5), scene.SHARE))
        for (row, digit), share in np.ndenumerate(shares):
            best = digit == shares[row].argmax()
            if share >= 0.005:
                colour = "paper" if share > 0.5 else "ink"
                marks.append(text(digit, row, f"{100 * share:.0f}", colour, bold=best))
            if best and share > 0:
                marks.append(text(10.9, row, digit, size=16, bold=True))
        return marks

    def _describe(self, image, answers):
        if image is None:
            empty = _("The pad is empty: draw a digit from 0 to 9 on it.")
            training = self._rows.progress()
            return sentences(empty, *([_("{said}.").format(said=training)] if training else []))
        parts = []
        for name, answer in zip(self._names, answers, strict=True):
            if isinstance(answer, str):
                parts.append(_("{name}: {note}").format(name=name, note=answer))
            elif answer is not None:
                best = int(np.argmax(answer))
                said = _("{name}: {digit} ({share})")
                parts.append(said.format(name=name, digit=best, share=percent(answer[best])))
        said = _("What the networks take the drawing for. {answers}.")
        return said.format(answers=_("; ").join(parts))


def _shorten(note):
    return note if len(note) <= _MAX_NOTE else f"{note[:_MAX_NOTE]}…"


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
    function of the images that returns ten probabilities or logits for each. `centred` drawings are
    scaled and moved to the middle, as MNIST's digits were; a box switches that off and on. The
    networks of the `ladder` are trained in the background, on the embedded sample, for a few
    seconds each.
    """
    live = shows_live(live)
    rows = NetworkRows(ladder, network)
    if live:
        rows.training = ladder.in_background(rows.names)
    else:
        ladder.train(_QUICK)
        rows.names = [name for name in rows.names if ladder.trained(name)]
    pad = Pad(() if live else EXAMPLE)
    centring = switch(_("scale and centre it, as MNIST does"), centred, width=280)
    shown = playground.show(
        lambda: _Picture(rows),
        {"pad": pad, "centred": centring},
        arranged=widgets.VBox([pad, centring]),
        title=_("Draw your own digit"),
        question=_("What do the networks take it for?"),
        hint=_(
            "draw an 8 with a small upper loop, a 7 with a bar, a 1 with a foot: with the mouse, a "
            "finger, or the keys (Tab moves to the pad, arrows move the pen, space puts it down "
            "and lifts it). Look for a digit that one network gets wrong and a later one right; "
            "then make the pen thin. Finally, switch scaling and centring off and draw a small "
            "digit in a corner: which network still reads it?"
        ),
        beside=True,
        closing=rows.training.stop if live else None,
        dark=dark,
        live=live,
    )
    if live:
        rows.training.start(on_kernel_thread(shown.redraw))
    return shown
