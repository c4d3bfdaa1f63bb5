"""What the checks of minibatches and of train say of batches that are shuffled as a whole."""

from course.check.engine.hints import Hint, hint
from course.messages import _


def batches_only_hint() -> Hint:
    """Return the hint where batches are shuffled, or each within itself, not all examples."""
    return hint("batches-only", _("first shuffle all n indices, then cut them into batches."))


def shuffled_demand() -> str:
    """Return the demand of minibatches that this does not meet."""
    return _("minibatches must shuffle all examples, not only the batches, or only within them.")
