"""What the names in a test cell mean: modules, what locked cells define, and the student's own."""

import ast
import builtins
import dis
import importlib
import types
from collections.abc import Mapping, Sequence
from typing import Any

from autograder.sandbox.examiner.link import CannotBeExamined, Link
from autograder.sandbox.examiner.modules import MODULES

_LOOK_UPS = {"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS"}  # of Python's instructions


class Namespace:
    """The names in which test cells run, and their `values`.

    `answered` are names that mean answers in the cell that is run, and neither modules nor built-in
    functions; `called` are names in a test that stand for others of the student's.
    """

    def __init__(self, link: Link):
        self.link = link
        self.values: dict[str, Any] = {"__name__": "__examiner__", "__builtins__": builtins}
        self.modules: dict[str, str] = dict(MODULES)
        self.own: set[str] = set()  # names that locked cells define
        self.used_by_own: set[str] = set()  # names that their functions use

    def define(self, source: str, answered: Sequence[str]) -> None:
        """Import and define here what a locked cell of the instructor's does."""
        try:
            tree = ast.parse(source)
        except SyntaxError:  # magics
            return
        kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
        tree.body = [statement for statement in tree.body if isinstance(statement, kinds)]
        code = compile(tree, "<locked cell>", "exec")
        used = looked_up(code)
        self.forget_test(answered)
        try:
            self.take_modules(used, answered)
            exec(code, self.values)
        except Exception:  # it needs something that only the student's process has
            return
        self.modules = {
            name: module for name, module in self.modules.items() if name not in self.values
        }
        self.own = set(self.values)
        self.used_by_own |= used

    def forget_test(self, answered: Sequence[str]) -> None:
        """Forget what the names of the last test stood for."""
        for name in list(self.values):
            if name not in self.own and not name.startswith("__"):
                del self.values[name]
        self.values["__builtins__"] = {
            name: value for name, value in vars(builtins).items() if name not in answered
        }

    def take_modules(self, names: set[str], answered: Sequence[str]) -> None:
        """Give those of these names that mean modules of the examiner's their values."""
        for name in names.intersection(self.modules).difference(self.values, answered):
            self.values[name] = importlib.import_module(self.modules[name])

    def fill_in(self, names: set[str], called: Mapping[str, str], answered: Sequence[str]) -> None:
        """Give each name that a test cell uses its value: a module, or a stand-in.

        The student's process is asked only for names that it has, so it learns no others.
        """
        self.forget_test(answered)
        self.link.begin_test()
        if names & self.own:
            names = names | self.used_by_own
        self.take_modules(names, answered)
        known = self.link.names("names")
        unknown = names.difference(self.values, self.values["__builtins__"])
        wanted = {name: called.get(name, name) for name in sorted(unknown)}
        wanted = {name: theirs for name, theirs in wanted.items() if theirs in known}
        answer = self.link.ask("look_up", list(wanted.values()))
        if answer[0] == "unfit":
            raise CannotBeExamined("What this test needs is too large to be examined.")
        if answer[0] != "values" or len(answer) != 2 or type(answer[1]) is not dict:
            self.link.break_off("no answer to a request for names")
        for name, theirs in wanted.items():
            if theirs in answer[1]:
                self.values[name] = answer[1][theirs]


def looked_up(code: types.CodeType) -> set[str]:
    """Return all names that code and the functions in it look up: not attributes, nor variables."""
    names = {one.argval for one in dis.get_instructions(code) if one.opname in _LOOK_UPS}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= looked_up(constant)
    return names


def compiled(source: str) -> tuple[types.CodeType, types.CodeType]:
    """Return a cell as code to execute, and its last line as an expression to evaluate."""
    tree = ast.parse(source)
    statement = tree.body[-1] if tree.body else None
    value: ast.expr = ast.Constant(None)
    if isinstance(statement, ast.Expr):
        value = statement.value
        tree.body.pop()
    last = ast.fix_missing_locations(ast.Expression(value))
    return compile(tree, "<test>", "exec"), compile(last, "<test>", "eval")
