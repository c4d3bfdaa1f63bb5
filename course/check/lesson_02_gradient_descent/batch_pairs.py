"""The pairs of parts that an answer to minibatches gives: which examples are in them."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from course.check.engine import formatting, values
from course.check.engine.hints import hint
from course.check.engine.result import Result
from course.messages import _


def check_several(result: Result, X: np.ndarray, y: np.ndarray, batch_size: int) -> None:
    """Check that these are several pairs, and not two lists or a single pair."""
    demand = _("minibatches must return something to loop over: pairs (X part, y part).")
    if not isinstance(result.value, list):
        result.fail(
            demand,
            got=formatting.kind_text(result.value),
            hint=hint(
                "yield-pairs",
                _("`yield X[part], y[part]` in a loop, or append the pairs to a list."),
            ),
        )
    lists = [item for item in result.value if isinstance(item, list | tuple)]
    plain = [[values.to_plain(part) for part in item] for item in lists]
    axes = [{part.ndim if values.is_array(part) else None for part in item} for item in plain]
    if len(result.value) == 2 and axes == [{X.ndim}, {y.ndim}] and X.ndim != y.ndim:
        _fail_as_no_pair(result, result.value[0])
    parts = list(map(values.to_plain, result.value)) if len(result.value) == 2 else []
    shapes = [part.shape[1:] for part in parts if values.is_array(part)]
    is_pair = shapes == [X.shape[1:], y.shape[1:]] and X.ndim != y.ndim
    if is_pair and len(parts[0]) == batch_size:
        result.fail(
            demand,
            got=_("a single pair"),
            hint=hint(
                "return-in-loop",
                _(
                    "`return` inside the loop ends it with the first pair: `yield` goes on, or "
                    "append the pairs to a list and return that at the end."
                ),
            ),
        )


def _fail_as_no_pair(result, item):
    result.fail(
        _("minibatches must return pairs: an X part and a y part."),
        got=formatting.kind_text(item),
        hint=_yield_pair(),
    )


def _yield_pair():
    return hint("yield-pair", _("each batch is one pair of arrays: `yield X[part], y[part]`."))


def pair_of(result: Result, item: Any) -> list[np.ndarray]:
    """Return one batch as two arrays."""
    if not values.is_sequence(item) or len(item) != 2:
        _fail_as_no_pair(result, item)
    arrays = []
    for part, name in zip(item, ("X", "y"), strict=True):
        array = result.part(part).plain()
        if not isinstance(array, np.ndarray) or array.ndim == 0:
            one_index = hint(
                "one-index", _("the part must be several indices (a slice or an array), not one.")
            )
            result.fail(
                _("minibatches must return pairs of arrays: an X part and a y part."),
                got=_("{kind} as the {name} part").format(
                    kind=formatting.kind_text(part), name=name
                ),
                hint=_yield_pair() if values.is_sequence(part) else one_index,
            )
        arrays.append(array)
    if len(arrays[0]) != len(arrays[1]):
        result.fail(
            _("minibatches must return as many labels as examples in each pair."),
            got=_("{X} examples with {y} labels").format(X=len(arrays[0]), y=len(arrays[1])),
            hint=hint("same-indices", _("use the same indices for X and y.")),
        )
    return arrays


def _check_shape_of_part(result, part, whole, name):
    wanted = (len(part), *whole.shape[1:])
    if part.shape != wanted:
        indices = hint("indices", _("these are indices: `yield X[part], y[part]` takes the rows."))
        result.fail_shape(
            _("minibatches must return each {name} part as rows of {name}.").format(name=name),
            wanted,
            part.shape,
            indices if part.ndim == 1 and part.dtype.kind in "iu" else None,
        )


def check_not_exchanged(
    result: Result, X_part: np.ndarray, y_part: np.ndarray, X: np.ndarray, y: np.ndarray
) -> None:
    """Check that the y part does not come first."""
    if X_part.shape[1:] == y.shape[1:] != X.shape[1:] == y_part.shape[1:]:
        result.fail(
            _("minibatches must return pairs: an X part and a y part."),
            got=_("the y part first"),
            hint=hint("exchanged-parts", _("X comes first, then y: `yield X[part], y[part]`.")),
        )


def places_of(result: Result, pairs: list, X: np.ndarray, y: np.ndarray) -> Iterator[int]:
    """Yield the place in X of each example of some pairs; it must come with its own label."""
    places, labels = {row.tobytes(): place for place, row in enumerate(_rows(X))}, _rows(y)
    for X_part, y_part in pairs:
        _check_shape_of_part(result, X_part, X, "X")
        _check_shape_of_part(result, y_part, y, "y")
        for row, label in zip(_rows(X_part), _rows(y_part), strict=True):
            place = places.get(row.tobytes())
            if place is None:
                _fail_as_another(result, row, _rows(X))
            if label.tobytes() != labels[place].tobytes():
                result.fail(
                    _("minibatches must keep each example together with its own label."),
                    got=_("X[{place}] came with the label of another example").format(place=place),
                    hint=hint("two-orders", _("draw one order, and use it for both X and y.")),
                )
            yield place


def _fail_as_another(result, row, rows):
    is_mixed = (np.sort(row) == np.sort(rows, axis=1)).all(axis=1).any()
    columns_mixed = hint(
        "columns-mixed",
        _("the numbers within an example are mixed, too: only the order of the rows changes."),
    )
    result.fail(
        _("minibatches must return the examples as they are."),
        got=_("an example that is not in X"),
        hint=columns_mixed if is_mixed else None,
    )


def _rows(array):
    return np.ascontiguousarray(array.reshape(len(array), -1).astype(np.float64))
