"""`autograder` with a fork server that imports nothing ahead: for tests of what goes on around it.

Run as `python -m tests.quick_start`. Those imports are most of what the command takes to start.
In any other process it is enough to import this module.
"""

from autograder.cli import main
from autograder.sandbox.outside import server_handle

server_handle.WARM_MODULES = ()

if __name__ == "__main__":
    main()
