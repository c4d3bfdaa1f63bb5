"""Gives Validate, the button, as long for a cell as grading does; nbgrader's own is 30 seconds."""

get_config().Execute.timeout = 120  # noqa: F821 (nbgrader provides it)
