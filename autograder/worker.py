"""Execute one submission, in a process of its own: reads a job, reports each cell as it ends.

Standard input holds the job as JSON: `notebook` (a sanitised one) and `cell_timeout` in seconds.
Standard output gets one JSON object per line: what happened to a cell and the outputs it left, or
an `end`. The reports go out at once, so that a death loses nothing that came before it.
"""

import asyncio
import contextlib
import ctypes
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import psutil
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

_GRACE = 5  # seconds that an interrupted cell has to stop
_LARGEST_OUTPUT = 5_000_000  # characters of a cell's outputs; what comes after them is dropped
_TIMEOUT_NAME = "CellTimeoutError"


def main():
    """Do the job on standard input."""
    report = _private_report()
    _adopt_orphans()
    job = json.load(sys.stdin)
    notebook = nbformat.from_dict(job["notebook"])
    try:
        asyncio.run(_execute(notebook, job["cell_timeout"], report))
    finally:
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                process.kill()


def _private_report():
    """Take standard output for the reports alone: nothing that is started here inherits it."""
    private = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    # The kernel inherits descriptors 0 to 2; standard error stays, for what goes wrong here.

    def report(**event):
        private.write(json.dumps(event) + "\n")
        private.flush()

    return report


def _adopt_orphans():
    """Make processes that detach themselves from a notebook children of this one (on Linux)."""
    set_child_subreaper = 36
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)


async def _execute(notebook, cell_timeout, report):
    client = _Client(
        notebook,
        timeout=cell_timeout,
        startup_timeout=120,
        allow_errors=True,
        interrupt_on_timeout=True,
        error_on_timeout={
            "ename": _TIMEOUT_NAME,
            "evalue": f"no end within {cell_timeout:g} s",
            "traceback": [],
        },
        shutdown_kernel="immediate",
        raise_on_iopub_timeout=False,
        iopub_timeout=4,
        skip_cells_with_tag="",
        coalesce_streams=True,
        record_timing=False,
    )
    # Sockets in a private folder: no port that a neighbour could take or listen to.
    sockets = Path(tempfile.mkdtemp(prefix="k"))
    client.km = AsyncKernelManager(
        kernel_name="python3", transport="ipc", ip=str(sockets / "s"), autorestart=False
    )
    async with client.async_setup_kernel(cwd=os.getcwd(), stdout=2, stderr=2):
        report(event="ready")
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type != "code" or not cell.source.strip():
                continue
            if not await _execute_cell(client, cell, index, report):
                return
    report(event="end", reason="done")


async def _execute_cell(client, cell, index, report) -> bool:
    """Execute a cell and report it; False if the kernel cannot go on."""
    started = time.monotonic()
    client.reply, client.size = None, 0
    died = False
    try:
        await client.async_execute_cell(cell, index)
    except DeadKernelError:
        died = True
    reply = client.reply or {}
    name = reply.get("ename", "")
    if died:
        status = "died"
    elif name == _TIMEOUT_NAME and "execution_count" not in reply:  # nbclient's own reply
        status = "timed_out"
    else:
        status = reply.get("status", "none")
    report(
        event="cell",
        index=index,
        status=status,
        ename=name,
        evalue=reply.get("evalue", ""),
        execution_count=reply.get("execution_count"),
        outputs=cell.outputs,
        seconds=time.monotonic() - started,
    )
    if died:
        report(event="end", reason="died")
    elif status == "timed_out" and not await client.answers(_GRACE):
        report(event="end", reason="stuck")
    else:
        return True
    return False


class _Client(NotebookClient):
    """nbclient's executor; keeps the kernel's last reply, and outputs within bounds."""

    reply = None
    size = 0

    async def on_executed(self, cell, cell_index, execute_reply):
        self.reply = execute_reply["content"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, on_cell_executed=self.on_executed, **kwargs)

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] in ("stream", "display_data", "execute_result", "update_display_data"):
            self.size += len(json.dumps(msg["content"], default=str))
            if self.size > _LARGEST_OUTPUT:
                return None
        return super().process_message(msg, cell, cell_index)

    async def answers(self, seconds) -> bool:
        """Whether the kernel is free again within this time."""
        try:
            await self.kc.kernel_info(reply=True, timeout=seconds)
        except (TimeoutError, RuntimeError):
            return False
        return True
