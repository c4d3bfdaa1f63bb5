"""Grade a submission out of its reach: its code runs walled in, and its verdict is made outside."""

from autograder.sandbox.grader import NoWalls, Sandbox
from autograder.sandbox.limits import Limits

__all__ = ["Limits", "NoWalls", "Sandbox"]
