"""Deep Learning, Live: what the notebooks of the course import."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # no word from TensorFlow's C++ below an error

__version__ = "0.1.0"
