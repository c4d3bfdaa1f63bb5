"""Make `nbgrader generate_assignment` and the formgrader's *Generate* refuse before they delete.

nbgrader deletes the old release first, and the new one as well if it fails on the way.
"""

from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.converters.base import NbGraderException

from autograder import course_folder
from autograder.building import release
from autograder.course_folder import CourseError
from autograder.grading import gradebook
from autograder.messages import _


class Tried(NotebookExporter):
    """An exporter that tries what nbgrader will do as it is made: nothing is deleted yet."""

    def __init__(self, config=None, **options):
        super().__init__(config=config, **options)
        course = course_folder.find(Path(self.parent.coursedir.root))
        for folder in self.parent.assignments:
            try:
                _try(course, Path(folder).name)
            except Exception as error:  # nbgrader refuses with many kinds of exception
                self.parent.log.error("%s", error)
                raise NbGraderException(str(error)) from error


def _try(course, lesson):
    path = course.notebook(lesson)
    source = nbformat.read(path, as_version=4)
    release.cleared(source)
    if not gradebook.fits(course, lesson, source):
        said = _(
            "{lesson} has different exercises from the gradebook, or its notebook has a different "
            "name: run `autograder grade {lesson}` first, which keeps the points and comments that "
            "people gave."
        )
        raise CourseError(said.format(lesson=lesson))
