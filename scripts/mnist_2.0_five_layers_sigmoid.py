"""Five layers with sigmoid, trained before your eyes."""

import sys

from course.cli import main

main(["train", "five-layers-sigmoid", *sys.argv[1:]])
