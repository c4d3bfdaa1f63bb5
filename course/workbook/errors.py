"""What goes wrong with lessons and notebooks."""


class WorkbookError(ValueError):
    """A lesson or notebook is missing or cannot be used; the message says what to do."""
