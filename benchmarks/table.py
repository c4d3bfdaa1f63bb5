"""Turn the results of pytest-benchmark into the table docs/benchmarks.md."""

import json
import os
import platform
import sys
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"

_HEAD = """\
# Benchmarks

Measured side by side in one run by `make bench`; what counts are the ratios, not the seconds.
{python}, {cores} cores. The median of each is shown.
"""


def write(results: dict, page: Path):
    """Write a table for every group: median, speed, ratio to the first row."""
    groups = {}
    for benchmark in results["benchmarks"]:
        groups.setdefault(benchmark["group"], []).append(benchmark)
    lines = [_HEAD.format(python=f"Python {platform.python_version()}", cores=os.cpu_count())]
    for name, rows in groups.items():
        lines += [f"## {name[0].upper()}{name[1:]}", ""]
        figures = [row["extra_info"]["figures"] for row in rows if "figures" in row["extra_info"]]
        if figures:
            lines += ["| " + " | ".join(figures[0]) + " |", "| --- " * len(figures[0]) + "|"]
            lines += ["| " + " | ".join(row.values()) + " |" for row in figures]
            lines.append("")
            continue
        lines += ["| | median | speed | compared with the first | with the one before |"]
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
        lines.append("")
    page.write_text("\n".join(lines))


def _shown(ratio):
    """A ratio with two decimals, or two digits that say something if it is small."""
    return f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.2g}"


if __name__ == "__main__":
    write(json.loads(Path(sys.argv[1]).read_text()), PAGE)
