"""What the code of an answer says, where it runs: names in it, its branches, its returns."""

import ast
import contextlib
import difflib
import dis
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

_TENSORFLOW = ("tensorflow", "keras")
# Where objects keep the function that they call: a tf.function, a partial, a wrapper, a method.
_INNER, _MAX_LAYERS = ("python_function", "func", "__wrapped__", "__func__"), 10
_ATTRIBUTES = ("trainable", "learning_rate", "stop_training")  # those that learners set
# Functions and methods that change nothing, of those that learners call on a line by itself.
_ONLY_COMPUTE = {"astype", "reshape", "transpose", "expand_dims", "softmax"}


def uses(function: Any, name: str) -> bool:
    """Return whether the function's own code names something, such as GradientTape."""
    return name in getattr(getattr(function, "__code__", None), "co_names", ())


def uses_tensorflow(function: Any) -> bool:
    """Return whether TensorFlow or Keras is used in its code, or in the notebook's that it calls.

    Of a function inside another one, such as a decorator's, the code that it calls is known, too.
    """
    if _is_of_tensorflow(function):
        return True
    known: list[FunctionType] = []
    waiting = [function]
    while waiting:
        called = _plain_function(waiting.pop())
        if called is None or any(called is other for other in known):
            continue
        known.append(called)
        names = {name for code in _codes(called.__code__) for name in code.co_names}
        found = [called.__globals__[name] for name in names if name in called.__globals__]
        is_imported_there = any(name.partition(".")[0] in _TENSORFLOW for name in names)
        if is_imported_there or any(_is_of_tensorflow(value) for value in found):
            return True
        functions = [one for one in map(_plain_function, found) if one is not None]
        waiting += [one for one in functions if one.__globals__ is called.__globals__]
        with contextlib.suppress(ValueError):  # a variable of the outer function without a value
            waiting += [cell.cell_contents for cell in called.__closure__ or ()]
    return False


def _is_of_tensorflow(value: Any) -> bool:
    """Whether this is TensorFlow or Keras, or one of their modules, classes or functions."""
    with contextlib.suppress(Exception):  # an object of a learner's own may do anything
        home = value.__name__ if isinstance(value, ModuleType) else value.__module__
        homes = (str(home), type(value).__module__)
        return any(one.partition(".")[0] in _TENSORFLOW for one in homes)
    return False


def _plain_function(value: Any) -> FunctionType | None:
    """The function behind a method, a partial, a tf.function or an object that can be called."""
    with contextlib.suppress(Exception):
        for _layer in range(_MAX_LAYERS):
            if isinstance(value, FunctionType):
                return value
            inner = (getattr(value, name, None) for name in _INNER)
            value = next((one for one in inner if one is not None), type(value).__call__)
    return None


def says(function: Any, pattern: str) -> bool:
    """Return whether the function's own code has a place that fits a regular expression."""
    with contextlib.suppress(Exception):
        return bool(re.search(pattern, inspect.getsource(function), re.MULTILINE))
    return False


def skips(function: Any, name: str, number: int) -> bool:
    """Return whether a name gets its value only in an `if` or loop above line `number`."""
    tree = _tree(function)
    if tree is None:
        return False
    first = function.__code__.co_firstlineno
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


def returns_something(function: Any) -> bool:
    """Return whether the function's own code returns something other than None in some place."""
    return True in _returns(function)


def returns_nothing(function: Any) -> bool:
    """Return whether the function's own code ends without a result in some place."""
    return False in _returns(function)


def holds_always(function: Any) -> bool:
    """Return whether a condition in it is always true, such as `x == "a" or "b"`."""
    tree = _tree(function)
    return any(
        isinstance(node, ast.BoolOp)
        and isinstance(node.op, ast.Or)
        and isinstance(node.values[0], ast.Compare)
        and any(isinstance(getattr(one, "value", None), str) for one in node.values[1:])
        for node in (ast.walk(tree) if tree else ())
    )


def near_text(function: Any, text: str) -> str:
    """Return the text in the function's code that is spelled nearly as this one; "" if none is."""
    known = _texts(function)
    near = [] if text in known else difflib.get_close_matches(text, known, n=1, cutoff=0.8)
    return near[0] if near else ""


def has_text(function: Any, text: str) -> bool:
    """Return whether the function's own code has this text, or names an argument so in a call."""
    return text in _texts(function)


def misspelt_attribute(function: Any) -> str:
    """Return the attribute of Keras objects that the function sets under a similar name."""
    code = getattr(function, "__code__", None)
    for step in dis.get_instructions(code) if isinstance(code, CodeType) else ():
        if step.opname == "STORE_ATTR" and step.argval not in _ATTRIBUTES:
            for near in difflib.get_close_matches(step.argval, _ATTRIBUTES, n=1, cutoff=0.8):
                return near
    return ""


def unused_argument(function: Any, place: int) -> str:
    """Return the name of the argument at this place, if the function never looks at it; else ""."""
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType) or place >= code.co_argcount:
        return ""
    name = code.co_varnames[place]
    looked_up = {name for known in _codes(code) for name in known.co_names}
    if name in code.co_cellvars or looked_up & {"locals", "vars", "eval", "exec"}:
        return ""
    loaded = [one.argval for one in dis.get_instructions(code) if "LOAD_FAST" in one.opname]
    loaded = [one if isinstance(one, tuple) else (one,) for one in loaded]
    return "" if any(name in names for names in loaded) else name


def array_of_notebook(function: Any) -> str:
    """Return the first array of the notebook's own that the function's code reads, or ""."""
    code = getattr(function, "__code__", None)
    for one in _codes(code) if isinstance(code, CodeType) else ():
        name, value = "", None
        for step in dis.get_instructions(one):
            if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                name, value = step.argval, function.__globals__.get(step.argval)
            elif name and step.opname in ("LOAD_ATTR", "LOAD_METHOD") and _holds_arrays(value):
                name, value = f"{name}.{step.argval}", getattr(value, step.argval, None)
            elif step.opname not in ("CACHE", "PUSH_NULL", "EXTENDED_ARG"):
                name, value = "", None
            if name and _is_array(value):
                return name
    return ""


def values_for_places(function: Any, name: str) -> str:
    """Return the array whose values a loop calls by this name, `for name in array`, or ""."""
    tree = _tree(function)
    for node in ast.walk(tree) if tree else ():
        loop = (node.target, node.iter) if isinstance(node, ast.For | ast.comprehension) else ()
        names = [one.id for one in loop if isinstance(one, ast.Name)]
        if len(names) == 2 and names[0] == name:
            return names[1]
    return ""


def lost_value(function: Any) -> str:
    """Return the first value that its code computes on a line by itself, and so loses; "" if none.

    With its name in front, "n = n + 1", where what is computed is a change of one variable that
    keeps its value: a loop gives its own another one each time.
    """
    tree = _tree(function)
    nodes = list(ast.walk(tree)) if tree else []
    lines = [node.value for node in nodes if isinstance(node, ast.Expr)]
    lost = min(filter(_is_lost, lines), key=lambda value: value.lineno, default=None)
    if lost is None:
        return ""
    targets = [ast.walk(node.target) for node in nodes if isinstance(node, ast.For)]
    of_loops = {getattr(node, "id", "") for target in targets for node in target}
    name = getattr(lost.left, "id", "") if isinstance(lost, ast.BinOp) else ""
    text = ast.unparse(lost)
    return f"{name} = {text}" if name and name not in of_loops else text


def _is_lost(value: ast.expr) -> bool:
    """Whether an expression does nothing but compute a value."""
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return isinstance(value, ast.BinOp)
    name = value.func.attr
    ufunc = getattr(np, name, None) if ast.unparse(value.func) == f"np.{name}" else None
    if isinstance(ufunc, np.ufunc):  # it may be told where to write its result
        return len(value.args) <= ufunc.nin and not value.keywords
    return name in _ONLY_COMPUTE


def flat_take(function: Any) -> str:
    """Return the first call of NumPy's take in its code that names no axis; "" if none does."""
    tree = _tree(function)
    for node in ast.walk(tree) if tree else ():
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        is_of_numpy = getattr(node.func.value, "id", "") == "np"
        places = node.args[1:] if is_of_numpy else node.args
        is_take = node.func.attr == "take" and len(places) == 1 and not node.keywords
        if is_take and not isinstance(places[0], ast.Constant):  # as the take of a tf.data.Dataset
            return ast.unparse(node)
    return ""


def second_name(function: Any, place: int) -> str:
    """Return the line "name = argument" for the argument here, if the code writes into name."""
    code, tree = getattr(function, "__code__", None), _tree(function)
    if tree is None or code is None or place >= code.co_argcount:
        return ""
    argument, nodes = code.co_varnames[place], list(ast.walk(tree))
    changed = {
        node.target.value if isinstance(node.target, ast.Subscript) else node.target
        for node in nodes
        if isinstance(node, ast.AugAssign)
    } | {
        node.value
        for node in nodes
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
    }
    written = {node.id for node in changed if isinstance(node, ast.Name)}
    for node in nodes:
        if isinstance(node, ast.Assign) and getattr(node.value, "id", "") == argument:
            names = {target.id for target in node.targets if isinstance(target, ast.Name)}
            if names & written and argument not in written:
                return ast.unparse(node)
    return ""


def _texts(function: Any) -> list[str]:
    """The texts in the function's own code; the names of arguments in calls are among them."""
    known: list[str] = []
    for constant in getattr(getattr(function, "__code__", None), "co_consts", ()):
        several = constant if isinstance(constant, tuple | frozenset) else [constant]
        known += [one for one in several if isinstance(one, str)]
    return known


def _codes(code: CodeType) -> Iterator[CodeType]:
    """The code of a function, and of all the functions inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _is_array(value: Any) -> bool:
    """Whether this is an array or a tensor of several numbers."""
    with contextlib.suppress(Exception):
        return hasattr(value, "dtype") and len(value.shape) > 0
    return False


def _holds_arrays(value: Any) -> bool:
    """Whether this can hold arrays under its names, as data.train does."""
    return not callable(value) and not isinstance(value, ModuleType) and not _is_array(value)


def _tree(function: Any) -> ast.Module | None:
    """The function's own code as a tree, or None if it is not known."""
    with contextlib.suppress(Exception):
        if hasattr(function, "__code__"):
            return ast.parse(textwrap.dedent(inspect.getsource(function)))
    return None


def _returns(function: Any) -> set[bool]:
    """Whether its code returns something (True) or ends without it (False); maybe both."""
    code = getattr(function, "__code__", None)
    ways, before = set(), None
    for step in dis.get_instructions(code) if isinstance(code, CodeType) else ():
        if step.opname in ("RETURN_VALUE", "RETURN_CONST"):
            constant = step if step.opname == "RETURN_CONST" else before
            if constant:
                ways.add(not (constant.opname.endswith("CONST") and constant.argval is None))
        before = step
    return ways


_QUESTIONS = (
    *(uses, uses_tensorflow, says, skips, returns_something, returns_nothing, holds_always),
    *(near_text, has_text, misspelt_attribute, unused_argument, array_of_notebook),
    *(values_for_places, lost_value, flat_take, second_name),
)
QUESTIONS: dict[str, Callable[..., bool | str]] = {
    question.__name__: question for question in _QUESTIONS
}
