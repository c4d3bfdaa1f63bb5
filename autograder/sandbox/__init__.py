"""Grade a submission out of its reach: its code runs walled in, and its verdict is made outside."""

from autograder.sandbox.limits import Limits
from autograder.sandbox.outside.sandbox import Sandbox
from autograder.sandbox.outside.server_handle import CannotStart, SandboxUnavailable

__all__ = ["CannotStart", "Limits", "Sandbox", "SandboxUnavailable"]
