"""Grade a submission out of its reach: its code runs walled in, and its verdict is made outside."""

from autograder.sandbox.grader import Sandbox
from autograder.sandbox.limits import Limits
from autograder.sandbox.parent import CannotStart, NoWalls

__all__ = ["CannotStart", "Limits", "NoWalls", "Sandbox"]
