"""The notebook's names: which there are, and what they stand for while answers are examined."""

import functools
from typing import Any

from autograder.sandbox.inside.remembered_names import RememberedNames, is_used
from autograder.sandbox.inside.shell import Shell
from autograder.sandbox.protocol.channel import Reply

_MAX_NAMES = 500_000  # in an answer
_MAX_LOST = 10_000  # names: an answer may hold only a limited number


class Names:
    """The names in the shell, and what lost ones stood for."""

    def __init__(self, ipython: Shell, remembered: RememberedNames):
        """Take the shell with the names, and what they stood for."""
        self._shell = ipython
        self._remembered = remembered
        self._restored: dict[str, Any] = {}  # what names stand for again, for now
        self._before_restore: dict[str, list[Any]] = {}  # before that, if they stood for anything

    def present(self) -> Reply:
        """Say which names there are: ("names", names)."""
        names = [name for name in list(self._shell.user_ns) if type(name) is str]
        return "names", names[:_MAX_NAMES]

    def missing(self, names: list[str]) -> Reply:
        """Say which of these names have no value: ("missing", names)."""
        return "missing", [name for name in names if name not in self._shell.user_ns]

    def lost(self) -> Reply:
        """Say which names have lost what they stood for: ("lost", names).

        They are gone, stand for neither a function nor a module any more, for a function that was
        imported in place of the notebook's own, or is still to be written, or for something else
        than the well-known library.
        """
        return "lost", self._remembered.lost(self._shell.user_ns)[:_MAX_LOST]

    def restore(self, names: list[str]) -> Reply:
        """Restore what these names stood for until `undo_restore`: ("restored",)."""
        namespace = self._shell.user_ns
        self._restored = {name: self._remembered.value(name) for name in names}
        self._before_restore = {name: value_of(namespace, name) for name in names}
        namespace.update(self._restored)
        return ("restored",)

    def undo_restore(self, is_all: bool) -> Reply:
        """Give names back their values from before, unless they changed since: ("restored",).

        If not all, then those that stood for another function or module, which cells below may use.
        """
        namespace = self._shell.user_ns
        for name, before in self._before_restore.items():
            if not is_all and not any(map(is_used, before)):
                continue
            if name in namespace and namespace[name] is self._restored[name]:
                put_back(namespace, name, before)
        self._before_restore, self._restored = {}, {}
        return ("restored",)

    def never_call_again(self, name: str) -> Reply:
        """Let a function that did not end raise an error from now on, to save the time."""

        def retired(*_arguments: Any, **_named: Any) -> Any:
            raise TimeoutError(f"{name} did not end when it was examined: it is not called again")

        if callable(function := self._shell.user_ns.get(name)) and not isinstance(function, type):
            self._shell.user_ns[name] = functools.update_wrapper(retired, function)
            self._remembered.take(self._shell.user_ns)
        return ("retired",)


def value_of(namespace: dict[str, Any], name: str) -> list[Any]:
    """Return what a name stands for, in a list; an empty one if it has no value."""
    return [namespace[name]] if name in namespace else []


def put_back(namespace: dict[str, Any], name: str, before: list[Any]) -> None:
    """Let a name stand for what `value_of` returned."""
    namespace.pop(name, None)
    for value in before:
        namespace[name] = value
