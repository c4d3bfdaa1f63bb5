"""Properties of draws that each come out with the same chance, such as what dropout silences.

A right answer lacks one by bad luck once in millions of draws: five standard deviations.
"""

from dataclasses import dataclass

import numpy as np

from course.check.engine.properties import DEVIATIONS


def is_off(share: float, chance: float, count: int) -> bool:
    """Return whether the share of these many draws that came out is too far from the chance."""
    return bool(abs(share - chance) > _luck(chance, count))


def are_linked(first: np.ndarray, second: np.ndarray, chance: float) -> bool:
    """Return whether two arrays of draws depend on each other: agree too often or too rarely."""
    agreement = np.mean((first - chance) * (second - chance)) / (chance * (1 - chance))
    return bool(abs(agreement) > DEVIATIONS / np.sqrt(first.size))


def vary_together(draws: np.ndarray, axis: int, chance: float) -> bool:
    """Return whether draws along an axis come out together: all of them, or line by line."""
    lines, share = draws.mean(axis=axis), draws.mean()
    # The squares of the deviations, over their mean, follow chi-squared.
    weight, spread = draws.shape[axis] / (chance * (1 - chance)), np.sqrt(2 * len(lines))
    from_share, from_chance = (weight * np.sum((lines - x) ** 2) for x in (share, chance))
    if share in (0, 1) and from_chance > len(lines) + DEVIATIONS * spread:
        return True
    return bool(from_share > len(lines) + 2 * DEVIATIONS * spread)


def _luck(chance, count):
    return DEVIATIONS * np.sqrt(chance * (1 - chance) / count)


@dataclass(frozen=True)
class Silencing:
    """What dropout did to equal activations: the share silenced, and the size of the others."""

    share: float
    size: float
    count: int

    @classmethod
    def of(cls, activations: np.ndarray) -> "Silencing | None":
        """Find it in what came of activations of 1; None if that is not what dropout makes."""
        silenced = np.abs(activations) < 1e-3
        size = float(np.median(activations[~silenced])) if not silenced.all() else np.nan
        found = cls(float(silenced.mean()), size, activations.size)
        has_one_size = np.abs(activations - np.where(silenced, 0, size)).max() < 0.01 * abs(size)
        makes_up = abs(size * (1 - found.share) - 1) <= 0.2
        return found if has_one_size and makes_up else None

    @property
    def rate(self) -> float:
        """The rate that was asked for, if the others are scaled up for it; else the share."""
        asked = 1 - 1 / self.size
        return asked if abs(asked - self.share) <= _luck(self.share, self.count) else self.share
