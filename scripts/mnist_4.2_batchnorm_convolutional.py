"""Convolutional layers with batch normalisation, trained before your eyes."""

import sys

from course.cli import main

main(["train", "batch-norm", *sys.argv[1:]])
