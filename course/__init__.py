"""Deep Learning, Live: what the notebooks of the course import."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # of TensorFlow's C++ messages, errors only

__version__ = "0.1.0"
