"""Start the fork server: `python -m autograder.sandbox.start DESCRIPTOR SETTINGS`.

Its folders are named here, not by the grader: what a process is started with can be read within
the walls, and they are the grader's.
"""

import os

from autograder.sandbox.inside import own_folders


def main() -> None:
    """Lead libraries to the folder that the grader has chosen, then import them."""
    here = os.getcwd()
    os.environ.update(own_folders.variables(f"{here}/home", f"{here}/tmp"))

    from autograder.sandbox.fork_server import main as serve

    serve()


if __name__ == "__main__":
    main()
