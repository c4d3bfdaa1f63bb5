"""What the code of an answer says, where it runs: names in it, its branches, its returns."""

import ast
import dis
import inspect
import textwrap
from collections.abc import Callable
from types import CodeType
from typing import Any


def uses(function: Any, name: str) -> bool:
    """Whether the function's own code names something, such as GradientTape."""
    return name in getattr(getattr(function, "__code__", None), "co_names", ())


def skips(function: Any, name: str, number: int) -> bool:
    """Whether each line that gives a name its value is in an `if` or a loop above this line."""
    try:
        first = function.__code__.co_firstlineno
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (AttributeError, OSError, TypeError, SyntaxError):
        return False
    # By each place that gives a value; the walk goes from the outside inwards.
    innermost: dict[ast.AST, ast.stmt] = {}
    for block in ast.walk(tree):
        if isinstance(block, ast.FunctionDef | ast.If | ast.For | ast.While):
            innermost |= {
                node: block
                for node in ast.walk(block)
                if isinstance(node, ast.Name) and node.id == name
                if isinstance(node.ctx, ast.Store)
            }
    return bool(innermost) and all(
        not isinstance(block, ast.FunctionDef) and first + (block.end_lineno or 0) <= number
        for block in innermost.values()
    )


def returns_now_and_then(function: Any) -> bool:
    """Whether the function's own code returns something in some places, and in others ends."""
    code = getattr(function, "__code__", None)
    ways, before = set(), None
    for step in dis.get_instructions(code) if isinstance(code, CodeType) else ():
        if step.opname in ("RETURN_VALUE", "RETURN_CONST"):
            constant = step if step.opname == "RETURN_CONST" else before
            if constant:
                ways.add(not (constant.opname.endswith("CONST") and constant.argval is None))
        before = step
    return ways == {True, False}


QUESTIONS: dict[str, Callable[..., bool]] = {
    question.__name__: question for question in (uses, skips, returns_now_and_then)
}
