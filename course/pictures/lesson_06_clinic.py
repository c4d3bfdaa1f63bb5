"""The pictures of lesson 6: the panels of a healthy network, and of each patient."""

from course import clinic
from course.panels import Panels
from course.pictures.picture import Picture


def healthy() -> Picture:
    """The six panels of a network without a fault, after its training."""
    return _panels(clinic.trained(clinic.healthy()))


def patient(number: int) -> Picture:
    """The six panels of patient 1 to 10, as it came."""
    return _panels(clinic.admit(number))


def _panels(run) -> Picture:
    panels = Panels(run)
    try:
        return Picture.from_array(panels.update(), panels.describe())
    finally:
        panels.close()
