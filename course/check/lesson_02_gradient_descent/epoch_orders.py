"""The order in which an answer to train takes the examples, read from the weights it trained."""

import numpy as np

from course.check.engine import turns, values
from course.check.engine.attempt import Attempt
from course.check.engine.hints import hint
from course.check.engine.orders import kept_neighbours
from course.check.engine.properties import copied_generator, generator_state, listed
from course.check.lesson_02_gradient_descent.batch_hints import batches_only_hint
from course.messages import _

# In a random order of 20 examples, two neighbours or so are still together; by bad luck, more than
# ten are in one of 200,000.
_ONE_BY_ONE = 20
# Two epochs have some 33 of 100 pairs of mini-batches with examples in both, at random, but only
# ten if the mini-batches stay the same; and at random, three examples or so have the next one in
# their own mini-batch.
_IN_BATCHES, _BATCH_SIZE = 40, 4


def check_order_of_examples(attempt: Attempt, seed: int) -> None:
    """Check the order of one example after another: two first epochs, and a second one."""
    results, orders = [], []
    for draw in (1, 2, 1):
        result, moved = _moved(attempt, [30, seed, draw], _ONE_BY_ONE, batch_size=1, epochs=1)
        results.append(result)
        orders.append(_order_of_all(result, moved))
    *orders, again = orders
    result, moved = _moved(attempt, [30, seed, 1], _ONE_BY_ONE, batch_size=1, epochs=2)
    is_unused = generator_state(result.afterwards["rng"]) == generator_state(result.given("rng"))
    _check_shuffled(results[0], orders, again, is_unused)
    _check_second_epoch(result, moved, orders[0])


def check_regrouping(attempt: Attempt, seed: int) -> None:
    """Check that a mini-batch is neither one of another epoch nor a row of neighbours."""
    batches = []
    for draw, epochs in ((1, 1), (2, 1), (1, 2)):
        result, moved = _moved(attempt, [31, seed, draw], _IN_BATCHES, _BATCH_SIZE, epochs)
        if values.step_of_floats(result.value) > values.TOLERANCE:
            return  # too coarse to tell the distances apart
        batches.append(turns.batches_of(moved))
    are_kept = batches[0] == batches[1] or len(batches[2]) <= 1.5 * (_IN_BATCHES // _BATCH_SIZE)
    if are_kept or any(turns.neighbours_within(epoch) > _IN_BATCHES // 2 for epoch in batches[:2]):
        result.fail(
            _("train must shuffle the examples themselves, not whole mini-batches."),
            got=_("the same examples together in a mini-batch in each epoch")
            if are_kept
            else _("mini-batches of examples that were given one after the other"),
            hint=batches_only_hint(),
        )


def _moved(attempt, key, n, batch_size, epochs):
    """A call on examples that stand apart, and how far it moved the weights of each."""
    result = attempt.call(
        **turns.examples_apart(n),
        learning_rate=1.0,
        batch_size=batch_size,
        epochs=epochs,
        rng=np.random.default_rng(key),
    )
    W, _b = result.parts("W", "b")
    return result, W.array((n, 2), _("the trained weights")).astype(np.float64)[:, 0]


def _order_of_all(result, moved):
    """The order of the only epoch; each example must have had one step of its own."""
    if np.ptp(moved) < 1e-6 and moved.any():
        result.fail(
            _("train must compute each step from the examples of its mini-batch alone."),
            got=_("the same step for all examples"),
            hint=hint(
                "all-examples",
                _(
                    "compute the gradient from the mini-batch, its part of X and T, not from all "
                    "examples."
                ),
            ),
        )
    order = turns.order_of(moved)
    if not np.allclose(moved, turns.moves(order), rtol=1e-3, atol=1e-5):
        left_out = np.flatnonzero(moved == 0).tolist()
        result.fail(
            _("train must use every example exactly once in each epoch."),
            got=_("examples {list} were never used").format(list=listed(left_out))
            if left_out
            else None,
            hint=hint(
                "pass-through-batches",
                _("one epoch is one pass through minibatches(X, T, batch_size, rng)."),
            ),
        )
    return order


def _check_shuffled(result, orders, again, is_unused):
    """Check that these orders are random, and come from rng; `again` is from that of the first."""
    given = np.arange(len(orders[0]))
    if all(np.array_equal(order, given) for order in orders):
        result.fail(
            _("train must shuffle the examples in each epoch."),
            got=_("the examples in the order in which they were given"),
            hint=hint(
                "not-shuffled",
                _("sorted digits teach one class after the other; minibatches shuffles them."),
            ),
        )
    its_demand = _("train must shuffle with the rng that it is given.")
    is_fixed = np.array_equal(*orders)
    if is_unused and not is_fixed and np.array_equal(again, orders[0]):
        result.fail(
            its_demand,
            got=_("an order that depends on rng, but rng has not moved on"),
            hint=copied_generator(),
        )
    if is_fixed or is_unused:
        result.fail(
            its_demand,
            got=_("an order that does not depend on rng"),
            hint=hint(
                "own-generator", _("pass rng on to minibatches; do not make a new generator.")
            ),
        )
    if any(kept_neighbours(order, given) > len(given) // 2 for order in orders):
        result.fail(
            _("train must shuffle all examples in each epoch."),
            got=_("an order in which many neighbours are still together"),
            hint=batches_only_hint(),
        )


def _check_second_epoch(result, moved, first):
    """Check how far two epochs moved each example; the order of the first is known."""

    def are_turns(order, rtol=1e-3, atol=1e-5):
        return np.allclose(moved, turns.moves(order), rtol, atol)

    its_demand = _("train must shuffle the examples again in each epoch.")
    if are_turns([*first, *first], 1e-4, 1e-6):
        result.fail(
            its_demand,
            got=_("the same order in both epochs"),
            hint=hint(
                "same-order",
                _("call minibatches inside the loop over the epochs, with the same rng."),
            ),
        )
    if are_turns([*first, *range(len(first))], 1e-4, 1e-6):
        result.fail(
            its_demand,
            got=_("the second epoch in the order in which the examples were given"),
            hint=hint(
                "second-in-order",
                _("call minibatches inside the loop over the epochs, with the same rng."),
            ),
        )
    if are_turns(np.repeat(first, 2)):
        result.fail(
            _("train must go through all examples before any of them comes again."),
            got=_("each mini-batch several times in a row"),
            hint=hint(
                "loops-exchanged",
                _("the loop over the epochs is the outer one, that over mini-batches the inner."),
            ),
        )
    order = turns.second_order(moved, turns.moves(first))
    is_known = are_turns([*first, *order])
    if not is_known and values.step_of_floats(result.value) <= values.TOLERANCE:
        result.fail(_("train must use every example exactly once in each epoch."))
    if is_known and kept_neighbours(order, first) > len(first) // 2:
        result.fail(
            its_demand,
            got=_("a second epoch in which most neighbours of the first are still together"),
            hint=hint(
                "order-rotated",
                _("draw a new permutation for each epoch; do not rotate or reverse the old one."),
            ),
        )
