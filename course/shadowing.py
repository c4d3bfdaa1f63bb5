"""Files beside a notebook that shadow a package: `import numpy` would find a `numpy.py` there."""

import os
import sys
from pathlib import Path

_PACKAGES = ("numpy", "tensorflow", "keras", "matplotlib", "scipy", "PIL", "IPython", "ipywidgets")


def refuse_shadowing_files() -> None:
    """Raise ImportError, which says what to rename, if a file here shadows a package."""
    here = Path.cwd()
    if not any(entry in ("", str(here)) for entry in sys.path):
        return
    for package in _PACKAGES:
        for name in (f"{package}.py", f"{package}/__init__.py"):
            # To some disks, there is a pil.py if there is a PIL.py: Python looks at the spelling.
            if (here / name).exists() and name.split("/")[0] in os.listdir(here):
                raise ImportError(
                    f"Your file {name} hides the package {package}, which the course needs: give "
                    f"it another name, and restart the kernel. It is in {here}."
                )
