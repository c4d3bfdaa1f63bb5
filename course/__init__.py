"""Deep Learning, Live: what the notebooks of the course import."""

import os

# TensorFlow greets on standard error; nbgrader would read that as a failed test cell.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

__version__ = "0.1.0"
