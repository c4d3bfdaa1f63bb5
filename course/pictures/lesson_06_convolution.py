"""The pictures of lesson 6: filters at work, pooling, batch norm, and the inside of a convnet."""

import math

import matplotlib
import numpy as np
import scipy.special
from matplotlib.patches import Rectangle

import course.backend  # noqa: F401 (TensorFlow, which the notebook imports next, starts silently)
from course.check.references.lesson_06_convolution import zeros_around
from course.drawing import mosaic
from course.drawing.axes import frame
from course.drawing.font_digits import FONTS, draw_font_digits, draw_font_letters
from course.drawing.palette import BLUE, FAINT, INK, ORANGE, PALE_BLUE, PALE_ORANGE
from course.drawing.style import SIGNED
from course.messages import _, ngettext
from course.pictures.picture import Picture, blank_axes, new_figure, styled

_TILE = (60, 57)  # twice the small print's usual size
_LAST_COLOURS = "#8f9010", "#0f8f9c"  # of 8 and 9: darker than their own, clear on dark pages, too


@styled
def scrambled(images, order, labels, count=8) -> Picture:
    """The first digits, and below them the same with their 784 pixels in another order."""
    labels, images = np.asarray(labels)[:count], np.asarray(images)[:count]
    others = images.reshape(len(images), -1)[:, order].reshape(images.shape)
    canvas = new_figure(7.6, 2.2)
    rows = canvas.subplots(2, len(images), squeeze=False)
    for axes, image in zip(rows.flat, [*images, *others], strict=True):
        axes.imshow(image, cmap="gray_r", vmin=0, vmax=255)
        frame(axes)
    for axes, label in zip(rows[0], labels, strict=True):
        axes.set_title(label)
    alt = _(
        "In the upper row the digits {digits}. In the lower row the same with their pixels "
        "scrambled, which look like noise."
    )
    return Picture.from_figure(canvas, alt.format(digits=", ".join(map(str, labels))))


def font_digits(network) -> Picture:
    """Printed digits of 20 fonts, read by a network of images (n, 28, 28, 1): mistakes first."""
    images, labels = draw_font_digits()
    answers = _answers(network, images)
    wrong = int(np.count_nonzero(answers != labels))
    alt = _(
        "{count} printed digits, 0 to 9 in 20 fonts. The network recognises {share:.0%} of them. "
        "Its mistakes come first, {wrong} in all, on red, with the truth at the bottom left and "
        "the network's answer at the bottom right."
    ).format(count=len(labels), share=1 - wrong / len(labels), wrong=wrong)
    order = mosaic.order_wrong_first(labels, answers)
    return Picture.from_array(_tiles(images[order], labels[order], answers[order], 13), alt)


def read_digits(images, labels, answers) -> Picture:
    """Digits uint8 (n, 28, 28) in the given order, the mistakes on red with a network's answer."""
    labels, answers = np.asarray(labels), np.asarray(answers)
    said = [
        _("a {truth} taken for a {answer}").format(truth=truth, answer=answer)
        for truth, answer in zip(labels, answers, strict=True)
        if truth != answer
    ]
    count, wrong = len(labels), len(said)
    alt = _("{digits}, with {mistakes}: {said}.").format(
        digits=ngettext("{count} digit", "{count} digits", count).format(count=count),
        mistakes=ngettext("{count} mistake", "{count} mistakes", wrong).format(count=wrong),
        said=", ".join(said) or _("none"),
    )
    return Picture.from_array(_tiles(np.asarray(images), labels, answers, 12), alt)


def other_hands(sevens):
    """Return 7s uint8 (n, 28, 28) as four groups of people would write them, by their letters."""
    thick = np.maximum(sevens, np.roll(sevens, 1, axis=2))
    crossed = sevens.copy()
    crossed[:, 13:15, 8:20] = 255
    return {"A": sevens, "B": thick, "C": crossed, "D": sevens // 2}


def printed_letters():
    """Return images uint8 (520, 28, 28), labels (A is 0), and the number of each one's font."""
    images, labels = draw_font_letters()
    return images, labels, np.repeat(np.arange(len(FONTS)), 26)


@styled
def one_place(image, kernel, row, column) -> Picture:
    """A filter (kh, kw) on one window of an image (h, w): the products, added up."""
    image, kernel = np.asarray(image), np.asarray(kernel)
    kh, kw = kernel.shape
    window = image[row : row + kh, column : column + kw]
    h, w = image.shape
    limits = {"xlim": (-0.1, w + 2 * kw + 5.6), "ylim": (h + 0.1, -0.9)}
    canvas, axes = blank_axes(7.6, 2.4, **limits, aspect="equal")
    _numbers(axes, 0, 0, image)
    axes.add_patch(Rectangle((column, row), kw, kh, fill=False, edgecolor=ORANGE, linewidth=2.5))
    top = (h - kh) / 2
    _numbers(axes, w + 1, top, kernel, signed=True)
    _numbers(axes, w + kw + 2, top, window * kernel, signed=True)
    total = f"{(window * kernel).sum():zg}"
    middle = h / 2
    axes.text(w + 0.5, middle, "·", ha="center", va="center", fontsize=14)
    axes.text(w + kw + 1.5, middle, "=", ha="center", va="center", fontsize=14)
    end = w + 2 * kw + 2.3
    axes.text(end, middle, _("added up: {total}").format(total=total), va="center", fontsize=11)
    for x, text in (
        (w / 2, _("image")),
        (w + 1 + kw / 2, _("filter")),
        (w + kw + 2 + kw / 2, _("products")),
    ):
        axes.text(x, -0.3, text, ha="center")
    alt = _(
        "An image of {h} x {w} numbers with a frame around {kh} x {kw} of them, the filter's "
        "{kh} x {kw} weights, and their products, which add up to {total}."
    )
    return Picture.from_figure(canvas, alt.format(h=h, w=w, kh=kh, kw=kw, total=total))


@styled
def padding_and_stride(cases=((5, 3, 1), (5, 3, 2), (6, 3, 2))) -> Picture:
    """Where a window stands on a row of pixels: cases of (pixels, window, stride)."""
    canvas = new_figure(7.6, 3.4)
    columns = canvas.subplots(1, len(cases))
    said = []
    for axes, (length, size, stride) in zip(columns, cases, strict=True):
        places = math.ceil(length / stride)
        before, after = zeros_around(length, size, stride)
        axes.set(xlim=(-before - 0.6, length + after + 0.6), ylim=(5.6, -1.2))
        axes.set_title(
            _("{length} pixels, window {size}, stride {stride}").format(
                length=length, size=size, stride=stride
            ),
            fontsize=9,
        )
        axes.axis("off")
        for x in range(-before, length + after):
            inside = 0 <= x < length
            axes.add_patch(
                Rectangle(
                    (x, -0.9), 1, 0.9, facecolor=PALE_BLUE if inside else "white", edgecolor=INK
                )
            )
            axes.text(x + 0.5, -0.45, "" if inside else "0", ha="center", va="center")
        for place in range(places):
            start = place * stride - before
            axes.add_patch(
                Rectangle(
                    (start + 0.06, place + 0.25),
                    size - 0.12,
                    0.5,
                    facecolor=PALE_ORANGE,
                    edgecolor=ORANGE,
                )
            )
        axes.text(
            length / 2,
            places + 0.35,
            _("{count} places").format(count=places),
            ha="center",
            va="center",
        )
        said.append(
            ngettext(
                "{length} pixels and stride {stride}: {before} zero before, {after} after, "
                "{places} places",
                "{length} pixels and stride {stride}: {before} zeros before, {after} after, "
                "{places} places",
                before,
            ).format(
                length=length,
                stride=stride,
                before=before,
                after=after,
                places=places,
            )
        )
    alt = _("A window of three pixels on rows of pixels. {cases}.")
    return Picture.from_figure(canvas, alt.format(cases=_("; ").join(said)))


@styled
def feature_maps(image, filters, convolve) -> Picture:
    """A digit (28, 28), and its feature maps by `convolve` for filters {name: (kh, kw)}."""
    pixels = np.asarray(image, np.float32)[:, :, np.newaxis] / 255
    canvas = new_figure(7.6, 3.2)
    columns = canvas.subplots(2, len(filters) + 1, squeeze=False)
    columns[0, 0].axis("off")
    columns[1, 0].imshow(image, cmap="gray_r", vmin=0, vmax=255)
    columns[1, 0].set_title(_("the digit"), fontsize=9)
    for (top, bottom), (name, kernel) in zip(columns.T[1:], filters.items(), strict=True):
        kernel = np.asarray(kernel, np.float32)
        answer = np.asarray(convolve(pixels, kernel[:, :, np.newaxis, np.newaxis]))[:, :, 0]
        _signed(top, kernel)
        for (row, column), weight in np.ndenumerate(kernel):
            if kernel.size <= 9:
                _number(top, column, row, weight, np.abs(kernel).max())
        top.set_title(name, fontsize=9)
        _signed(bottom, answer)
    for axes in columns.flat:
        frame(axes)
    alt = _(
        "A handwritten digit and its feature maps under the filters {names}: blue where the window "
        "looks like the filter, orange where it looks like its opposite, no colour where neither."
    )
    return Picture.from_figure(canvas, alt.format(names=", ".join(filters)))


@styled
def pooled(image, kernel, convolve, pool) -> Picture:
    """A feature map, pooled twice, of a digit (28, 28) and of its copy one pixel to the right."""
    canvas = new_figure(7.6, 3.9)
    rows = canvas.subplots(2, 4)
    kernel = np.asarray(kernel, np.float32)[:, :, np.newaxis, np.newaxis]
    final = []
    for row, picture, name in zip(
        rows, (image, np.roll(image, 1, axis=1)), (_("digit"), _("1 to the right")), strict=True
    ):
        pixels = np.asarray(picture, np.float32)[:, :, np.newaxis] / 255
        answer = np.maximum(np.asarray(convolve(pixels, kernel)), 0)
        half = np.asarray(pool(answer))
        quarter = np.asarray(pool(half))
        final.append(quarter)
        row[0].imshow(picture, cmap="gray_r", vmin=0, vmax=255)
        for axes, shown in zip(row[1:], (answer, half, quarter), strict=True):
            axes.imshow(shown[:, :, 0], cmap=SIGNED, vmin=-answer.max(), vmax=answer.max())
            axes.set_title("{} x {}".format(*shown.shape[:2]), fontsize=9)
        row[0].set_title(name, fontsize=9)
    for axes in rows.flat:
        frame(axes)
    alt = _(
        "Above, a digit, its feature map of 28 x 28 values, and the same pooled to 14 x 14 and "
        "to 7 x 7. Below, the same for the digit shifted by a pixel: the smaller the maps, the "
        "more they look like those above."
    )
    return Picture.from_figure(canvas, alt)


@styled
def spreads(X, normalise=None, scales=(0.5, 1.0, 2.0), layers=5, neurons=100) -> Picture:
    """How the sums in a stack of random layers spread, for starting weights of three sizes.

    X (n, d); with `normalise` (the exercise `batch_norm`) each layer's sums are normalised.
    """
    canvas = new_figure(7.6, 3.6)
    rows = canvas.subplots(len(scales), layers, squeeze=False, sharey="row")
    said = []
    for place, (row, scale) in enumerate(zip(rows, scales, strict=True), start=1):
        rng = np.random.default_rng(0)
        values = np.asarray(X, np.float32)
        for number, axes in enumerate(row, start=1):
            spread = scale * math.sqrt(2 / values.shape[1])
            W = rng.normal(0, spread, (values.shape[1], neurons)).astype(np.float32)
            sums = values @ W
            if normalise is not None:
                zeros, ones = np.zeros(neurons, np.float32), np.ones(neurons, np.float32)
                sums = np.asarray(normalise(sums, ones, zeros, zeros, ones, True)[0])
            values = np.maximum(sums, 0)
            deviation = float(sums.std())
            axes.hist(np.clip(sums, -6, 6).ravel(), bins=np.linspace(-6, 6, 41), color=BLUE)
            axes.set(yticks=[], xlim=(-6, 6), xticks=[-5, 0, 5])
            axes.margins(y=0.3)
            axes.tick_params(labelsize=7)
            axes.text(
                0.97,
                0.9,
                f"± {deviation:.2g}",
                transform=axes.transAxes,
                ha="right",
                va="top",
                fontsize=8,
            )
            if place == 1:
                axes.set_title(_("layer {number}").format(number=number), fontsize=9)
            if place < len(scales):
                axes.set_xticklabels([])
        row[0].set_ylabel(_("weights · {scale:g}").format(scale=scale), fontsize=8)
        said.append(
            _("weights times {scale:g}: {deviation:.2g} in the last layer").format(
                scale=scale, deviation=deviation
            )
        )
    alt = _(
        "Histograms of the sums in {layers} layers in a row. Their standard deviation with {said}."
    )
    return Picture.from_figure(canvas, alt.format(layers=layers, said=_("; ").join(said)))


@styled
def filters(kernel) -> Picture:
    """The filters (kh, kw, 1, out) of a first layer, as small images."""
    kernel = np.asarray(kernel)[:, :, 0]
    count = kernel.shape[-1]
    canvas = new_figure(7.6, 1.7)
    limit = np.abs(kernel).max() or 1
    for number, axes in enumerate(canvas.subplots(1, count, squeeze=False)[0]):
        axes.imshow(kernel[..., number], cmap=SIGNED, vmin=-limit, vmax=limit)
        frame(axes)
        axes.set_title(_("filter {number}").format(number=number + 1), fontsize=9)
    alt = _(
        "{count} filters as small images, blue for positive and orange for negative weights. One "
        "with a blue half beside an orange half looks for edges in that direction."
    )
    return Picture.from_figure(canvas, alt.format(count=count))


@styled
def activations(model, image) -> Picture:
    """The maps of each convolution of a network for one digit (28, 28), after its activation."""
    value = np.asarray(image, np.float32)[np.newaxis, :, :, np.newaxis] / 255
    stages = [(_("the digit"), np.asarray(value))]
    for layer in model.layers:
        if len(value.shape) == 4 and len(layer.output.shape) != 4:
            break
        value = layer(value)
        if layer.weights:
            stages.append((_("layer {number}").format(number=len(stages)), None))
        stages[-1] = (stages[-1][0], np.asarray(value))
    canvas = new_figure(7.6, 4.6)
    columns = max(min(maps.shape[-1], 12) for _name, maps in stages)
    heights = [math.ceil(maps.shape[-1] / columns) for _name, maps in stages]
    grid = canvas.add_gridspec(sum(heights), columns)
    row = 0
    said = []
    for (name, maps), height in zip(stages, heights, strict=True):
        most = maps.max() or 1
        for number in range(maps.shape[-1]):
            axes = canvas.add_subplot(grid[row + number // columns, number % columns])
            axes.imshow(maps[0, :, :, number], cmap=SIGNED, vmin=-most, vmax=most)
            frame(axes)
            if number == 0:
                size = "{} x {}".format(*maps.shape[1:3])
                axes.set_title(f"{name}, {size}", fontsize=8, loc="left")
            elif number == columns:
                axes.set_title(_("{name}, continued").format(name=name), fontsize=8, loc="left")
        said.append(
            _("{name}: {count} of {size}").format(
                name=name, count=maps.shape[-1], size="{} x {}".format(*maps.shape[1:3])
            )
        )
        row += height
    alt = _(
        "What one digit looks like inside the network, layer by layer: {said}. The first maps "
        "still show the digit's edges; the last ones are coarse spots."
    )
    return Picture.from_figure(canvas, alt.format(said=_("; ").join(said)))


@styled
def occlusion(network, image, label, saliency, size=7) -> Picture:
    """How sure a network is of a digit (28, 28) while a white square covers a part of it.

    The darker a place of the map, the less probability the right class keeps when the square of
    `size` pixels has its centre there. The network gives logits for images (n, 28, 28, 1);
    `saliency` (28, 28) is the gradient of the label's logit with respect to the pixels.
    """
    pixels = np.asarray(image, np.float32) / 255
    places = 28 - size + 1
    covered = np.repeat(pixels[np.newaxis], places * places, axis=0)
    for number, one in enumerate(covered):
        top, left = divmod(number, places)
        one[top : top + size, left : left + size] = 0
    logits = np.asarray(network(covered[..., np.newaxis], training=False), np.float64)
    kept = scipy.special.softmax(logits, axis=1)[:, label].reshape(places, places)
    canvas = new_figure(7.6, 2.4)
    digit, chart, slopes = canvas.subplots(1, 3)
    digit.imshow(image, cmap="gray_r", vmin=0, vmax=255)
    edge = (size - 1) / 2
    drawn = chart.imshow(
        kept, cmap="Blues_r", vmin=0, vmax=1, extent=(edge, 27 - edge, 27 - edge, edge)
    )
    chart.contour(pixels, levels=[0.5], colors=[ORANGE], linewidths=0.8)
    chart.set(xlim=(-0.5, 27.5), ylim=(27.5, -0.5))
    canvas.colorbar(drawn, ax=chart)
    digit.set_title(_("the digit"))
    chart.set_title(_("probability of {label}").format(label=label))
    _signed(slopes, np.asarray(saliency))
    slopes.set_title(_("saliency"))
    frame(digit, chart, slopes)
    row, column = np.unravel_index(kept.argmin(), kept.shape)
    down, across = np.unravel_index(np.abs(saliency).argmax(), np.shape(saliency))
    alt = _(
        "A handwritten {label}, and beside it a map of the probability that the network gives to "
        "{label} while a square of {size} x {size} pixels is covered. It is lowest, {lowest:.2f}, "
        "with the square's top left corner in row {row}, column {column}; {share:.0%} of the "
        "places leave it above a half. On the right the gradient of the logit with respect to the "
        "pixels, which is largest in row {down}, column {across}."
    ).format(
        label=label,
        size=size,
        lowest=kept.min(),
        row=row,
        column=column,
        share=np.mean(kept > 0.5),
        down=down,
        across=across,
    )
    return Picture.from_figure(canvas, alt)


@styled
def plane(points, labels) -> Picture:
    """Points (n, 2) in a plane, each drawn as the digit that it stands for."""
    points, labels = np.asarray(points), np.asarray(labels)
    canvas = new_figure(6.2, 4.4)
    axes = canvas.subplots()
    colours = [*matplotlib.colormaps["tab10"].colors[:8], *_LAST_COLOURS]
    centres = []
    for digit in range(10):
        own = points[labels == digit]
        axes.scatter(*own.T, marker=f"${digit}$", s=28, linewidths=0.3, color=colours[digit])
        if len(own):
            x, y = own.mean(axis=0)
            centres.append(f"{digit} ({x:.0f}, {y:.0f})")
    axes.set(xlabel=_("first component"), ylabel=_("second component"))
    alt = _(
        "Points in a plane, {count} in all, each drawn as the digit that it is. Equal digits form "
        "clouds, of which some overlap. The centres: {centres}."
    )
    return Picture.from_figure(canvas, alt.format(count=len(labels), centres=", ".join(centres)))


# Parts --------------------------------------------------------------------------------------------


def _answers(network, images):
    return np.asarray(network(images[..., np.newaxis] / np.float32(255), training=False)).argmax(
        axis=1
    )


def _tiles(images, labels, answers, columns):
    ink = mosaic.scale_ink(images, mosaic.digit_side(_TILE))
    return mosaic.paint_tiles(ink, labels, answers, columns=columns, tile=_TILE)


def _signed(axes, values):
    limit = np.abs(values).max() or 1
    axes.imshow(values, cmap=SIGNED, vmin=-limit, vmax=limit)


def _number(axes, x, y, value, limit):
    dark = abs(value) > 0.6 * limit
    axes.text(
        x, y, f"{value:zg}", ha="center", va="center", fontsize=8, color="white" if dark else INK
    )


def _numbers(axes, left, top, values, signed=False):
    """A table of numbers on tiles; signed ones in the colours of weights."""
    limit = np.abs(values).max() or 1
    for (row, column), value in np.ndenumerate(values):
        colour = SIGNED(0.5 + value / limit / 2) if signed else PALE_BLUE if value else "white"
        axes.add_patch(
            Rectangle((left + column, top + row), 1, 1, facecolor=colour, edgecolor=FAINT)
        )
        dark = signed and abs(value) > 0.6 * limit
        axes.text(
            left + column + 0.5,
            top + row + 0.5,
            f"{value:zg}",
            ha="center",
            va="center",
            fontsize=9,
            color="white" if dark else INK,
        )
