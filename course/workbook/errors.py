"""The error that is raised when something is wrong with a lesson or a notebook."""


class WorkbookError(ValueError):
    """A lesson or notebook is missing or cannot be used; the message says what to do."""
