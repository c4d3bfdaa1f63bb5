"""The live dashboard of a run: six panels, and controls that act while it trains."""

from course.dashboard.notebook import show
from course.dashboard.view import Dashboard

__all__ = ["Dashboard", "show"]
