"""Grade a submission safely: its code runs within walls, and its verdict is made outside them."""

from autograder.sandbox.limits import Limits
from autograder.sandbox.outside.sandbox import Sandbox
from autograder.sandbox.outside.server_handle import CannotStart, SandboxUnavailable

__all__ = ["CannotStart", "Limits", "Sandbox", "SandboxUnavailable"]
