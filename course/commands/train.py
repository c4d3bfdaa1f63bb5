"""The command `course train`."""

import sys
from pathlib import Path

import click

from course.commands.shared import Failure, source_option
from course.messages import _


@click.command("train")
@click.argument("network")
@source_option
@click.option("--steps", type=click.IntRange(min=1), default=2000, show_default=True)
@click.option("--batch-size", type=click.IntRange(min=1), default=100, show_default=True)
@click.option("--learning-rate", type=float, help="Default: a rate that suits the network.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--save", metavar="FILE", help="Save the run: .mp4, .gif, or .png for its end.")
@click.option("--no-show", is_flag=True, help="Open no window.")
@click.option("--json", "json_path", metavar="FILE", help="Write the result as JSON.")
def command(network, source, steps, batch_size, learning_rate, seed, save, no_show, json_path):
    """Train a network of the ladder and watch it.

    In the window: space pauses, 1 to 6 show one panel, 7, 8 and 9 a pair, 0 or Esc all six.
    """
    import json

    from course import digits, networks, training
    from course.panels import Panels
    from course.panels.description import state_words
    from course.recording import Recording, check_folder
    from course.terminal import window
    from course.terminal.train import summary, watch

    try:
        networks.rung(network)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    settings = {"batch_size": batch_size, "total_steps": steps}
    if learning_rate is not None:
        settings["learning_rate"] = learning_rate
    try:
        recording = Recording(save) if save else None
        if json_path:
            check_folder(Path(json_path))
        loaded = digits.load(source)
        run = training.start(network, loaded, seed=seed, **settings)
    except ValueError as error:
        raise Failure(error) from None
    panels = None if no_show and not save else Panels(run)
    screen = None
    if not no_show:
        try:
            screen = window.open_window(panels, network)
        except window.NoWindowError as error:
            click.echo(_("No window ({reason}); training goes on.").format(reason=error))
            panels = panels if save else None
    watch(run, panels, window=screen, recording=recording)
    result = summary(run, network, loaded.source)
    click.echo(
        _("{state} after {steps:,} steps: test accuracy {test:.2%}, best {best:.2%}").format(
            state=state_words()[run.state],
            steps=run.steps,
            test=result["test_accuracy"],
            best=result["best_test_accuracy"],
        )
    )
    if save:
        click.echo(_("Saved as {path}.").format(path=save))
    if json_path:
        Path(json_path).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    if screen:
        screen.wait_until_closed()
    sys.exit(1 if run.state == "diverged" else 0)
