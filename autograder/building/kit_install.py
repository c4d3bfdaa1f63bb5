"""Install the course into the folder .venv beside this file: python3 install.py"""

import os
import subprocess
import sys

import check_python

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    """Make .venv anew, and install the wheel with the versions that were tested together."""
    check_python.main("start install.py with one of these")
    programs = os.path.join(".venv", "Scripts" if os.name == "nt" else "bin")
    python = os.path.join(HERE, programs, "python")
    wheels = [name for name in os.listdir(HERE) if name.endswith(".whl")]
    pip_install = [python, "-m", "pip", "install", "--constraint", "constraints.txt", *wheels]
    for command in ([sys.executable, "-m", "venv", "--clear", ".venv"], pip_install):
        code = subprocess.call(command, cwd=HERE)
        if code:  # the program has said why
            sys.exit(code)
    print("Installed. Next, in this folder: " + os.path.join(programs, "course") + " lab")


if __name__ == "__main__":
    main()
