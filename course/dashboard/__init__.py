"""The live dashboard: six panels, sliders that act during the run, play and pause.

`dashboard.show(run)` in a notebook; the sliders change the run's two settings while it trains.
"""

from course.dashboard.dashboard import Dashboard, show

__all__ = ["Dashboard", "show"]
