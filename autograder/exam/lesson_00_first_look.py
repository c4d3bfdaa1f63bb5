"""The examination of lesson 0: the visible check, on other numbers."""

from autograder.exam.hidden import examination

steps_per_epoch = examination("steps_per_epoch")
