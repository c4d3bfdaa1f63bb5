"""Read the text of a cell: which names it defines, and which it uses.

Nothing is run here. The texts are students', so only a limited part of a notebook is read.
"""

import ast
import difflib
import re
import textwrap
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

MAX_READ = 100_000  # characters of a cell; Python's parser takes 490 bytes for each
MAX_READ_IN_ALL = 1_000_000  # characters of a notebook
# Most cells of a class are alike. What was read is cached: for this many texts, each of at most
# this many characters.
_MAX_KEPT, _MAX_KEPT_LENGTH = 500, 10_000

BLANK = "blank"  # in place of a key: a function that only says that it is to be written

_LINE = re.compile(r".+")
_WORD = re.compile(r"[^\W\d]\w*")
# A line that only IPython understands; and such a part to the right of an equals sign.
_MAGIC = re.compile(r"^([ \t]*+)(?:[%!?].*|.*\?)$", re.MULTILINE)
# The first line of a cell that is not run here: by another program, written to a file, or shown.
_ELSEWHERE = re.compile(
    r"%%(?:!|(?:bash|cmd|file|html|HTML|javascript|js|latex|markdown|perl|pypy|python[23]?|ruby"
    r"|script|sh|svg|SVG|sx|system|writefile)\b)"
)
_ASSIGNED_MAGIC = re.compile(r"=[ \t]*[%!].*$", re.MULTILINE)
# In text that does not parse: the start of a line that would define a name.
_DEFINITION = re.compile(
    r"^(?:(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)|(\w+)[ \t]*(?::[^=\n]+)?=(?!=))", re.MULTILINE
)
_FUNCTION = re.compile(r"(?:\bdef[ \t]+|\bcheck\.)(\w+)[ \t]*\(")
# Possessive: else a long run of blanks would take time that grows with the square of its length.
_CHECKED = re.compile(r"\bcheck\.(\w++)\(\s*+(?:\w++\s*+=\s*+)?+([^\W\d]\w*+)\s*+,?+\s*+\)")
# A check that is called with anything but a function that is written on the spot.
_CHECKS = re.compile(r"\bcheck\.\w++\((?!\s*+lambda\b)")
# What may be a slip of it: `chekc.softmax(`, `check,softmax(`, `checksoftmax(`; or a way to read
# about it: `help(check.softmax)`, `check.softmax?`, `check.softmax`.
_ALMOST_CALLED = re.compile(r"(?<!\w)(?<!def )(\w++)(?:\s*+[.,]\s*+(\w++))?+\s*+\(")
_ALIKE = 0.8  # for `difflib`: two letters of `check` exchanged, or one added or left out
_LOOKED_AT = re.compile(
    r"^[ \t]*+(?:help\([ \t]*+|\?{1,2}+)?+check\.\w++[ \t)]*+\?{0,2}+[ \t]*+$", re.MULTILINE
)
_IMPORTED = re.compile(
    r"^[ \t]*+from course(?:\.check import \w++| import check as \w++)", re.MULTILINE
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SCOPES = (*_FUNCTIONS, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SURE = (*_FUNCTIONS, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)
_LOCAL_SCOPES = tuple(kind for kind in _SCOPES if kind is not ast.ClassDef)
CANNOT_PARSE = (SyntaxError, ValueError, RecursionError, MemoryError)

_CELL = "<a cell>"  # in place of a file's name
# From 3.12 on, Python warns on the terminal of invalid escapes, such as in "$\sigma$".
warnings.filterwarnings("ignore", module=re.escape(_CELL))


@dataclass(frozen=True)
class Statement:
    """One statement at the top level of a cell."""

    key: int  # the same for the same statement, however it is laid out; docstrings do not count
    definitions: dict[str, int | str | None]  # each name, and the key of what defines it
    defines: frozenset[str]  # these names, and those of loops and of several targets
    uses: frozenset[str]
    is_sure: bool = False  # whether it defines its names whenever it is run
    is_import: bool = False
    only_shows: bool = False  # whether cells below it cannot tell that it was run


@dataclass(frozen=True)
class Code:
    """A cell's text, as far as it could be read."""

    text: str
    statements: tuple[Statement, ...] = ()
    parsed: bool = False
    words: frozenset[str] = frozenset()  # in what did not parse: they may be names it uses

    @cached_property
    def definitions(self) -> dict[str, int | str | None]:
        """Each name that is defined as a whole, with a key that distinguishes its definitions.

        The last definition counts. The key may be BLANK, and is None where the text did not parse.
        """
        return {
            name: key
            for statement in self.statements
            for name, key in statement.definitions.items()
        }

    @cached_property
    def defines(self) -> frozenset[str]:
        """All names that the cell gives a value to."""
        return frozenset().union(*(statement.defines for statement in self.statements))

    @cached_property
    def keys(self) -> tuple[int, ...]:
        """One number for each statement, the same for statements that say the same."""
        return tuple(statement.key for statement in self.statements)

    @cached_property
    def lines(self) -> frozenset[str]:
        """Its lines, however they are indented; none of a text that is too long to be read."""
        text = self.text if len(self.text) <= MAX_READ else ""
        return frozenset(line.strip() for line in text.splitlines())

    def has_lines_of(self, other: "Code") -> bool:
        """Return whether this cell has all lines of another one, even if only as comments.

        This cell may be of any length.
        """
        missing = {_without_comment(line) for line in other.lines} - {""}
        for line in _LINE.finditer(self.text):
            missing.discard(_without_comment(line[0]))
            if not missing:
                return True
        return not missing

    def is_same(self, other: "Code") -> bool:
        """Return whether two cells say the same, apart from layout and comments."""
        if self.parsed and other.parsed:
            return bool(self.keys) and self.keys == other.keys
        return bool(self.text) and self.text == other.text

    def holds(self, other: "Code") -> bool:
        """Return whether this cell has all statements of another one."""
        if self.parsed and other.parsed:
            return bool(other.keys) and set(other.keys) <= set(self.keys)
        return bool(other.text) and other.lines <= self.lines

    def uses_before(self) -> set[str]:
        """Return the names that need a value before this cell."""
        used: set[str] = set()
        self.step_back(used)
        return used

    def step_back(self, used: set[str]) -> None:
        """Change the names that need a value after this cell into those that need one before it."""
        for statement in reversed(self.statements):
            if statement.is_sure:
                used -= statement.defines
            used |= statement.uses
        used |= self.words


def parse(text: str) -> ast.Module:
    """Parse a cell's text without warnings. Raises one of CANNOT_PARSE."""
    return ast.parse(text, _CELL)


def _without_comment(line: str) -> str:
    """A line without the # that makes it a comment."""
    return line.strip().lstrip("# \t")


def read(text: str, at_most: int = MAX_READ) -> Code:
    """Read a cell's text, or nothing of it if it is longer than that."""
    text = text.replace("\r\n", "\n")
    text = textwrap.dedent(text).strip() if len(text) <= at_most else text.strip()
    if len(text) > min(at_most, MAX_READ):
        return Code(text)
    return _kept(text) if len(text) <= _MAX_KEPT_LENGTH else _read(text)


def _read(text: str) -> Code:
    if _ELSEWHERE.match(text):
        return Code(text)
    words = set()
    try:
        body = parse(text).body
    except CANNOT_PARSE:
        plain = _MAGIC.sub(r"\1pass", _ASSIGNED_MAGIC.sub("= None", text))
        magics = [match[0] for match in _MAGIC.finditer(text)]
        words |= {word for line in magics for word in _WORD.findall(line)}
        try:
            body = parse(plain).body
        except CANNOT_PARSE:
            return _unparsed(text)
    try:
        statements = tuple(_statement(node) for node in body if not isinstance(node, ast.Pass))
    except CANNOT_PARSE:  # too deep to be walked through
        return _unparsed(text)
    return Code(text, statements, True, frozenset(words))


_kept = lru_cache(_MAX_KEPT)(_read)


def read_all(texts: Iterable[str]) -> list[Code]:
    """Read the texts of a notebook, in their order, until they are too long together."""
    codes, left = [], MAX_READ_IN_ALL
    for text in texts:
        codes.append(read(text, left))
        if len(text) <= min(left, MAX_READ):
            left -= len(text)
    return codes


def functions_in(text: str) -> set[str]:
    """Return the functions that a text defines by `def`, and those that it calls a check for."""
    return set(_FUNCTION.findall(text[:MAX_READ]))


def checked_in(text: str) -> dict[str, str]:
    """Return, by exercise, the name that its check is called with: `check.softmax(softmax_2)`."""
    return dict(_CHECKED.findall(text[:MAX_READ]))


def checks_something(text: str) -> bool:
    """Return whether a text calls any check, even a misspelt one, with anything but a `lambda`.

    Or reads about one, or imports it under another name.
    """
    text = text[:MAX_READ]
    if _CHECKS.search(text):
        return True
    if "lambda" in text:
        return False
    almost = any(_may_mean_check(*words) for words in set(_ALMOST_CALLED.findall(text)))
    return almost or bool(_LOOKED_AT.search(text) or _IMPORTED.search(text))


def _may_mean_check(module, name):
    """Whether `module.name(` may be a slip of the call of a check; name may be ""."""
    module = module.lower()
    if not name or len(module) > 2 * len("check"):
        return "check" in module
    return "check" in module or difflib.SequenceMatcher(None, module, "check").ratio() >= _ALIKE


def calls_in(text: str) -> list[str]:
    """Return the calls that are statements of a text, without blanks: `check.softmax(softmax)`."""
    try:
        body = parse(text).body
    except CANNOT_PARSE:
        return []
    calls = (one for one in body if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call))
    return [without_blanks(ast.unparse(call)) for call in calls]


def without_blanks(text: str) -> str:
    """Return a text without any blanks and line ends."""
    return "".join(text.split())


def seems_to_define(text: str, name: str) -> bool:
    """Return whether a text that is not code as a whole holds a line that would define a name."""
    found = _DEFINITION.findall(textwrap.dedent(text[:MAX_READ]))
    return any(name in both for both in found)


def _unparsed(text):
    """What can be seen in a text that is not Python, as if it were one statement."""
    names = {name for found in _DEFINITION.findall(text) for name in found if name}
    definitions = dict.fromkeys(names)
    names = frozenset(names)
    seen = Statement(hash(text), definitions, names, frozenset(), only_shows=not names)
    return Code(text, (seen,), False, frozenset(_WORD.findall(text)))


def _statement(node):
    definitions, defines, key = {}, set(), _key(node)
    for part in _outside_functions(node):
        defines |= _bound_by(part)
        if isinstance(part, _FUNCTIONS):
            definitions[part.name] = BLANK if _is_blank(part) else _key(part)
        elif isinstance(part, ast.alias):
            definitions |= dict.fromkeys(_bound_by(part), key)
        elif isinstance(part, ast.Assign | ast.AnnAssign):
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            definitions |= dict.fromkeys(names, _key(part))
    is_sure, is_import = isinstance(node, _SURE), isinstance(node, ast.Import | ast.ImportFrom)
    uses, only_shows = frozenset(_uses(node)), not defines and _only_shows(node)
    return Statement(key, definitions, frozenset(defines), uses, is_sure, is_import, only_shows)


def _only_shows(node):
    """Whether a statement only looks at values: it prints, asserts, checks or names something."""
    match node:
        case ast.Assert() | ast.Expr(ast.Name() | ast.Attribute() | ast.Constant()):
            return True
        case ast.Expr(ast.Call(func=ast.Name(id="print" | "display"))):
            return True
        case ast.Expr(ast.Call(func=ast.Attribute(value=ast.Name(id="check" | "exam")))):
            return True
    return False


def _outside_functions(node):
    """A statement and all of its parts that run in the same namespace."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        yield part
        if not isinstance(part, _SCOPES):
            waiting += reversed(list(ast.iter_child_nodes(part)))


def _bound_by(part):
    """The names that this part of the code alone gives a value to, in its namespace."""
    if isinstance(part, _FUNCTIONS):
        return {part.name}
    if isinstance(part, ast.alias) and part.name != "*":
        return {part.asname or part.name.partition(".")[0]}
    if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
        return {part.id}
    return set()


def _uses(node):
    """The names that code looks up in the notebook's namespace: not the variables of functions."""
    used, waiting = set(), [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Store):
            used.add(part.id)
        elif isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
            used.add(part.target.id)
        if isinstance(part, _LOCAL_SCOPES):
            used |= _uses_in_scope(part)
        else:
            waiting += ast.iter_child_nodes(part)
    return used


def _uses_in_scope(scope):
    """The names that a function or comprehension uses besides its own variables."""
    body = getattr(scope, "body", [])
    inside = list(ast.iter_child_nodes(scope))
    if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        inside = body if isinstance(body, list) else [body]
    parts = [part for node in inside for part in _outside_functions(node)]
    bound = set().union(*map(_bound_by, parts))
    bound -= {name for part in parts if isinstance(part, ast.Global) for name in part.names}
    if isinstance(getattr(scope, "args", None), ast.arguments):
        bound |= {part.arg for part in ast.walk(scope.args) if isinstance(part, ast.arg)}
    used = set().union(*map(_uses, inside)) - bound
    are_inside = {id(node) for node in inside}
    outside = [node for node in ast.iter_child_nodes(scope) if id(node) not in are_inside]
    return used.union(*map(_uses, outside))


def _is_blank(function):
    """Whether a function is still to be written: it is only `raise NotImplementedError`."""
    *documentation, last = function.body
    if not isinstance(last, ast.Raise) or len(documentation) > 1:
        return False
    raised = last.exc.func if isinstance(last.exc, ast.Call) else last.exc
    is_stub = isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return is_stub and (not documentation or ast.get_docstring(function) is not None)


def _key(node):
    if isinstance(node, _FUNCTIONS) and ast.get_docstring(node, clean=False) is not None:
        without = type(node)(**dict(ast.iter_fields(node)))
        without.body = node.body[1:]
        node = without
    return hash(ast.dump(node))
