"""Where is it wrong? The confusion matrix of a network, and the digits of each cell."""

import numpy as np

from course import digits
from course.drawing.number_format import percent
from course.messages import _, ngettext, sentences
from course.playgrounds import controls, playground, scene
from course.playgrounds.inputs import UnsuitableInput
from course.playgrounds.moves import one_move
from course.playgrounds.predictions import name_of, predict_probabilities
from course.playgrounds.scene import Axis, Panel, Scene, rect, text
from course.playgrounds.trained_ladder import LADDER, TrainedLadder
from course.training.examples import CLASSES, read_splits, scale_pixels

ANY = "any"  # not None: a list shows nothing for it
_COLUMNS, _ROWS = 6, 4
_MIDDLE = 4  # where the arrow keys begin when a whole row or column is chosen


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
    """Digits with a network's predictions."""

    def __init__(self, network, examples):
        self.name = name_of(network)
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

    def __init__(self, judged):
        self._judged = judged
        self._matrix = _matrix_marks(judged.matrix)

    def __call__(self, truth, answer) -> Scene:
        judged, every = self._judged, (-0.5, CLASSES)
        found = worst_first(judged.labels, judged.probabilities, truth, answer)
        left, width = every if answer == ANY else (answer - 0.5, 1)
        top, height = every if truth == ANY else (truth - 0.5, 1)
        at = [_MIDDLE if chosen == ANY else chosen for chosen in (answer, truth)]
        frame = rect(left, top, width, height, "ink", stroke=3)
        headline, worst = _headline(truth, answer, len(found)), self._worst(found)
        right = _("{network}: {right:,} of {all:,} right, {share}").format(
            network=judged.name,
            right=int(np.trace(judged.matrix)),
            all=int(judged.matrix.sum()),
            share=percent(judged.accuracy),
        )
        matrix = Panel(
            "matrix",
            Axis(-0.6, CLASSES - 0.4, _("answer"), range(CLASSES)),
            Axis(CLASSES - 0.4, -0.6, _("truth"), range(CLASSES)),
            [*self._matrix, frame],
            right,
            equal=True,
            frame=False,
            step=(1, 1),
            at=at,
        )
        digits = Panel(
            "digits",
            Axis(0, _COLUMNS, ticks=()),
            Axis(_ROWS, 0, ticks=()),
            self._digits(found[: _COLUMNS * _ROWS]),
            headline,
            worst,
            equal=True,
            frame=False,
        )
        shown = _("{said}.").format(said=headline)
        alt = sentences(*self._describe_matrix(), shown, *([worst] if worst else []))
        return Scene([matrix, digits], alt, height=350)

    def _digits(self, shown):
        """Return the digits, the truth at the lower left and a wrong answer at the lower right."""
        judged, marks = self._judged, []
        for place, index in enumerate(shown):
            row, column = divmod(place, _COLUMNS)
            truth, answer = judged.labels[index], judged.predictions[index]
            wrong = truth != answer
            image = scale_pixels(judged.images[index])
            below = {"size": 12, "base": "bottom"}
            if wrong:
                marks.append(rect(column, row, 0.97, 0.97, None, "mistake"))
            extent = (column + 0.06, row + 0.02, column + 0.92, row + 0.88)
            marks.append(scene.image(np.where(image > 0.02, image, np.nan), extent, _ink(wrong)))
            marks.append(text(column + 0.03, row + 0.99, truth, "truth", align="left", **below))
            if wrong:
                corner = column + 0.94, row + 0.99
                marks.append(text(*corner, answer, "answer", align="right", **below))
        return marks

    def _worst(self, found):
        if not len(found):
            return ""
        judged, first = self._judged, found[0]
        truth, answer = judged.labels[first], judged.predictions[first]
        shares = judged.probabilities[first]
        right, wrong = percent(shares[truth]), percent(shares[answer])
        if truth == answer:
            return _("The first: {share} for {truth}.").format(share=right, truth=truth)
        said = _("The first: {share} for {truth}, {wrong_share} for {answer}.")
        return said.format(share=right, truth=truth, wrong_share=wrong, answer=answer)

    def _describe_matrix(self):
        matrix = self._judged.matrix
        mistakes = np.where(np.eye(CLASSES, dtype=bool), 0, matrix)
        truth, answer = np.unravel_index(mistakes.argmax(), mistakes.shape)
        said = ngettext(
            "A matrix of truth and answer of {network}, of one digit: {share} right.",
            "A matrix of truth and answer of {network}: {share} of {all:,} digits are right.",
            int(matrix.sum()),
        )
        judged = self._judged
        share = percent(judged.accuracy)
        yield said.format(network=judged.name, share=share, all=int(matrix.sum()))
        if mistakes.any():
            said = ngettext(
                "The most frequent mistake, made once: truth {truth}, answer {answer}.",
                "The most frequent mistake, {count} times: truth {truth}, answer {answer}.",
                mistakes.max(),
            )
            yield said.format(count=mistakes.max(), truth=truth, answer=answer)


def _ink(wrong):
    return ("mistake" if wrong else "paper", "ink")


def _matrix_marks(matrix):
    """Return the matrix: mistakes are counted in one colour, recognised digits in another."""
    right = np.eye(CLASSES, dtype=bool)
    most = max(1, np.where(right, 0, matrix).max())
    share = matrix / np.maximum(1, matrix.sum(axis=1, keepdims=True))
    extent = (-0.5, -0.5, CLASSES - 0.5, CLASSES - 0.5)
    marks = [
        scene.image(np.where(right, np.nan, matrix / most), extent, ("paper", "test")),
        scene.image(np.where(right, 0.75 * share, np.nan), extent, ("paper", "training")),
    ]
    for (truth, answer), count in np.ndenumerate(matrix):
        deep = share[truth, answer] > 0.4 if truth == answer else count > 0.5 * most
        colour = "paper" if deep else "ink" if count else "quiet"
        marks.append(text(answer, truth, count or "·", colour))
    return marks


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
        return _("{what}: {count}, the least sure first").format(what=what, count=f"{count:,}")
    return _("{what}: {count}, the worst first").format(what=what, count=f"{count:,}")


# What is played with ------------------------------------------------------------------------------


def _judge(network, data, ladder) -> JudgedDigits:
    """Return the digits with the network's predictions, or raise UnsuitableInput."""
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
    without one, the `ladder` trains a softmax layer on the spot. `data` is (images, labels), or
    what `digits.load()` returns: then its test digits are shown.
    """
    texts = {
        "title": _("Where is it wrong?"),
        "question": _("Which digits does a network mistake for which?"),
        "hint": _(
            "click on the reddest cell: would you have known better? On the diagonal are the "
            "digits that were recognised, the least certain first. With “any” in one "
            "of the lists you see a whole row or column."
        ),
        "dark": dark,
        "live": live,
    }
    options = [(_("any"), ANY), *((str(digit), digit) for digit in range(CLASSES))]
    truth = controls.choice(_("truth"), ANY, options, width=150)
    answer = controls.choice(_("answer"), ANY, options, width=160)

    def pointed(name, x, y):
        if name != "matrix":
            return
        with one_move():
            truth.value, answer.value = (int(np.clip(round(at), 0, CLASSES - 1)) for at in (y, x))

    return playground.show(
        lambda: _Picture(_judge(network, data, ladder)),
        {"truth": truth, "answer": answer},
        pointed=pointed,
        waiting=_("The network looks at the digits…"),
        **texts,
    )
