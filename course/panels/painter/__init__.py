"""Paints a snapshot of a run with Matplotlib: six panels in one figure that is updated in place."""
