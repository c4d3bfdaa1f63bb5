"""Attempts at each exercise: wrong ones, refused for the right reason, and right ones.

Beside a wrong attempt stands what its failure must hold: "#axis" is the id of its hint, within the
exercise; anything else is a word of its text.
"""


def is_told(expected: str, exercise: str, text: str, hint_id: str) -> bool:
    """Whether a failure with this text and hint says what the bank expects."""
    if expected.startswith("#"):
        return hint_id == f"{exercise}/{expected[1:]}"
    return expected in text
