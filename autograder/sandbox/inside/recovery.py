"""Run the code below a statement that failed, so that a missing package costs nothing else.

In a notebook, a cell ends with its first error. The code below that line is often an answer, or
something that an answer needs, so it is run, too. A function is defined without a decorator or an
annotation that is missing. A cell that stops on purpose (by `raise`, an exit, or an `assert` of
what is not true) stays stopped. What is timed by %%timeit is run once more, so that its names have
values.
"""

import ast
import itertools
import re
import tokenize
import warnings

from autograder.sandbox.inside import shell
from autograder.sandbox.inside.shell import Shell
from autograder.sandbox.inside.timer import TimeIsUp

_MAX_ERRORS = 20  # in one cell, which is given up after these
# What word processors, web pages and keyboards turn blanks and Python's own characters into.
_BLANKS = dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"), " ")
_BLANKS |= dict.fromkeys(map(ord, "\0\u200b\u200c\u200d\u2060\ufeff"), "")
_SIGNS = {0xFEE0 + ascii_code: ascii_code for ascii_code in range(0x21, 0x7F)}  # full-width ones
_SIGNS |= str.maketrans("\u201c\u201d\u201e\u2018\u2019\u201a\u2212\u2013", "\"\"\"'''--")
_SIGNS |= str.maketrans("\u3002\u3001\u3010\u3011\u300a\u300b\u2014", ".,[]<>-")  # Chinese ones
_QUOTES = re.compile("[\u201c\u201d\u201e]"), re.compile("[\u2018\u2019\u201a]")
_MAX_SIGNS = 500  # that are replaced one by one
_ON_PURPOSE = {ast.Raise: Exception, ast.Assert: AssertionError}  # what each stops a cell with
_TOP_LEVEL = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT  # as in a notebook
# The start of a line that continues the statement above it.
_CONTINUATION = re.compile(r"[\s#)\]}]|(else|elif|except|finally)\b")


def run_cell(
    ipython: Shell, source: str, is_new: bool = True
) -> tuple[BaseException | None, int, list[dict]]:
    """Run all of a cell that can be run: (first error or None, execution count, outputs)."""
    error, count, outputs = shell.run_cell(ipython, source, is_new)
    if error is None and source.lstrip().startswith("%%") and ipython.failure:
        _, error = ipython.failure  # of the cell inside the magic, as with %%capture
    if isinstance(error, tokenize.TokenError):  # an open bracket in there: elsewhere it is this
        error = SyntaxError(error.args[0])
    if error is None and source.lstrip().startswith("%%timeit"):  # which keeps no name
        stopped_by, *_ = shell.run_cell(ipython, _timed(ipython, source.lstrip()), is_new=False)
        error = stopped_by if isinstance(stopped_by, TimeIsUp) else None
    latest = error
    for _ in range(_MAX_ERRORS):
        source = _code_left(ipython, source, latest)
        if not source:
            break
        latest, _, more = shell.run_cell(ipython, source, is_new=False)
        outputs += more
    return latest if isinstance(latest, TimeIsUp) else error, count, outputs


def _timed(ipython: Shell, source: str) -> str:
    """The code that %%timeit times, below what it sets up on its own line."""
    line, _, body = source.partition("\n")
    magic = ipython.find_cell_magic("timeit").__self__
    options = line.removeprefix("%%timeit")
    how = {"posix": False, "strict": False, "preserve_non_opts": True}
    _, set_up = magic.parse_options(options, "n:r:tcp:qov:", **how)
    return f"{set_up}\n{body}"


def _code_left(ipython: Shell, source: str, error: BaseException | None) -> str:
    """The code of a cell still to be run after this error, its lines numbered as before; or ""."""
    if not isinstance(error, Exception) or isinstance(error, MemoryError):
        return ""
    try:
        places = _places(ipython, error)
        if source.lstrip().startswith("%%"):
            magic, _, source = source.lstrip().partition("\n")
            if type(error).__name__ == "UsageError" and len(places) < 2:
                return source  # there is no such magic
            if not magic.startswith("%%capture"):
                places = [place for place in places if place[0].startswith("<timed")]
        code = _in_python(ipython, source)
        if places:
            is_its_own = isinstance(error, NameError | AttributeError) and len(places) == 1
            missing = str(getattr(error, "name", None) or "") if is_its_own else ""
            return _code_below(code, places[0][1], error, missing)
        if not isinstance(error, SyntaxError):
            return ""
        return _in_plain_signs(code) or _without_syntax_errors(code)
    except Exception:  # code that cannot be parsed cannot be run, either
        return ""


def _in_python(ipython: Shell, source: str) -> str:
    """A cell as Python, without magics; as it is where IPython already refuses its indentation.

    It does so since Python 3.12.
    """
    try:
        return ipython.transform_cell(source)
    except (SyntaxError, tokenize.TokenError):
        return source


def _places(ipython: Shell, error: Exception) -> list[tuple[str, tuple[int, int]]]:
    """The places in the cell that an error passed, outermost first: (file, (line, column))."""
    found, place = [], error.__traceback__
    while place is not None:
        code = place.tb_frame.f_code
        if place.tb_frame.f_globals is ipython.user_ns:
            *_, column, _ = next(itertools.islice(code.co_positions(), place.tb_lasti // 2, None))
            found.append((code.co_filename, (place.tb_lineno, column or 0)))
        place = place.tb_next
    return found


def _code_below(code: str, failed: tuple[int, int], error: Exception, missing: str) -> str:
    """The code below the statement at a line and column; with it, if that helps, the statement.

    `missing` is the name or attribute that it failed for, if it did so itself.
    """
    body = ast.parse(code).body
    above = [node for node in body if _start(node) <= failed]
    below = body[len(above) :]
    line, _column = _start(above[-1])
    plain = _without(above[-1], missing)
    again = "#\n" * (line - 1) + f"{plain}\n" if plain else ""
    if not below or isinstance(error, _ON_PURPOSE.get(type(above[-1]), ())):
        return again
    line, column = _start(below[0])
    lines = code.splitlines(keepends=True)
    rest = lines[line - 1].encode()[column:].decode()
    again += "#\n" * (line - 1 - again.count("\n"))
    return again + rest + "".join(lines[line:])


def _without(statement: ast.stmt, name: str) -> str:
    """A function without the decorators and annotations that mention a name; "" if none does."""
    if not name or not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return ""

    def speaks(part: ast.expr | None) -> bool:
        parts = ast.walk(part) if part else ()
        return any(name in (getattr(one, "id", ""), getattr(one, "attr", "")) for one in parts)

    before = ast.dump(statement)
    statement.decorator_list = [one for one in statement.decorator_list if not speaks(one)]
    statement.returns = None if speaks(statement.returns) else statement.returns
    for part in ast.walk(statement.args):
        if isinstance(part, ast.arg) and speaks(part.annotation):
            part.annotation = None
    return ast.unparse(statement) if ast.dump(statement) != before else ""


def _start(node: ast.stmt) -> tuple[int, int]:
    """The line and column at which a statement starts."""
    decorators = getattr(node, "decorator_list", [])
    return min((part.lineno, part.col_offset) for part in (node, *decorators))


def _in_plain_signs(code: str) -> str:
    """Code with the blanks and characters that Python knows; "" if it still does not parse."""
    plain = code.translate(_BLANKS)
    tabs = (plain.expandtabs(size) for size in (4, 8))
    tries = (plain, *tabs, _with_signs(plain), plain.translate(_SIGNS))
    return next((one for one in tries if one != code and _wrong_line(one) is None), "")


def _with_signs(code: str) -> str:
    """Code with plain signs only where Python stops at others: texts and comments keep theirs."""
    for _ in range(_MAX_SIGNS):
        error = _syntax_error(code)
        if error is None or not error.lineno or not error.offset:
            break
        above = code.split("\n")[: error.lineno - 1]
        place = sum(len(line) + 1 for line in above) + error.offset - 1
        sign, rest = code[place : place + 1], code[place + 1 :]
        if sign.translate(_SIGNS) == sign:
            break
        for quotes in _QUOTES:
            if quotes.match(sign):  # the other end of the text as well
                rest = quotes.sub(sign.translate(_SIGNS), rest, count=1)
        code = code[:place] + sign.translate(_SIGNS) + rest
    return code


def _without_syntax_errors(code: str) -> str:
    """Code without the parts that do not parse; "" if there are none, or nothing else."""
    lines = code.splitlines()
    for _ in range(_MAX_ERRORS):
        if (line := _wrong_line("\n".join(lines))) is None:
            break
        starts = [i for i, text in enumerate(lines) if text and not _CONTINUATION.match(text)]
        starts = [i for i in starts if i == 0 or not lines[i - 1].startswith("@")]
        first = max((i for i in starts if i < line), default=0)
        last = min((i for i in starts if i >= line), default=len(lines))
        lines[first:last] = ["#"] * (last - first)
    text = "\n".join(lines)
    return text if text != code.rstrip("\n") and ast.parse(text).body else ""


def _wrong_line(code: str) -> int | None:
    """The line of a syntax error, or None."""
    error = _syntax_error(code)
    return None if error is None else error.lineno or 1


def _syntax_error(code: str) -> SyntaxError | None:
    """The syntax error that code has, or None."""
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(code, "<cell>", "exec", _TOP_LEVEL, True)
    except SyntaxError as error:
        return error
    return None
