"""How long the kit takes to install, and how large it is: python -m benchmarks.install"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.building import kit

ROOT = Path(__file__).parent.parent


def measure(folder: Path, *options: str) -> tuple[float, float]:
    """Return the seconds and the megabytes that install.py takes, with these options."""
    begin = time.monotonic()
    command = [sys.executable, "install.py", *options]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    seconds = time.monotonic() - begin
    files = (path for path in (folder / ".venv").rglob("*") if not path.is_symlink())
    return seconds, sum(path.stat().st_size for path in files if path.is_file()) / 1e6


def main():
    with tempfile.TemporaryDirectory() as folder:
        kit.make(ROOT, Path(folder))
        for options in ((), ("--light",)):
            seconds, size = measure(Path(folder) / kit.NAME, *options)
            print(f"install.py {' '.join(options):8} {seconds:5.0f} s  {size:5.0f} MB", flush=True)


if __name__ == "__main__":
    main()
