"""The `course` command: what learners type in a terminal."""

import errno
import os
import sys
from pathlib import Path

import click

from course import __version__
from course.columns import table_lines
from course.messages import _, known_language, use_language
from course.translated_help import TranslatedGroup

# What a command needs is imported inside it, so that `--help` answers at once.


class InLanguageOfLessons(TranslatedGroup):
    """Commands in the language of the lessons in release/, if there are any.

    They can print on every terminal, with a "?" for each character that it cannot show.
    """

    @staticmethod
    def usual_language() -> str | None:
        """Return the language of the lessons, if there are any."""
        from course.workbook.editions import editions, find_root
        from course.workbook.errors import WorkbookError

        try:
            return known_language(editions(find_root(Path.cwd()))[0].language)
        except WorkbookError:
            return None

    def main(self, *arguments, **settings):
        """Run the command that the arguments name."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a test's own streams may have no encoding
                stream.reconfigure(errors="replace")
        return super().main(*arguments, **settings)

    def invoke(self, context):
        """Run a command; an error of the system ends it with a sentence."""
        try:
            return super().invoke(context)
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read the output has gone: click ends quietly
                raise
            raise Failure(error) from None


@click.group(cls=InLanguageOfLessons)
@click.version_option(__version__)
def main():
    """Deep Learning, Live: see the lessons, open them, check them, train networks."""


_source_option = click.option(
    "--source",
    default="auto",
    show_default=True,
    help="auto, mnist, embedded, or the path of a file or folder.",
)


class Failure(click.ClickException):
    """An error that the learner can fix: its message, and exit code 1."""

    def __init__(self, error: Exception):
        super().__init__(str(error))


@main.command()
@_source_option
def data(source):
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


@main.command()
def lessons():
    """List the lessons, and how far you have got."""
    from course.workbook.editions import find_edition, find_root
    from course.workbook.errors import WorkbookError
    from course.workbook.lessons import extras, released
    from course.workbook.progress import progress_words

    try:
        edition = find_edition(find_root(Path.cwd()))
        rows = [
            (lesson.name, lesson.title, progress_words(edition, lesson))
            for lesson in released(edition)
        ]
        others = extras(edition)
    except WorkbookError as error:
        raise Failure(error) from None
    click.echo("\n".join(table_lines(rows)))
    click.echo()
    for notebook in others:
        click.echo(
            _("{title}, without points: course lab {name}").format(
                title=notebook.title, name=notebook.name
            )
        )
    click.echo(_("These are the checks that passed when you last saved the notebook."))


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("lesson", required=False)
@click.argument("options", metavar="[JUPYTERLAB OPTIONS]", nargs=-1, type=click.UNPROCESSED)
@click.option("--language", metavar="CODE", help="Open the lessons in another language: zh_CN.")
def lab(lesson, options, language):
    """Open JupyterLab on your copies of the lessons, in work/; without LESSON, on the start page.

    What is missing there is copied from release/; nothing of yours is ever overwritten. Lessons in
    another language have a folder of their own in work/.
    Options that are not listed here go to JupyterLab: course lab 01-softmax --no-browser
    """
    from course.shadowing import beside_notebooks
    from course.workbook import jupyterlab
    from course.workbook.copies import copy_missing
    from course.workbook.editions import find_edition, find_root
    from course.workbook.errors import WorkbookError
    from course.workbook.lessons import find_lesson, start_page

    if lesson and lesson.startswith("-"):
        lesson, options = None, (lesson, *options)
    try:
        edition = find_edition(find_root(Path.cwd()), language)
        use_language(edition.language)
        chosen = find_lesson(edition, lesson) if lesson else start_page(edition)
        copied, changed = copy_missing(edition.release, edition.work)
    except WorkbookError as error:
        raise Failure(error) from None
    folder = edition.work.relative_to(edition.root).as_posix()
    for name in copied:
        click.echo(_("New in {folder}/: {name}").format(folder=folder, name=name))
    for name in changed:
        click.echo(
            _(
                "{name} has changed in release/ since it was copied. Your copy stays as it is; for "
                "the new version, rename yours and run this command again."
            ).format(name=name)
        )
    work = edition.root / "work"
    for said in beside_notebooks(work):
        click.echo(said)
    sys.stdout.flush()
    notebook = (edition.work / chosen.notebook).relative_to(work) if chosen else None
    jupyterlab.become(work, notebook, options)


@main.command()
@click.argument("notebook", metavar="LESSON_OR_NOTEBOOK")
@click.option(
    "--timeout",
    type=click.IntRange(min=1),
    default=120,
    show_default=True,
    metavar="SECONDS",
    help="The longest time for one cell.",
)
def check(notebook, timeout):
    """Run a notebook from top to bottom and say which exercises pass.

    Give its path, or the name of a lesson for your copy in work/: course check softmax. It runs in
    a temporary copy: the notebook stays as you saved it. Exit code 0 if all pass.
    """
    from tqdm import tqdm

    from course.workbook import check, notebooks, wording
    from course.workbook.errors import WorkbookError
    from course.workbook.execution import TimeLimits

    path = _notebook_path(notebook)
    try:
        opened = notebooks.read(path)
        _speak_language_of(opened)
        count = len(opened["cells"])
        with tqdm(
            total=count, desc=path.name, unit="cell", leave=False, delay=2, disable=None
        ) as bar:
            checked = check.check_notebook(path, TimeLimits(cell=timeout), bar.update)
    except WorkbookError as error:
        raise Failure(error) from None
    rows = [
        (
            one.exercise.name,
            f"{one.points:g}/{one.exercise.points:g}",
            wording.outcome(one),
        )
        for one in checked.exercises
    ]
    click.echo("\n".join([*table_lines(rows), ""]))
    for sentence in wording.remarks(checked):
        click.echo(sentence)
    passed = [one for one in checked.exercises if one.passed]
    click.echo(
        _(
            "{passed} of {count} exercises pass, worth up to {points:g} of {total:g} points. "
            "Grading adds checks that you do not see."
        ).format(
            passed=len(passed),
            count=len(checked.exercises),
            points=sum(one.points for one in checked.exercises),
            total=sum(one.exercise.points for one in checked.exercises),
        )
    )
    sys.exit(0 if len(passed) == len(checked.exercises) else 1)


@main.command()
@click.argument("notebook", metavar="LESSON_OR_NOTEBOOK")
@click.argument("exercise")
def reset(notebook, exercise):
    """Begin one exercise again: course reset softmax accuracy.

    Its cells are put back as they were released; what you wrote there is kept in a file beside the
    notebook. All other cells stay as they are.
    """
    from course.workbook import notebooks
    from course.workbook.errors import WorkbookError
    from course.workbook.reset import reset_exercise

    path = _notebook_path(notebook)
    try:
        _speak_language_of(notebooks.read(path))
        kept = reset_exercise(path, exercise)
    except WorkbookError as error:
        raise Failure(error) from None
    click.echo(_("{exercise} is as it was at the start.").format(exercise=exercise))
    if kept:
        click.echo(_("What you wrote is kept in {path}.").format(path=kept))
    click.echo(
        _("In JupyterLab, choose File > Reload Notebook from Disk if {name} is open.").format(
            name=path.name
        )
    )


def _speak_language_of(notebook: dict) -> None:
    """Switch to the language that a notebook names, if it is known."""
    from course.workbook.notebooks import language_of

    if language := known_language(language_of(notebook)):
        use_language(language)


def _notebook_path(name: str) -> Path:
    """Return the notebook with this path, or the learner's copy of the lesson with this name.

    Of copies in several languages, it is the one that COURSE_LANGUAGE names, or the one saved last.
    """
    from course.workbook.editions import editions, find_edition, find_root
    from course.workbook.errors import WorkbookError
    from course.workbook.lessons import find_lesson

    if Path(name).is_file():
        return Path(name)
    if name.endswith(".ipynb"):
        raise click.UsageError(_("There is no file {path}.").format(path=name))
    try:
        edition = find_edition(find_root(Path.cwd()))
        folder = Path(name).resolve().name if Path(name).is_dir() else name
        lesson = find_lesson(edition, folder)
    except WorkbookError as error:
        raise click.UsageError(str(error)) from None
    places = [one.work / lesson.notebook for one in editions(edition.root)]
    copies = [path for path in places if path.is_file()]
    if not copies:
        message = _("You have not started {lesson} yet: course lab {lesson}")
        raise Failure(WorkbookError(message.format(lesson=lesson.name)))
    if len(copies) == 1:
        return copies[0]
    named = edition.work / lesson.notebook
    if os.environ.get("COURSE_LANGUAGE") and named in copies:
        chosen, said = (
            named,
            _("Of your copies, this is the one that COURSE_LANGUAGE names: {path}"),
        )
    else:
        chosen = max(copies, key=lambda path: path.stat().st_mtime)
        said = _("Of your copies, this is the one that was saved last: {path}")
    click.echo(said.format(path=chosen.relative_to(edition.root).as_posix()))
    return chosen


@main.command()
@click.argument("network")
@_source_option
@click.option("--steps", type=click.IntRange(min=1), default=2000, show_default=True)
@click.option("--batch-size", type=click.IntRange(min=1), default=100, show_default=True)
@click.option("--learning-rate", type=float, help="Default: a rate that suits the network.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--save", metavar="FILE", help="Save the run: .mp4, .gif, or .png for its end.")
@click.option("--no-show", is_flag=True, help="Open no window.")
@click.option("--json", "json_path", metavar="FILE", help="Write the result as JSON.")
def train(network, source, steps, batch_size, learning_rate, seed, save, no_show, json_path):
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


if __name__ == "__main__":
    main()
