"""`autograder` with a fork server that imports nothing ahead: for tests of what goes on around it.

Run as `python -m tests.quick_start`. Those imports are most of what the command takes to start.
"""

from autograder.cli import main
from autograder.sandbox.outside import server_handle


def run() -> None:
    """Run the command with the arguments of this process."""
    server_handle.WARM_MODULES = ()
    main()


if __name__ == "__main__":
    run()
