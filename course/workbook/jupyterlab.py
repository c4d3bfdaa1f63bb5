"""Start JupyterLab on the learner's work."""

import json
import os
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote


def become(work: Path, notebook: Path | None = None, options: tuple[str, ...] = ()) -> NoReturn:
    """Become JupyterLab in the work folder, showing a notebook in it; does not return."""
    # With -P, no file of the learner's in `work` hides what JupyterLab imports.
    command = [sys.executable, "-P", "-m", "jupyterlab"]
    if os.name != "nt":
        # A login shell, as terminals have where the server itself has none, sets a PATH of its own.
        shell = {"shell_command": [os.environ.get("SHELL") or "/bin/sh"]}
        command.append(f"--ServerApp.terminado_settings={json.dumps(shell)}")
    command += options
    if notebook:
        command.append(f"--LabApp.default_url=/lab/tree/{quote(notebook.as_posix())}")
    os.chdir(work)
    # A notebook itself says which language it is in, and there are English ones beside others.
    os.environ.pop("COURSE_LANGUAGE", None)
    # The Validate button finds nbgrader_config.py there; labconfig switches off what would ask
    # whether it may fetch news, in front of the first lesson.
    paths = [str(Path(__file__).parent / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, paths))
    # Notebooks and terminals start `course`, `pip` and `tensorboard` by their names.
    programs = [sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)]
    os.environ["PATH"] = os.pathsep.join(programs)
    if os.name == "nt":  # there, exec would leave JupyterLab running behind the prompt
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is JupyterLab's, which asks back
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)
