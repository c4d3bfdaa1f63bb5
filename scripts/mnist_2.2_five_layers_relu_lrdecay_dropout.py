"""Five layers with ReLU, decay and dropout, trained before your eyes."""

import sys

from course.cli import main

main(["train", "five-layers-dropout", *sys.argv[1:]])
