"""The class at a glance: one HTML file that needs nothing else."""

from collections import Counter
from html import escape
from pathlib import Path

from autograder.course_folder import CourseFolder

_MOST_MESSAGES = 5
_SIGNS = {
    "passed": "✓",
    "failed": "✗",
    "unsolved": "-",
    "error": "!",
    "timed_out": "⏱",
    "crashed": "☠",
    "not_submitted": "",
}
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem;
       color: #222; background: #fff }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { padding: .3rem .7rem; border-bottom: 1px solid #ccc }
th, td { text-align: left; vertical-align: top }
td.mark { text-align: center; white-space: nowrap }
.passed { background: #dbe9f8 } .failed, .error, .crashed, .timed_out { background: #f8dcd8 }
.unsolved, .not_submitted { color: #666 }
pre { margin: 0; white-space: pre-wrap; font-size: .85rem }
"""


def report(course: CourseFolder, lesson: str, results: list[dict]) -> Path:
    """Write reports/<lesson>.html from the results of a lesson and return its path."""
    path = course.reports / f"{lesson}.html"
    path.parent.mkdir(exist_ok=True)
    path.write_text(page(lesson, results), encoding="utf-8")
    return path


def page(lesson: str, results: list[dict]) -> str:
    """The page as text; all that students could have written is escaped."""
    exercises = list(dict.fromkeys(name for result in results for name in result["exercises"]))
    title = f"{escape(lesson)}: the class at a glance"
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body>\n<h1>{title}</h1>\n"
        f"{_summary(results)}\n<h2>Students</h2>\n{_students(results, exercises)}\n"
        f"<h2>Exercises</h2>\n{_exercises(results, exercises)}\n</body></html>\n"
    )


def _summary(results):
    statuses = Counter(result["status"] for result in results)
    counts = ", ".join(f"{number} {_words(status)}" for status, number in statuses.most_common())
    return f"<p>{_number(len(results), 'student')}: {escape(counts) or 'nobody yet'}.</p>"


def _students(results, exercises):
    head = _row("th", ["student", *map(escape, exercises), "score", "status", "seconds"])
    rows = []
    for result in results:
        marks = "".join(_mark(result["exercises"].get(name)) for name in exercises)
        rows.append(
            f"<tr><th>{escape(result['student'])}</th>{marks}"
            f"<td>{result['score']:g} / {result['max_score']:g}</td>"
            f'<td class="{escape(result["status"])}">{_words(result["status"])}</td>'
            f"<td>{result['seconds']:.1f}</td></tr>"
        )
    return f"<table>{head}{''.join(rows)}</table>"


def _mark(exercise):
    if exercise is None:
        return "<td></td>"
    status = exercise["status"]
    return (
        f'<td class="mark {escape(status)}" title="{escape(exercise["message"])}">'
        f"{_SIGNS.get(status, '?')} {exercise['score']:g} <small>{_words(status)}</small></td>"
    )


def _exercises(results, exercises):
    head = _row("th", ["exercise", "solved by", "most frequent messages"])
    handed_in = [result for result in results if result["status"] != "not_submitted"]
    rows = []
    for name in exercises:
        found = [result["exercises"][name] for result in handed_in if name in result["exercises"]]
        passed = sum(exercise["status"] == "passed" for exercise in found)
        share = f"{passed} of {len(found)}" + (f" ({passed / len(found):.0%})" if found else "")
        messages = Counter(
            exercise["message"]
            for exercise in found
            if exercise["message"] and exercise["status"] != "unsolved"
        )
        listed = "".join(
            f"<li>{_number(number, 'submission')}: <pre>{escape(text)}</pre></li>"
            for text, number in messages.most_common(_MOST_MESSAGES)
        )
        rows.append(_row("td", [escape(name), share, f"<ul>{listed}</ul>" if listed else ""]))
    return f"<table>{head}{''.join(rows)}</table>"


def _row(kind, cells):
    return "<tr>" + "".join(f"<{kind}>{cell}</{kind}>" for cell in cells) + "</tr>"


def _words(status):
    return escape(status.replace("_", " "))


def _number(count, thing):
    return f"{count} {thing}" + ("" if count == 1 else "s")
