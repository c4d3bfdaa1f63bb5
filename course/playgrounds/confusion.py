"""Where is it wrong? The confusion matrix of a network, and the digits of each cell."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from course import digits
from course.drawing.mosaic import TILE, draw_mosaic
from course.drawing.number_format import percent
from course.messages import _
from course.playgrounds import controls
from course.playgrounds import figure_playground as playground
from course.playgrounds.inputs import UnsuitableInput
from course.playgrounds.moves import one_move
from course.playgrounds.predictions import predict_probabilities
from course.playgrounds.trained_ladder import LADDER, TrainedLadder
from course.training.examples import CLASSES, read_splits

ANY = "any"  # not None: a list shows nothing for it
_COLUMNS, _ROWS = 6, 4


# What is computed ---------------------------------------------------------------------------------


def confusion_matrix(labels, predictions) -> np.ndarray:
    """Return how many digits of each truth (row) got each answer (column), (10, 10)."""
    matrix = np.zeros((CLASSES, CLASSES), int)
    np.add.at(matrix, (np.asarray(labels, int), np.asarray(predictions, int)), 1)
    return matrix


def worst_first(labels, probabilities, truth=ANY, answer=ANY) -> np.ndarray:
    """Return the indices of the digits in a cell, a row or a column, the worst first.

    The worst is the one whose truth got the smallest probability. Only mistakes count, unless both
    `truth` and `answer` are given. `labels` (n,), `probabilities` (n, 10).
    """
    labels, predictions = np.asarray(labels, int), probabilities.argmax(axis=1)
    chosen = np.ones(len(labels), bool)
    if truth != ANY:
        chosen &= labels == truth
    if answer != ANY:
        chosen &= predictions == answer
    if truth == ANY or answer == ANY:
        chosen &= labels != predictions
    found = np.flatnonzero(chosen)
    of_truth = probabilities[found, labels[found]]
    return found[np.argsort(of_truth, kind="stable")]


class JudgedDigits:
    """Digits, and what a network takes them for."""

    def __init__(self, network, examples):
        self.images, self.labels = examples
        self.probabilities = predict_probabilities(network, self.images)
        self.predictions = self.probabilities.argmax(axis=1)
        self.matrix = confusion_matrix(self.labels, self.predictions)

    @property
    def accuracy(self) -> float:
        """The share of the digits that are recognised, 0..1."""
        return float(np.trace(self.matrix) / self.matrix.sum())


# What is drawn ------------------------------------------------------------------------------------


class _Picture:
    """The matrix on the left, and on the right the digits of what is chosen in it."""

    def __init__(self, figure, theme, judged):
        self._judged, self._theme = judged, theme
        self._matrix, self._digits = figure.subplots(1, 2, width_ratios=[1, 1.04])
        self._matrix.set_label("matrix")
        self._draw_matrix(judged.matrix)
        self._frame = self._matrix.add_patch(
            Rectangle((0, 0), 1, 1, fill=False, edgecolor=theme.ink, linewidth=2.5, animated=True)
        )
        axes = self._digits
        height, width = _ROWS * TILE[0], _COLUMNS * TILE[1]
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        blank = np.zeros((height, width, 4), np.uint8)
        self._mosaic = axes.imshow(blank, extent=(0, width, height, 0), animated=True)
        axes.set(xlim=(0, width), ylim=(1.1 * height, -0.18 * height))
        self._title = axes.text(
            *(0, -0.03 * height, ""), fontsize=9.5, va="bottom", color=theme.ink, animated=True
        )
        self._below = axes.text(
            *(0, 1.03 * height, ""), fontsize=8, va="top", color=theme.quiet, animated=True
        )

    def _draw_matrix(self, matrix):
        theme, axes = self._theme, self._matrix
        right = np.eye(CLASSES, dtype=bool)
        mistakes = np.where(right, 0, matrix)
        most = max(1, mistakes.max())
        # Mistakes are counted in one colour, the digits that were recognised in another.
        red = LinearSegmentedColormap.from_list("mistakes", [theme.paper, theme.test])
        blue = LinearSegmentedColormap.from_list("recognised", [theme.paper, theme.training])
        share = matrix / np.maximum(1, matrix.sum(axis=1, keepdims=True))
        colours = np.where(right[..., np.newaxis], blue(0.75 * share), red(mistakes / most))
        axes.imshow(colours)
        for (truth, answer), count in np.ndenumerate(matrix):
            deep = share[truth, answer] > 0.4 if truth == answer else count > 0.5 * most
            axes.text(
                *(answer, truth, count or "·"),
                ha="center",
                va="center",
                fontsize=8,
                color=theme.paper if deep else theme.ink if count else theme.quiet,
            )
        axes.set(xlabel=_("answer"), ylabel=_("truth"))
        axes.set(xticks=range(CLASSES), yticks=range(CLASSES))
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_title(
            _("{right:,} of {all:,} right: {share}").format(
                right=int(np.trace(matrix)),
                all=int(matrix.sum()),
                share=percent(np.trace(matrix) / matrix.sum()),
            )
        )

    def __call__(self, truth, answer):
        judged = self._judged
        found = worst_first(judged.labels, judged.probabilities, truth, answer)
        left, width = (-0.5, CLASSES) if answer == ANY else (answer - 0.5, 1)
        top, height = (-0.5, CLASSES) if truth == ANY else (truth - 0.5, 1)
        self._frame.set_bounds(left, top, width, height)
        self._show_digits(found[: _COLUMNS * _ROWS])
        title = _headline(truth, answer, len(found))
        self._title.set_text(title)
        worst = self._worst(found)
        self._below.set_text(worst)
        return f"{self._describe_matrix()} {title}. {worst}".strip()

    def _show_digits(self, shown):
        judged, (height, width) = self._judged, TILE
        tiles = np.zeros((_ROWS * height, _COLUMNS * width, 4), np.uint8)
        if len(shown):
            painted = draw_mosaic(
                judged.images[shown],
                judged.labels[shown],
                judged.predictions[shown],
                columns=_COLUMNS,
            )
            tiles[: len(painted), :, :3] = painted
        for place in range(len(shown)):  # what has no digit stays transparent
            row, column = divmod(place, _COLUMNS)
            top, left = row * height, column * width
            tiles[top : top + height - 1, left : left + width - 1, 3] = 255
        self._mosaic.set_data(tiles)

    def _worst(self, found):
        if not len(found):
            return ""
        judged, first = self._judged, found[0]
        truth, answer = judged.labels[first], judged.predictions[first]
        shares = judged.probabilities[first]
        said = _("The first: {share} for {truth}").format(share=percent(shares[truth]), truth=truth)
        if truth != answer:
            said += _(", {share} for {answer}").format(share=percent(shares[answer]), answer=answer)
        return said + "."

    def _describe_matrix(self):
        matrix = self._judged.matrix
        mistakes = np.where(np.eye(CLASSES, dtype=bool), 0, matrix)
        truth, answer = np.unravel_index(mistakes.argmax(), mistakes.shape)
        said = _("A matrix of truth and answer: {share} of {all:,} digits are right.").format(
            share=percent(self._judged.accuracy), all=int(matrix.sum())
        )
        if mistakes.any():
            said += " " + _(
                "The most frequent mistake, {count} times: truth {truth}, answer {answer}."
            ).format(count=mistakes.max(), truth=truth, answer=answer)
        return said


def _headline(truth, answer, count):
    """Return what is chosen, and how many digits that is."""
    if truth == ANY and answer == ANY:
        what = _("All mistakes")
    elif truth == ANY:
        what = _("Mistakes with the answer {answer}")
    elif answer == ANY:
        what = _("Mistakes with the truth {truth}")
    elif truth == answer:
        what = _("{truth}, recognised")
    else:
        what = _("Truth {truth}, answer {answer}")
    what = what.format(truth=truth, answer=answer)
    if not count:
        return _("{what}: none").format(what=what)
    if truth == answer and truth != ANY:
        return _("{what}: {count}, the least sure first").format(what=what, count=count)
    return _("{what}: {count}, the worst first").format(what=what, count=count)


# What is played with ------------------------------------------------------------------------------


def _judge(network, data, ladder) -> JudgedDigits:
    """Return the digits and what the network takes them for, or raise UnsuitableInput."""
    if network is None:
        network = ladder.train("softmax")
    if data is None:
        data = getattr(network, "data", None)  # of a run
    if isinstance(data, dict):
        examples = data["test"]
    elif data is None:
        examples = digits.load("embedded").test
    else:
        examples = getattr(data, "test", data)
    try:
        examples = read_splits((examples, examples))["test"]
    except (TypeError, ValueError) as error:
        raise UnsuitableInput(str(error)) from None
    return JudgedDigits(network, examples)


def show(
    network=None,
    data=None,
    *,
    dark: bool = False,
    live: bool | None = None,
    ladder: TrainedLadder = LADDER,
):
    """Click through the mistakes of a network, the worst first.

    `network` is a Keras model, a run, an object with `predict(images)` or a function of the images;
    without one, the `ladder` trains a softmax layer on the spot. `data` is (images, labels) or what
    `digits.load()` returns, of which the test digits are taken.
    """
    texts = {
        "title": _("Where is it wrong?"),
        "question": _("Which digits does a network mistake for which?"),
        "hint": _(
            "click the reddest cell: would you have known better? On the diagonal are the digits "
            "that were recognised, those that were nearly lost first. With “any” in one of the "
            "lists you see a whole row or column."
        ),
        "dark": dark,
        "live": live,
    }
    try:
        judged = _judge(network, data, ladder)
    except UnsuitableInput as error:
        return playground.refuse(error, **texts)
    options = [(_("any"), ANY), *((str(digit), digit) for digit in range(CLASSES))]
    truth = controls.choice(_("truth"), ANY, options, width=150)
    answer = controls.choice(_("answer"), ANY, options, width=160)

    def clicked(name, x, y):
        if name != "matrix":
            return
        with one_move():
            truth.value, answer.value = round(y), round(x)

    return playground.show(
        lambda figure, theme: _Picture(figure, theme, judged),
        {"truth": truth, "answer": answer},
        clicked=clicked,
        size=(8.6, 4.0),
        **texts,
    )
