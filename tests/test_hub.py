"""The JupyterHub of docs/hub.md: four people, from the release of a lesson to their feedback."""

import contextlib
import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import websocket
from traitlets.config import Config

from autograder.sandbox.inside import linux
from tests import ordinary_user, tiny_course
from tests.browser.lab import browser_page
from tests.browser.test_dashboard import ASK, SHOW, DashboardPage
from tests.conftest import ROOT, missing, missing_walls
from tests.tiny_course import LESSON, NAME, submission

DEPLOY = ROOT / "deploy" / "jupyterhub"
PAGE = ROOT / "docs" / "hub.md"
COURSE = "deep-learning-live"
GROUP, USERS = 62_000, {"ada": 62_001, "ben": 62_002, "cleo": 62_003, "dora": 62_004}
TOKEN = "of-this-test-alone"

# Read after the example: what a test needs in place of passwords and of a public address.
FOR_THE_TEST = """
load_subconfig({config!r})
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub_port}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {token!r}
c.Spawner.args = ["--LabApp.expose_app_in_browser=True"]
c.Spawner.interrupt_timeout = 1  # seconds that a server has to end
c.JupyterHub.load_roles = [
    {{"name": "test", "services": ["test"],
      "scopes": ["admin:users", "admin:servers", "tokens", "access:servers"]}}
]
c.JupyterHub.services = [{{"name": "test", "api_token": {token!r}}}]
"""

# The first step, which takes long, is done before it is waited for.
READY = SHOW.replace("dashboard.show", "run.advance()\ndashboard.show")

# A student adds it to the notebook: Validate runs it where the student's own cells run.
LOOK_AROUND = """
import getpass, importlib.util, os
assert importlib.util.find_spec("course")
assert importlib.util.find_spec("autograder") is None
assert not os.access("/srv/grader", os.R_OK | os.X_OK)
assert not os.access("/srv/jupyterhub", os.R_OK | os.X_OK)
assert os.environ["PATH"].startswith("/opt/deep-learning-live/bin:")
assert getpass.getuser() == {user!r}
assert not os.access("/home/ada", os.X_OK)
"""


# The machine that the page describes -------------------------------------------------------------


def make_environment(folder, seen_as, *libraries):
    """An environment at `folder`, which users see elsewhere, with libraries of this one."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text("".join(f"{library}\n" for library in libraries))
    prefix = Path(importlib.util.find_spec("nbgrader").origin).parents[4]
    shutil.copytree(prefix / "etc" / "jupyter", folder / "etc" / "jupyter")
    (folder / "share").symlink_to(prefix / "share")
    for name, module in (
        ("jupyterhub", "jupyterhub.app"),
        ("jupyterhub-singleuser", "jupyterhub.singleuser"),
        ("alembic", "alembic.config"),
        ("nbgrader", "nbgrader.apps.nbgraderapp"),
        ("course", "course.cli"),
    ):
        program = folder / "bin" / name
        program.write_text(f"#!{seen_as}/bin/python\nfrom {module} import main\nmain()\n")
        program.chmod(0o755)
    return site


def give(path, user, mode):
    """Give a folder and all in it to a user and the group of the instructors."""
    for one in (path, *path.rglob("*")):
        os.chown(one, user, GROUP, follow_symlinks=False)
    path.chmod(mode)


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def furnish(folder, proxy):
    """Make all that docs/hub.md makes, in a folder; returns the port, and what is mounted where."""
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    opt, srv, home = folder / "opt", folder / "srv", folder / "home"
    shared = opt / COURSE
    site = make_environment(shared, f"/opt/{COURSE}", *libraries)
    shutil.copytree(ROOT / "course", site / "course", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(DEPLOY / "nbgrader_config.py", shared / "etc" / "jupyter")

    grader = srv / "grader" / COURSE
    tiny_course.start_quickly(tiny_course.make_course(grader, cell_timeout=60))
    for line in re.findall("^printf .*", PAGE.read_text(encoding="utf-8"), re.MULTILINE):
        subprocess.run(["sh", "-c", line.replace(" /srv/", f" {srv}/")], check=True)
    make_environment(grader / ".venv", f"/srv/grader/{COURSE}/.venv", *libraries, ROOT)
    give(srv / "grader", USERS["ada"], 0o2770)
    (srv / "exchange").mkdir()
    (srv / "exchange").chmod(0o1777)
    (srv / "jupyterhub").mkdir(mode=0o700)
    port, hub_port, api_port = free_ports(3)
    (srv / "jupyterhub" / "test_config.py").write_text(
        FOR_THE_TEST.format(
            config=str(DEPLOY / "jupyterhub_config.py"),
            **{"port": port, "hub_port": hub_port, "api_port": api_port},
            **{"proxy": proxy, "token": TOKEN},
        )
    )
    passwd, group = "root:x:0:0::/root:/bin/sh\n", f"root:x:0:\ninstructors:x:{GROUP}:ada\n"
    for name, number in USERS.items():
        (home / name).mkdir(parents=True)
        (home / name).chmod(0o700)
        os.chown(home / name, number, number)
        passwd += f"{name}:x:{number}:{number}::/home/{name}:/bin/sh\n"
        group += f"{name}:x:{number}:\n"
    (folder / "passwd").write_text(passwd)
    (folder / "group").write_text(group)
    for path in (folder, opt, srv, home):
        path.chmod(0o755)
    places = {opt: "/opt", srv: "/srv", home: "/home", folder / "passwd": "/etc/passwd"}
    places[folder / "group"] = "/etc/group"
    return port, [(source, target, None, linux.BIND) for source, target in places.items()]


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A running hub with four accounts, as a function that asks it."""
    if os.geteuid():
        missing("root", "accounts for a hub cannot be made")
    if not importlib.util.find_spec("jupyterhub"):
        missing("jupyterhub", "it is not installed")
    proxy = shutil.which("configurable-http-proxy")
    if not proxy:
        missing("configurable-http-proxy", "npm has not installed it")
    missing_walls()
    ordinary_user.missing_ordinary_user()
    tmp_path = tmp_path_factory.mktemp("hub")
    port, mounts = furnish(tmp_path, proxy)
    command = [f"/opt/{COURSE}/bin/jupyterhub", "--config", "/srv/jupyterhub/test_config.py"]
    command = ["/bin/sh", "-c", 'cd /srv/jupyterhub && exec "$@"', "sh", *command]
    log = tmp_path / "log.txt"
    with log.open("w") as file:
        more = {"stdout": file, "env": {"PYTHONPATH": None}, "mounts": mounts, "user": 0}
        process = ordinary_user.start(command, tmp_path, **more, start_new_session=True)
        try:
            running = Hub(f"http://127.0.0.1:{port}", process, log)
            running.wait(lambda: running("") and True)
            yield running
        finally:
            process.terminate()  # it ends the servers and the proxy
            process.wait(30)


class Hub:
    """Asks a hub, and the servers of its users, over HTTP."""

    def __init__(self, address, process, log):
        self.address, self._process, self._log = address, process, log
        self._tokens = {None: TOKEN}

    def __call__(self, path, content=None, *, user=None, method=None, form=False):
        headers = {"Authorization": f"token {self._tokens[user]}"}
        data = None
        if content is not None:
            data = (urllib.parse.urlencode(content) if form else json.dumps(content)).encode()
            kind = "x-www-form-urlencoded" if form else "json"
            headers["Content-Type"] = f"application/{kind}"
        place = f"user/{user}" if user else "hub/api"
        request = urllib.request.Request(
            f"{self.address}/{place}/{path}", data, headers, method=method
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            text = answer.read().decode()
        return json.loads(text) if text else None

    def connect(self, path, user):
        """A WebSocket to this user's server."""
        address = f"ws{self.address.removeprefix('http')}/user/{user}/{path}"
        return websocket.create_connection(
            address, timeout=120, header={"Authorization": f"token {self._tokens[user]}"}
        )

    def wait(self, is_there):
        """Wait for what comes in its time."""
        for _ in range(300):
            assert self._process.poll() is None, self._log.read_text()
            with contextlib.suppress(OSError):
                if is_there():
                    return
            time.sleep(0.2)
        raise TimeoutError(self._log.read_text()[-3000:])

    def log_in(self, user):
        """Make this user's token, and begin to start the server."""
        if user in self._tokens:
            return
        self(f"users/{user}", method="POST")
        self._tokens[user] = self(f"users/{user}/tokens", {"note": "test"})["token"]
        self(f"users/{user}/server", method="POST")


def answered(hub, path, content=None, **more):
    """The answer of a tool of nbgrader's that has to succeed."""
    answer = hub(path, {} if content is None else content, **more)
    assert answer["success"], answer
    return answer


def test_each_gets_the_environment_and_the_settings_that_are_right(tmp_path):
    """The configuration alone, without a hub."""
    settings = tmp_path / "lib/python3.12/site-packages/course/workbook/jupyter"
    settings.mkdir(parents=True)
    found = {"get_config": Config}
    exec((DEPLOY / "jupyterhub_config.py").read_text(), found)
    grader = found["GRADER"]
    found["STUDENTS"] = tmp_path
    made = {}
    for name in ("ada", "ben"):
        made[name] = SimpleNamespace(user=SimpleNamespace(name=name), notebook_dir="")
        found["c"].Spawner.pre_spawn_hook(made[name])
    server = f"{grader}/.venv/bin/jupyterhub-singleuser"
    assert made["ada"].cmd[-4:] == [str(grader), server, found["TERMINALS"], found["FRAMES"]]
    assert made["ada"].environment == {"PATH": f"{grader}/.venv/bin:/usr/local/bin:/usr/bin:/bin"}
    assert made["ada"].notebook_dir == str(grader)
    assert made["ben"].cmd == [f"{tmp_path}/bin/jupyterhub-singleuser", found["TERMINALS"]]
    assert made["ben"].environment == {
        "PATH": f"{tmp_path}/bin:/usr/local/bin:/usr/bin:/bin",
        "JUPYTER_CONFIG_PATH": str(settings),
    }
    assert made["ben"].notebook_dir == ""


def test_the_page_makes_what_the_configuration_names():
    page = PAGE.read_text(encoding="utf-8")
    commands = "".join(re.findall(r"```\n(.*?)```", page, re.DOTALL))
    settings = re.findall("^printf .* > (.*)", commands, re.MULTILINE)
    assert settings == [f"/srv/grader/{COURSE}/course_settings.py"]  # git ignores it
    assert ">>" not in commands  # what git tracks stays as it is
    found = {"get_config": Config}
    for path in DEPLOY.iterdir():
        assert re.search(
            rf"^(cp|install .*) deploy/jupyterhub/{path.name} ", commands, re.MULTILINE
        )
        for place in re.findall(r"/(?:opt|srv)/[\w-]+(?:/deep-[\w-]+)?", path.read_text()):
            assert place in commands, place
        if path.suffix == ".py":
            exec(path.read_text(), found)
    unit = (DEPLOY / "jupyterhub.service").read_text()
    assert f"\nEnvironment=PATH={found['STUDENTS']}/bin:" in unit
    assert f"\nExecStart={found['STUDENTS']}/bin/jupyterhub\n" in unit
    for path in re.findall(r"\]\((?!http)([^)#]+)", page):
        assert (ROOT / "docs" / path).exists(), path


def test_the_page_names_only_what_there_is(root):
    page = PAGE.read_text(encoding="utf-8")
    commands = "".join(re.findall(r"```\n(.*?)```", page, re.DOTALL))
    targets = re.findall(r"^(\w+):", (root / "Makefile").read_text(), re.MULTILINE)
    called = [line.split("/")[-1] for line in re.findall("^make (.*)", commands, re.MULTILINE)]
    assert {word for line in called for word in line.split()} <= {*targets, COURSE}
    for path in re.findall(r"(?<= )(?:deploy|release|docs|tests)/[\w./*-]+", page):
        assert [*root.glob(path)], path
    for path, place in re.findall(r"\]\((?!http)([^)#]+)#([^)]+)\)", page):
        headings = re.findall("^#+ (.*)", (root / "docs" / path).read_text(), re.MULTILINE)
        assert place in [re.sub(r"[^\w-]", "", one.lower().replace(" ", "-")) for one in headings]
    for setting in re.findall(r"`(INSTRUCTORS|prepare)`", page):
        assert re.search(
            rf"^(?:def )?{setting}\b", (DEPLOY / "jupyterhub_config.py").read_text(), re.M
        )


@pytest.mark.slow
@pytest.mark.xdist_group("hub")
def test_four_people_from_the_release_to_the_feedback(hub):
    for user in USERS:
        hub.log_in(user)
    for user in USERS:
        hub.wait(lambda user=user: hub("api/status", user=user))
    students = [user for user in USERS if user != "ada"]

    assignment = f"formgrader/api/assignment/{LESSON}"
    for action in ("assign", "release"):
        answered(hub, f"{assignment}/{action}", user="ada")
    for user in students:
        with pytest.raises(urllib.error.HTTPError, match="404"):
            hub(f"{assignment}/release", {}, user=user)

    ids = {"course_id": COURSE, "assignment_id": LESSON}
    answers = {"ben": {}, "cleo": {"double": "    return a"}, "dora": {}}
    for user in students:
        listed = hub(f"assignments?course_id={COURSE}", user=user)
        assert [one["assignment_id"] for one in listed["value"]] == [LESSON], listed
        hub("assignments/fetch", ids, user=user, form=True)
        path = f"{LESSON}/{NAME}"
        fetched = nbformat.from_dict(hub(f"api/contents/{path}", user=user)["content"])
        solved = submission(fetched, **answers[user])
        solved.cells.append(nbformat.v4.new_code_cell(LOOK_AROUND.format(user=user)))
        hub(
            f"api/contents/{path}", {"type": "notebook", "content": solved}, user=user, method="PUT"
        )
        validated = answered(hub, "assignments/validate", {"path": path}, user=user)
        failed = validated["value"].get("failed", [])
        assert len(failed) == (user == "cleo"), failed
        hub("assignments/submit", ids, user=user, form=True)

    answered(hub, f"{assignment}/collect", user="ada")
    for user in students:
        answered(hub, f"formgrader/api/submission/{LESSON}/{user}/autograde", user="ada")
    for action in ("generate_feedback", "release_feedback"):
        answered(hub, f"{assignment}/{action}", user="ada")
    submissions = hub(f"formgrader/api/submissions/{LESSON}", user="ada")
    scores = {one["student"]: one["score"] for one in submissions}
    assert scores == {"ben": 5, "cleo": 2, "dora": 5}

    for user in students:
        hub("assignments/fetch_feedback", ids, user=user, form=True)
        (folder,) = hub(f"api/contents/{LESSON}/feedback", user=user)["content"]
        (page,) = hub(f"api/contents/{urllib.parse.quote(folder['path'])}", user=user)["content"]
        assert page["name"] == NAME.replace(".ipynb", ".html")


@pytest.mark.slow
@pytest.mark.xdist_group("hub")
@pytest.mark.parametrize(
    ("user", "folder"),
    [("ben", f"/opt/{COURSE}/bin"), ("ada", f"/srv/grader/{COURSE}/.venv/bin")],
)
def test_a_terminal_finds_the_programs_of_the_environment(hub, user, folder):
    hub.log_in(user)
    hub.wait(lambda: hub("api/status", user=user))
    name = hub("api/terminals", {}, user=user)["name"]
    terminal = hub.connect(f"terminals/websocket/{name}", user)
    with contextlib.closing(terminal):
        command = "command -v python nbgrader course > found.part; mv found.part found.txt\r"
        terminal.send(json.dumps(["stdin", command]))
        hub.wait(lambda: hub("api/contents/found.txt?content=0", user=user))
    found = hub("api/contents/found.txt", user=user)["content"]
    assert found.split() == [f"{folder}/{program}" for program in ("python", "nbgrader", "course")]


def log_in_by_the_page(page, hub, user):
    """As people do."""
    page.goto(f"{hub.address}/hub/login")
    page.fill("input[name=username]", user)
    page.fill("input[name=password]", TOKEN)
    page.click("input[type=submit], button[type=submit]")
    page.wait_for_url(f"**/user/{user}/**")


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.xdist_group("hub")
def test_the_formgrader_opens_in_a_tab_of_jupyterlab(hub, chromium):
    hub.log_in("ada")
    hub.wait(lambda: hub("api/status", user="ada"))
    with browser_page(chromium) as page:
        log_in_by_the_page(page, hub, "ada")
        page.goto(f"{hub.address}/user/ada/lab?reset")
        page.get_by_role("menuitem", name="Nbgrader").click()
        page.get_by_role("menuitem", name="Formgrader", exact=True).click()
        formgrader = page.frame_locator("#formgrader-iframe iframe")
        formgrader.get_by_role("link", name=LESSON).first.click()
        page.locator(".jp-DirListing-item").get_by_text(NAME).wait_for()


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.xdist_group("hub")
def test_a_dashboard_is_played_with_through_the_proxy(hub, chromium):
    """By a student who logs in as people do, and whose server is there from the test above."""
    cells = [nbformat.v4.new_code_cell(READY, id="show"), nbformat.v4.new_code_cell(ASK, id="ask")]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    hub.log_in("ben")
    hub.wait(lambda: hub("api/status", user="ben"))
    content = {"type": "notebook", "content": notebook}
    hub("api/contents/live.ipynb", content, user="ben", method="PUT")
    with browser_page(chromium, height=1400) as page:
        log_in_by_the_page(page, hub, "ben")
        shown = DashboardPage(page, f"{hub.address}/user/ben/lab", "live.ipynb")
        shown.run("show")
        shown.expect_to_be_played_with()
        assert "official Jupyter news" not in page.content()
