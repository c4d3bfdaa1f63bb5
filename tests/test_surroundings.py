"""What lies around a notebook and changes what it imports: files beside it, Keras's settings."""

import json
import os
import subprocess
import sys

import pytest

from tests import ordinary_user
from tests.conftest import ROOT
from tests.workbook.made_notebooks import exercise_cells, markdown, save


def python(folder, code, *arguments, encoding=None, errors=None, **environment):
    """Run some code as a notebook in this folder would."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding=encoding,
        errors=errors,
    )


@pytest.mark.parametrize("name", ["numpy.py", "tensorflow.py", "keras/__init__.py", "PIL.py"])
def test_a_file_that_hides_a_package_is_named(tmp_path, name):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    answer = python(tmp_path, "from course import check")
    package = name.partition("/")[0].removesuffix(".py")
    sentence = f"ImportError: Your file {name} hides the package {package}, which the course needs"
    assert answer.stderr.splitlines()[-1].startswith(sentence)
    assert str(tmp_path) in answer.stderr


@pytest.mark.parametrize("name", ["random", "statistics", "copy"])
def test_a_file_that_hides_a_module_of_python_is_named(tmp_path, name):
    (tmp_path / f"{name}.py").write_text("")
    answer = python(tmp_path, "from course import check")
    sentence = f"ImportError: Your file {name}.py hides the module {name}, which belongs to Python"
    assert answer.stderr.splitlines()[-1].startswith(sentence)


def test_other_files_hide_nothing(tmp_path):
    for name in ("mine.py", "numpy.ipynb", "numpy_notes.py", "time.py", "os.py", "test.py"):
        (tmp_path / name).write_text("")
    (tmp_path / "tensorflow").mkdir()  # a folder of files, no package
    assert python(tmp_path, "from course import check").returncode == 0


def test_what_python_finds_first_is_not_hidden(tmp_path):
    """As in a kernel, where the notebook's folder comes after Python's own."""
    (tmp_path / "random.py").write_text("")
    last = "import os, sys; sys.path = [*filter(None, sys.path), ''];"
    assert python(tmp_path, f"{last} from course import check").returncode == 0


CASELESS = """
from pathlib import Path
usual = Path.exists
def exists(path):
    names = [one.name.lower() for one in path.parent.iterdir()] if usual(path.parent) else []
    return usual(path) or path.name.lower() in names or exists_above(path)
def exists_above(path):
    parents = [one for one in path.parent.parent.iterdir() if one.is_dir()]
    same = [one for one in parents if one.name.lower() == path.parent.name.lower()]
    return any(usual(one / path.name) for one in same)
Path.exists = exists
"""


@pytest.mark.parametrize(("name", "code"), [
    ("pil.py", 0), ("Keras.py", 0), ("Scipy/__init__.py", 0),
    ("PIL.py", 1), ("keras/__init__.py", 1),
])  # fmt: skip
def test_a_disk_that_ignores_case_hides_what_is_spelled_alike_alone(tmp_path, name, code):
    """As on Windows and macOS, where Python itself looks at the spelling."""
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    refuse = "from course import shadowing; shadowing.refuse_shadowing_files()"
    answer = python(path.parents[name.count("/")], f"{CASELESS}{refuse}")
    assert answer.returncode == code, answer


@pytest.mark.parametrize(
    "settings",
    [
        {"backend": "theano"},
        {"backend": "tensorflow", "image_data_format": "channels_first", "floatx": "float16"},
    ],
)
@pytest.mark.slow
@pytest.mark.sampled(rarer=64)
def test_settings_of_keras_in_the_learners_home_change_nothing(tmp_path, settings):
    (tmp_path / "keras.json").write_text(json.dumps(settings))
    code = (
        "from course.backend import keras, tf\n"
        "shape = keras.layers.Conv2D(3, 2)(tf.zeros([1, 28, 28, 1])).shape\n"
        "print(keras.backend.backend(), tuple(shape), keras.config.floatx())"
    )
    answer = python(tmp_path, code, KERAS_HOME=str(tmp_path))
    assert answer.stdout.strip() == "tensorflow (1, 27, 27, 3) float32", answer.stderr


@pytest.mark.slow
def test_an_image_without_a_batch_does_not_end_python(tmp_path):
    """As it does where TensorFlow uses oneDNN, by default on the latest processors."""
    code = (
        "import tensorflow as tf\n"
        "from course import check\n"
        "check.convolve(lambda image, filters, stride=1:\n"
        "    tf.nn.conv2d(image, filters, stride, 'SAME'))"
    )
    answer = python(tmp_path, code, TF_ENABLE_ONEDNN_OPTS="1")
    assert answer.returncode == 1, "the kernel would have died"
    assert "image[tf.newaxis]" in answer.stderr


# Colab has none of the first, `install.py --light` none of the others.
NOT_NEEDED = (
    *("jupyterlab", "jupyter_server", "nbgrader", "notebook", "nbclient", "nbconvert", "nbformat"),
    *("imageio", "imageio_ffmpeg", "pandas", "sklearn", "joblib"),
)


@pytest.mark.weekly
def test_what_a_notebook_does_without(tmp_path):
    code = (
        f"import sys; sys.modules |= dict.fromkeys({NOT_NEEDED})\n"
        "from course import check, clinic, dashboard, digits, networks, playgrounds, training\n"
        "from course.digits import embedded\n"
        "print(embedded.parse().shape)"
    )
    answer = python(tmp_path, code)
    assert answer.stdout == "(5000, 785)\n", answer.stderr


# People and terminals ----------------------------------------------------------------------------


def small_course(folder):
    """A course of one exercise, which a learner has solved; returns the learner's notebook."""
    name = "01-数/一 and one.ipynb"
    save(folder / "release" / name, markdown("# “一” ≥ one"), *exercise_cells("one"))
    return save(
        folder / "work" / name, markdown("# “一” ≥ one"), *exercise_cells("one", "return 1")
    )


COMMANDS = """
import os, sys
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from course.cli import main
for command in (
    "lessons", "data", "check NOTEBOOK", "reset NOTEBOOK one",
    "train softmax --steps 2 --source embedded --no-show",
):
    command = [sys.argv[1] if word == "NOTEBOOK" else word for word in command.split()]
    try:
        main(command)
    except SystemExit as end:
        print(command[0], end.code or 0)
"""


def expect_all_commands(said, notebook):
    """Each of COMMANDS has said what it should."""
    lines = said.splitlines()
    for command in ("lessons", "data", "check", "reset", "train"):
        assert f"{command} 0" in lines, said
    assert any(line.startswith("1 of 1 exercises pass") for line in lines), said
    assert "finished after 2 steps" in said
    assert "NotImplementedError" in notebook.read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.sampled(rarer=2)
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "gbk"])
def test_every_terminal_can_show_the_commands(tmp_path, encoding):
    notebook = small_course(tmp_path)
    answer = python(
        *(tmp_path, COMMANDS, str(notebook)),
        **{"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "LANG": "C", "LC_ALL": "C"},
        encoding="ascii",
        errors="replace",
    )
    assert answer.returncode == 0, answer.stderr
    expect_all_commands(answer.stdout, notebook)


@pytest.mark.slow
@pytest.mark.sampled(rarer=2)
@pytest.mark.parametrize("home", [None, "/"])
def test_a_user_without_a_name_and_without_a_home(tmp_path, home):
    """On one core, in a folder with an odd name, with nothing in the environment."""
    ordinary_user.missing_ordinary_user()
    folder = tmp_path / "two words 数"
    notebook = small_course(folder)
    nothing = dict.fromkeys(os.environ, None) | {"PYTHONPATH": str(ROOT), "TMPDIR": None}
    answer = ordinary_user.run(
        [sys.executable, "-c", COMMANDS, str(notebook)],
        folder,
        **{"user": ordinary_user.NOT_IN_PASSWD, "umask": 0o077, "env": nothing | {"HOME": home}},
    )
    expect_all_commands(answer.stdout, notebook)
