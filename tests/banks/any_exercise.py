"""Wrong answers to any exercise, whatever its arguments are."""


def unsolved(*arguments):
    raise NotImplementedError()


def stopped(*arguments):
    return 1 / 0


def leaves(*arguments):
    raise SystemExit


GENERIC_WRONG = {
    "unsolved": (unsolved, "not solved yet#*"),
    "nothing returned": (lambda *arguments: None, "return#*"),
    "an error": (stopped, "ZeroDivisionError#*"),
    "leaves the program": (leaves, "SystemExit#*"),
    "a word": (lambda *arguments: "done", "string#*"),
    "too few parameters": (lambda: 0, "called as#*"),
    "a complex number": (lambda *arguments: 1j, "must return#*"),
    "ragged": (lambda *arguments: [[1, 2], [3]], "must#*"),
    "not a function": (3, "#no-function"),
    "a function in a function": (lambda *arguments: lambda: 0, "must return#*"),
    "not a number": (lambda *arguments: float("nan"), "must#*"),
    "a generator": (lambda *arguments: (value for value in [1]), "must return#*"),
    "a dictionary": (lambda *arguments: {}, "must return#*"),
}
