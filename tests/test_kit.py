"""The students' kit: without answers or hidden checks, and it works where nothing else is."""

import os
import re
import runpy
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from packaging.requirements import Requirement

import course
from autograder import demo
from autograder.building import kit
from course.messages import speaking
from tests.pseudo_language import BEGIN, pseudo_language
from tests.solved_lessons import in_brief

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The kit as a student gets it: an archive, unpacked in an empty folder."""
    archive = kit.make(ROOT, tmp_path_factory.mktemp("kit"))
    folder = tmp_path_factory.mktemp("student")
    shutil.unpack_archive(archive, folder)
    return folder / kit.NAME


@pytest.fixture(scope="module")
def texts(unpacked):
    """Every file of the kit, those inside the wheel too, by name."""
    found = {}
    for path in unpacked.rglob("*"):
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as wheel:
                for name in wheel.namelist():
                    found[name] = wheel.read(name).decode(errors="replace")
        elif path.is_file():
            found[str(path.relative_to(unpacked))] = path.read_text(errors="replace")
    return found


@pytest.mark.slow
def test_it_holds_what_a_student_needs(unpacked):
    (wheel,) = unpacked.glob("*.whl")
    assert wheel.name.startswith(f"deep_learning_live-{course.__version__}-")
    assert {path.name for path in unpacked.iterdir()} == {
        "README.md",
        "check_python.py",
        "constraints.txt",
        "environment.yml",
        "install.py",
        "light.txt",
        "release",
        "translations",
        wheel.name,
    }
    lessons = {path.parent.name for path in (ROOT / "release").glob("*/*.ipynb")}
    assert {path.parent.name for path in (unpacked / "release").glob("*/*.ipynb")} == lessons
    assert (unpacked / "release" / "playgrounds.ipynb").is_file()
    environment = (unpacked / "environment.yml").read_text()
    assert environment.rstrip().endswith(f"- ./{wheel.name}")
    assert "--editable" not in environment
    assert wheel.name in (unpacked / "README.md").read_text()


WRONG_PYTHONS = {
    "3.10": ("sys.version_info = (3, 10, 4, 'final', 0)", "Python 3.10.4 is too old"),
    "3.14": ("sys.version_info = (3, 14, 0, 'final', 0)", "Python 3.14.0 is too new"),
    "an Intel Mac": (
        "platform.system = lambda: 'Darwin'; platform.machine = lambda: 'x86_64'",
        "Macs with an Intel processor",
    ),
}


@pytest.mark.parametrize("wrong", WRONG_PYTHONS)
def test_its_installer_refuses_what_will_not_do_before_it_installs(unpacked, wrong):
    change, reason = WRONG_PYTHONS[wrong]
    code = (
        f"import platform, runpy, sys; {change}; sys.path[:0] = ['.']; "
        "runpy.run_path('install.py', run_name='__main__')"
    )
    answer = run(sys.executable, unpacked, "-c", code)
    assert answer.returncode == 1
    assert reason in answer.stderr
    assert len(answer.stderr.splitlines()) == 1
    assert not (unpacked / ".venv").exists()


def commands_of_the_installer(unpacked, *options, system=os.name, failure=0):
    """What install.py would run, in order, and says; there may be no internet to run it."""
    code = (
        f"import os, runpy, subprocess, sys; sys.path[:0] = ['.']; sys.argv[1:] = {options}; "
        f"import check_python; os.name = {system!r}; "
        "check_python.main = lambda advice: print(); "  # what is Linux stays so
        f"subprocess.call = lambda command, cwd: print(*command[1:]) or {failure}; "
        "runpy.run_path('install.py', run_name='__main__')"
    )
    answer = run(sys.executable, unpacked, "-c", code)
    return answer.stdout.splitlines()[1:] or answer.stderr.splitlines()


def test_its_installer_installs_the_wheel_with_the_tested_versions(unpacked):
    (wheel,) = unpacked.glob("*.whl")
    environment, pip, told = commands_of_the_installer(unpacked)
    assert environment == "-m venv --clear .venv"
    assert pip == f"-m pip install --constraint constraints.txt {wheel.name}"
    assert told.endswith(os.path.join(".venv", "bin", "course") + " lab")
    older = unpacked / "deep_learning_live-0.0.1-py3-none-any.whl"
    older.touch()  # a newer kit was unpacked over it
    assert commands_of_the_installer(unpacked)[1] == pip
    older.unlink()
    *_, told = commands_of_the_installer(unpacked, system="nt")
    assert told.endswith(os.path.join(".venv", "Scripts", "course") + " lab")


def test_its_installer_says_what_windows_may_have_against_it(unpacked, tmp_path):
    far = tmp_path / ("a" * 60)
    far.mkdir()
    for script in ("check_python.py", "install.py"):
        shutil.copy(unpacked / script, far)
    *_, in_use, too_long = commands_of_the_installer(far, system="nt", failure=1)
    assert "close JupyterLab and all terminals" in in_use
    assert "a path that is too long" in too_long
    *_, said = commands_of_the_installer(unpacked, system="nt", failure=1)
    assert said == in_use or len(str(unpacked)) > 55
    assert len(commands_of_the_installer(far, failure=1)) == 1


@pytest.mark.slow
def test_its_page_says_what_to_hand_in_and_what_films_need(unpacked):
    page = (unpacked / "README.md").read_text(encoding="utf-8")
    assert "challenge.keras" in page
    assert '.venv/bin/pip install "imageio[ffmpeg]"' in page
    assert '.venv\\Scripts\\pip install "imageio[ffmpeg]"' in page


def test_its_installer_has_a_lighter_way(unpacked):
    """The wheel's own list, with the smaller TensorFlow where there is one; mlxtend alone."""
    (wheel,) = unpacked.glob("*.whl")
    _environment, libraries, wheels, _told = commands_of_the_installer(unpacked, "--light")
    pip = "-m pip install --constraint constraints.txt"
    assert libraries == f"{pip} --requirement light.txt"
    assert wheels == f"{pip} --no-deps mlxtend {wheel.name}"
    with zipfile.ZipFile(wheel) as content:
        (name,) = (name for name in content.namelist() if name.endswith("/METADATA"))
        needed = re.findall(
            r"^Requires-Dist: ([^;\n]+)$", content.read(name).decode(), re.MULTILINE
        )
    lines = map(Requirement, (unpacked / "light.txt").read_text().splitlines())
    linux = {"sys_platform": "linux", "platform_machine": "x86_64"}
    mac = {"sys_platform": "darwin", "platform_machine": "arm64"}
    by_system = {"linux": set(), "mac": set()}
    for line in lines:
        for system, machine in (("linux", linux), ("mac", mac)):
            if line.marker is None or line.marker.evaluate(machine):
                by_system[system].add(f"{line.name}{line.specifier}")
    needed = {line for line in needed if not line.startswith("mlxtend")}
    assert by_system["mac"] == needed
    tensorflow = {line for line in needed if line.startswith("tensorflow>")}
    smaller = {line.replace("tensorflow", "tensorflow-cpu") for line in tensorflow}
    assert by_system["linux"] == needed - tensorflow | smaller


def test_its_installer_names_an_option_that_it_does_not_know(unpacked):
    assert commands_of_the_installer(unpacked, "--lite") == [
        "install.py takes no option but --light, not --lite"
    ]


def test_its_installer_speaks_the_language_of_the_kit(tmp_path, monkeypatch):
    far = tmp_path / ("a" * 60)
    far.mkdir()
    with speaking("zh_CN"):
        kit.write_scripts(ROOT, tmp_path, "the.whl")
        kit.write_scripts(ROOT, far, "the.whl")
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
    *_, told = commands_of_the_installer(tmp_path)
    assert told.startswith("安装完成")
    (refused,) = commands_of_the_installer(tmp_path, "--lite")
    assert "只有 --light 这一个选项" in refused
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    *_, told = commands_of_the_installer(tmp_path)
    assert told.endswith(".venv/bin/course lab")
    *_, told = commands_of_the_installer(far, system="nt", failure=1)
    assert "C:\\dl" in told
    with pseudo_language():
        kit.write_scripts(ROOT, tmp_path, "the.whl")
    problem = runpy.run_path(str(tmp_path / "check_python.py"))["problem"]
    for python in (
        ((3, 10, 4), "Linux", "x86_64"),
        ((3, 14, 0), "Linux", "x86_64"),
        ((3, 12, 4), "Darwin", "x86_64"),
        ((3, 12, 4), "FreeBSD", "amd64"),
        ((3, 12, 4), "Linux", "x86_64", "PyPy"),
    ):
        assert problem(*python, advice="!").startswith(BEGIN)


@pytest.mark.slow
def test_each_language_has_a_kit_with_a_name_of_its_own(tmp_path, monkeypatch):
    for name in ("course", "release", "translations"):
        shutil.copytree(ROOT / name, tmp_path / name)
    files = ("LICENSE", "constraints.txt", "pyproject.toml", "check_python.py", "environment.yml")
    for name in files:
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    for options, name, said in (
        ([], "deep-learning-live", "language: en; in translations/: zh_CN"),
        (
            ["--language", "zh_CN"],
            "deep-learning-live-zh_CN",
            "language: zh_CN; in translations/: en",
        ),
    ):
        answer = CliRunner().invoke(kit.main, options)
        path, words = answer.output.splitlines()
        assert Path(path).name == f"{name}.zip"
        assert said in words
    assert len(list(Path("kit").glob("*.zip"))) == 2


def test_the_readme_has_the_cell_for_colab_that_the_page_of_the_kit_has(texts):
    cell = re.search(r"```\n(%pip.*?)```", texts["README.md"], re.DOTALL)[1]
    assert cell in (ROOT / "README.md").read_text(encoding="utf-8")
    needed = {"ipywidgets", "anywidget", "mlxtend"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for requirement in map(Requirement, project["dependencies"]):
        if requirement.name in needed:
            assert f'"{requirement}"' in cell


def test_its_page_says_how_to_start_it_on_windows_without_py_and_how_to_update(texts):
    for page in (texts["README.md"], (ROOT / "README.md").read_text(encoding="utf-8")):
        for command in ("py -3.12 install.py", "py -3.13 install.py", "python install.py"):
            assert command in page
    assert "move your folder `work` into it" in " ".join(texts["README.md"].split())


def test_its_page_has_the_commands_for_windows_too(texts):
    """In PowerShell, each command under Work has its twin."""
    page = texts["README.md"]
    work = page.partition("## Work")[2].partition("## Submit")[0]
    blocks = re.findall(r"```(\w*)\n(.*?)```", work, re.DOTALL)
    commands = {}
    for language, block in blocks:
        lines = block.replace("\\", "/").replace("/Scripts/", "/bin/").splitlines()
        commands[language] = lines
    assert commands["powershell"] == commands[""]


def test_it_holds_what_hides_the_tools_of_instructors(texts):
    folder = "course/workbook/jupyter"
    assert f"{folder}/labconfig/page_config.json" in texts
    assert f"{folder}/jupyter_server_config.d/students.json" in texts


def test_it_holds_no_autograder_and_no_hidden_test(texts):
    assert "course/check/__init__.py" in texts
    for name, text in texts.items():
        assert not name.startswith("autograder"), name
        assert "autograder" not in text, name
        assert "HIDDEN TESTS" not in text, name
        assert "BEGIN SOLUTION" not in text, name


def solution_lines():
    """Every line of every model answer that says more than a word or two."""
    for path in (ROOT / "source").glob("*/*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            for region in re.findall(
                r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, re.DOTALL
            ):
                yield from (line.strip() for line in region.splitlines() if len(line.strip()) > 25)


def test_it_holds_no_line_of_a_model_answer(texts):
    """But for lines that students are shown, such as how a tape is opened, and a plain argument."""
    released = (nbformat.read(path, as_version=4) for path in (ROOT / "release").glob("*/*.ipynb"))
    shown = (" ".join(cell.source.split()) for notebook in released for cell in notebook.cells)
    known = (*shown, "validation_data=validation,")
    lines = {line for line in solution_lines() if not any(line in one for one in known)}
    assert len(lines) > 100
    for name, text in texts.items():
        found = [line for line in lines if line in text]
        assert not found, f"{name} holds {found}"


@pytest.fixture(scope="module")
def installed(unpacked, tmp_path_factory):
    """The kit's wheel in an environment of its own, which sees the same libraries; its programs."""
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    (site,) = environment.glob("lib/python*/site-packages")
    (wheel,) = unpacked.glob("*.whl")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", site]
    subprocess.run([*command, wheel], check=True)
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    return environment / "bin" / "python"


def run(python, folder, *arguments):
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    home = folder / ".home"
    home.mkdir(exist_ok=True)
    environment |= {"IPYTHONDIR": str(home), "JUPYTER_RUNTIME_DIR": str(home / "runtime")}
    return subprocess.run(
        [python, *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )


@pytest.mark.slow
def test_it_installs_course_alone(installed, unpacked):
    answer = run(installed, unpacked, "-c", "import course; print(course.__file__)")
    assert str(installed.parent.parent) in answer.stdout, answer
    assert "ModuleNotFoundError" in run(installed, unpacked, "-c", "import autograder").stderr


@pytest.mark.weekly
def test_it_runs_the_lesson_its_checks_and_validate(installed, unpacked):
    lesson = Path("release") / demo.LESSON
    (blank,) = (unpacked / lesson).glob("*.ipynb")
    answer = run(installed, unpacked, "-c", "from course.cli import main; main()", "check", blank)
    assert answer.returncode == 1, answer
    assert answer.stdout.count("not solved yet") == 5, answer

    source = nbformat.read(ROOT / "source" / demo.LESSON / blank.name, as_version=4)
    solved = demo.with_answers(nbformat.read(blank, as_version=4), demo.answers_of(source))
    nbformat.write(in_brief(solved, part=1_000), unpacked / "solved.ipynb")
    command = ("-m", "nbgrader", "validate", "solved.ipynb", "--Execute.timeout=300")
    validated = run(installed, unpacked, *command)
    assert "Success! Your notebook passes all the tests." in validated.stdout, validated
