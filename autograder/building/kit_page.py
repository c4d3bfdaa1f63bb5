"""The page of the kit: it tells students how to begin, in the current language."""

from autograder.messages import _


def text(name: str, wheel: str) -> str:
    """Return the page, in Markdown; `name` is the kit's, `wheel` that of its package's file."""
    sections = (
        _(
            """\
# Deep Learning, Live

A course in deep learning, in notebooks: you build and train networks that read handwritten
digits."""
        ),
        _(
            """\
## Install

You need Python 3.11 to 3.13, on Linux, on Windows, or on a Mac with Apple silicon and macOS 12 or
later. If you have none of these, install 3.13 from [python.org](https://www.python.org/downloads/):
the newest may be too new for TensorFlow, and Apple's own is too old. On Debian and Ubuntu, install
`python3-venv`, too.

Open a terminal in the folder that holds `install.py`. On a Mac: open *Terminal*, type `cd` and a
space, drag the folder from Finder into the window, and press Return. Then type:

```
python3 install.py
```

On Windows, unpack the kit into a folder with a short path, such as `C:\\dl`. Right-click in the
folder that holds `install.py`, choose *Open in Terminal* (in Windows 10: hold Shift, and choose
*Open PowerShell window here*), and type:

```powershell
py -3.13 install.py
```

If there is no `py`, or no 3.13: `python install.py`, or `py -3.12 install.py`.

It makes the folder `.venv` and installs all that the lessons need into it, which takes some minutes
and 2.9 GB. If your Python will not do, it says why before it installs anything: then start it with
another one, such as `python3.13 install.py`.

To update, unpack the newer kit into another folder, and install it there; then move your folder
`work` into it.

`python3 install.py --light` takes 2.1 GB on Linux, and downloads 400 MB less: TensorFlow for the
processor alone, and the digits without the packages that come with them.

With conda, this does the same: `conda env create --file environment.yml`, then
`conda activate {name}`. Into an environment of your own:
`pip install --constraint constraints.txt ./{wheel}`. Either way, leave out `.venv/bin/` (on
Windows, `.venv\\Scripts\\`) in the commands below.

To save training as an MP4 film, install one more package:
`.venv/bin/pip install "imageio[ffmpeg]"`; on Windows,
`.venv\\Scripts\\pip install "imageio[ffmpeg]"`."""
        ),
        _(
            """\
On Colab, upload the `.whl` file with the folder symbol on the left, open a notebook from `release/`
there, and add this as its first cell:

```
%pip install --quiet "ipywidgets>=8.1" "anywidget>=0.9.13" "mlxtend>=0.23"
%pip install --quiet --no-deps /content/{wheel}
from google.colab import output
output.enable_custom_widget_manager()
```"""
        ),
        _(
            """\
## Work

In a terminal in the same folder:

```
.venv/bin/course lab
.venv/bin/course lab playgrounds
.venv/bin/course lessons
.venv/bin/course check work/01-softmax/softmax.ipynb
.venv/bin/course reset softmax accuracy
```

On Windows, in PowerShell:

```powershell
.venv\\Scripts\\course lab
.venv\\Scripts\\course lab playgrounds
.venv\\Scripts\\course lessons
.venv\\Scripts\\course check work\\01-softmax\\softmax.ipynb
.venv\\Scripts\\course reset softmax accuracy
```

| command | what it does |
| --- | --- |
| `lab` | opens JupyterLab on the start page of your copies, in `work/` |
| `lab playgrounds` | shows pictures to play with, without exercises |
| `lessons` | lists the lessons, and how far you have got |
| `check` | says which exercises pass |
| `reset` | begins an exercise again; your text is kept |

Run the cells of a notebook from top to bottom with `Shift+Enter`, and write your answers where it
says `YOUR CODE HERE`. The cell below each answer checks it. Your work is never overwritten."""
        ),
        _(
            """\
## Submit

Press **Validate** in the toolbar of the notebook: it runs everything once more. Then hand in the
notebook file from `work/`, without renaming it; in lesson 6, also the file `challenge.keras` beside
it.

No internet is needed for the lessons: 5,000 real digits come with the packages."""
        ),
    )
    return "\n\n".join(section.format(name=name, wheel=wheel) for section in sections) + "\n"
