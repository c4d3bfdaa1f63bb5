"""The pictures of lesson 0: what deep learning is part of, the training loop, single panels."""

from matplotlib.patches import Ellipse, FancyBboxPatch

from course.drawing.palette import BLUE, FAINT_BLUE, INK, LIGHT_BLUE, PALE_BLUE
from course.messages import _
from course.panels import Panels
from course.pictures.picture import Picture, blank_axes, styled


@styled
def what_contains_what() -> Picture:
    """Artificial intelligence contains machine learning, then neural networks, then deep ones."""
    canvas, axes = blank_axes(7.6, 2.8, xlim=(-0.2, 8.2), ylim=(0, 2.9))
    rings = [
        (4.0, 7.9, 2.8, "none", _("artificial intelligence"), 0.72),
        (4.65, 6.5, 2.35, FAINT_BLUE, _("machine learning"), 2.0),
        (5.1, 5.4, 1.95, LIGHT_BLUE, _("neural networks"), 3.15),
        (5.7, 3.7, 1.55, PALE_BLUE, _("deep learning"), 5.7),
    ]
    for centre, width, height, colour, text, x in rings:
        axes.add_patch(Ellipse((centre, 1.45), width, height, facecolor=colour, edgecolor=BLUE))
        axes.text(x, 1.45, text.replace(" ", "\n", 1), ha="center", va="center", fontsize=10)
    alt = _(
        "Four ovals inside each other: artificial intelligence contains machine learning, which "
        "contains neural networks, and these contain deep learning."
    )
    return Picture.from_figure(canvas, alt)


@styled
def the_loop() -> Picture:
    """The loop of training, as four boxes with arrows."""
    canvas, axes = blank_axes(7.6, 2.4, xlim=(0, 10), ylim=(0, 3.1))
    boxes = [
        (0.2, _("a mini-batch of\ntraining digits")),
        (2.75, _("the network\nnames each one")),
        (5.3, _("compare with\nthe labels: loss")),
        (7.85, _("move weights and\nbiases a little")),
    ]
    for x, text in boxes:
        axes.add_patch(
            FancyBboxPatch(
                (x, 1.5), 1.95, 1.1, boxstyle="round,pad=0.05", facecolor=FAINT_BLUE, edgecolor=BLUE
            )
        )
        axes.text(x + 0.98, 2.05, text, ha="center", va="center")
    arrow = {"arrowstyle": "->", "color": INK, "linewidth": 1.3}
    for x, _text in boxes[1:]:
        axes.annotate("", (x - 0.08, 2.05), (x - 0.53, 2.05), arrowprops=arrow)
    back = arrow | {"connectionstyle": "arc3,rad=-0.28"}
    axes.annotate("", (1.2, 1.4), (8.8, 1.4), arrowprops=back)
    axes.text(5.0, 0.02, _("again, with the next mini-batch"), ha="center", va="bottom")
    alt = _(
        "Four boxes in a loop: a mini-batch of training digits; the network names each one; the "
        "answers are compared with the labels; weights and biases are moved a little; and again."
    )
    return Picture.from_figure(canvas, alt)


def panel(run, *names: str) -> Picture:
    """One panel of a run, or a pair, by itself."""
    panels = Panels(run, width=800, height=450)
    try:
        panels.focus(names)
        alt = _("Of the panels, only {names}. {text}")
        names = _(" and ").join(names)
        return Picture.from_array(panels.update(), alt.format(names=names, text=panels.describe()))
    finally:
        panels.close()
