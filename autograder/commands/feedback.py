"""The command `autograder feedback`."""

import click

from autograder.commands.shared import in_course, named_lessons, of_section, say_error
from autograder.messages import _


@click.command("feedback")
@click.argument("lessons", nargs=-1, required=True, metavar="LESSON...")
@click.option(
    "--zip", "zipped", is_flag=True, help="Also make archives to upload to Canvas and Moodle."
)
@click.option("--student", "students", multiple=True, metavar="ID", help="Only this student.")
@of_section
@in_course
def command(course, lessons, zipped, students, section):
    """Write a page for each student, in feedback/.

    \b
    autograder feedback 01-softmax --zip
    autograder feedback 1 --student ada

    The exit code is 1 if a page could not be written.
    """
    lessons = named_lessons(course, lessons)
    from tqdm import tqdm

    from autograder.course_folder import CourseError
    from autograder.grading.class_results import arrived
    from autograder.names import shown
    from autograder.pages import terminal_table
    from autograder.pages.feedback_files import write_feedback

    only = _only(course, students, section)
    any_failed = False
    for lesson in lessons:
        try:
            pages, failed = write_feedback(
                course, lesson, lambda students: tqdm(students, unit=_("page")), only=only
            )
        except CourseError as error:  # the lessons after it have pages all the same
            say_error(error)
            any_failed = True
            continue
        for page in pages:
            click.echo(shown(str(page)))
        for student, why in failed.items():
            said = _("There is no new page for {student}: {reason}")
            click.echo(said.format(student=shown(student), reason=why), err=True)
        any_failed |= bool(failed)
        newer = arrived(course, lesson)
        for line in terminal_table.arrived_words(lesson, newer if only is None else newer.of(only)):
            click.echo(line, err=True)
        if zipped:
            _zip_feedback(course, lesson)
    raise SystemExit(1 if any_failed else 0)


def _only(course, students, section):
    """The students to whom these options limit it; None if they do not. Raises CalledWrongly."""
    if not students:
        return section
    from autograder.course_folder import CalledWrongly
    from autograder.grading import gradebook
    from autograder.grading.submissions import no_such_students

    if unknown := set(students) - {*gradebook.people(course)}:
        raise CalledWrongly(no_such_students(unknown, course.submissions))
    return set(students) if section is None else set(students) & section


def _zip_feedback(course, lesson):
    """Put the pages into an archive for each platform from which submissions were collected."""
    from autograder.collecting.feedback_archive import write_archives
    from autograder.names import shown

    written, others = write_archives(course, lesson)
    for path in written:
        click.echo(path)
    if others:
        said = _("Not in any archive, because they were not collected from one: {names}.")
        click.echo(said.format(names=", ".join(map(shown, others))), err=True)
