"""Reduce an answer to what it says: no comments, layout, docstrings or names of local variables."""

import ast
from dataclasses import dataclass

from autograder.grading.code_text import CANNOT_PARSE, MAX_READ, parse

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
# The attribute that holds the name in each node that binds one; a `Name` may only read it.
_NAME_IN = {
    ast.Name: "id",
    ast.arg: "arg",
    ast.FunctionDef: "name",
    ast.AsyncFunctionDef: "name",
    ast.ClassDef: "name",
    ast.ExceptHandler: "name",
    ast.MatchAs: "name",
    ast.MatchStar: "name",
}


@dataclass(frozen=True)
class NormalForm:
    """What answers that say the same share; `size` counts nodes of the syntax tree, or words."""

    text: str
    size: int


def of_prose(text: str) -> NormalForm:
    """Return the normal form of a text: its words."""
    words = text.split()
    return NormalForm(" ".join(words), len(words))


def of_code(text: str) -> NormalForm | None:
    """Return the normal form of Python; None for what is not Python, or too long to be read."""
    if len(text) > MAX_READ:
        return None
    try:
        tree = parse(text)
        _without_texts(tree)
        _rename_locals(tree)
        return NormalForm(ast.dump(tree), sum(1 for _ in ast.walk(tree)))
    except CANNOT_PARSE:
        return None


def _without_texts(tree):
    """Remove statements that are only a string, such as docstrings."""
    for part in ast.walk(tree):
        body = getattr(part, "body", None)
        if isinstance(body, list):
            part.body = [one for one in body if not _is_text(one)]


def _is_text(statement):
    value = getattr(statement, "value", None)
    is_constant = isinstance(statement, ast.Expr) and isinstance(value, ast.Constant)
    return is_constant and isinstance(value.value, str)


def _rename_locals(node):
    """Give the variables of each function, with those of functions in it, names by their order."""
    for part in ast.iter_child_nodes(node):
        if isinstance(part, _FUNCTIONS):
            _rename_in(part)
        else:
            _rename_locals(part)


def _rename_in(function):
    """Rename what a function binds, but not the function."""
    inner = [part for part in ast.walk(function) if part is not function and type(part) in _NAME_IN]
    new = {}
    for part in inner:
        name = getattr(part, _NAME_IN[type(part)])
        if name and not isinstance(getattr(part, "ctx", None), ast.Load):
            new.setdefault(name, f"local_{len(new)}")
    for part in ast.walk(function):
        if isinstance(part, ast.Global):
            for name in part.names:
                new.pop(name, None)
    for part in inner:
        name = getattr(part, _NAME_IN[type(part)])
        setattr(part, _NAME_IN[type(part)], new.get(name, name))
