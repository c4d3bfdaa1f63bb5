"""Runs a notebook's cells, one after the other, and tells which ended, which did not, and why."""

import asyncio
import logging
import os
import subprocess
from dataclasses import dataclass, field

# Seconds: for a cell after one that did not end, as the same answer may be called there again; and
# for an interrupted cell to end.
_AFTER_A_LATE_ONE = 30
_TO_END = 10


@dataclass
class Execution:
    """The cells with what they put out; cells are told by their places in the notebook."""

    cells: list[dict]
    set_up: int | None = None  # the first code cell
    late: dict[int, int] = field(default_factory=dict)  # seconds after which a cell was stopped
    died_in: int | None = None  # where Python ended
    left_in: int | None = None  # where it was asked to, by exit() or quit()


def execute(notebook: dict, folder: str, cell_seconds: int, advance) -> Execution:
    """Run the cells in this folder; `advance` is called before each.

    A cell that takes longer is interrupted, and the next one is run; but without the first code
    cell, which holds the imports, no other is. Raises RuntimeError where no notebook can be run.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import DeadKernelError

    # What was saved with the notebook proves nothing.
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    found = Execution(notebook["cells"])
    code = (i for i, cell in enumerate(found.cells) if cell["cell_type"] == "code")
    found.set_up = next((i for i in code if found.cells[i]["source"].strip()), None)
    running = None
    ended = set()
    timers, tasks = [], []

    def start(cell, cell_index):
        nonlocal running
        running = cell_index
        advance()
        stop_timers()
        seconds = _seconds(cell, cell_seconds, found.late)
        later = asyncio.get_running_loop().call_later
        timers[:] = [later(seconds, interrupt, seconds), later(seconds + _TO_END, kill)]

    def interrupt(seconds):
        found.late[running] = seconds
        if running == found.set_up:
            kill()
        else:
            tasks.append(asyncio.ensure_future(client.km.interrupt_kernel()))

    def kill():
        tasks.append(asyncio.ensure_future(client.km.shutdown_kernel(now=True)))

    def end(cell, cell_index, execute_reply):
        stop_timers()
        ended.add(cell_index)
        payload = execute_reply["content"].get("payload") or []
        if found.left_in is None and any(part.get("source") == "ask_exit" for part in payload):
            found.left_in = cell_index

    def stop_timers():
        for timer in timers:
            timer.cancel()

    client = NotebookClient(
        nbformat.from_dict(notebook),
        timeout=None,  # it would end the run
        kernel_name="python3",  # this Python, whatever the kernel's name where it was written
        allow_errors=True,  # as grading does
        resources={"metadata": {"path": folder}},
        on_cell_start=start,
        on_cell_executed=end,
        log=logging.Logger("silent", logging.CRITICAL + 1),  # what it would say is said elsewhere
    )
    try:
        # Live training draws one picture and returns, as under nbgrader's Validate.
        client.execute(
            env=os.environ | {"NBGRADER_EXECUTION": "validate"},
            stderr=subprocess.DEVNULL,  # the kernel's own words; those of a cell come another way
        )
    except DeadKernelError:
        found.died_in = running
    except Exception as error:
        if getattr(client, "_async_cleanup_kernel_future", None):  # where nbclient takes Ctrl-C to
            raise KeyboardInterrupt from None
        raise RuntimeError(str(error) or type(error).__name__) from error
    finally:
        stop_timers()
    found.cells = client.nb.cells
    for place, cell in enumerate(found.cells):
        if cell.cell_type == "code" and (place not in ended or place in found.late):
            cell.update(execution_count=None, outputs=[])  # it may have begun
    return found


def _seconds(cell, most, late):
    """The longest time for a cell, after these late ones."""
    return min(most, _AFTER_A_LATE_ONE) if late else most
