"""Start JupyterLab on the learner's work."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

from course.workbook.lessons import ReleasedLesson


def become(
    work: Path, lesson: ReleasedLesson | None = None, options: tuple[str, ...] = ()
) -> NoReturn:
    """Become JupyterLab in the work folder, showing the lesson's notebook; does not return."""
    command = [sys.executable, "-m", "jupyterlab", *options]
    if lesson:
        command.append(f"--LabApp.default_url=/lab/tree/{quote(lesson.notebook.as_posix())}")
    os.chdir(work)
    # The Validate button finds nbgrader_config.py there.
    paths = [str(Path(__file__).parent / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, paths))
    if os.name == "nt":  # there, exec would leave JupyterLab running behind the prompt
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)
