"""Deep Learning, Live: what the notebooks of the course import."""

import os

from course.home import have_home
from course.messages import use_language
from course.shadowing import refuse_shadowing_files

refuse_shadowing_files()
have_home()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # of TensorFlow's C++ messages, errors only
os.environ["KERAS_BACKEND"] = "tensorflow"  # whatever keras.json in the learner's home says

__all__ = ["use_language"]
__version__ = "0.1.0"
