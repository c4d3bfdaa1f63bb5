"""The examination of lesson 0: the visible check, on other numbers."""

from course import check

_SEEDS = (0, 7_411, 90_227)


def steps_per_epoch(answer):
    """Two whole numbers -> how many steps show every example once."""
    for seed in _SEEDS:
        check.steps_per_epoch(answer, seed)
