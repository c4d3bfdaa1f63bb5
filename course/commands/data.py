"""The command `course data`."""

import click

from course.columns import table_lines
from course.commands.shared import Failure, source_option
from course.messages import _


@click.command("data")
@source_option
def command(source):
    """Show where the digits come from, and how many of each there are.

    Only --source mnist downloads anything.
    """
    import numpy as np

    from course import digits

    if source == "auto" and digits.would_download():
        source = "embedded"
        click.echo(
            _("The full MNIST is not here. To download it (11 MB): course data --source mnist")
        )
    try:
        loaded = digits.load(source)
    except digits.DigitsError as error:
        raise Failure(error) from None
    click.echo(_("Read from {path}").format(path=loaded.path or _("memory (no copy was kept)")))
    click.echo()
    counts = [np.bincount(split.labels, minlength=10).tolist() for split in loaded]
    rows = [(str(digit), *(f"{count[digit]:6,}" for count in counts)) for digit in range(10)]
    total = (_("all"), *(f"{sum(count):6,}" for count in counts))
    titles = (_("digit"), _("training"), _("validation"), _("test"))
    click.echo("\n".join(table_lines([titles, *rows, total])))
