"""Attempts at each exercise: wrong ones, refused for the right reason, and right ones.

Beside a wrong attempt stands what its failure must hold: words of its text, and behind a "#" the id
of its hint, within the exercise: "#axis", say, and "#*" for any hint or none. Words alone are those
of a failure without a hint.
"""


def is_told(expected: str, exercise: str, text: str, hint_id: str) -> bool:
    """Whether a failure with this text and hint says what the bank expects."""
    words, _sign, its_hint = expected.partition("#")
    wanted = f"{exercise}/{its_hint}" if its_hint else ""
    return words in text and (its_hint == "*" or hint_id == wanted)
