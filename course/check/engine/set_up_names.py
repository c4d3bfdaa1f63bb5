"""The names that the first cell of each lesson makes, and how to import what has been lost."""

# Names that the first cells of the notebooks make, with the numbers of the lessons that have them.
FIRST_CELLS: dict[str, set[int]] = {
    "check": {0, 1, 2, 3, 4, 5, 6, 7},
    "dashboard": {0, 2, 3, 4, 5, 6, 7},
    "data": {2, 3, 4, 6, 7},
    "digits": {0, 1, 2, 3, 4, 5, 6, 7},
    "keras": {2, 3, 4, 5, 6, 7},
    "layers": {3, 5, 6, 7},
    "math": {6},
    "networks": {1, 2, 3, 4, 5},
    "np": {1, 2, 3, 4, 5, 6},
    "Path": {6},
    "pictures": {0, 1, 2, 3, 4, 5, 6, 7},
    "playgrounds": {0, 1, 3, 4, 5, 6},
    "tempfile": {6, 7},
    "tf": {1, 2, 3, 4, 5, 6, 7},
}
MODULES = ("collections", "functools", "itertools", "keras", "math", "os", "statistics", "time")
IMPORTS = {name: f"import {name}" for name in MODULES} | {
    "layers": "from keras import layers",
    "np": "import numpy as np",
    "tf": "import tensorflow as tf",
}
