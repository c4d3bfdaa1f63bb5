"""Three convolutional layers, trained before your eyes."""

import sys

from course.cli import main

main(["train", "convolutional", *sys.argv[1:]])
