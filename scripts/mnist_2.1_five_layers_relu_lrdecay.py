"""Five layers with ReLU and a learning rate that decays, trained before your eyes."""

import sys

from course.cli import main

main(["train", "five-layers-relu", *sys.argv[1:]])
