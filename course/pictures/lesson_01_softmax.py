"""The pictures of lesson 1: digits as numbers, 784 pixels and 10 neurons, softmax, the mistakes."""

import numpy as np
from matplotlib.patches import Circle, Rectangle

from course.drawing.axes import frame
from course.drawing.mosaic import draw_mosaic
from course.drawing.palette import BLUE, FAINT, INK, ORANGE, PALE_BLUE, PALE_ORANGE
from course.drawing.style import SIGNED
from course.messages import _, ngettext
from course.pictures.picture import Picture, blank_axes, new_figure, styled


def digits(images, labels, columns=25) -> Picture:
    """Digits with their labels at the bottom left: uint8 (n, 28, 28), (n,)."""
    alt = ngettext(
        "{count} handwritten digit: {digits}.", "{count} handwritten digits: {digits}.", len(labels)
    ).format(count=len(labels), digits=", ".join(str(label) for label in labels))
    return Picture.from_array(draw_mosaic(images, labels, columns=columns), alt)


@styled
def pixels(image, label, rows=(6, 14), columns=(8, 20)) -> Picture:
    """One digit, and a part of it as the numbers that it is: uint8 (28, 28)."""
    canvas = new_figure(7.6, 3.4)
    whole, part = canvas.subplots(1, 2, width_ratios=[1, 1.5])
    whole.imshow(image, cmap="gray_r", vmin=0, vmax=255)
    whole.set_title(_("28 x 28 pixels: a {label}").format(label=label))
    top, bottom = rows
    left, right = columns
    whole.add_patch(
        _rectangle(left - 0.5, top - 0.5, right - left, bottom - top, edge=ORANGE, line=2)
    )
    part.imshow(image[top:bottom, left:right], cmap="gray_r", vmin=0, vmax=255, aspect="auto")
    for row, column in np.ndindex(bottom - top, right - left):
        value = int(image[top + row, left + column])
        colour = "white" if value > 130 else INK
        part.text(column, row, value, ha="center", va="center", fontsize=8, color=colour)
    part.set_title(_("the framed part, as numbers"))
    frame(whole, part)
    alt = _(
        "On the left a handwritten {label}. On the right a part of it, enlarged, with each "
        "pixel's number: 0 where the paper is empty, up to 255 where the ink is darkest."
    )
    return Picture.from_figure(canvas, alt.format(label=label))


@styled
def pixels_meet_neurons(image, label) -> Picture:
    """How the 784 pixels of one digit (28, 28) meet the ten neurons of the layer."""
    canvas, axes = blank_axes(7.6, 3.8, xlim=(0, 10), ylim=(0, 5), aspect="equal")
    axes.imshow(image, cmap="gray_r", extent=(0.1, 2.3, 1.4, 3.6), zorder=2)
    axes.add_patch(_rectangle(0.1, 1.4, 2.2, 2.2))
    axes.text(1.2, 1.1, _("one digit\n28 x 28"), ha="center", va="top")
    axes.annotate("", (3.3, 2.5), (2.45, 2.5), arrowprops={"arrowstyle": "->", "color": INK})
    strip = np.repeat(image.reshape(-1)[:, np.newaxis], 2, axis=1)
    axes.imshow(
        strip, cmap="gray_r", extent=(3.5, 3.75, 0.5, 4.5), zorder=3, interpolation="nearest"
    )
    axes.add_patch(_rectangle(3.5, 0.5, 0.25, 4.0))
    axes.text(3.62, 0.3, _("X: 784\npixels in a row"), ha="center", va="top")
    heights = np.linspace(4.45, 0.55, 10)
    for neuron, height in enumerate(heights):
        chosen = neuron == label
        for start in np.linspace(4.4, 0.6, 15):
            axes.plot(
                [3.78, 6.3],
                [start, height],
                color=BLUE if chosen else FAINT,
                linewidth=0.8 if chosen else 0.3,
                zorder=2 if chosen else 1,
            )
        axes.add_patch(_circle(6.45, height, BLUE if chosen else PALE_BLUE))
        axes.text(
            6.45,
            height,
            neuron,
            ha="center",
            va="center",
            color="white" if chosen else INK,
            zorder=5,
        )
    axes.text(5.0, 4.85, _("W: 784 x 10 weights, one on each line"), ha="center")
    axes.text(6.45, 0.12, _("10 neurons, each with\nits bias b"), ha="center", va="top")
    axes.annotate("", (7.8, 2.5), (6.9, 2.5), arrowprops={"arrowstyle": "->", "color": INK})
    axes.text(7.35, 2.65, "softmax", ha="center")
    shares = np.full(10, 0.02)
    shares[label] = 0.82
    for height, share, digit in zip(heights, shares, range(10), strict=True):
        colour = BLUE if digit == label else PALE_BLUE
        axes.barh(height, 1.6 * share, left=8.0, height=0.26, color=colour)
    axes.text(8.8, 0.12, _("Y: 10\nprobabilities"), ha="center", va="top")
    alt = _(
        "The 28 x 28 pixels of a {label} are laid out in one row of 784. Lines, the weights, lead "
        "from every pixel to each of ten neurons, 0 to 9. Softmax turns the ten sums into ten "
        "probabilities; that of {label} is the largest."
    )
    return Picture.from_figure(canvas, alt.format(label=label))


@styled
def row_times_column() -> Picture:
    """How one number of X·W comes about: a row of X times a column of W, added up."""
    X = np.array([[1, 0, 2], [0, 1, 1], [3, 1, 0], [2, 2, 1]])
    W = np.array([[1, 2], [0, 3], [4, 1]])
    row, column = 2, 1
    canvas, axes = blank_axes(7.6, 2.9, xlim=(-0.2, 14.2), ylim=(-1.4, 4.3), aspect="equal")
    _table(axes, 0, X, PALE_BLUE, chosen=(row, None))
    axes.text(3.6, 2, "·", ha="center", va="center", fontsize=20)
    _table(axes, 4.2, W, PALE_ORANGE, top=3.5, chosen=(None, column))
    axes.text(6.8, 2, "=", ha="center", va="center", fontsize=16)
    _table(axes, 7.4, X @ W, PALE_BLUE, chosen=(row, column))
    for x, text in (
        (1.5, _("X (4, 3)\na row for each\nexample")),
        (5.2, _("W (3, 2)\na column for\neach neuron")),
        (8.4, _("X·W (4, 2)\neach example,\neach neuron")),
    ):
        axes.text(x, -0.15, text, ha="center", va="top")
    products = " + ".join(f"{x}·{w}" for x, w in zip(X[row], W[:, column], strict=True))
    told = f"{products} = {X[row] @ W[:, column]}"
    axes.text(
        9.9,
        2,
        _("row {row} times column {column}:\n{sum}").format(row=row, column=column, sum=told),
        va="center",
    )
    alt = _(
        "A matrix X of 4 rows and 3 columns, times a matrix W of 3 rows and 2 columns, gives 4 "
        "rows and 2 columns. The number in row {row} and column {column} of the result is row "
        "{row} of X times column {column} of W, added up: {sum}. Both are counted from 0."
    ).format(row=row, column=column, sum=told)
    return Picture.from_figure(canvas, alt)


@styled
def broadcasting() -> Picture:
    """A row of biases added to every row of a table of sums."""
    sums = np.array([[3, 1, 4], [1, 5, 9], [2, 6, 5], [3, 5, 8]])
    biases = np.array([10, 20, 30])
    canvas, axes = blank_axes(7.6, 2.5, xlim=(-0.2, 14.2), ylim=(-1.2, 4.6), aspect="equal")
    _table(axes, 0, sums, PALE_BLUE)
    axes.text(3.6, 2, "+", ha="center", va="center", fontsize=16)
    _table(axes, 4.2, np.tile(biases, (4, 1)), PALE_ORANGE, faded=True)
    axes.text(7.8, 2, "=", ha="center", va="center", fontsize=16)
    _table(axes, 8.4, sums + biases, PALE_BLUE)
    for x, text in (
        (1.5, _("X·W\n(4, 3)")),
        (5.7, _("b (3,)\nthe same in every row")),
        (9.9, _("X·W + b\n(4, 3)")),
    ):
        axes.text(x, -0.15, text, ha="center", va="top")
    axes.text(
        11.7,
        2,
        _("4 examples,\n3 neurons:\nneuron j gets b[j]\nin every row"),
        va="center",
    )
    alt = _(
        "A table of 4 rows and 3 columns, plus the row of biases 10, 20, 30, gives a table of 4 "
        "rows and 3 columns: the one row of biases was added to each of the four rows."
    )
    return Picture.from_figure(canvas, alt)


@styled
def weights(W) -> Picture:
    """The ten columns of W (784, 10) as ten images of 28 x 28."""
    W = np.asarray(W)
    limit = np.abs(W).max() or 1
    canvas = new_figure(7.6, 3.5)
    for digit, axes in enumerate(canvas.subplots(2, 5).flat):
        shown = axes.imshow(W[:, digit].reshape(28, 28), cmap=SIGNED, vmin=-limit, vmax=limit)
        axes.set_title(str(digit))
        frame(axes)
    bar = canvas.colorbar(shown, ax=canvas.axes, shrink=0.8, ticks=[-limit, 0, limit])
    bar.set_ticklabels([_("against"), _("nothing"), _("in favour")])
    alt = _(
        "Ten images, one for each digit: blue where ink speaks for that digit, orange where ink "
        "speaks against it. Some look like the ghost of their digit; in the 0 the middle is orange."
    )
    return Picture.from_figure(canvas, alt)


def mistakes_first(images, labels, predictions, columns=28) -> Picture:
    """All test digits, the mistakes first and on red: uint8 (n, 28, 28), (n,), (n,).

    They must come in the order in which they are shown.
    """
    wrong = int(np.count_nonzero(np.asarray(labels) != np.asarray(predictions)))
    alt = _(
        "{count:,} test digits. The {wrong:,} mistaken ones are on red, with the truth at the "
        "bottom left and the network's answer at the bottom right."
    ).format(count=len(labels), wrong=wrong)
    return Picture.from_array(draw_mosaic(images, labels, predictions, columns=columns), alt)


@styled
def doubts(images, labels, probabilities, count=5) -> Picture:
    """The first few digits with the network's ten probabilities for each: (n, 28, 28), (n, 10)."""
    canvas = new_figure(7.6, 3.2)
    probabilities = np.asarray(probabilities)[:count]
    columns = canvas.subplots(2, count, sharey="row", height_ratios=[1, 1], squeeze=False)
    said = []
    for (top, bottom), image, label, row in zip(
        columns.T, images, labels, probabilities, strict=False
    ):
        answer = int(row.argmax())
        top.imshow(image, cmap="gray_r", vmin=0, vmax=255)
        top.set(title=_("{label}, read as {answer}").format(label=label, answer=answer))
        top.axis("off")
        colours = [ORANGE if digit == answer else PALE_BLUE for digit in range(10)]
        colours[int(label)] = BLUE
        bottom.bar(range(10), row, color=colours)
        bottom.set_xticks(range(10))
        bottom.tick_params(labelsize=7)
        bottom.set_ylim(0, 1)
        said.append(
            _("a {label} read as {answer} ({share:.0%})").format(
                label=label, answer=answer, share=row[answer]
            )
        )
    columns[1][0].set_ylabel(_("probability"))
    alt = _("Digits with the probabilities that the network gives them: {list}.")
    return Picture.from_figure(canvas, alt.format(list=_("; ").join(said)))


# Parts --------------------------------------------------------------------------------------------


def _rectangle(x, y, width, height, edge=INK, face="none", line=1.0):
    return Rectangle(
        (x, y), width, height, edgecolor=edge, facecolor=face, linewidth=line, zorder=4
    )


def _circle(x, y, colour):
    return Circle((x, y), 0.17, facecolor=colour, edgecolor=INK, linewidth=0.6, zorder=4)


def _table(axes, left, values, colour, top=4.0, faded=False, chosen=(None, None)):
    """Draw a matrix as squares; `chosen` frames a row, a column, or where they meet."""
    for (row, column), value in np.ndenumerate(values):
        pale = faded and row > 0
        corner = left + column, top - 1 - row
        patch = _rectangle(*corner, 1, 1, edge="white", face=colour, line=2)
        patch.set_alpha(0.45 if pale else 1)
        axes.add_patch(patch)
        place = corner[0] + 0.5, corner[1] + 0.5
        alpha = 0.45 if pale else 1
        axes.text(*place, value, ha="center", va="center", alpha=alpha, zorder=5)
    if chosen != (None, None):
        rows, columns = values.shape
        row, column = chosen
        x, width = (left, columns) if column is None else (left + column, 1)
        y, height = (top - rows, rows) if row is None else (top - 1 - row, 1)
        axes.add_patch(_rectangle(x, y, width, height, edge=ORANGE, line=2.5))
