"""Hints that several parts of the check of dropout share."""

from course.check.engine.hints import Hint, hint
from course.messages import _


def by_rate_hint() -> Hint:
    """Return the hint for survivors that are divided by the rate."""
    return hint("by-rate", _("divide by 1 - rate, the share that survives, not by the rate."))


def share_kept_hint() -> Hint:
    """Return the hint for a rate that is taken for the share that survives."""
    return hint(
        "share-kept", _("`rate` is the share that is silenced, not the share that is kept.")
    )


def rate_fixed_hint() -> Hint:
    """Return the hint for a fixed number in place of the rate."""
    return hint("rate-fixed", _("the rate is an argument: 1 - rate, not a fixed number."))


def mask_alone_hint() -> Hint:
    """Return the hint for the mask in place of what survives."""
    return hint("mask-alone", _("this is only the mask: multiply the activations by it."))


def one_for_all_hint() -> Hint:
    """Return the hint for a single draw that silences all activations, or none."""
    return hint(
        "one-for-all",
        _(
            "one draw for the whole array silences all of it or nothing: draw n times d numbers, "
            "rng.random(activations.shape)."
        ),
    )


def chance_hint() -> Hint:
    """Return the hint for draws that do not have the chance that the rate asks for."""
    return hint(
        "chance",
        _("compare rng.random(activations.shape), which is uniform in 0..1, with rate."),
    )
