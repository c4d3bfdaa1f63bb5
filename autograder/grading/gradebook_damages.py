"""Find what nbgrader cannot read in a gradebook that another program has changed."""

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import sqlalchemy
from nbgrader.api import Base

from autograder.messages import _
from autograder.names import shown


def missing_column(path: Path) -> str:
    """Return the first column that nbgrader needs and a table lacks, as TABLE.COLUMN; or "".

    So it is in the gradebook of an older nbgrader. Whole tables nbgrader adds by itself.
    """
    with contextlib.suppress(sqlite3.Error), _opened_to_read(path) as database:
        for table in Base.metadata.sorted_tables:
            if there := _columns(database, table):
                for column in table.columns:
                    if column.name not in there:
                        return f"{table.name}.{column.name}"
    return ""


def damages(path: Path) -> Iterator[str]:
    """Yield what is wrong in a gradebook, each as a part of a sentence.

    SQLite itself takes rows that belong to nothing, and a text in place of a number or a time.
    """
    with _opened_to_read(path) as database:
        for table, _row, other, _number in database.execute("PRAGMA foreign_key_check"):
            said = _("rows of its table {table} belong to rows of {other} that are gone")
            yield said.format(table=table, other=other)
        for table in Base.metadata.sorted_tables:
            there = _columns(database, table)
            for column in (column for column in table.columns if column.name in there):
                query = f"SELECT {column.name} FROM {table.name} WHERE typeof({column.name}) = ?"
                for (value,) in database.execute(query, ["text"]):
                    if not _fits(column.type, value):
                        said = _("{column} of its table {table} is {value} in a row")
                        facts = {"column": column.name, "table": table.name}
                        yield said.format(**facts, value=shown(repr(value)))


def _opened_to_read(path):
    address = f"{path.resolve().as_uri()}?mode=ro"
    return contextlib.closing(sqlite3.connect(address, uri=True))


def _columns(database, table):
    """The names of the columns that a table has in the file; none if there is no such table."""
    return {name for _number, name, *_facts in database.execute(f"PRAGMA table_info({table.name})")}


def _fits(kind, text):
    """Whether a text can be the value of a column of this kind."""
    if isinstance(kind, sqlalchemy.DateTime):
        with contextlib.suppress(ValueError):
            return bool(datetime.fromisoformat(text))
        return False
    return not isinstance(kind, sqlalchemy.Float | sqlalchemy.Integer)
