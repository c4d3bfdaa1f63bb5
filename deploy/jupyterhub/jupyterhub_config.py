"""JupyterHub for one course on one machine; docs/hub.md says what has to be where."""

from pathlib import Path

c = get_config()  # noqa: F821 (JupyterHub provides it)

INSTRUCTORS = {"ada"}  # the accounts that may grade; all others are students
STUDENTS = Path("/opt/deep-learning-live")  # an environment with the kit's wheel, for everybody
GRADER = Path("/srv/grader/deep-learning-live")  # the repository, for the instructors alone

# Everybody who has an account on this machine.
c.Authenticator.allow_all = True
# Nobody is an admin: admins may open the pages of students' servers, and what these run.

# TLS is for a web server in front of this address, such as nginx or Caddy.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.ConfigurableHTTPProxy.command = ["configurable-http-proxy"]

c.Spawner.default_url = "/lab"
c.Spawner.env_keep = ["LANG", "LC_ALL"]  # what else is set here is root's
# Seconds: a whole class may log in at once.
c.Spawner.start_timeout = c.Spawner.http_timeout = 120

# A login shell, which is the default of a terminal, sets a PATH of its own.
TERMINALS = '--ServerApp.terminado_settings={"shell_command": ["/bin/bash"]}'
# The formgrader is a frame in JupyterLab; JupyterHub forbids all frames.
FRAMES = """--ServerApp.tornado_settings={
    "headers": {"Content-Security-Policy": "frame-ancestors 'self'"}
}"""


def prepare(spawner):
    """Give a user's server the environment, the folder and the settings that are right for them."""
    is_instructor = spawner.user.name in INSTRUCTORS
    programs = GRADER / ".venv/bin" if is_instructor else STUDENTS / "bin"
    server = [f"{programs}/jupyterhub-singleuser", TERMINALS]
    # nbgrader starts other programs by their bare names.
    spawner.environment = {"PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin"}
    if is_instructor:
        # nbgrader finds the course by the folder in which the server starts.
        spawner.cmd = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', str(GRADER), *server, FRAMES]
        spawner.notebook_dir = str(GRADER)
    else:
        (settings,) = STUDENTS.glob("lib/python3.*/site-packages/course/workbook/jupyter")
        # As with `course lab`: two minutes for a cell in Validate, no instructors' tools, no news.
        spawner.environment["JUPYTER_CONFIG_PATH"] = str(settings)
        spawner.cmd = server


c.Spawner.pre_spawn_hook = prepare
