"""The right answer of lesson 7 that others build on: training on one batch."""

from course.check.engine.guard import guarded


@guarded
def overfit_one_batch(model, images, labels, steps: int) -> list[float]:
    """A compiled model, a batch, a number -> the loss before each step on this batch."""
    found = (model.train_on_batch(images, labels, return_dict=True) for _step in range(steps))
    return [float(logs["loss"]) for logs in found]
