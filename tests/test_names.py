"""Names of students' folders: shown so that they do nothing, compared as they look."""

import pytest

from autograder.names import look_alikes, shown, writable


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("ada", "ada"),
        ("Jos\u00e9 M\u00fcller", "Jos\u00e9 M\u00fcller"),
        ("a\nb", r"a\nb"),
        ("a\r\tb", r"a\r\tb"),
        ("a\u2028b", r"a\u2028b"),
        (" ada ", r"\x20ada\x20"),
        ("\u3000", r"\u3000"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("\u202egpj", r"\u202egpj"),
        ("\ufeffada\U000e0041", r"\ufeffada\U000e0041"),
        ("jos\udce9", r"jos\xe9"),
        ("\ud800", r"\ud800"),
        ("\U0001f468\u200d\U0001f52c", "\U0001f468\u200d\U0001f52c"),  # one sign of three
        ("\u05d3\u05d5\u05d3", "\u05d3\u05d5\u05d3"),
        ("%s {0} [a] * ?", "%s {0} [a] * ?"),
        ("", ""),
    ],
)
def test_a_name_is_shown_on_one_line_and_does_nothing(name, seen):
    assert shown(name) == seen
    assert not seen or seen.encode().decode().splitlines() == [seen]


def test_only_what_utf_8_cannot_write_is_written_in_another_way():
    assert writable(" a\nb ") == " a\nb "
    assert writable("jos\udce9") == r"jos\xe9"


@pytest.mark.parametrize(
    "alike",
    [
        ["Jos\u00e9", "Jose\u0301"],
        ["ada", "ada "],
        [" ada", "ada", "ada\u200b"],
        ["a b", "a\u00a0b"],
        ["ada", "\u202aada"],
        ["Ada", "ada"],
        ["00123", "123"],
        ["Zo\u00eb", "zoe\u0308"],
    ],
)
def test_names_that_look_the_same_are_found(alike):
    assert look_alikes(["bob", *alike]) == dict.fromkeys(alike, sorted(alike))


def test_names_that_look_different_are_no_look_alikes():
    assert look_alikes(["ada", "adam", "a da", "0ada", "10", "1", "0100"]) == {}
