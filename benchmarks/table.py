"""Turn the results of pytest-benchmark into tables in docs/benchmarks.md."""

import json
import os
import platform
import sys
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"

_HEAD = """\
# Benchmarks

Measured by `make bench`, each table in one run; what counts are the ratios, not the seconds.
{python}, {cores} cores. The median of each is shown. In *Model.fit with dashboard.Live* and
*Training*, a ratio is the median of the rounds' ratios: it can differ from that of the medians.
"""


def write(results: dict, page: Path):
    """Write a table for every group: median, speed, ratio to the first row.

    Groups that were not measured now stay as they are on the page.
    """
    groups = {}
    for benchmark in results["benchmarks"]:
        groups.setdefault(benchmark["group"], []).append(benchmark)
    before = page.read_text() if page.exists() else ""
    tables = dict(table.split("\n", 1) for table in before.split("\n## ")[1:])
    for name, rows in groups.items():
        tables[name[0].upper() + name[1:]] = f"\n{_table(rows)}\n"
    text = _HEAD.format(python=f"Python {platform.python_version()}", cores=os.cpu_count())
    for name, table in tables.items():
        text += f"\n## {name}\n{table}"
    page.write_text(text)


def _table(rows: list[dict]) -> str:
    figures = [row["extra_info"]["figures"] for row in rows if "figures" in row["extra_info"]]
    if figures:
        lines = ["| " + " | ".join(figures[0]) + " |", "| --- " * len(figures[0]) + "|"]
        return "\n".join(lines + ["| " + " | ".join(row.values()) + " |" for row in figures])
    lines = ["| | median | speed | compared with the first | with the one before |"]
    lines += ["| --- " * 5 + "|"]
    first = before = rows[0]["stats"]["median"]
    for row in rows:
        median = row["stats"]["median"]
        speed = f"{1 / median:,.1f} a second"
        label = row["name"].split("[")[0].removeprefix("test_").replace("_", " ")
        time = f"{median:.2f} s" if median >= 1 else f"{1000 * median:.1f} ms"
        lines.append(
            f"| {label} | {time} | {speed} | {_shown(first / median)} times as fast "
            f"| {_shown(before / median)} times |"
        )
        before = median
    return "\n".join(lines)


def _shown(ratio):
    """A ratio with two decimals, or two digits that say something if it is small."""
    return f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.2g}"


if __name__ == "__main__":
    write(json.loads(Path(sys.argv[1]).read_text()), PAGE)
