"""TensorFlow's eager execution, which a line of an old example switches off."""

import importlib
import sys
from contextlib import suppress

IS_OFF = (
    "TensorFlow's eager execution is switched off, so tensors have no values: take the line "
    "`tf.compat.v1.disable_eager_execution()` out of the notebook, and restart the kernel."
)


def is_on() -> bool:
    """Return whether TensorFlow, if it is imported, executes eagerly."""
    tensorflow = sys.modules.get("tensorflow")
    return tensorflow is None or tensorflow.executing_eagerly()


def switch_on() -> None:
    """Switch it on again, if the student's code has switched it off."""
    with suppress(Exception):  # which is said when an answer is called
        if not is_on():
            ops = importlib.import_module("tensorflow.python.framework.ops")
            ops._default_graph_stack.reset()  # noqa: SLF001 - a graph may have been left open
            sys.modules["tensorflow"].compat.v1.enable_v2_behavior()
            ops.enable_eager_execution_internal()
            context = importlib.import_module("tensorflow.python.eager.context").context()
            del context.context_switches.stack[1:]
