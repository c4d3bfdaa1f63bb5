"""The command `autograder watch`."""

import click

from autograder.commands.shared import end_at_interrupt, in_course, named_lessons
from autograder.messages import _


@click.command("watch")
@click.argument("lessons", nargs=-1, required=True, metavar="LESSON...")
@click.option("--exchange", is_flag=True, help="Collect from nbgrader's exchange first.")
@click.option("--release", is_flag=True, help="Put the pages into nbgrader's exchange.")
@click.option(
    "--attempts", type=click.IntRange(min=1), help="How many of a student's attempts count."
)
@click.option("--every", type=click.FloatRange(min=1), default=30.0, help="Seconds (default: 30).")
@in_course
def command(course, lessons, exchange, release, attempts, every):
    """Grade what arrives in submitted/ or the exchange, and write its pages, until Ctrl-C.

    Only what is new is graded: for changed checks, run `autograder grade`. Start it again after an
    update of this project.

    \b
    autograder watch 1 2 --exchange --release --attempts 5

    What goes wrong is reported, and tried again the next time. The exit code is 130, by Ctrl-C.
    """
    ended = _("Stopped. What was done is kept.")
    end_at_interrupt(lambda: f"\n{ended}\n")
    lessons = named_lessons(course, lessons)
    if attempts and not exchange:
        raise click.UsageError(
            _("--attempts counts what comes through --exchange: give that option as well.")
        )
    from datetime import datetime

    from autograder.watching import WatchSettings, watch

    def say(line):
        click.echo(f"{datetime.now():%Y-%m-%d %H:%M:%S} {line}")

    begun = _("Checking every {seconds:g} s for new submissions of {names}.")
    say(begun.format(seconds=every, names=", ".join(lessons)))
    watch(course, WatchSettings(lessons, exchange, release, attempts), every, say)
