"""Keep other packages from importing what the course does not need."""

import contextlib
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def without(package: str) -> Iterator[None]:
    """Pretend inside the block that a package is not installed, so that nothing imports it.

    It can be imported as usual afterwards. A package that was imported before stays.
    """
    if package in sys.modules:
        yield
        return
    sys.modules[package] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[package]


def skip_web_address_grammar() -> None:
    """Keep jsonschema, which nbformat imports, from loading its grammar of web addresses.

    Building that grammar takes seconds in each new process, and no notebook schema needs it.
    jsonschema itself does without it where it is not installed.
    """
    sys.modules.setdefault("rfc3987_syntax", None)
