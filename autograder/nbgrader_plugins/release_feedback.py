"""Make `nbgrader release_feedback` skip students who did not use its exchange."""

import contextlib
import glob
import logging
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash

from autograder.course_folder import CourseError, CourseFolder
from autograder.grading import plain_files
from autograder.messages import _
from autograder.names import shown
from course.files import write_atomically


class ReleaseFeedback(ExchangeReleaseFeedback):
    """A release that skips such pages; nbgrader's own would stop in the middle of a class."""

    def copy_files(self):
        """Release the pages of the students for whom the exchange has left a secret."""
        others = []
        lesson = glob.escape(self.coursedir.assignment_id)
        inbound = list(Path(self.course_path, "inbound").glob(f"*+{lesson}+*"))
        for folder in map(Path, sorted(glob.glob(self.src_path))):
            if all((folder / name).is_file() for name in plain_files.NBGRADERS):
                self.src_path = glob.escape(str(folder))
                super().copy_files()
                self._copy_as_submitted(folder, inbound)
            else:
                others.append(folder.parent.name)
        # The pages have the modes that keep them private in the course. Here each is found only by
        # its name, which a student's secret gives: the folder cannot be listed.
        for page in Path(self.dest_path).glob("*.html"):
            with contextlib.suppress(PermissionError):  # it belongs to another instructor
                page.chmod(0o644)
        if others:
            self.log.info("Not submitted through the exchange: %s", ", ".join(map(shown, others)))

    def _copy_as_submitted(self, folder, inbound):
        """Release a page under the name that its notebook was submitted under, too.

        A student's page is found by that name, which is not the lesson's if a browser renamed the
        notebook, or the instructor did later. `inbound` has everybody's submissions.
        """
        pages, names = list(folder.glob("*.html")), set()
        secret = (folder / "submission_secret.txt").read_bytes()
        its_names = f"{folder.parent.name}+{self.coursedir.assignment_id}+"
        for submitted in (path for path in inbound if path.name.startswith(its_names)):
            with contextlib.suppress(OSError, plain_files.Unreadable):
                path = submitted / "submission_secret.txt"
                if plain_files.content(path, plain_files.MAX_LINE) == secret:
                    names |= {path.stem for path in submitted.glob("*.ipynb")}
        if len(names) == len(pages) == 1:
            key = notebook_hash(secret=secret.decode(), notebook_id=names.pop())
            write_atomically(Path(self.dest_path, f"{key}.html"), pages[0].read_bytes())


def release_feedback(course: CourseFolder, lesson: str) -> None:
    """Put the pages of a lesson into the exchange. Raises CourseError."""
    config = course.config()
    config.CourseDirectory.assignment_id = lesson
    log = logging.getLogger("autograder.exchange")
    log.setLevel(logging.CRITICAL)
    directory = CourseDirectory(config=config, log=log)
    try:
        ReleaseFeedback(coursedir=directory, config=config, log=log).start()
    except ExchangeError as error:
        said = _("The pages cannot be released: {reason}.")
        raise CourseError(said.format(reason=error)) from error
