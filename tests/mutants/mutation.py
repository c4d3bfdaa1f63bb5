"""Small changes to the code of an answer, one at a time: the slips of learners, by rule."""

import ast
import copy
from collections.abc import Iterator

_OPERATORS = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div,),
    ast.Pow: (ast.Mult,),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
_NAMES = {
    "reduce_mean": ("reduce_sum", "reduce_max"),
    "reduce_sum": ("reduce_mean", "reduce_max"),
    "reduce_max": ("reduce_min", "reduce_mean"),
    "argmax": ("argmin",),
    "argsort": ("sort",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "ones": ("zeros",),
    "zeros": ("ones",),
    "ceil": ("floor",),
    "floor": ("ceil",),
    "exp": ("sqrt",),
    "sqrt": ("square",),
    "square": ("abs",),
    "relu": ("abs", "sigmoid"),
    "sigmoid": ("tanh",),
    "not_equal": ("equal",),
    "equal": ("not_equal",),
    "append": ("extend",),
    "same": ("valid",),
    "SAME": ("VALID",),
    "val_loss": ("loss", "val_accuracy"),
}


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Yield each change as (what was changed, "before -> after", and the new source)."""
    seen = {ast.unparse(ast.parse(source))}
    for place, node in enumerate(ast.walk(ast.parse(source))):
        for number in range(_count(node)):
            tree = ast.parse(source)
            changed = next(node for at, node in enumerate(ast.walk(tree)) if at == place)
            before = ast.unparse(changed)
            after = _changes(copy.deepcopy(changed))[number]
            tree = _Replace(changed, after).visit(tree)
            new = ast.unparse(ast.fix_missing_locations(tree))
            if new in seen:
                continue
            seen.add(new)
            said = ast.unparse(after) if not isinstance(after, ast.Pass) else "(left out)"
            yield f"{before} -> {said}", new


class _Replace(ast.NodeTransformer):
    def __init__(self, old, new):
        self._old, self._new = old, new

    def visit(self, node):
        return self._new if node is self._old else self.generic_visit(node)


def _count(node):
    return len(_changes(copy.deepcopy(node)))


def _changes(node) -> list[ast.AST]:
    """What a node may be changed to."""
    return next((make(node) for kind, make in _MAKERS.items() if isinstance(node, kind)), [])


def _operations(node):
    """Another operator, the operands exchanged where that matters, or one term alone."""
    others = [_with(node, op=op()) for op in _OPERATORS.get(type(node.op), ())]
    if isinstance(node.op, ast.MatMult | ast.Sub | ast.Div | ast.Pow):
        others.append(_with(node, left=node.right, right=node.left))
    return [*others, node.left, node.right]


def _comparisons(node):
    return [_with(node, ops=[op()]) for op in _OPERATORS.get(type(node.ops[0]), ())]


def _conditions(node):
    return [*[_with(node, op=op()) for op in _OPERATORS[type(node.op)]], *node.values]


def _constants(node):
    return [ast.Constant(value) for value in _values(node.value)]


def _attributes(node):
    return [_with(node, attr=name) for name in _NAMES.get(node.attr, ())]


def _names(node):
    return [_with(node, id=name) for name in _NAMES.get(node.id, ())]


def _returns(node):
    """Parts in another order, or the first of them alone."""
    if not isinstance(node.value, ast.Tuple):
        return []
    turned = ast.Tuple(node.value.elts[::-1], ast.Load())
    return [ast.Return(turned), ast.Return(node.value.elts[0])]


def _updates(node):
    return [*[_with(node, op=op()) for op in _OPERATORS.get(type(node.op), ())], ast.Pass()]


def _statements(node):
    return [] if isinstance(node.value, ast.Constant) else [ast.Pass()]


def _calls(node):
    """A keyword left out, a range that is one longer or shorter, arguments exchanged."""
    found = []
    for number in range(len(node.keywords)):
        found.append(_with(node, keywords=node.keywords[:number] + node.keywords[number + 1 :]))
    if isinstance(node.func, ast.Name) and node.func.id == "range":
        last = node.args[min(1, len(node.args) - 1)]
        for op in (ast.Add(), ast.Sub()):
            args = [
                ast.BinOp(arg, op, ast.Constant(1)) if arg is last else arg for arg in node.args
            ]
            found.append(_with(node, args=args))
    if len(node.args) == 2:
        found.append(_with(node, args=node.args[::-1]))
    return found


def _values(value):
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1]
    if isinstance(value, float):
        return [2 * value, value / 2]
    return list(_NAMES.get(value, ())) if isinstance(value, str) else []


def _with(node, **fields):
    """A copy of a node with other fields."""
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


_MAKERS = {
    ast.BinOp: _operations,
    ast.Compare: _comparisons,
    ast.BoolOp: _conditions,
    ast.UnaryOp: lambda node: [node.operand],
    ast.Constant: _constants,
    ast.Attribute: _attributes,
    ast.Name: _names,
    ast.Call: _calls,
    ast.Return: _returns,
    ast.AugAssign: _updates,
    ast.Assign | ast.Expr: _statements,
}
