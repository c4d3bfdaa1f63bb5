"""What several commands share: the option --source, and errors."""

import click

source_option = click.option(
    "--source",
    default="auto",
    show_default=True,
    help="auto, mnist, embedded, or the path of a file or folder.",
)


class Failure(click.ClickException):
    """An error that the learner can fix: its message, and exit code 1."""

    def __init__(self, error: Exception):
        super().__init__(str(error))
