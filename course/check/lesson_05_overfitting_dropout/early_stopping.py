"""The check of early_stopping: when patience runs out, and which epoch was the best until then."""

from typing import NamedTuple

import numpy as np

from course.check.engine.comparison import Case, Comparison
from course.check.engine.guard import unguarded
from course.check.engine.hints import hint
from course.check.references import lesson_05_overfitting_dropout as reference
from course.messages import _


def _cases(rng):
    cases = [
        ([4, 2, 3, 2.5, 3.5, 4.5, 5, 1], 3),  # here every usual slip gives another answer
        ([4.5, 2.5, 3.5, 3, 2.75, 2.625, 1.5], 3),
        ([3, 2, 1], 1),
        ([3, 2, 2.5, 1.5, 1.75, 1.625, 1.875, 1], 2),
        ([2, 2, 2, 2], 2),
        ([3, 1, 2, 1.5, 1.25, 4, 0.5], 3),
        ([5, 4, 4.5, 3, 3.5, 2, 2.5], 2),
        ([1, 2, 3], 1),
        ([4], 1),
        ([4], 3),
        ([5, 6, 7], 2),
        ([5, 6, 7], 3),
        ([5, 6, 7], 5),
        ([3, 2, 2, 1], 2),
        ([5e6, 4e6, 3e6], 2),
        ([3e6, 2e6, 4e6, 5e6, 1.5e6], 2),
        ([4e6, 3e6, 2e6, 1.5e6], 3),
        ([1, 0.99999, 0.99998, 0.99997, 2, 2], 1),
        ([2, 1.9999, 1.9998, 1.9997, 1.9996, 3, 3, 3], 2),
        ([-1, -2, -1.5, -3], 2),
    ]
    for length, patience in ((10, 1), (30, 3), (60, 5), (int(rng.integers(20, 90)), 4)):
        for drop in (0.0, 0.15):
            cases.append((4 + 0.25 * np.cumsum(rng.normal(-drop, 1, length)), patience))
            cases.append((rng.integers(1, 9, length) / 4, patience))
    never = {
        "stop": _(
            "early_stopping must return, as stop, the last epoch if patience never runs out."
        ),
    }
    for losses, patience in cases:
        losses = np.array(losses, np.float32)
        going_on = np.append(losses, losses.min() - 1)
        to_the_end = _right(going_on, patience)[0] == len(losses) and len(losses) > 1
        yield Case({"losses": losses, "patience": patience}, never if to_the_end else "")


def _stopping(
    *,
    tie=False,
    tie_resets=False,
    reset=True,
    neighbour=False,
    patience_first=False,
    less=0.0,
    start=None,
    first_epoch=1,
    kept=True,
    by_distance=False,
):
    """An answer with one of the usual slips; it counts, or takes the distance from the best."""

    def answer(losses, patience):
        best, waited = 0, 0
        smallest = losses[0] if start is None else start
        for epoch in range(first_epoch if start is None else 0, len(losses)):
            if patience_first and epoch - best == patience:
                return epoch, best
            standard = losses[epoch - 1] if neighbour else smallest
            equal_counts = tie or tie_resets
            improved = (
                losses[epoch] <= standard if equal_counts else losses[epoch] < standard - less
            )
            if losses[epoch] < smallest - less or (tie and improved):
                best, smallest = epoch, losses[epoch] if kept else smallest
            if improved:
                waited = 0 if reset else waited
            else:
                waited += 1
            passed = epoch - best if by_distance else waited
            if passed == patience and not patience_first:
                return epoch, best
        last = len(losses) - 1
        return last, best

    return answer


def _last_fall(*, first_epoch=1, is_unset=False):
    """Each epoch is compared with the one before, and the last that was better is the best.

    first_epoch  0 compares epoch 0 with the last one of all
    is_unset     as if best had no value before the first fall: without one, it stops
    """

    def answer(losses, patience):
        waited, last = 0, len(losses) - 1
        best = None if is_unset else 0
        for epoch in range(first_epoch, last + 1):
            if losses[epoch] < losses[epoch - 1]:
                best, waited = epoch, 0
            else:
                waited += 1
            if best is None:
                break
            if waited == patience:
                return epoch, best
        if best is None:
            raise ValueError("no best epoch yet")
        return last, best

    return answer


def _by_distance_too_early(losses, patience):
    """The distance from the best epoch need only be patience - 1, but not in epoch 0."""
    best, last = 0, len(losses) - 1
    for epoch in range(1, last + 1):
        if losses[best] > losses[epoch]:
            best = epoch
        if epoch - best >= patience - 1:
            return epoch, best
    return last, best


class _Stopped(NamedTuple):
    """The right answer, and what it is the answer to."""

    stop: int
    best: int
    losses: np.ndarray
    patience: int

    @property
    def ran_out(self):
        """Whether patience has run out."""
        return self.stop - self.best >= self.patience

    @property
    def last(self):
        """The last epoch."""
        return len(self.losses) - 1


def _changed(change):
    """What change(at), of a right answer, makes of it."""
    return lambda losses, patience: change(_Stopped(*_right(losses, patience), losses, patience))


def _at_the_end(stop_of):
    """Another stop where patience never runs out: stop_of(at)."""
    return _changed(lambda at: (at.stop if at.ran_out else stop_of(at), at.best))


def _counted_from_0(end):
    """The epochs from 1 on are counted from 0; end(at) is the stop if patience never runs out."""
    return _changed(lambda at: (at.stop - 1 if at.ran_out else end(at), max(at.best - 1, 0)))


def _without_the_last(losses, patience):
    """As if the loop ended before the last epoch."""
    found = _right(losses[:-1], patience) if len(losses) > 1 else (0, 0)
    at = _Stopped(*found, losses, patience)
    return at.stop if at.ran_out else at.last, at.best


def _best_in(part, usual=None):
    """The best epoch is looked for in a part of the losses only: part(at), a slice.

    usual  the best epoch where there are none in it; without one, it stops
    """

    def best(at):
        losses = at.losses[part(at)]
        return at.stop, int(losses.argmin()) if len(losses) or usual is None else usual

    return _changed(best)


# Parts of the losses that do not hold all epochs up to the stop, or are not counted from epoch 0.
_PARTS = (
    lambda at: slice(at.stop - 1),
    lambda at: slice(max(at.stop - 1, 0)),
    lambda at: slice(at.stop - at.patience),
    lambda at: slice(max(at.stop - at.patience, 0)),
    lambda at: slice(at.stop - at.patience + 1),
    lambda at: slice(max(at.stop - at.patience + 1, 0)),
    lambda at: slice(at.patience),
    lambda at: slice(at.patience + 1),
    lambda at: slice(-1),
    lambda at: slice(1, at.stop + 1),
    lambda at: slice(1, at.stop),
    lambda at: slice(at.stop - at.patience, at.stop),
    lambda at: slice(max(at.stop - at.patience, 0), at.stop),
    lambda at: slice(at.stop - at.patience, at.stop + 1),
    lambda at: slice(max(at.stop - at.patience, 0), at.stop + 1),
    lambda at: slice(at.stop - at.patience + 1, at.stop + 1),
    lambda at: slice(max(at.stop - at.patience + 1, 0), at.stop + 1),
)


def _unless_alone(answer):
    """The answer, but with an error where there is only one epoch, as none is looked at."""

    def unless_alone(losses, patience):
        if len(losses) == 1:
            raise ValueError("no epoch yet")
        return answer(losses, patience)

    return unless_alone


def _patience_ago(losses, patience):
    """Each epoch is compared with the one that was `patience` epochs before it."""
    last = len(losses) - 1
    worse = (e for e in range(patience, last + 1) if losses[e] >= losses[e - patience])
    stop = next(worse, last)
    return stop, int(losses[: stop + 1].argmin())


def _averaged(share):
    """Each epoch is compared with a running mean: `share` of it is the mean before, 0 for all."""

    def answer(losses, patience):
        mean, waited, last = losses[0], 0, len(losses) - 1
        for epoch in range(1, last + 1):
            waited = 0 if losses[epoch] < mean else waited + 1
            if waited == patience:
                return epoch, int(losses[: epoch + 1].argmin())
            mean = (
                share * mean + (1 - share) * losses[epoch] if share else losses[: epoch + 1].mean()
            )
        return last, int(losses.argmin())

    return answer


def _first_rise(losses, patience):
    last = len(losses) - 1
    stop = next((epoch for epoch in range(1, last + 1) if losses[epoch] > losses[epoch - 1]), last)
    return stop, int(losses[: stop + 1].argmin())


def _first_rise_and_before(losses, patience):
    for epoch in range(1, len(losses)):
        if losses[epoch] > losses[epoch - 1]:
            return epoch, epoch - 1
    return len(losses) - 1, len(losses) - 1


def _first_round_only(losses, patience):
    """As if the loop began with epoch 1, and ended there."""
    if len(losses) == 1:
        return None
    best = int(losses[1] < losses[0])
    return (1, 0) if patience == 1 and not best else (len(losses) - 1, best)


def _until_the_first_without(losses, patience):
    """As if the loop ended at the first epoch without a new minimum, unless patience runs out."""
    stop, best = _right(losses, 1)
    return (stop, best) if patience == 1 else (len(losses) - 1, best)


def _going_on(losses, patience):
    stop, best = len(losses) - 1, 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best >= patience:
            stop = epoch
    return stop, best


_right = unguarded(reference.early_stopping)
# The smallest of losses[:stop], where no loop ends before the last epoch.
_SLICE_BEFORE_STOP = (
    r"\A(?![\s\S]*range\([^:\n]*- *1\b)[\s\S]*"
    r"(min\([^\n]*\[ *: *\w+ *\]|\[ *: *\w+ *\]\.(arg)?min\b)"
)

early_stopping = Comparison(
    signature="early_stopping(losses, patience)",
    summary="losses (m,), patience -> (the epoch at which to stop, the best epoch until then).",
    right=_right,
    cases=_cases,
    parts=(_("stop"), _("best")),
    meaning=_("one epoch"),
    demand={
        "stop": _(
            "early_stopping must return, as stop, the epoch at which `patience` epochs in a row "
            "have brought no new minimum."
        ),
        "best": _(
            "early_stopping must return, as best, the epoch with the smallest loss until stop."
        ),
    },
    exact=True,
    by_code={
        "last-epoch-missing": {
            _SLICE_BEFORE_STOP: hint(
                "slice-before-stop",
                _("losses[:stop] ends before epoch stop: losses[: stop + 1] holds it as well."),
            )
        }
    },
    mistakes={
        hint("exchanged-parts", _("stop comes first, then the best epoch.")): (
            _changed(lambda at: (at.best, at.stop))
        ),
        hint("epochs-from-1", _("epochs count from 0.")): (
            _changed(lambda at: (at.stop + 1, at.best + 1))
        ),
        hint(
            "sliced-count",
            _(
                "losses[1:] begins with epoch 1, but `enumerate` counts from 0 unless it is told: "
                "enumerate(losses[1:], 1)."
            ),
        ): [
            _counted_from_0(lambda at: at.last),
            _counted_from_0(lambda at: range(at.last)[-1]),
        ],
        hint(
            "last-as-best",
            _(
                "the best epoch is that of the smallest loss so far, counted from epoch 0: keep "
                "its number when you find it."
            ),
        ): [
            _changed(lambda at: (at.stop, 0 if at.ran_out else at.best)),
            _changed(lambda at: (at.stop, at.stop)),
            _changed(lambda at: (at.stop, at.stop - 1)),
            _changed(lambda at: (at.stop, at.stop - 1 if at.ran_out else at.best)),
            _changed(lambda at: (at.stop, at.stop - at.patience)),
            _unless_alone(_changed(lambda at: (at.stop, at.stop - at.patience))),
            _changed(lambda at: (at.stop, at.best if at.ran_out else at.stop)),
            _changed(lambda at: (at.stop, at.stop if at.ran_out else at.best)),
        ],
        hint(
            "looks-ahead",
            _("what comes after the stop is never seen: look at the epochs one by one."),
        ): [
            _changed(lambda at: (at.stop, int(at.losses.argmin()))),
            _changed(
                lambda at: (min(at.losses.argmin() + at.patience, at.last), at.losses.argmin())
            ),
        ],
        hint("loss-for-epoch", _("return the epoch of the smallest loss, not the loss.")): [
            _changed(lambda at: (at.stop, at.losses[at.best])),
            _changed(lambda at: (at.losses[at.stop], at.losses[at.best])),
        ],
        hint(
            "end-not-reached",
            _("if patience never runs out, stop is the last epoch, m - 1, and no other."),
        ): [
            _at_the_end(lambda at: at.last + 1),
            _at_the_end(lambda at: at.best + at.patience),
            _at_the_end(lambda at: at.last - 1),
            _at_the_end(lambda at: at.best),
            _at_the_end(lambda at: -1),
        ],
        hint("patience-fixed", _("patience is an argument: do not use a fixed number.")): [
            lambda losses, patience, fixed=fixed: _right(losses, fixed) for fixed in (2, 3, 5)
        ],
        hint(
            "first-epoch-only",
            _("the loop ends in its first round: is the last `return` inside it?"),
        ): [lambda losses, patience: (len(losses) - 1, 0), _first_round_only],
        hint(
            "loop-left-early",
            _(
                "the loop ends at the first epoch without a new minimum, before patience has run "
                "out: does the last `return`, or a `break`, stand inside it?"
            ),
        ): _until_the_first_without,
        hint(
            "place-of-value",
            _(
                "`index` and np.where find the first epoch with such a loss: keep the number of "
                "the epoch itself."
            ),
        ): _changed(lambda at: (int((at.losses == at.losses[at.stop]).argmax()), at.best)),
        hint(
            "never-stops",
            _("return inside the loop, once patience has run out: later epochs do not count."),
        ): [
            _going_on,
            _changed(lambda at: (at.last, int(at.losses.argmin()))),
            _changed(lambda at: (at.last, at.best)),
        ],
        hint(
            "first-rise",
            _(
                "this stops after a single bad epoch: wait for `patience` epochs in a row without "
                "a new minimum."
            ),
        ): [
            lambda losses, patience: _right(losses, 1),
            _first_rise,
            _first_rise_and_before,
        ],
        hint(
            "patience-first",
            _(
                "first ask whether this epoch is the new best, and only then whether patience has "
                "run out."
            ),
        ): _stopping(patience_first=True),
        hint(
            "starts-at-a-number",
            _("at first, the smallest loss so far is that of epoch 0, or infinity."),
        ): [
            _stopping(start=start, by_distance=by_distance)
            for start in (0.0, 1.0, 10.0, 100.0, 999.0, 1000.0)
            for by_distance in (False, True)
        ],
        hint(
            "smallest-not-kept",
            _("the smallest loss so far stays that of epoch 0: replace it at each new minimum."),
        ): [_stopping(kept=False), _stopping(kept=False, by_distance=True)],
        hint(
            "epoch-0-counted",
            _("epoch 0 is the first best: it does not count as one without a new minimum."),
        ): _stopping(first_epoch=0),
        hint(
            "last-epoch-missing",
            _("the last epoch is never looked at: does a range, or a slice, end one too early?"),
        ): [
            _without_the_last,
            _unless_alone(_without_the_last),
            lambda losses, patience: _right(losses[: max(len(losses) - 1, 1)], patience),
        ],
        hint(
            "part-of-losses",
            _(
                "the best epoch is that of the smallest loss up to stop, counted from epoch 0: "
                "losses[: stop + 1] holds these, and no other slice does."
            ),
        ): [_best_in(part, usual) for part in _PARTS for usual in (None, 0)],
        hint(
            "tie", _("a tie is not an improvement: only a loss below the smallest so far counts.")
        ): [_stopping(tie=True), _stopping(tie_resets=True)],
        hint("not-reset", _("the count starts again from 0 after every new minimum.")): [
            _stopping(reset=False),
            lambda losses, patience: _stopping(reset=False)(losses, patience + 1),
        ],
        hint(
            "epoch-before",
            _(
                "compare with the smallest loss so far: neither with the epoch before, nor with "
                "that `patience` epochs ago."
            ),
        ): [
            _patience_ago,
            _stopping(neighbour=True),
            _stopping(neighbour=True, tie_resets=True),
            _stopping(neighbour=True, first_epoch=0),
            _last_fall(),
            _last_fall(first_epoch=0),
            _last_fall(is_unset=True),
        ],
        hint("average", _("compare with the smallest loss so far, not with a mean of several.")): [
            _averaged(share) for share in (0, 0.5, 0.7, 0.8, 0.9)
        ],
        hint("one-later", _("one epoch too late: stop at the epoch where the count is full.")): [
            lambda losses, patience: _right(losses, patience + 1),
            _changed(lambda at: (at.stop + 1, at.best)),
            _changed(lambda at: (at.stop + at.ran_out, at.best)),
            _changed(lambda at: (min(at.stop + 1, at.last), at.best)),
        ],
        hint("one-earlier", _("one epoch too early: stop at the epoch where the count is full.")): [
            lambda losses, patience: _right(losses, max(patience - 1, 1)),
            lambda losses, patience: _right(losses, patience - 1),
            _by_distance_too_early,
            _changed(lambda at: (at.stop - 1, at.best)),
            _changed(lambda at: (at.stop - at.ran_out, at.best)),
        ],
        hint("small-improvements", _("every improvement counts, however small.")): [
            _stopping(less=less) for less in (0.1, 0.01, 0.001, 1e-4)
        ],
        hint("largest-loss", _("the best epoch is that of the smallest loss, not the largest.")): (
            lambda losses, patience: _right(-losses, patience)
        ),
    },
)
