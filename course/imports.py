"""What other packages need not import for the course."""

import sys


def skip_web_address_grammar() -> None:
    """Let jsonschema, which nbformat imports, do without its grammar of web addresses.

    Building that grammar takes seconds in each new process, and no schema of a notebook asks for
    it. jsonschema itself passes over it where it is not installed.
    """
    sys.modules.setdefault("rfc3987_syntax", None)
