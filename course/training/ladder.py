"""Begin runs of the networks of the ladder, each with the settings that suit it."""

from typing import Any

from course.training.run import Run
from course.training.schedules import exponential_decay


def start(name: str, data: Any, seed: int = 0, **settings: Any) -> Run:
    """Begin a run of a network of the ladder, with the optimiser and the rate that suit it.

    `settings` are those of `Run`, such as `learning_rate` or `batch_size`, and take precedence.
    """
    from course import networks

    network = networks.build(name, seed=seed)
    rung = networks.LADDER[name]
    rate: Any = rung.learning_rate
    if rung.lowest is not None and rung.decay is not None:
        rate = exponential_decay(rung.learning_rate, rung.lowest, rung.decay)
    settings = {"optimizer": rung.optimizer, "learning_rate": rate} | settings
    return Run(network, data, seed=seed, **settings)
