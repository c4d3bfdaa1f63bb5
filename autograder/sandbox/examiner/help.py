"""Help for what fails for something that is not its own: given for a while, then taken back."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.sandbox.examiner.link import Link
from autograder.sandbox.protocol.settings import DEFAULTS


@dataclass
class Given:
    """What a test was given."""

    restored: list[str]  # names that had lost what they stood for
    lent: list[str]  # the course's own functions; afterwards, those that were called
    defaults: list[str]  # settings

    def __bool__(self) -> bool:
        """Whether it was given anything."""
        return bool(self.restored or self.lent or self.defaults)


class Help:
    """Gives a student's process what it lacks: names, other answers, the usual settings."""

    def __init__(self, link: Link):
        """Give it to the process at the other end."""
        self._link = link

    def restore(self, used: set[str]) -> list[str]:
        """Give those of these names that are lost what they stood for, and return them."""
        names = [name for name in self._link.names("lost") if name in used]
        if names:
            self._link.ask("restore", names)
        return names

    def undo_restore(self, is_all: bool) -> None:
        """Undo that; if not for all, then for those that stood for another function or module."""
        self._link.ask("undo_restore", is_all)

    def changed_settings(self) -> list[str]:
        """Return the settings that the notebook has changed."""
        changed = self._use_defaults()
        self._link.ask("undo_defaults")
        return changed

    @contextlib.contextmanager
    def given(self, lost: set[str], others: list[str]) -> Iterator[Given]:
        """Have lost names and all settings as usual in this block, and these answers right."""
        given = Given(
            restored=self.restore(lost),
            lent=self._link.names("lend", others, kind="lent") if others else [],
            defaults=self._use_defaults(),
        )
        yield given
        if given.lent:
            called = self._link.names("take_back", kind="lent")
            given.lent = [name for name in called if name in others]
        if given.restored:
            self.undo_restore(is_all=True)
        if given.defaults:
            self._link.ask("undo_defaults")

    def _use_defaults(self) -> list[str]:
        """Use the defaults of all settings from now on, and return those that had changed."""
        changed = self._link.names("use_defaults", kind="defaults")
        return [name for name in DEFAULTS if name in changed]
