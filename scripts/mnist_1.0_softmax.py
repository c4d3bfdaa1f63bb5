"""One layer of ten neurons with softmax, trained before your eyes."""

import sys

from course.cli import main

main(["train", "softmax", *sys.argv[1:]])
