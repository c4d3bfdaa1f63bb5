"""The right answer of lesson 0."""

from course.check.engine.guard import guarded


@guarded
def steps_per_epoch(examples: int, batch_size: int) -> int:
    """How many mini-batches show every example once; the last one may be smaller."""
    return -(-examples // batch_size)
