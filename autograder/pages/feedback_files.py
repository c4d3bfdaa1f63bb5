"""Write the students' pages, as nbgrader_config.py configures them."""

import logging
import os
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from nbgrader.api import MissingEntry
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory

from autograder.course_folder import CourseError, CourseFolder, concerns_one_folder
from autograder.grading import gradebook
from autograder.grading.class_results import nothing_graded
from autograder.grading.file_modes import keeps_private, set_modes
from autograder.grading.plain_files import NBGRADERS
from autograder.messages import _
from autograder.names import id_of, shown
from course.files import write_atomically


class Feedback(NamedTuple):
    """The pages that were written; and why others could not be, by student."""

    pages: list[Path]
    failed: dict[str, str]


@keeps_private
def write_feedback(
    course: CourseFolder,
    lesson: str,
    progress=lambda students: students,
    only: Collection[str] | None = None,
) -> Feedback:
    """Write feedback/STUDENT/LESSON/ for everybody who was graded, or for those in `only`.

    `progress` may wrap the list of students, to show how far it is. Raises CourseError.
    """
    notebook = course.notebook(lesson).name
    students = _graded(course, lesson, notebook)
    if only is not None:
        students = [student for student in students if student in only]
    if not students:
        raise CourseError(nothing_graded(lesson))
    log = logging.getLogger("autograder.pages.feedback_files")
    log.setLevel(logging.CRITICAL)
    config = course.config()
    # nbgrader's own search for a student's notebook would take the id for a pattern.
    converter = GenerateFeedback(CourseDirectory(config=config, log=log), config=config, log=log)
    exporter = converter.exporter_class(parent=converter, config=converter.config)
    for preprocessor in converter.preprocessors:
        exporter.register_preprocessor(preprocessor)
    written = Feedback([], {})
    for student in progress(students):
        try:
            with gradebook.clear_errors(course):
                page = _write_page(exporter, course, student, lesson, notebook)
            set_modes(course, page.parent)
            written.pages.append(page)
        except CourseError:
            raise
        except Exception as error:  # such as a notebook that somebody edited
            if isinstance(error, OSError) and not concerns_one_folder(error):
                raise
            written.failed[student] = _reason(error)
    return written


def _graded(course, lesson, notebook):
    """Everybody who has a graded notebook, or may have one that cannot be seen."""
    try:
        names = sorted(map(id_of, os.listdir(course.root / "autograded")))
    except FileNotFoundError:
        return []
    return [name for name in names if _may_be_there(course.autograded(name, lesson) / notebook)]


def _may_be_there(path):
    try:
        return bool(path.lstat())
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # reading it will say what is wrong


def _write_page(exporter, course, student, lesson, notebook):
    graded = course.autograded(student, lesson) / notebook
    grades = {
        "student": student,
        "assignment": lesson,
        "notebook": graded.stem,
        "db_url": gradebook.url(course.gradebook),
    }
    files_of_it = {"unique_key": graded.stem, "output_files_dir": f"{graded.stem}_files"}
    text, _resources = exporter.from_filename(
        str(graded), resources={"nbgrader": grades} | files_of_it
    )
    folder = course.feedback(student, lesson)
    folder.mkdir(parents=True, exist_ok=True)
    for name in NBGRADERS:  # which its exchange needs beside a page
        if graded.with_name(name).is_file():
            write_atomically(folder / name, graded.with_name(name).read_text("utf-8"))
    return write_atomically(folder / f"{graded.stem}.html", text)


def _reason(error):
    if isinstance(error, MissingEntry):
        return _("The gradebook holds no score of this student for this lesson.")
    return shown(f"{type(error).__name__}: {error}")
