"""Hints for errors of training: its data, losses, and their labels or targets."""

from course.check.engine.hints import Hint, hint
from course.messages import _

HINTS: dict[str, Hint] = {
    r"label value of .* outside the valid range": hint(
        "label-out-of-range",
        _(
            "a sparse cross-entropy takes labels from 0 to one less than the number of outputs. Is "
            "this the loss for these labels? A model that is compiled already needs no `compile`."
        ),
    ),
    r"not sufficient to split": hint(
        "validation-data",
        _("there are validation digits already: pass them to `fit` as validation_data."),
    ),
    r"EarlyStopping callback received monitor=": hint(
        "monitor",
        _("EarlyStopping watches val_loss unless you say otherwise: leave monitor out."),
    ),
    r"`target` and `output` must have the same rank": hint(
        "one-hot-targets",
        _(
            "this loss wants targets in the shape of the outputs, such as one-hot ones; "
            "sparse_categorical_crossentropy takes labels that are whole numbers."
        ),
    ),
    r"target\.shape=(\(\d+,\)), output\.shape=\1": hint(
        "winner-only",
        _("this loss takes one number for each class, as the model gives them: no arg max."),
    ),
    r"`output` must have rank \(ndim\) `target.ndim - 1`|`labels.shape.rank` must equal": hint(
        "targets-first",
        _(
            "a loss takes the targets first, then the outputs; and a sparse one takes labels "
            "that are whole numbers, one for each example."
        ),
    ),
    r"logits and labels must be broadcastable|`target` and `output` must have the same shape": hint(
        "columns-of-targets",
        _("targets have a column for each logit: take the number of classes from the shape."),
    ),
    r"(Crossentropy|Error|Huber)\.__init__\(\) (got multiple values|takes)": hint(
        "made-then-called",
        _(
            "this makes a loss: its settings go into these brackets, targets and outputs into "
            "those after them, keras.losses.MeanSquaredError()(targets, outputs)."
        ),
    ),
    r"^Expected an instance of list, got": hint(
        "list-of-targets",
        _(
            "a loss takes targets and outputs as arrays or tensors, not one of them as a list: "
            "np.array([label]), or labels[i : i + 1]."
        ),
    ),
    r"(float' object is not subscriptable|non-iterable float)(.*\n)*.*"
    r"\b(evaluate|(train|test)_on_batch)\(": hint(
        "loss-alone",
        _(
            "the loss comes alone, as one number, where the model has no metrics: no [0] after "
            "it; return_dict=True gives a dict, with or without metrics."
        ),
    ),
    r"^Data cardinality is ambiguous": hint(
        "as-many-labels",
        _("there must be as many labels as images: are both from the same pair?"),
    ),
}
