"""Write the pages that students get, by nbgrader, as nbgrader_config.py sets it up."""

import logging
from pathlib import Path

from autograder.course_folder import CourseError, CourseFolder


def feedback(course: CourseFolder, lesson: str, progress=lambda students: students) -> list[Path]:
    """Write feedback/<student>/<lesson>/ for everybody who was graded; return the pages.

    `progress` may wrap the list of students, to show how far it is.
    """
    from nbgrader.converters import GenerateFeedback
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory

    name = course.notebook(lesson).stem
    found = course.root.glob(f"autograded/*/{lesson}/{name}.ipynb")
    students = sorted(path.parent.parent.name for path in found)
    if not students:
        raise CourseError(f"Nothing is graded yet: run `autograder grade {lesson}` first.")
    log = logging.getLogger("autograder.feedback")
    log.setLevel(logging.CRITICAL)
    config = course.config()
    pages, failed = [], []
    for student in progress(students):
        folders = CourseDirectory(config=config, assignment_id=lesson, student_id=student, log=log)
        try:
            GenerateFeedback(folders, config=config, force=True, log=log).start()
        except (NbGraderException, SystemExit) as error:
            failed.append(f"{student}: {error}")
        pages.append(course.root / "feedback" / student / lesson / f"{name}.html")
    if failed:
        raise CourseError("No feedback could be written for\n" + "\n".join(failed))
    return pages
