"""What other packages need not import for the course."""

import contextlib
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def without(package: str) -> Iterator[None]:
    """Let what is imported within do without a package, as where it is not installed.

    It can be imported as usual afterwards. One that is imported already stays.
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
    """Let jsonschema, which nbformat imports, do without its grammar of web addresses.

    Building that grammar takes seconds in each new process, and no schema of a notebook asks for
    it. jsonschema itself passes over it where it is not installed.
    """
    sys.modules.setdefault("rfc3987_syntax", None)
