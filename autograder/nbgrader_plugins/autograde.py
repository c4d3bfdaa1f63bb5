"""Have `nbgrader autograde` and the formgrader's autograde button use this grader.

nbgrader's own step would run a submission unprotected, as the instructor. nbgrader_config.py puts
this exporter in place of all its steps.
"""

from pathlib import Path

from nbconvert.exporters import NotebookExporter

from autograder import course_folder
from autograder.grading import class_grading
from autograder.pages.terminal_table import changes_words


class Examined(NotebookExporter):
    """An exporter that grades a submission, writes its scores, and returns the graded notebook."""

    def from_filename(self, filename, resources=None, **_options):
        """Grade it the first time that nbgrader asks; the second time, only read the result."""
        path = Path(filename)
        if self.parent._sanitizing:  # noqa: SLF001 - nbgrader tells it in no other way
            course = course_folder.find(Path(self.parent.coursedir.root))
            info = resources["nbgrader"]
            student, lesson = info["student"], info["assignment"]
            results = class_grading.grade_again(course, lesson, student, path)
            for line in changes_words(results.lesson_changes):
                self.log.warning("%s", line)
            path = course.autograded(student, lesson) / course.notebook(lesson).name
        resources["output_extension"] = self.file_extension
        text = path.read_text(encoding="utf-8")
        return text, resources
