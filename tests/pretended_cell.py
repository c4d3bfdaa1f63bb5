"""A cell that is being executed, as far as the course can tell."""

import contextlib
import uuid
from types import SimpleNamespace

import pytest

from course import front_end


@contextlib.contextmanager
def pretended_cell(cell):
    """Act in this block as if a front end executed the cell with this id once."""
    message = {"metadata": {"cellId": cell}, "header": {"msg_id": uuid.uuid4().hex}}
    ipython = SimpleNamespace(kernel=SimpleNamespace(get_parent=lambda _channel: message))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(front_end, "get_ipython", lambda: ipython)
        patch.setattr(front_end, "publish_display_data", lambda data, _facts: print(*data.values()))
        yield
