"""Run what stands below a statement that failed: a package that is missing costs nothing else.

A notebook's cell ends with its first error. What the learner wrote below that line is often an
answer, or what an answer needs: so it is run as well. Who stops a cell on purpose (by `raise`,
`assert` or an exit) has it stopped.
"""

import ast
import itertools
import re
import warnings

from autograder.sandbox.inside import shell
from autograder.sandbox.inside.shell import TimeIsUp

MAX_ERRORS = 20  # in one cell; after these it is given up
_ON_PURPOSE = (ast.Raise, ast.Assert)
_TOP_LEVEL = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT  # as in a notebook
# How a line begins that belongs to what stands above it.
_GOES_ON = re.compile(r"[\s#)\]}]|(else|elif|except|finally)\b")


def run_cell(ipython, source: str):
    """Run a cell with what can be run of it: (first error or None, execution count, outputs)."""
    error, count, outputs = shell.run_cell(ipython, source)
    if error is None and source.lstrip().startswith("%%") and ipython.failure:
        _, error = ipython.failure  # of the cell inside the magic, as with %%capture
    latest = error
    for _ in range(MAX_ERRORS):
        source = below(ipython, source, latest)
        if not source:
            break
        latest, _, more = shell.run_cell(ipython, source, is_new=False)
        outputs += more
    return latest if isinstance(latest, TimeIsUp) else error, count, outputs


def below(ipython, source: str, error) -> str:
    """What is still to be run of a cell after this error, its lines numbered as before; or ""."""
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
        code = ipython.transform_cell(source)
        if places:
            return _below(code, places[0][1])
        return _without_what_does_not_parse(code) if isinstance(error, SyntaxError) else ""
    except Exception:  # what cannot be read cannot be run, either
        return ""


def _places(ipython, error):
    """Where the cell's own code was when an error came up: (file, (line, column)), from outside."""
    found, place = [], error.__traceback__
    while place is not None:
        code = place.tb_frame.f_code
        if place.tb_frame.f_globals is ipython.user_ns:
            *_, column, _ = next(itertools.islice(code.co_positions(), place.tb_lasti // 2, None))
            found.append((code.co_filename, (place.tb_lineno, column or 0)))
        place = place.tb_next
    return found


def _below(code, failed):
    """The code below the statement that stands at a line and column."""
    body = ast.parse(code).body
    above = [node for node in body if _start(node) <= failed]
    below = body[len(above) :]
    if not below or isinstance(above[-1], _ON_PURPOSE):
        return ""
    line, column = _start(below[0])
    lines = code.splitlines(keepends=True)
    rest = lines[line - 1].encode()[column:].decode()
    return "#\n" * (line - 1) + rest + "".join(lines[line:])


def _start(node):
    """The line and column at which a statement starts."""
    decorators = getattr(node, "decorator_list", [])
    return min((part.lineno, part.col_offset) for part in (node, *decorators))


def _without_what_does_not_parse(code):
    """Code without the parts at which it does not parse; "" if none is left, or none was found."""
    lines = code.splitlines()
    for _ in range(MAX_ERRORS):
        if (line := _wrong_line("\n".join(lines))) is None:
            break
        starts = [i for i, text in enumerate(lines) if text and not _GOES_ON.match(text)]
        starts = [i for i in starts if i == 0 or not lines[i - 1].startswith("@")]
        first = max((i for i in starts if i < line), default=0)
        last = min((i for i in starts if i >= line), default=len(lines))
        lines[first:last] = ["#"] * (last - first)
    text = "\n".join(lines)
    return text if text != code.rstrip("\n") and ast.parse(text).body else ""


def _wrong_line(code):
    """The line at which code does not parse, or None."""
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(code, "<cell>", "exec", _TOP_LEVEL, True)
    except SyntaxError as error:
        return error.lineno or 1
    return None
