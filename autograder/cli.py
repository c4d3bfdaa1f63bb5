"""The `autograder` command."""

from pathlib import Path

import click


def _course(context, parameter, value):
    """Find the course folder, here or above."""
    from autograder.course_folder import CourseError, find

    try:
        return find(value)
    except CourseError as error:
        raise click.UsageError(str(error)) from None


# Where the course is; tests and scripts name it, people stand in it.
_in_course = click.option(
    "--course",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    callback=_course,
    hidden=True,
)


@click.group()
@click.version_option(package_name="deep-learning-live")
def main():
    """Deep Learning, Live: the instructor's command."""


@main.command()
@click.argument("lessons", nargs=-1, metavar="[LESSON]...")
@_in_course
def build(course, lessons):
    """Build the students' notebooks, source/ -> release/."""
    from autograder.build import ReleaseRefused, build_extras
    from autograder.build import build as build_lesson

    _known(course, lessons)
    refused = False
    for lesson in lessons or course.lessons():
        try:
            click.echo(f"{lesson}: written to {build_lesson(course, lesson)}")
        except ReleaseRefused as error:
            click.echo(str(error), err=True)
            refused = True
    if not lessons:
        for path in build_extras(course):
            click.echo(f"{path.stem}: written to {path}")
    raise SystemExit(1 if refused else 0)


@main.command()
@click.argument("lesson")
@click.option(
    "--submitted",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with STUDENT/LESSON/NOTEBOOK.ipynb (default: submitted/).",
)
@click.option("--jobs", type=click.IntRange(min=1), help="Submissions at a time (default: cores).")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask cluster to grade on.")
@click.option("--force", is_flag=True, help="Grade unchanged submissions again.")
@click.option(
    "--no-sandbox",
    "sandbox",
    flag_value=False,
    type=bool,
    default=None,
    help="Grade without walls, where the system has none: only what you trust.",
)
@click.option(
    "--json",
    "json_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write all results, with the messages of each exercise, to this file.",
)
@_in_course
def grade(course, lesson, submitted, jobs, scheduler, force, sandbox, json_path):
    """Grade all submissions of a lesson."""
    _known(course, [lesson])
    if json_path and not json_path.parent.is_dir():
        raise click.UsageError(f"There is no folder {json_path.parent} for --json.")
    from autograder import systems

    if trouble := systems.no_grading():
        raise click.ClickException(trouble)
    from autograder.sandbox import ready

    if scheduler is None:  # it warms up while all that follows is imported
        ready.start_ahead(*ready.settings(course.config(), sandbox))
    import json
    import os
    import sys

    from tqdm import tqdm

    from autograder import grade as grading
    from autograder.course_folder import CourseError
    from autograder.table import table

    done = of = 0

    def progress(finished, total):
        nonlocal done, of
        of = total
        bar = tqdm(finished, total=total, desc=lesson, unit="submission", disable=not total)
        for graded in bar:
            yield graded
            done += 1

    try:
        results = grading.grade(
            course,
            lesson,
            submitted=submitted,
            jobs=jobs,
            scheduler=scheduler,
            sandbox=sandbox,
            force=force,
            progress=progress,
        )
    except CourseError as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        kept = f"{done} of {of} submissions are graded and kept" if of else "nothing is graded"
        click.echo(f"\nInterrupted: {kept}. The same command goes on from there.", err=True)
        sys.stdout.flush()
        os._exit(130)  # at once: what is still running ends when this process has gone
    if json_path:
        json_path.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", "utf-8")
    if results:
        click.echo(table(results))
    if all(result["status"] == "not_submitted" for result in results):
        place = (submitted or course.root / "submitted") / "STUDENT" / lesson
        name = course.notebook(lesson).name
        click.echo(f"There is no submission; looked for {place / name}.")
    broken = [result for result in results if result["status"] in grading.NOT_GRADED]
    raise SystemExit(1 if broken else 0)


@main.command()
@click.argument("lesson")
@_in_course
def feedback(course, lesson):
    """Write a page for each student, in feedback/."""
    _known(course, [lesson])
    from tqdm import tqdm

    from autograder.course_folder import CourseError
    from autograder.feedback import feedback as write_feedback

    try:
        pages = write_feedback(course, lesson, lambda students: tqdm(students, unit="page"))
    except CourseError as error:
        raise click.ClickException(str(error)) from None
    for page in pages:
        click.echo(page)


@main.command()
@click.argument("lesson")
@_in_course
def report(course, lesson):
    """Write the class at a glance, in reports/."""
    _known(course, [lesson])
    from autograder.grade import results
    from autograder.report import report as write_report

    found = results(course, lesson)
    if not found:
        raise click.ClickException(_nothing_graded(lesson))
    click.echo(write_report(course, lesson, found))


@main.command()
@_in_course
def export(course):
    """Write all marks as CSV files, in reports/."""
    from autograder.export import export as write_files
    from autograder.grade import results

    found = {lesson: results(course, lesson) for lesson in course.lessons()}
    if not any(found.values()):
        raise click.ClickException(_nothing_graded("LESSON"))
    for path in write_files(course, [result for lesson in found.values() for result in lesson]):
        click.echo(path)
    left_out = ", ".join(lesson for lesson, its_results in found.items() if not its_results)
    if left_out:
        click.echo(f"Left out, as nothing of them is graded: {left_out}.", err=True)


def _nothing_graded(lesson):
    return f"Nothing is graded yet: run `autograder grade {lesson}` first."


def _known(course, lessons):
    """A usage error unless the course has these lessons."""
    from autograder.course_folder import CourseError

    try:
        for lesson in lessons:
            course.notebook(lesson)
    except CourseError as error:
        raise click.UsageError(str(error)) from None


if __name__ == "__main__":
    main()
