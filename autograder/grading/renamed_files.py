"""Rename what is kept of submissions when a lesson's notebook or its exercises are renamed."""

import contextlib
import dataclasses
import glob
import json
import os
from collections.abc import Mapping
from pathlib import Path

from autograder.course_folder import CourseFolder
from autograder.grading import result_file
from autograder.sandbox.protocol.cell_marks import mark, marks_of
from course.files import write_atomically
from course.workbook.notebooks import nbgrader_settings

# Where a lesson's notebook is, or its page; there may be several attempts.
_PLACES = ("submitted/*/{}/{}.ipynb", "autograded/*/{}/{}.ipynb", "collected/*/{}/*/{}.ipynb")
_PAGES = "feedback/*/{}/{}.html"


def graded_notebooks(course: CourseFolder, lesson: str, name: str) -> list[Path]:
    """Return everybody's graded notebook of a lesson; `name` is without its ending."""
    pattern = f"autograded/*/{glob.escape(lesson)}/{glob.escape(name)}.ipynb"
    return sorted(course.root.glob(pattern))


def rename_notebook(course: CourseFolder, lesson: str, old: str, new: str) -> None:
    """Rename every file named after a lesson's notebook; names come without their ending.

    What cannot be renamed, or would replace another file, stays as it is.
    """
    for place in (*_PLACES, _PAGES):
        for path in course.root.glob(place.format(glob.escape(lesson), glob.escape(old))):
            its_new = path.with_name(f"{new}{path.suffix}")
            is_ours = path.resolve().is_relative_to(course.root.resolve())
            if is_ours and path.is_file() and not os.path.lexists(its_new):
                with contextlib.suppress(OSError):
                    path.rename(its_new)


def rename_exercises(
    course: CourseFolder,
    lesson: str,
    name: str,
    exercises: Mapping[str, str],
    grade_ids: Mapping[str, str],
) -> None:
    """Give exercises their new names in results, and cells their new grade ids in graded notebooks.

    `name` is that of the lesson's notebook. Damaged files stay as they are.
    """
    for path in graded_notebooks(course, lesson, name):
        with contextlib.suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
            notebook = json.loads(path.read_text("utf-8"))
            for cell in notebook["cells"]:
                settings = nbgrader_settings(cell)
                if grade_id := settings.get("grade_id"):
                    settings["grade_id"] = _new_name(grade_id, grade_ids)
                if answers := marks_of(cell).answers:
                    mark(cell, answers=[_new_name(one, exercises) for one in answers])
            write_atomically(path, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
        with contextlib.suppress(OSError):
            _rename_in_result(path.with_name(result_file.NAME), exercises)


def _new_name(name, new_names):
    """The current name of something; if another has taken its name, it is marked as dropped."""
    is_taken = name in new_names.values()
    return new_names.get(name, f"{name} (dropped)" if is_taken else name)


def _rename_in_result(path, exercises):
    if (kept := result_file.read(path)) is None:
        return
    result = kept.result
    renamed = [
        {_new_name(name, exercises): fact for name, fact in facts.items()}
        for facts in (result.exercises, result.exercise_seconds)
    ]
    result = dataclasses.replace(result, exercises=renamed[0], exercise_seconds=renamed[1])
    result_file.write(path, dataclasses.replace(kept, result=result))
