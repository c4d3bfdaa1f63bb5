"""Makes this folder an nbgrader course: every `nbgrader` command run from here reads this file."""

import os
import sys
from pathlib import Path

# nbgrader starts `alembic` by its bare name, which is found only in an activated environment.
_commands = str(Path(sys.executable).parent)
if _commands not in os.environ["PATH"].split(os.pathsep):
    os.environ["PATH"] = os.pathsep.join([_commands, os.environ["PATH"]])

c = get_config()  # noqa: F821 (nbgrader provides it)

c.CourseDirectory.course_id = "deep-learning-live"

# Seconds that one cell may take. `autograder grade` allows a whole notebook `c.Grade.timeout`.
c.Execute.timeout = 120
c.Grade.timeout = 900

# `nbgrader autograde`: no odd submission stops the class, and locked cells are the instructor's.
c.Autograde.sanitize_preprocessors = [
    "autograder.restore_tests.RestoreTests",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# What `autograder grade` writes beside a graded notebook is no part of the feedback.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "result.json"]

# Pages for students: results and reasons, no hidden tests, nothing that a browser would execute.
c.GenerateFeedback.exporter_class = "autograder.feedback_page.FeedbackExporter"
c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "autograder.hide_hidden_tests.HideHiddenTests",
    "autograder.feedback_page.Summary",
]
# These two hold for the formgrader as well, where the instructor reads what students wrote.
c.HTMLExporter.preprocessors = ["autograder.harmless_outputs.HarmlessOutputs"]
c.HTMLExporter.filters = {"markdown2html": "autograder.harmless_outputs.markdown2html"}
