"""Show a run in a notebook: the live dashboard, or a still picture where nobody is looking."""

from course.dashboard.player import pause_all
from course.dashboard.view import Dashboard
from course.front_end import show_in_cell, shows_live, when_interrupted
from course.live.last_picture import still_picture
from course.panels import Snapshot
from course.pictures.picture import Picture
from course.training import Run

_STILL_STEPS = 200  # enough to see something, and soon over
_STILL_POINTS = 10  # of the test curves


def show(
    run: Run,
    steps: int = 1000,
    *,
    speed: float | None = 100,
    dark: bool = False,
    live: bool | None = None,
) -> Dashboard | Picture:
    """Show a run on the dashboard, ready to train `steps` more steps.

    In a notebook it returns the Dashboard, live; the cell may be run again at any time. When a
    notebook is graded, or nobody is looking, it trains a little and returns a still picture; `live`
    overrides that choice. `speed` is the number of steps a second, so that there is something to
    see; None is as fast as possible. The panels follow the theme of the page; `dark` is for still
    pictures, which cannot.
    """
    run.total_steps = run.steps + steps
    if not shows_live(live):
        return _still_picture(run, steps, dark)
    dashboard = show_in_cell(lambda name: Dashboard(run, speed=speed, dark=dark, name=name))
    when_interrupted(pause_all)
    return dashboard


def _still_picture(run, steps, dark) -> Picture:
    steps = min(steps, _STILL_STEPS)
    for number in range(_STILL_POINTS):
        if run.state not in ("finished", "diverged"):
            begin, end = (steps * n // _STILL_POINTS for n in (number, number + 1))
            run.advance(max(1, end - begin))
    return still_picture(Snapshot.of(run), dark=dark)
