"""Binder, a container, a cluster: what the project has ready for them does what it says."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest
import yaml
from packaging.specifiers import SpecifierSet
from packaging.version import Version

import course
from autograder.building import release
from tests import tiny_course
from tests.conftest import ROOT, missing, missing_walls
from tests.tiny_course import LESSON, NAME, submission

MACHINES = (ROOT / "docs" / "machines.md").read_text(encoding="utf-8")
PYTHONS = SpecifierSet(">=3.11,<3.14")


def one_block(words):
    """The one block of commands of the page that has these words."""
    blocks = re.findall(r"```\n(.*?)```", MACHINES, re.DOTALL)
    (found,) = (block for block in blocks if words in block)
    return found


# Binder ------------------------------------------------------------------------------------------


@pytest.fixture
def without_pip(tmp_path):
    """An environment in which `python -m pip install` installs nothing, and says what it would."""
    program = tmp_path / "bin" / "python"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nif [ "$2" = pip ]; then echo "$@"; else exec "{sys.executable}" "$@"; fi\n'
    )
    program.chmod(0o755)
    environment = os.environ | {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
    return {name: value for name, value in environment.items() if name != "PYTHONPATH"}


def test_binder_takes_a_python_that_fits():
    """repo2docker takes all of its configuration from this folder, if it is there."""
    version = (ROOT / ".binder" / "runtime.txt").read_text().strip().removeprefix("python-")
    assert Version(version) in PYTHONS


@pytest.mark.slow
def test_binder_has_the_lessons_alone_and_starts_at_the_start_page(tmp_path, without_pip):
    home = tmp_path / "home"
    home.mkdir()
    for name in ("course", "autograder", "release", ".binder"):
        shutil.copytree(ROOT / name, home / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (*ROOT.glob("*.*"), ROOT / "LICENSE"):
        if path.is_file() and not path.name.startswith("."):
            shutil.copy(path, home)
    for name in ("source", ".git"):
        (home / name).mkdir()
    options = {"env": without_pip, "capture_output": True, "text": True}
    built = subprocess.run([".binder/postBuild"], cwd=home, **options)
    assert built.returncode == 0, built
    installs = [
        line.split("constraints.txt ")[1] for line in built.stdout.splitlines() if " pip" in line
    ]
    kit = "kit/deep-learning-live"
    assert installs[:2] == ["click setuptools wheel", f"--requirement {kit}/light.txt"]
    assert re.fullmatch(rf"--no-deps mlxtend {kit}/deep_learning_live-\S+\.whl", installs[2])
    assert {path.name for path in home.iterdir() if path.is_dir()} == {".binder", "release"}

    environment = options["env"] | {"PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_PATH": "/theirs"}
    command = [home / ".binder" / "start", "sh", "-c", "pwd; echo $JUPYTER_CONFIG_PATH"]
    started = subprocess.run(command, cwd="/", **options | {"env": environment})
    assert started.returncode == 0, started
    folder, paths = started.stdout.splitlines()
    assert folder == str(home / "work")
    lessons = sorted(path.relative_to(home / "work") for path in (home / "work").rglob("*.ipynb"))
    assert lessons == sorted(
        path.relative_to(ROOT / "release") for path in (ROOT / "release").rglob("*.ipynb")
    )
    own, settings, theirs = paths.split(":")
    assert theirs == "/theirs"
    assert settings == os.path.join(os.path.dirname(course.__file__), "workbook", "jupyter")
    config = json.loads((home / ".binder/jupyter/jupyter_server_config.json").read_text())
    assert own == str(home / ".binder" / "jupyter")
    for url in (config[app]["default_url"] for app in ("LabApp", "ServerApp")):
        assert (home / "work" / url.removeprefix("/lab/tree/")).is_file()


# Without namespaces ------------------------------------------------------------------------------


@pytest.mark.slow
def test_where_namespaces_are_forbidden_the_call_is_named_and_what_allows_it(tmp_path):
    """In a namespace of its own, which may have no further ones."""
    missing_walls()
    if os.statvfs("/proc/sys").f_flag & os.ST_RDONLY:
        missing("a writable /proc/sys", "Docker mounts it read-only")
    tiny_course.make_course(tmp_path)
    released = release.release_notebook(tmp_path / "source" / LESSON / NAME)
    tiny_course.submit(tmp_path, "ada", submission(released))

    def say(*arguments):
        forbid = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
        command = ["unshare", "--user", "--map-root-user", "sh", "-c", forbid, "sh"]
        command += [sys.executable, "-m", "tests.quick_start", *arguments]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        answer = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert answer.returncode == 1, answer
        return answer.stdout + answer.stderr

    said = say("grade", LESSON)
    assert "unshare: No space left on device" in said
    assert "--no-sandbox" in said
    assert not list(tmp_path.glob("autograded/*"))
    assert "sudo sysctl -w user.max_user_namespaces=15000" in say("doctor")


# A container -------------------------------------------------------------------------------------


def test_the_dockerfile_copies_what_is_there_and_installs_the_grader():
    folder = ROOT / "deploy" / "grading"
    lines = (folder / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    steps = [shlex.split(line, comments=True) for line in lines if line]
    (image,) = (words[1] for words in steps if words[:1] == ["FROM"])
    assert Version(re.match(r"python:([\d.]+)-", image)[1]) in PYTHONS
    copied = [name for words in steps if words[:1] == ["COPY"] for name in words[1:-1]]
    assert copied
    assert all((ROOT / name).exists() for name in copied)
    shown = (folder / "Dockerfile.dockerignore").read_text().splitlines()
    assert {line[1:] for line in shown if line.startswith("!")} == set(copied)
    (run,) = (words for words in steps if words[:1] == ["RUN"])
    assert run[-3:] == ["--constraint", "constraints.txt", ".[instructor]"]


def test_a_workflow_grades_in_a_container_as_the_page_says():
    checks = yaml.safe_load((ROOT / ".github" / "workflows" / "checks.yml").read_text())["jobs"]
    ran = "".join(step.get("run", "") for step in checks["container"]["steps"])
    ran, said = (text.replace("\\\n", "") for text in (ran, one_block("docker build")))
    build, run = said.splitlines()
    assert build in ran
    options = set(re.findall(r"--[a-z]+(?!\S)", run)) - {"--security-opt"}
    for_walls = re.findall(r"--security-opt \S+", run)
    assert "--network" in options
    assert len(for_walls) == 2
    assert all(option in ran for option in (*options, *for_walls))
    assert checks["debian"]["container"]["options"] == " ".join(for_walls)


def test_what_the_page_names_is_there():
    for path in re.findall(r"\]\(((?:\.\./)?[\w./-]+)\)", MACHINES):
        assert (ROOT / "docs" / path).exists(), path
    for path in re.findall(r"--file (\S+)", MACHINES):
        assert (ROOT / path).exists(), path


# A cluster ---------------------------------------------------------------------------------------

ASK = """
import asyncio, sys
import distributed
from distributed.comm import CommClosedError, connect

async def main():
    options = {"protocol": "tls", "host": "127.0.0.1", "port": 0, "dashboard": False}
    async with distributed.Scheduler(**options) as scheduler:
        worker = distributed.Worker(scheduler.address, nthreads=1, dashboard=False)
        client = distributed.Client(scheduler.address, asynchronous=True)
        async with worker, client:
            print(scheduler.address.split(":")[0], await client.submit(sum, [1, 2]))
        for address in (scheduler.address, scheduler.address.replace("tls", "tcp")):
            nothing = {"require_encryption": False}
            if address.startswith("tls"):
                import ssl
                nothing["ssl_context"] = ssl._create_unverified_context()
            try:
                comm = await connect(address, timeout=2, **nothing)
                await comm.write({"op": "identity"})
                print(await comm.read())
            except (OSError, CommClosedError):
                print("refused")

asyncio.run(main())
"""


@pytest.mark.slow
def test_a_cluster_with_the_certificates_of_the_page_takes_nobody_else(tmp_path):
    if not shutil.which("openssl"):
        missing("openssl", "no certificates can be made")
    make, export = one_block("openssl"), one_block("export")
    (tmp_path / "ask.py").write_text(ASK)
    script = f"set -e\n{make}{export}\n'{sys.executable}' ask.py"
    answer = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert answer.stdout.splitlines() == ["tls 3", "refused", "refused"], answer.stderr
