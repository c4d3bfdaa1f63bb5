"""Let nbgrader's own autograde start from a sanitised submission, too.

Without it, one submission with a copied test cell or old metadata stops the whole class.
"""

from pathlib import Path

import nbformat
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder import build, course_folder, sanitise


class RestoreTests(NbGraderPreprocessor):
    """Put the instructor's locked cells into a submission, each once and where it belongs."""

    def preprocess(self, nb, resources):
        course = course_folder.find(Path.cwd())  # nbgrader changes to the course's folder
        path = course.notebook(resources["nbgrader"]["assignment"])
        source = build.prepared(nbformat.read(path, as_version=4))
        submitted = sanitise.read(nbformat.writes(nb).encode("utf-8", "replace"))
        return sanitise.sanitise(submitted, source), resources
