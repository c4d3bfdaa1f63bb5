"""What learners write in lesson 5. `WRONG` says what the failure must hold."""

import math

import numpy as np
import tensorflow as tf
from sklearn.model_selection import train_test_split

from . import keras_answers


def last_fall(losses, patience):
    """Each epoch is compared with the one before only."""
    best = waited = 0
    for epoch in range(1, len(losses)):
        is_better = losses[epoch] < losses[epoch - 1]
        best, waited = (epoch, 0) if is_better else (best, waited + 1)
        if waited == patience:
            return epoch, best
    return len(losses) - 1, best


def before_the_stop(losses, patience):
    stop, best = watch(losses, patience)
    has_run_out = stop - best == patience
    return stop, stop - 1 if has_run_out else best


def stop_for_best(losses, patience):
    best = waited = 0
    for epoch in range(1, len(losses)):
        is_better = losses[epoch] < losses[best]
        best, waited = (epoch, 0) if is_better else (best, waited + 1)
        if waited == patience:
            return epoch, epoch
    return len(losses) - 1, best


def fall_without_a_start(losses, patience):
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[epoch - 1]:
            best, waited = epoch, 0
        else:
            waited += 1
        if waited >= patience:
            return epoch, best
    return epoch, best


def fall_from_epoch_0(losses, patience):
    """Epoch 0 is compared with losses[-1], the last of all."""
    best = waited = 0
    for epoch in range(len(losses)):
        is_better = losses[epoch] < losses[epoch - 1]
        best, waited = (epoch, 0) if is_better else (best, waited + 1)
        if waited == patience:
            return epoch, best
    return len(losses) - 1, best


def patience_used_up(losses, patience):
    best = 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        else:
            patience -= 1
            if patience < 0:
                return epoch, best
    return len(losses) - 1, best


def counted_anew(losses, patience):
    best_loss, best, waited = losses[0], 0, 0
    for epoch, loss in enumerate(losses[1:]):
        if loss < best_loss:
            best_loss, best, waited = loss, epoch, 0
        else:
            waited += 1
            if waited == patience:
                return epoch, best
    return len(losses) - 1, best


def counted_anew_to_the_end(losses, patience):
    best_loss, best, waited = losses[0], 0, 0
    for epoch, loss in enumerate(losses[1:]):
        if loss < best_loss:
            best_loss, best, waited = loss, epoch, 0
        else:
            waited += 1
        if waited == patience:
            break
    return epoch, best


def patience_ago(losses, patience):
    for epoch in range(patience, len(losses)):
        if losses[epoch] >= losses[epoch - patience]:
            return epoch, int(np.argmin(losses[: epoch + 1]))
    return len(losses) - 1, int(np.argmin(losses))


def patience_before_the_end(losses, patience):
    smallest, waited = losses[0], 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < smallest:
            smallest, waited = losses[epoch], 0
        else:
            waited += 1
        if waited == patience:
            break
    return epoch, epoch - patience


def loss_of_stop_cut_off(losses, patience):
    stop = watch(losses, patience)[0]
    return stop, int(np.argmin(losses[:stop]))


def loss_of_stop_cut_off_unless_alone(losses, patience):
    stop = watch(losses, patience)[0]
    return stop, int(losses[:stop].argmin()) if stop else 0


def best_of_a_window(losses, patience):
    for epoch in range(patience, len(losses)):
        if np.argmin(losses[epoch - patience : epoch + 1]) == 0:
            return epoch, 0
    return len(losses) - 1, int(np.argmin(losses))


def patience_before_the_stop(losses, patience):
    lowest, waited = losses[0], 0
    for epoch in range(1, len(losses)):
        lowest, waited = (losses[epoch], 0) if losses[epoch] < lowest else (lowest, waited + 1)
        if waited == patience:
            return epoch, epoch - patience
    return len(losses) - 1, len(losses) - 1


def split(n, share, rng):
    order = rng.permutation(n)
    count = int(n * share)
    return order[count:], order[:count]


def once(answer):
    """An answer that keeps its first result for each size."""
    kept = {}

    def remembering(n, share, rng):
        if (n, share) not in kept:
            kept[n, share] = answer(n, share, rng)
        return kept[n, share]

    return remembering


def coins(n, share, rng):
    chosen = rng.random(n) < share
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)


def masks_of_booleans(n, share, rng):
    chosen = np.zeros(n, bool)
    chosen[rng.permutation(n)[: int(n * share)]] = True
    return ~chosen, chosen


def two_draws(n, share, rng):
    count = int(n * share)
    return rng.permutation(n)[count:], rng.permutation(n)[:count]


def one_never_drawn(n, share, rng):
    order = rng.permutation(n - 1)
    return order[round(n * share) :], order[: round(n * share)]


def drawn_back(n, share, rng):
    chosen = rng.integers(0, n, round(n * share))
    return np.setdiff1d(np.arange(n), chosen), chosen


def a_block(n, share, rng):
    count = round(n * share)
    order = (np.arange(n) + rng.integers(n)) % n
    return order[count:], order[:count]


def regular_steps(n, share, rng):
    order = np.argsort((np.arange(n) + rng.integers(n)) * share % 1, kind="stable")
    count = round(n * share)
    return order[count:], order[:count]


def drawn_and_dropped(n, share, rng):
    order, count = np.arange(n), round(n * share)
    rng.permutation(order)
    return order[count:], order[:count]


def every_few(n, share, rng):
    validation = np.arange(rng.integers(round(1 / share)), n, round(1 / share))
    return rng.permutation(np.setdiff1d(np.arange(n), validation)), validation


def halves_apart(n, share, rng):
    """The validation part always from the first half."""
    count = round(n * share)
    first = rng.permutation(max(n // 2, count))
    rest = np.arange(max(n // 2, count), n)
    return np.concatenate([first[count:], rest]), first[:count]


def all_but_the_last(n, share, rng):
    order, count = rng.permutation(n - 1), round(n * share)
    return np.append(order[count:], n - 1), order[:count]


def tail_shuffled(n, share, rng):
    count = n - round(n * share)
    return rng.permutation(count), count + rng.permutation(n - count)


def cut_at_a_fraction(n, share, rng):
    order = rng.permutation(n)
    count = n * share
    return order[count:], order[:count]


def spare_one(n, share, rng):
    order = rng.permutation(n)
    count = round(n * share)
    return order[count + 1 :], order[:count]


def overlap_by_one(n, share, rng):
    order = rng.permutation(n)
    count = round(n * share)
    return order[max(count - 1, 0) :], order[:count]


def from_one(n, share, rng):
    training, validation = split(n, share, rng)
    return training + 1, validation + 1


def counted_off_by_one(n, share, rng):
    order = rng.permutation(n)
    count = round(n * share) + 1
    return order[count:], order[:count]


def three_parts(n, share, rng):
    order = rng.permutation(n)
    count = round(n * share)
    return order[2 * count :], order[count : 2 * count], order[:count]


def own_generator(n, share, rng):
    return split(n, share, np.random.default_rng(42))


def global_generator(n, share, rng):
    order = np.random.permutation(n)  # noqa: NPY002
    count = int(n * share)
    return order[count:], order[:count]


class OrderKept:
    """A split that goes on from the order of the call before."""

    def __init__(self):
        self.orders = {}

    def __call__(self, n, share, rng):
        order = self.orders.setdefault(n, np.arange(n))
        rng.shuffle(order)
        return order[int(n * share) :].copy(), order[: int(n * share)].copy()


def shuffled_list(n, share, rng):
    order = list(range(n))
    rng.shuffle(order)
    count = int(n * share)
    return order[count:], order[:count]


def chosen(n, share, rng):
    validation = rng.choice(n, size=int(np.ceil(n * share)), replace=False)
    return np.setdiff1d(np.arange(n), validation), validation


def with_scikit_learn(n, share, rng):
    seed = int(rng.integers(2**31))
    return train_test_split(np.arange(n), test_size=share, random_state=seed)


def with_sets(n, share, rng):
    validation = split(n, share, rng)[1].tolist()
    return sorted(set(range(n)) - set(validation)), validation


def rest_cut_off(n, share, rng):
    order = rng.permutation(n)
    count = int(n * (1 - share))
    return order[:count], order[count:]


def one_by_one(n, share, rng):
    left, validation = list(range(n)), []
    while len(validation) < int(n * share):
        validation.append(left.pop(int(rng.integers(len(left)))))
    return left, validation


def in_tensorflow(n, share, rng):
    order = tf.argsort(tf.constant(rng.random(n)))
    count = int(n * share)
    return order[count:], order[:count]


def stateless(n, share, rng):
    seed = rng.integers(0, 2**31, 2)
    order = tf.random.experimental.stateless_shuffle(tf.range(n), seed=seed)
    count = round(n * share)
    return order[count:], order[:count]


# Dropout ------------------------------------------------------------------------------------------


def dropped(a, rate, training, rng):
    if not training or rate == 0:
        return a
    return np.where(rng.random(a.shape) < rate, 0, a / (1 - rate))


def training_as_a_text(a, rate, training, rng):
    if training == "True":
        return (rng.random(a.shape) >= rate) * a / (1 - rate)
    return a


def filled_into(dtype):
    """Dropout that fills an array of this type."""

    def answer(a, rate, training, rng):
        if not training:
            return a
        result, keep = np.zeros_like(a, dtype=dtype), rng.random(a.shape) >= rate
        result[keep] = (a / (1 - rate))[keep]
        return result

    return answer


def in_training(function):
    """Dropout that changes nothing outside training, whatever `function` does in it."""

    def answer(a, rate, training, rng):
        return function(a, rate, rng) if training else a

    return answer


def overwriting(a, rate, training, rng):
    if training:
        a[rng.random(a.shape) < rate] = 0
        a /= 1 - rate
    return a


def by_a_second_name(activations, rate, training, rng):
    if not training:
        return activations
    result = activations
    result[rng.random(activations.shape) < rate] = 0
    result /= 1 - rate
    return result


def named_in_vain(a, rate, training, rng):
    if training:
        result = a
        a[rng.random(a.shape) < rate] = 0
        a /= 1 - rate
        return result
    return a


def exactly_so_many(a, rate, rng):
    mask = np.ones(a.size)
    mask[rng.choice(a.size, round(rate * a.size), replace=False)] = 0
    return a * mask.reshape(a.shape) / (1 - rate)


def by_value(a, rate, rng):
    rng.random()
    return np.where(np.abs(a) < np.quantile(np.abs(a), rate), 0, a / (1 - rate))


def in_pairs(a, rate, rng):
    mask = rng.random((a.shape[0], (a.shape[1] + 1) // 2)) >= rate
    return a * np.repeat(mask, 2, axis=1)[:, : a.shape[1]] / (1 - rate)


def by_measured_share(a, rate, rng):
    mask = rng.random(a.shape) >= rate
    return a * mask / max(mask.mean(), 1e-9)


class EverySecondTurned:
    """Dropout that silences the largest draws, then the smallest, in turn."""

    def __init__(self):
        self.is_turned = False

    def __call__(self, a, rate, training, rng):
        if not training:
            return a
        self.is_turned = not self.is_turned
        draws = rng.random(a.shape)
        return a * ((1 - draws if self.is_turned else draws) >= rate) / (1 - rate)


def loops(a, rate, training, rng):
    if not training:
        return a.tolist()
    return [[0.0 if rng.random() < rate else v / (1 - rate) for v in row.tolist()] for row in a]


def in_place_of_a_copy(a, rate, training, rng):
    result = a.copy()
    if training:
        result[rng.random(a.shape) < rate] = 0
        result /= 1 - rate
    return result


def no_branches(a, rate, training, rng):
    rate = rate * training
    return a * (rng.uniform(size=a.shape) >= rate) / (1 - rate)


def dropped_in_tensorflow(a, rate, training, rng):
    if not training:
        return tf.constant(a)
    mask = tf.cast(rng.random(a.shape, dtype=np.float32) >= rate, a.dtype)
    return tf.constant(a) * mask / (1 - rate)


def stateless_dropout(a, rate, training, rng):
    if not training:
        return a
    seed = rng.integers(0, 2**31, 2)
    return tf.nn.experimental.stateless_dropout(a, rate, seed=seed)


def seeded_dropout(a, rate, training, rng):
    return tf.nn.dropout(a, rate, seed=int(rng.integers(2**31))) if training else a


# Early stopping -----------------------------------------------------------------------------------


def watch(
    losses, patience, tie=False, reset=True, strict=False, extra=0, start=np.inf, margin=0.0, on=0
):
    best_loss, best, waited = start, 0, 0
    for epoch, loss in enumerate(losses):
        better = loss <= best_loss if tie else loss < best_loss - margin
        if better:
            best_loss, best = loss, epoch
            waited = 0 if reset else waited
        else:
            waited += 1
            if waited > patience if strict else waited >= patience:
                return epoch + extra, best + on
    return len(losses) - 1, best


def running_mean(losses, patience):
    best, waited, smooth = 0, 0, losses[0]
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        waited = 0 if losses[epoch] < smooth else waited + 1
        smooth = 0.5 * smooth + 0.5 * losses[epoch]
        if waited >= patience:
            return epoch, best
    return len(losses) - 1, best


def patience_first(losses, patience):
    best = 0
    for epoch in range(len(losses)):
        if epoch - best == patience:
            return epoch, best
        if losses[epoch] < losses[best]:
            best = epoch
    return len(losses) - 1, best


def zero_at_first(losses, patience):
    best, lowest = 0, 0
    for epoch in range(len(losses)):
        if losses[epoch] < lowest:
            best, lowest = epoch, losses[epoch]
        if epoch - best == patience:
            return epoch, best
    return len(losses) - 1, best


def first_rise(losses, patience):
    for epoch in range(1, len(losses)):
        if losses[epoch] > losses[epoch - 1]:
            return epoch, epoch - 1
    return len(losses) - 1, len(losses) - 1


def neighbours(losses, patience):
    waited = 0
    for epoch in range(1, len(losses)):
        waited = waited + 1 if losses[epoch] >= losses[epoch - 1] else 0
        if waited == patience:
            return epoch, int(np.argmin(losses[: epoch + 1]))
    return len(losses) - 1, int(np.argmin(losses))


def returns_early(losses, patience):
    best = 0
    for epoch in range(len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        elif epoch - best >= patience:
            return epoch, best
        elif epoch > 0:
            return len(losses) - 1, best
    return len(losses) - 1, best


def breaks_early(losses, patience):
    best, waited = 0, 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best, waited = epoch, 0
        else:
            waited += 1
            if waited == patience:
                return epoch, best
            break
    return len(losses) - 1, best


def never_says_so(losses, patience):
    best = 0
    for epoch in range(len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        if epoch - best >= patience:
            return epoch, best
    return None


def one_past_the_end(losses, patience):
    stop, best = watch(losses, patience)
    ran_out = stop - best >= patience
    return (stop if ran_out else len(losses)), best


def sorts_its_argument(losses, patience):
    stop, best = watch(losses, patience)
    losses.sort()
    return stop, best


def with_argmin(losses, patience):
    for epoch in range(len(losses)):
        best = int(np.argmin(losses[: epoch + 1]))
        if epoch - best == patience:
            break
    return epoch, best


def running_minimum(losses, patience):
    lowest = np.minimum.accumulate(losses)
    best = np.searchsorted(-lowest, -lowest, side="left")
    full = np.flatnonzero(np.arange(len(losses)) - best >= patience)
    stop = full[0] if full.size else len(losses) - 1
    return stop, best[stop]


def with_while(losses, patience):
    losses = list(losses)
    epoch = best = 0
    while epoch + 1 < len(losses) and epoch - best < patience:
        epoch += 1
        if losses[epoch] < losses[best]:
            best = epoch
    return [epoch, best]


def as_keras_does(losses, patience):
    best, wait, best_epoch = float("inf"), 0, 0
    for epoch, current in enumerate(losses.tolist()):
        wait += 1
        if current < best:
            best, best_epoch, wait = current, epoch, 0
            continue
        if wait >= patience and epoch > 0:
            return np.int64(epoch), np.int64(best_epoch)
    return epoch, best_epoch


# The curves ---------------------------------------------------------------------------------------

NAMES = {"A": "rate too high", "B": "overfitting", "C": "good fit", "D": "underfitting"}


def with_if(picture):
    if picture == "A":
        return "rate too high"
    if picture == "B":
        return "overfitting"
    return "good fit" if picture == "C" else "underfitting"


def only_printed(picture):
    if picture == "A":
        print("rate too high")
    else:
        print("overfitting")


def except_for(**others):
    return (NAMES | others).get


def one_picture(picture):
    picture = "B"
    return NAMES[picture]


WRONG = {
    "split_indices": {
        "the same part twice": (lambda *given: [split(*given)[0]] * 2, "#same-part"),
        "an order without one": (one_never_drawn, "#too-few"),
        "the first split again": (once(split), "#same-again"),
        "a slice from behind": (
            lambda n, s, r: (lambda o, c: (o[:-c], o[-c:]))(r.permutation(n), round(n * s)),
            "#negative-slice",
        ),
        "a fifth, whatever the share": (
            lambda n, s, r: (lambda o, c: (o[c:], o[:c]))(r.permutation(n), n // 5),
            "#share",
        ),
        "the last ones": (
            lambda n, s, r: (np.arange(n - round(n * s)), np.arange(n - round(n * s), n)),
            "#one-block",
        ),
        "the first ones": (
            lambda n, s, r: (np.arange(n)[round(n * s) :], np.arange(n)[: round(n * s)]),
            "#one-block",
        ),
        "the last ones, shuffled": (tail_shuffled, "#one-block"),
        "the shuffled order not kept": (drawn_and_dropped, "#draw-not-kept"),
        "shuffled, and sorted again": (
            lambda n, s, r: np.split(np.sort(r.permutation(n)), [n - round(n * s)]),
            "#draw-not-kept",
        ),
        "a share in percent": (lambda n, s, r: split(n, s / 100, r), "#percentage"),
        "each so-many-th": (every_few, "#not-random"),
        "a method that no generator has": (lambda n, s, r: r.split(n, s), "#methods-of-generator"),
        "n // share": (
            lambda n, s, r: (lambda o: (o[n // s :], o[: n // s]))(r.permutation(n)),
            "#floor-of-fraction",
        ),
        "a block": (a_block, "#not-random"),
        "regular steps": (regular_steps, "#not-random"),
        "from the first half only": (halves_apart, "#not-random"),
        "the last one never shuffled": (all_but_the_last, "#never-moved"),
        "coins": (coins, "#share"),
        "True and False": (masks_of_booleans, "#booleans"),
        "two draws": (two_draws, "#overlap"),
        "drawn with putting back": (drawn_back, "#with-replacement"),
        "lost one": (spare_one, "#lost"),
        "one in both": (overlap_by_one, "#overlap"),
        "everything for training": (
            lambda n, s, r: (np.arange(n), r.permutation(n)[: round(n * s)]),
            "#overlap",
        ),
        "counted from 1": (from_one, "#index-range"),
        "one too many": (counted_off_by_one, "#off-by-one"),
        "the square of the share": (lambda n, s, r: split(n, s**2, r), "its share"),
        "exchanged": (lambda n, s, r: split(n, s, r)[::-1], "#exchanged-parts"),
        "always a fifth": (lambda n, s, r: split(n, 0.2, r), "#share"),
        "two draws, yielded": (
            lambda n, s, r: (part for part in two_draws(n, s, r)),
            "#overlap",
        ),
        "three parts": (three_parts, "#return-parts"),
        "only the validation part": (lambda n, s, r: split(n, s, r)[1], "#return-parts"),
        "only the order": (lambda n, s, r: r.permutation(n), "#return-parts"),
        "the counts": (lambda n, s, r: (n - round(n * s), round(n * s)), "indices"),
        "fractions": (
            lambda n, s, r: tuple(part / n for part in split(n, s, r)),
            "#fractions",
        ),
        "a generator of its own": (own_generator, "#same-again"),
        "NumPy's global generator": (global_generator, "#other-generator"),
        "the order of the call before, shuffled on": (OrderKept(), "#remembers"),
        "columns": (
            lambda n, s, r: tuple(part[:, np.newaxis] for part in split(n, s, r)),
            "#column",
        ),
        "a dict": (
            lambda n, s, r: dict(zip(("training", "validation"), split(n, s, r), strict=True)),
            "#return-parts",
        ),
        "no cut at n": (lambda n, s, r: split(1000, s, r), "#index-range"),
        "cut at a fraction": (cut_at_a_fraction, "#whole-number"),
        "indices as floats": (
            lambda n, s, r: tuple(part.astype(float) for part in split(n, s, r)),
            "#fractions",
        ),
        "all drawn with putting back": (
            lambda n, s, r: (lambda i, k: (i[k:], i[:k]))(r.integers(0, n, n), int(n * s)),
            "#with-replacement",
        ),
        "divided by the share": (
            lambda n, s, r: (lambda o, k: (o[k:], o[:k]))(r.permutation(n), int(n // s)),
            "#divided-by-share",
        ),
        "sets of words": (lambda n, s, r: ({"a"}, {"b"}), "such as [3, 6]"),
        "shuffled examples, not indices": (
            lambda n, s, r: (r.random(n - int(n * s)), r.random(int(n * s))),
            "#fractions",
        ),
    },
    "dropout": {
        "the mask": (
            lambda a, p, t, r: (r.random(a.shape) >= p) / (1 - p) if t and p else a,
            "#mask-alone",
        ),
        "one toss, not scaled": (
            in_training(lambda a, p, r: a if r.random() >= p else np.zeros_like(a)),
            "#one-for-all",
        ),
        "not scaled": (in_training(lambda a, p, r: a * (r.random(a.shape) >= p)), "#no-scaling"),
        "not scaled, in bfloat16": (
            in_training(lambda a, p, r: tf.cast(a * (r.random(a.shape) >= p), tf.bfloat16)),
            "#no-scaling",
        ),
        "scaled by the rate": (
            in_training(lambda a, p, r: a * (r.random(a.shape) >= p) / p if p else a),
            "#by-rate",
        ),
        "scaled by the rate, 0 included": (
            in_training(lambda a, p, r: a * (r.random(a.shape) >= p) / np.float64(p)),
            "#by-rate",
        ),
        "multiplied by 1 - rate": (
            in_training(lambda a, p, r: a * (r.random(a.shape) >= p) * (1 - p)),
            "#multiplied",
        ),
        "scaled twice": (
            in_training(lambda a, p, r: a * (r.random(a.shape) >= p) / (1 - p) ** 2),
            "#divided-twice",
        ),
        "keep and drop swapped": (
            in_training(lambda a, p, r: a * (r.random(a.shape) < p) / (1 - p)),
            "#rate-0",
        ),
        "swapped, rate 0 apart": (
            in_training(lambda a, p, r: a * (r.random(a.shape) < p) / (1 - p) if p else a),
            "#keep-and-drop",
        ),
        "rate as the chance to keep": (
            in_training(lambda a, p, r: a * (r.random(a.shape) < p) / p if p else a),
            "#share-kept",
        ),
        "rate as the chance to keep, 0 included": (
            in_training(lambda a, p, r: a * (r.random(a.shape) < p) / np.float64(p)),
            "#share-kept",
        ),
        "brackets missing": (
            in_training(lambda a, p, r: a * (r.random(a.shape) >= p) / 1 - p),
            "#no-brackets",
        ),
        "brackets missing, for survivors": (
            in_training(lambda a, p, r: np.where(r.random(a.shape) < p, 0, a / 1 - p)),
            "#no-brackets",
        ),
        "the rate subtracted from all": (
            in_training(lambda a, p, r: a - p),
            "0 or, for a survivor",
        ),
        "divided by //": (
            in_training(lambda a, p, r: a * (r.random(a.shape) >= p) // (1 - p)),
            "#whole-numbers",
        ),
        "whole numbers, filled in": (filled_into(int), "#whole-numbers"),
        "small whole numbers, filled in": (filled_into(np.uint8), "#whole-numbers"),
        "cut off at the end, by TensorFlow": (
            in_training(lambda a, p, r: tf.cast(dropped(a, p, True, r), tf.int32)),
            "#whole-numbers",
        ),
        "rounded down": (
            in_training(lambda a, p, r: np.floor(dropped(a, p, True, r))),
            "#whole-numbers",
        ),
        "cut off before": (
            in_training(lambda a, p, r: dropped(a.astype(int), p, True, r)),
            "#whole-numbers",
        ),
        "cut off before, outside training as well": (
            lambda a, p, t, r: dropped(a.astype(int), p, t, r),
            "#whole-numbers",
        ),
        "a scale cut off": (
            in_training(lambda a, p, r: a * (r.random(a.shape) >= p) * int(1 / (1 - p))),
            "#whole-numbers",
        ),
        "rounded": (in_training(lambda a, p, r: np.round(dropped(a, p, True, r))), "#rounded"),
        "rounded to three decimals": (
            in_training(lambda a, p, r: np.round(dropped(a, p, True, r), 3)),
            "#rounded",
        ),
        "active at test": (lambda a, p, t, r: dropped(a, p, True, r), "#drops-outside-training"),
        "training turned round": (
            lambda a, p, t, r: dropped(a, p, not t, r),
            "#training-reversed",
        ),
        "scaled at test": (
            lambda a, p, t, r: a * (r.random(a.shape) >= p) if t else a * (1 - p),
            "#scales-outside-training",
        ),
        "multiplied by the rate at test": (
            lambda a, p, t, r: dropped(a, p, t, r) if t else a * p,
            "#scales-outside-training",
        ),
        "multiplied by 1 + rate": (
            in_training(lambda a, p, r: a * (r.random(a.shape) >= p) * (1 + p)),
            "#multiplied",
        ),
        "multiplied by the rate": (
            in_training(lambda a, p, r: a * (r.random(a.shape) >= p) * p if p else a),
            "#multiplied",
        ),
        "half of the rate": (
            in_training(lambda a, p, r: a * (r.random(a.shape) >= p / 2) / (1 - p)),
            "#chance",
        ),
        "divided at test": (
            lambda a, p, t, r: dropped(a, p, t, r) if t else a / (1 - p),
            "#scales-outside-training",
        ),
        "one draw for each column": (
            in_training(lambda a, p, r: a * (r.random(a.shape[1]) >= p) / (1 - p)),
            "#one-per-column",
        ),
        "one draw for each row, without its axis": (
            lambda a, p, t, r: a * (r.random(len(a)) >= p) / (1 - p) if t else a,
            "#shape-of-draws",
        ),
        "-1 for silence": (
            in_training(lambda a, p, r: np.where(r.random(a.shape) < p, -1, a / (1 - p))),
            "#other-silence",
        ),
        "a draw for silence, another one for the scale": (
            in_training(
                lambda a, p, r: np.where(
                    r.random(a.shape) < p, 0, np.where(r.random(a.shape) < p, a, a / (1 - p))
                )
            ),
            "#two-draws",
        ),
        "one draw for each row": (
            in_training(lambda a, p, r: a * (r.random((len(a), 1)) >= p) / (1 - p)),
            "#one-per-row",
        ),
        "one draw for all": (
            in_training(lambda a, p, r: a * (r.random() >= p) / (1 - p)),
            "#one-for-all",
        ),
        "the same mask every time": (
            in_training(
                lambda a, p, r: a * (np.random.default_rng(0).random(a.shape) >= p) / (1 - p)
            ),
            "#same-again",
        ),
        "NumPy's global generator": (
            in_training(lambda a, p, r: a * (np.random.random(a.shape) >= p) / (1 - p)),  # noqa: NPY002
            "#other-generator",
        ),
        "another half of the draws at every call": (
            EverySecondTurned(),
            "#remembers",
        ),
        "a normal draw": (
            in_training(lambda a, p, r: a * (r.normal(size=a.shape) >= p) / (1 - p)),
            "#chance",
        ),
        "always a half": (
            in_training(lambda a, p, r: a * (r.random(a.shape) >= 0.5) / (1 - p)),
            "#chance",
        ),
        "always a half, scaled by 2": (
            in_training(lambda a, p, r: a * (r.random(a.shape) >= 0.5) * 2),
            "#rate-fixed",
        ),
        "exactly so many": (in_training(exactly_so_many), "#fixed-count"),
        "the smallest": (in_training(by_value), "#fixed-count"),
        "in pairs": (in_training(in_pairs), "#neighbours"),
        "scaled by what survived": (in_training(by_measured_share), "#by-survivors"),
        "noise in place of silence": (
            in_training(lambda a, p, r: a + p * r.normal(size=a.shape)),
            "0 or, for a survivor",
        ),
        "only the mask": (
            in_training(lambda a, p, r: (r.random(a.shape) >= p) / (1 - p)),
            "#mask-alone",
        ),
        "survivors only": (
            in_training(lambda a, p, r: a[r.random(a.shape) >= p] / (1 - p)),
            "#axis-count",
        ),
        "a text for True": (training_as_a_text, "#truth-as-text"),
        "nothing silenced": (in_training(lambda a, p, r: a), "#never-drops"),
        "nothing silenced, scaled": (in_training(lambda a, p, r: a / (1 - p)), "dropout must"),
        "everything silenced": (in_training(lambda a, p, r: a * 0), "#rate-0"),
        "overwrites": (overwriting, "#changed-argument"),
        "overwrites by a second name": (by_a_second_name, "#second-name"),
        "overwrites, and gives it a second name": (named_in_vain, "#changed-argument"),
        "NaN for silence": (
            in_training(lambda a, p, r: np.where(r.random(a.shape) < p, np.nan, a / (1 - p))),
            "#other-silence",
        ),
        "a square mask": (
            in_training(lambda a, p, r: a * (r.random((len(a), len(a))) >= p) / (1 - p)),
            "#other-sizes",
        ),
        "nothing outside training": (
            lambda a, p, t, r: dropped(a, p, t, r) if t else None,
            "#no-return",
        ),
        "return in the loop": (
            lambda a, p, t, r: np.vstack([dropped(a[:1], p, t, r), 0 * a[1:]]),
            "#first-row-only",
        ),
        "return in the loop of training": (
            in_training(lambda a, p, r: np.vstack([dropped(a[:1], p, True, r), (p == 0) * a[1:]])),
            "#first-row-only",
        ),
        "all rows but the last": (
            lambda a, p, t, r: np.vstack([dropped(a[:-1], p, t, r), 0 * a[-1:]]),
            "#last-row-missing",
        ),
        "activations and mask": (
            lambda a, p, t, r: (dropped(a, p, t, r), r.random(a.shape) < p),
            "#others",
        ),
        "the activations compared": (
            in_training(lambda a, p, r: np.where(a < p, 0, a / (1 - p))),
            "#activations-compared",
        ),
        "the numbers themselves": (
            in_training(lambda a, p, r: (lambda u: a * u * (u >= p) / (1 - p))(r.random(a.shape))),
            "#numbers-themselves",
        ),
        "only the positive ones": (
            in_training(lambda a, p, r: np.maximum(a, 0) * (r.random(a.shape) >= p) / (1 - p)),
            "#relu",
        ),
    },
    "early_stopping": {
        "stop in place of best": (stop_for_best, "#last-as-best"),
        "the epoch before the stop": (before_the_stop, "#last-as-best"),
        "None for a stop": (
            lambda x, p: (lambda stop, best: (stop if stop - best >= p else None, best))(
                *watch(x, p)
            ),
            "#part-without-value",
        ),
        "best and patience added up": (
            lambda x, p: (lambda stop, best: (best + p, best))(*watch(x, p)),
            "#end-not-reached",
        ),
        "compared with a running mean": (running_mean, "#average"),
        "a patience of 2": (lambda x, p: watch(x, 2), "#patience-fixed"),
        "a patience of 1": (lambda x, p: watch(x, 1), "#first-rise"),
        "compared with `patience` epochs ago": (patience_ago, "#epoch-before"),
        "patience before the stop, if there was a loop": (
            patience_before_the_end,
            "#last-as-best",
        ),
        "the last fall": (last_fall, "#epoch-before"),
        "return in the loop": (lambda x, p: (len(x) - 1, 0), "#first-epoch-only"),
        "return at the first epoch without a new minimum": (returns_early, "#loop-left-early"),
        "break at the first epoch without a new minimum": (breaks_early, "#loop-left-early"),
        "the first rise": (first_rise, "#first-rise"),
        "counter not reset": (lambda x, p: watch(x, p, reset=False), "#not-reset"),
        "one epoch late": (lambda x, p: watch(x, p, strict=True), "#one-later"),
        "one epoch late, by addition": (lambda x, p: watch(x, p, extra=1), "#one-later"),
        "the stop as the best": (lambda x, p: (watch(x, p)[0],) * 2, "#last-as-best"),
        "one epoch early": (lambda x, p: watch(x, p, extra=-1), "#one-earlier"),
        "patience too short": (lambda x, p: watch(x, p - 1), "#one-earlier"),
        "from 1": (lambda x, p: tuple(e + 1 for e in watch(x, p)), "#epochs-from-1"),
        "a tie counts": (lambda x, p: watch(x, p, tie=True), "#tie"),
        "the last fall, of which there is none at first": (fall_without_a_start, "#epoch-before"),
        "the last fall, from epoch 0 on": (fall_from_epoch_0, "#epoch-before"),
        "patience used up": (patience_used_up, "#not-reset"),
        "counted anew from 0": (counted_anew, "#sliced-count"),
        "counted anew from 0, to the end": (counted_anew_to_the_end, "#sliced-count"),
        "patience before the stop": (patience_before_the_stop, "#last-as-best"),
        "neighbours compared": (neighbours, "#epoch-before"),
        "the last as the best": (lambda x, p: (watch(x, p)[0],) * 2, "#last-as-best"),
        "counted from a window on": (best_of_a_window, "#last-as-best"),
        "the one before as the best": (
            lambda x, p: (watch(x, p)[0], watch(x, p)[0] - 1),
            "#last-as-best",
        ),
        "the future is seen": (lambda x, p: (watch(x, p)[0], int(np.argmin(x))), "#looks-ahead"),
        "the smallest of all, and patience": (
            lambda x, p: (min(int(np.argmin(x)) + p, len(x) - 1), int(np.argmin(x))),
            "#looks-ahead",
        ),
        "the last loss cut off": (
            lambda x, p: (watch(x, p)[0], int(np.argmin(x[: watch(x, p)[0]])) if len(x) > 1 else 0),
            "#last-epoch-missing",
        ),
        "the loss of the stop cut off": (loss_of_stop_cut_off, "#slice-before-stop"),
        "the loss of the stop cut off, one epoch apart": (
            loss_of_stop_cut_off_unless_alone,
            "#slice-before-stop",
        ),
        "the last epoch left out": (
            lambda x, p: watch(x[:-1], p) if len(x) > 1 else (0, 0),
            "#last-epoch-missing",
        ),
        "the losses before patience": (
            lambda x, p: (lambda stop: (stop, int(np.argmin(x[: stop - p + 1]))))(watch(x, p)[0]),
            "#part-of-losses",
        ),
        "the losses from epoch 1 on": (
            lambda x, p: (lambda stop: (stop, int(np.argmin(x[1 : stop + 1])) if stop else 0))(
                watch(x, p)[0]
            ),
            "#part-of-losses",
        ),
        "the losses of the last epochs": (
            lambda x, p: (lambda stop: (stop, int(np.argmin(x[max(stop - p, 0) : stop + 1]))))(
                watch(x, p)[0]
            ),
            "#part-of-losses",
        ),
        "all losses but the last": (
            lambda x, p: (watch(x, p)[0], int(np.argmin(x[:-1])) if len(x) > 1 else 0),
            "#part-of-losses",
        ),
        "patience before the new best": (patience_first, "#patience-first"),
        "never stops": (lambda x, p: (len(x) - 1, int(np.argmin(x))), "#never-stops"),
        "exchanged": (lambda x, p: watch(x, p)[::-1], "#exchanged-parts"),
        "the loss": (lambda x, p: (watch(x, p)[0], x[watch(x, p)[1]]), "#loss-for-epoch"),
        "only the stop": (lambda x, p: watch(x, p)[0], "#return-parts"),
        "only the best": (lambda x, p: watch(x, p)[1], "#return-parts"),
        "None if it never stops": (never_says_so, "#no-return-here"),
        "the length if it never stops": (one_past_the_end, "#end-not-reached"),
        "the best loss starts at 100": (
            lambda x, p: watch(x, p, start=100.0),
            "#starts-at-a-number",
        ),
        "the best loss starts at 0": (lambda x, p: watch(x, p, start=0.0), "#starts-at-a-number"),
        "the best loss starts at 0, and counts later": (zero_at_first, "#starts-at-a-number"),
        "a margin": (lambda x, p: watch(x, p, margin=0.001), "#small-improvements"),
        "patience ignored": (lambda x, p: watch(x, 2), "#patience-fixed"),
        "the largest": (lambda x, p: watch(-x, p), "#largest-loss"),
        "one past the best": (lambda x, p: watch(x, p, on=1), "early_stopping must"),
        "no end where patience runs out in the last epoch": (
            lambda x, p: (
                lambda stop, best: (None if stop == best + p == len(x) - 1 else stop, best)
            )(*watch(x, p)),
            "#part-without-value",
        ),
        "sorts": (sorts_its_argument, "#changed-argument"),
        "True": (lambda x, p: True, "#return-parts"),
        "a third thing": (lambda x, p: (*watch(x, p), x.min()), "#return-parts"),
    },
    "name_the_curve": {
        "a word": (lambda picture: "done", "must return one of these"),
        "always the same": (lambda picture: "overfitting", "#name-twice"),
        "from the name to the picture": (
            lambda picture: {"rate too high": "A", "overfitting": "B"}[picture],
            "#keys-first",
        ),
        "one picture for all": (one_picture, "#picture-given"),
        "two exchanged": (except_for(B="good fit", C="overfitting"), "#curves"),
        "over and under exchanged": (except_for(B="underfitting", D="overfitting"), "#curves"),
        "a turned circle": (
            {"A": "overfitting", "B": "good fit", "C": "underfitting", "D": "rate too high"}.get,
            "#curves",
        ),
        "one wrong": (except_for(D="rate too high"), "#name-twice"),
        "another word": (except_for(A="diverged"), "one of these"),
        "one missing": (lambda picture: NAMES[picture] if picture != "D" else None, "#pictures"),
        "lower-case pictures": (
            lambda picture: {"a": "rate too high"}.get(picture),
            "#pictures",
        ),
        "a small letter looked up": (lambda picture: NAMES[picture.lower()], "#small-letters"),
        "nothing": (lambda picture: None, "#no-return"),
        "a dict without the last picture": (
            lambda picture: {name: NAMES[name] for name in "ABC"}[picture],
            "#pictures",
        ),
        "the argument in quotation marks": (lambda picture: NAMES["picture"], "#quoted-argument"),
        "the whole dict": (lambda picture: dict(NAMES), "#whole-dict"),
        "D without a name": (
            {"A": "rate too high", "B": "overfitting", "C": "good fit"}.__getitem__,
            "#pictures",
        ),
        "nothing returned": (lambda picture: print(NAMES[picture]), "#no-name"),
        "only printed": (only_printed, "#printed"),
        "a number": (lambda picture: "ABCD".index(picture), "one of these"),
        "a list of names": (lambda picture: [NAMES[picture]], "#in-brackets"),
        "all names": (lambda picture: list(NAMES.values()), "#in-brackets"),
        "empty": (lambda picture: "", "one of these"),
        "the picture": (lambda picture: picture, "one of these"),
        "two names in one": (
            lambda picture: NAMES[picture] + " or overfitting",
            "one of these",
        ),
        "a dict, half of it": ({"A": "rate too high", "B": "overfitting"}, "#pictures"),
        "a list, in another order": (
            ["underfitting", "overfitting", "rate too high", "good fit"],
            "#curves",
        ),
        "a word as the answer": ("overfitting", "#no-function"),
        "bytes": (lambda picture: NAMES[picture].encode(), "one of these"),
        "a slip of the pen": (except_for(A="rate to high"), "got:      str 'rate to high'"),
    },
    "build_regularised": keras_answers.WRONG["build_regularised"],
    "fit_with_early_stopping": keras_answers.WRONG["fit_with_early_stopping"],
    "compile_detector": keras_answers.WRONG["compile_detector"],
}

RIGHT = {
    "split_indices": {
        "permutation": split,
        "list": shuffled_list,
        "choice": chosen,
        "scikit-learn": with_scikit_learn,
        "one by one": one_by_one,
        "TensorFlow": in_tensorflow,
        "TensorFlow's own shuffle": stateless,
        "sorted parts": lambda n, s, r: [np.sort(part) for part in split(n, s, r)],
        "np.split": lambda n, s, r: np.split(r.permutation(n), [n - round(n * s)]),
        "the rest cut off": rest_cut_off,
        "the rest rounded": lambda n, s, r: np.split(r.permutation(n), [round(n * (1 - s))]),
        "the rest rounded up": lambda n, s, r: np.split(r.permutation(n), [math.ceil(n * (1 - s))]),
        "rounded up": lambda n, s, r: np.split(r.permutation(n), [n - math.ceil(n * s)]),
        "argsort": lambda n, s, r: np.split(np.argsort(r.random(n)), [n - int(n * s)]),
        "sets": with_sets,
        "int32": lambda n, s, r: tuple(part.astype(np.int32) for part in split(n, s, r)),
        "unsigned": lambda n, s, r: tuple(part.astype(np.uint16) for part in split(n, s, r)),
        "a child of the generator": lambda n, s, r: split(n, s, r.spawn(1)[0]),
        "a generator seeded by it": lambda n, s, r: split(
            n, s, np.random.default_rng(r.integers(2**32))
        ),
        "yielded": lambda n, s, r: (part for part in split(n, s, r)),
    },
    "dropout": {
        "where": dropped,
        "loops": loops,
        "a copy": in_place_of_a_copy,
        "no branches": no_branches,
        "TensorFlow": dropped_in_tensorflow,
        "stateless TensorFlow": stateless_dropout,
        "seeded TensorFlow": seeded_dropout,
        "binomial": in_training(lambda a, p, r: a * r.binomial(1, 1 - p, a.shape) / (1 - p)),
        "choice": in_training(
            lambda a, p, r: a * r.choice([0, 1 / (1 - p)], size=a.shape, p=[p, 1 - p])
        ),
        "float64": in_training(
            lambda a, p, r: (r.random(a.shape) >= p) * a.astype(np.float64) / (1 - p)
        ),
        "float32 draws": in_training(
            lambda a, p, r: a * (r.random(a.shape, np.float32) > p) / np.float32(1 - p)
        ),
        "the upper part drops": in_training(
            lambda a, p, r: a * (r.random(a.shape) < 1 - p) / (1 - p)
        ),
        "row by row": in_training(
            lambda a, p, r: np.stack([row * (r.random(len(row)) >= p) / (1 - p) for row in a])
        ),
        "half precision": in_training(
            lambda a, p, r: (a * (r.random(a.shape) >= p) / (1 - p)).astype(np.float16)
        ),
        "a list": lambda a, p, t, r: dropped(a, p, t, r).tolist(),
        "masked array": in_training(
            lambda a, p, r: np.ma.array(a / (1 - p), mask=r.random(a.shape) < p).filled(0)
        ),
        "bfloat16": lambda a, p, t, r: tf.cast(dropped(a, p, t, r), tf.bfloat16),
        "minus zero": in_training(
            lambda a, p, r: np.where(r.random(a.shape) < p, -0.0, a / (1 - p))
        ),
        "exponential draws": in_training(
            lambda a, p, r: a * (r.exponential(size=a.shape) >= -np.log1p(-p)) / (1 - p)
        ),
    },
    "early_stopping": {
        "loop": watch,
        "argmin": with_argmin,
        "running minimum": running_minimum,
        "while": with_while,
        "as Keras does": as_keras_does,
        "array": lambda x, p: np.array(watch(x, p)),
        "list": lambda x, p: list(watch(x, p)),
        "NumPy scalars": lambda x, p: tuple(map(np.int32, watch(x, p))),
        "0-d arrays": lambda x, p: tuple(map(np.array, watch(x, p))),
        "tensors": lambda x, p: tuple(map(tf.constant, watch(x, p))),
        "one tensor": lambda x, p: tf.constant(watch(x, p)),
        "starts at the first loss": lambda x, p: watch(x, p, start=x[0] + 1),
        "floats": lambda x, p: tuple(map(float, watch(x, p))),
        "an iterator": lambda x, p: map(int, watch(x, p)),
        "bfloat16": lambda x, p: tf.cast(watch(x, p), tf.bfloat16),
    },
    "name_the_curve": {
        "dictionary": lambda picture: NAMES[picture],
        "if": with_if,
        "as lesson 7 calls it": except_for(A="learning rate too high"),
        "get": NAMES.get,
        "upper case": lambda picture: NAMES[picture].upper(),
        "capitals": lambda picture: NAMES[picture].title(),
        "blanks around it": lambda picture: f"  {NAMES[picture]} ",
        "underscores": lambda picture: NAMES[picture].replace(" ", "_"),
        "hyphens": lambda picture: NAMES[picture].replace(" ", "-").replace("rfit", "r-fit"),
        "a NumPy string": lambda picture: np.str_(NAMES[picture]),
        "by place": lambda picture: list(NAMES.values())["ABCD".index(picture)],
        "sentence": lambda picture: NAMES[picture].capitalize(),
    },
    "build_regularised": keras_answers.RIGHT["build_regularised"],
    "fit_with_early_stopping": keras_answers.RIGHT["fit_with_early_stopping"],
    "compile_detector": keras_answers.RIGHT["compile_detector"],
}
