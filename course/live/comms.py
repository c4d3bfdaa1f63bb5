"""Widget messages that the page may answer while a cell is running.

A kernel with subshells routes the page's answer on a comm to the thread that sent on it last: for
a widget made by a running cell that is the cell's own thread, which hears nothing before the cell
has ended. A message that is sent in a context without a parent message leaves the choice to the
page, and JupyterLab chooses a subshell: its messages are heard at once.
"""

from collections.abc import Callable
from contextvars import copy_context
from typing import Any


class OpenReplies:
    """Calls functions that make widgets or send to them; the page can answer at any time.

    It is made in the thread that runs cells, and may be used in any thread.
    """

    def __init__(self) -> None:
        self._context = copy_context()
        for variable in list(self._context):
            if variable.name == "shell_parent":  # ipykernel's: the message that is being handled
                self._context.run(variable.set, {})

    def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call the function, and return what it returns."""
        return self._context.copy().run(function, *arguments)  # a context runs in one thread
