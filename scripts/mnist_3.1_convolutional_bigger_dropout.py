"""Larger convolutional layers, with dropout, trained before your eyes."""

import sys

from course.cli import main

main(["train", "convolutional-dropout", *sys.argv[1:]])
