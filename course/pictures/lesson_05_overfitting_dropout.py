"""The pictures of lesson 5: curves over epochs, four to be named, masks."""

import math

import numpy as np
from matplotlib.patheffects import withStroke

from course.drawing.axes import frame
from course.drawing.palette import BLUE, INK, PURPLE, QUIET, RED, TEAL
from course.messages import _, labelled, sentences
from course.pictures.picture import Picture, new_figure, styled

_TRAINING = {"color": BLUE, "linewidth": 1.1}
_VALIDATION = {"color": TEAL, "linewidth": 2.2, "linestyle": "--"}

# Measured: the mean loss of each epoch of four runs, on the training and the validation digits.
_LOSSES = {
    "A": (
        "5.85 5.07 5.21 3.18 4.88 4.78 3.94 3.27 4.98 4.17 2.40 1.95 2.48 3.07 2.98 3.43 "
        "2.01 1.49 1.82 1.98 2.09 3.27 2.75 2.86 2.16 2.12 1.85 1.82 2.43 2.18",
        "3.75 3.77 4.37 3.14 2.69 3.97 4.89 2.64 3.56 6.39 2.67 3.36 3.23 3.95 3.83 3.52 "
        "2.96 2.92 4.14 3.01 2.84 2.67 4.47 3.23 2.95 2.68 3.30 3.26 2.62 2.93",
    ),
    "B": (
        "2.07 1.18 0.64 0.25 0.16 0.07 0.03 0.02 0.01 0.01 0.00 0.00 0.00 0.00 0.00 0.00 "
        "0.00 0.00 0.00 0.00 0.00 0.00 0.00 0.00 0.00 0.00 0.00 0.00 0.00 0.00",
        "1.60 0.99 0.79 0.70 0.63 0.63 0.78 0.65 0.66 0.65 0.68 0.71 0.71 0.71 0.72 0.73 "
        "0.73 0.74 0.74 0.74 0.75 0.75 0.76 0.77 0.77 0.77 0.77 0.78 0.78 0.79",
    ),
    "C": (
        "0.86 0.40 0.31 0.27 0.25 0.23 0.22 0.21 0.20 0.20 0.19 0.19 0.19 0.19 0.18 0.19 "
        "0.18 0.18 0.18 0.18 0.18 0.18 0.18 0.18 0.17 0.17 0.17 0.17 0.17 0.17",
        "0.45 0.35 0.32 0.31 0.30 0.29 0.29 0.28 0.28 0.28 0.27 0.27 0.27 0.27 0.27 0.27 "
        "0.27 0.27 0.27 0.27 0.26 0.26 0.26 0.26 0.26 0.26 0.26 0.26 0.26 0.26",
    ),
    "D": (
        "2.20 2.02 1.94 1.90 1.86 1.84 1.82 1.81 1.80 1.78 1.77 1.76 1.76 1.75 1.74 1.74 "
        "1.73 1.73 1.72 1.72 1.71 1.71 1.69 1.70 1.70 1.69 1.68 1.70 1.68 1.68",
        "2.07 1.95 1.91 1.86 1.83 1.84 1.81 1.80 1.77 1.77 1.76 1.76 1.74 1.73 1.73 1.74 "
        "1.73 1.72 1.72 1.71 1.72 1.70 1.70 1.73 1.73 1.73 1.70 1.72 1.69 1.69",
    ),
}


@styled
def curves(history, stop=None, best=None) -> Picture:
    """Loss and accuracy of a Keras History, by epoch; `stop` and `best` may mark two epochs."""
    canvas = new_figure(7.6, 2.9)
    left, right = canvas.subplots(1, 2)
    said = []
    for axes, name, title in (
        (left, "loss", _("cross-entropy loss")),
        (right, "accuracy", _("accuracy")),
    ):
        training, validation = (np.array(history.history[key]) for key in (name, f"val_{name}"))
        axes.plot(training, **_TRAINING, label=_("training"))
        axes.plot(validation, **_VALIDATION, label=_("validation"))
        axes.set(title=title, xlabel=_("epoch"))
        axes.grid(True)
        said.append(
            _(
                "{title}: training ends at {training:.2f}; validation {edge} {extreme:.2f} "
                "at epoch {epoch} and ends at {end:.2f}"
            ).format(
                title=title,
                training=training[-1],
                edge=_("falls to") if name == "loss" else _("rises to"),
                extreme=validation.min() if name == "loss" else validation.max(),
                epoch=int(validation.argmin() if name == "loss" else validation.argmax()),
                end=validation[-1],
            )
        )
    left.set_ylim(0, 2.4)
    right.set_ylim(0, 1.03)
    for epoch, text, colour in ((best, _("best"), TEAL), (stop, _("stop"), INK)):
        if epoch is not None:
            left.axvline(epoch, color=colour, linewidth=0.9, linestyle=":")
            place = (epoch, 1.9 if text == _("best") else 1.65)
            left.annotate(text, place, (3, 0), textcoords="offset points", color=colour)
    left.legend(loc="upper right")
    right.legend(loc="lower right")
    return Picture.from_figure(canvas, _("{said}.").format(said=_("; ").join(said)))


@styled
def curves_to_name() -> Picture:
    """Four pairs of loss curves, A to D, of four runs."""
    canvas = new_figure(7.6, 5.0)
    said = []
    for axes, (name, losses) in zip(canvas.subplots(2, 2).flat, _LOSSES.items(), strict=True):
        training, validation = (np.array(text.split(), float) for text in losses)
        epochs = np.arange(1, len(training) + 1)
        axes.axhline(math.log(10), color=QUIET, linewidth=0.9, linestyle=":")
        axes.plot(epochs, training, **_TRAINING, label=_("training"))
        axes.plot(epochs, validation, **_VALIDATION, label=_("validation"))
        axes.set_title(name, fontsize=14, fontweight="bold", loc="left")
        axes.set(xlabel=_("epoch"), ylabel=_("loss"), ylim=(0, max(2.5, 1.05 * max(validation))))
        axes.grid(True)
        curves = _described(training, _("training")), _described(validation, _("validation"))
        said.append(_("{said}.").format(said=labelled(name, _("; ").join(curves))))
    canvas.axes[1].legend(loc="upper right", bbox_to_anchor=(1, 0.85))
    canvas.axes[2].annotate(
        _("guessing: 2.30"),
        (30, math.log(10)),
        (0, -3),
        textcoords="offset points",
        ha="right",
        va="top",
        fontsize=8,
        color=QUIET,
    )
    alt = _("Four pictures of losses against the epoch; guessing would cost 2.30.")
    return Picture.from_figure(canvas, sentences(alt, *said))


def _described(losses, split):
    """Describe a curve for those who cannot see it: where it is, and how smooth."""
    losses = np.array(losses)
    place = int(losses.argmin())
    jumps = np.abs(np.diff(losses[5:]))
    return _(
        "{split} starts at {start:.2f}, is lowest at epoch {place} with {lowest:.2f}, ends at "
        "{end:.2f}, and late in the training moves by {jump:.2f} from one epoch to the next"
    ).format(
        split=split,
        start=losses[0],
        place=place + 1,
        lowest=losses.min(),
        end=losses[-1],
        jump=jumps.mean(),
    )


@styled
def dropped(dropout, rates=(0.0, 0.25, 0.5, 0.75), examples=12, neurons=40, seed=0) -> Picture:
    """What `dropout` does to activations that are all 1: blank is dropped, blue is scaled up."""
    canvas = new_figure(7.6, 2.6)
    rng = np.random.default_rng(seed)
    ones = np.ones((examples, neurons), np.float32)
    panels = canvas.subplots(2, 2).flat
    said = []
    for axes, rate in zip(panels, rates, strict=True):
        after = np.asarray(dropout(ones.copy(), rate, True, rng), np.float64)
        axes.imshow(after, cmap="Blues", vmin=0, vmax=4.4, aspect="auto", interpolation="nearest")
        frame(axes)
        title = _("rate {rate:g}: {silenced:.0%} silenced, mean {mean:.2f}").format(
            rate=rate, silenced=np.mean(after == 0), mean=after.mean()
        )
        axes.set_title(title)
        said.append(title)
    canvas.axes[0].set_ylabel(_("examples"))
    canvas.axes[2].set_ylabel(_("examples"))
    canvas.axes[2].set_xlabel(_("neurons"))
    canvas.axes[3].set_xlabel(_("neurons"))
    alt = _(
        "Four tables of {examples} examples and {neurons} neurons, after dropout of ones. The "
        "silenced places are scattered, different ones in every row; the larger the rate, the "
        "stronger the colour of the survivors. {list}."
    )
    return Picture.from_figure(
        canvas, alt.format(examples=examples, neurons=neurons, list=_("; ").join(said))
    )


@styled
def compare(histories) -> Picture:
    """Validation cross-entropy and accuracy of fits: dict from a label to a Keras History.

    A fit that ends before the others may lie on one of them up to its end, where it has a dot. The
    loss of a network with weight decay holds the penalty as well. So where the plain
    cross-entropy was a metric, that is drawn in its place.
    """
    canvas = new_figure(7.6, 3.0)
    left, right = canvas.subplots(1, 2)
    said = []
    styles = ((RED, "-"), (PURPLE, "--"), (TEAL, "-."), (BLUE, ":"), (INK, "-"))
    epochs = max(len(history.history["val_loss"]) for history in histories.values())
    for (label, history), (colour, line) in zip(histories.items(), styles, strict=False):
        found = history.history
        loss = np.array(found.get("val_sparse_categorical_crossentropy", found["val_loss"]))
        accuracy = np.array(found["val_accuracy"])
        style = {"color": colour, "linestyle": line, "linewidth": 1.8, "label": label}
        left.plot(loss, **style)
        right.plot(accuracy, **style)
        if len(loss) < epochs:
            _mark_end(left, loss, label, colour)
            _mark_end(right, accuracy, label, colour)
            label = _("{label}, which ends at epoch {epoch}").format(
                label=label, epoch=len(loss) - 1
            )
        said.append(
            _(
                "{label}: the cross-entropy falls to {lowest:.2f} and ends at {end:.2f}, the "
                "accuracy ends at {accuracy:.3f}"
            ).format(label=label, lowest=loss.min(), end=loss[-1], accuracy=accuracy[-1])
        )
    left.set(title=_("validation cross-entropy"), xlabel=_("epoch"), ylim=(0, 1))
    right.set(title=_("validation accuracy"), xlabel=_("epoch"), ylim=(0.7, 1))
    for axes in (left, right):
        axes.grid(True)
    right.legend(loc="lower right", fontsize=8)
    return Picture.from_figure(canvas, _("{said}.").format(said=_("; ").join(said)))


def _mark_end(axes, values, label, colour):
    """Draw a dot at the end of a curve, and its label above it, over all curves."""
    end = len(values) - 1, values[-1]
    axes.plot(*end, "o", color=colour, markersize=7, markeredgecolor="white", zorder=4)
    axes.annotate(
        label,
        end,
        (0, 14),
        textcoords="offset points",
        ha="center",
        color=colour,
        fontsize=8,
        zorder=4,
        path_effects=[withStroke(linewidth=3, foreground="white")],
    )


def same_hands(images, labels, rng, copies=5):
    """Return `copies` of each image as if one person had written them: (images, labels, person).

    Each copy is shifted by a pixel at most, down and across; `person` is the image's own number.
    """
    person = np.repeat(np.arange(len(images)), copies)
    shifts = rng.integers(-1, 2, (len(person), 2))
    written = [
        np.roll(images[who], shift, axis=(0, 1)) for who, shift in zip(person, shifts, strict=True)
    ]
    return np.stack(written), labels[person], person
