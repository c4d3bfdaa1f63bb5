"""Which operating systems can grade: Linux, and macOS without walls."""

import os
import platform


def no_grading() -> str:
    """Why nothing can be graded on this system, in one sentence; nothing if it can."""
    if platform.system() == "Windows" or not hasattr(os, "fork"):
        return (
            f"Submissions cannot be graded on {platform.system()}, which has no fork: "
            "grade on Linux, in WSL2 or in a container."
        )
    return ""
