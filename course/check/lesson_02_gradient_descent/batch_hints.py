"""Hints that the checks of minibatches and of train share."""

from course.check.engine.hints import Hint, hint
from course.messages import _


def batches_only_hint() -> Hint:
    """Return the hint where batches are shuffled, or each within itself, not all examples."""
    return hint("batches-only", _("first shuffle all n indices, then cut them into batches."))
