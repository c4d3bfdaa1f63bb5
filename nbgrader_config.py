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

# What a submission may use: seconds for one cell, and for the whole notebook. The other limits are
# in autograder/sandbox/limits.py. Set yours in course_settings.py: c.Limits.memory = 4_000_000_000
c.Execute.timeout = 120
c.Grade.timeout = 900

# `nbgrader generate_assignment` writes what `autograder build` does, or leaves what is there.
c.GenerateAssignment.exporter_class = "autograder.nbgrader_plugins.generate.Tried"
# The texts of cells change first, before the gradebook keeps them with their checksums.
_texts, _metadata = "fold_outs.SpaceBelowFoldOuts", "plain_metadata.PlainMetadata"
c.GenerateAssignment.preprocessors.insert(0, f"autograder.nbgrader_plugins.{_texts}")
c.GenerateAssignment.preprocessors.append(f"autograder.nbgrader_plugins.{_metadata}")

# `nbgrader autograde` and the formgrader's button grade as `autograder grade` does: in a sandbox.
c.Autograde.exporter_class = "autograder.nbgrader_plugins.autograde.Examined"
c.Autograde.sanitize_preprocessors = []
c.Autograde.autograde_preprocessors = []

# What `autograder grade` writes beside a graded notebook is no part of the feedback.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "result.json"]

# `nbgrader zip_collect`: files as learning platforms name them, such as ID_4711_softmax.ipynb, or
# ID_4711_assignsubmission_file_/softmax.ipynb. An ID may hold anything but an underscore.
_notebooks = sorted(path.stem for path in Path(__file__).parent.glob("source/*/*.ipynb"))
c.FileNameCollectorPlugin.named_regexp = (
    r".*[/\\]extracted[/\\](?:.*[/\\])?(?P<student_id>[^/\\_]+)_(?:.*[_/\\])?"
    rf"(?P<file_id>{'|'.join(_notebooks)})(?:[- (][^/\\]*)?\.ipynb$"
)

# Pages for students: results and reasons, no hidden tests, nothing that a browser would execute.
c.GenerateFeedback.exporter_class = "autograder.pages.feedback_page.FeedbackExporter"
c.GenerateFeedback.preprocessors = [
    "autograder.pages.feedback_page.Grades",
    "autograder.pages.hide_hidden_tests.HideHiddenTests",
    "autograder.pages.feedback_page.Summary",
]
c.ExchangeFactory.release_feedback = "autograder.nbgrader_plugins.release_feedback.ReleaseFeedback"
# What follows holds for the formgrader as well, where the instructor reads what students wrote.
c.HTMLExporter.preprocessors = [
    "autograder.pages.formgrader_page.NamesAndReasons",  # for the formgrader alone
    "autograder.pages.harmless_outputs.HarmlessOutputs",
]
c.HTMLExporter.filters = {"markdown2html": "autograder.pages.harmless_outputs.markdown2html"}

# Your own settings, in a file that git ignores: they come last.
load_subconfig("course_settings.py")  # noqa: F821 (nbgrader provides it)

# Scores, graded notebooks and pages are their owner's to read, and the group's if the folder is.
_is_shared = c.CourseDirectory.get("groupshared") or Path(__file__).parent.stat().st_mode & 0o020
for _step in (c.Autograde, c.GenerateFeedback):
    _step.setdefault("permissions", 660 if _is_shared else 600)
