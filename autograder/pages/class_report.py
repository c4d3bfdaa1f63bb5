"""The class at a glance: a single, self-contained HTML file."""

import os
import statistics
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder.course_folder import CourseFolder
from autograder.grading import gradebook, notes, submissions
from autograder.grading.file_modes import keeps_private
from autograder.grading.results import ClassResult
from autograder.messages import _, ngettext
from autograder.names import shown
from autograder.pages import alike_answers, class_statistics, status_words
from autograder.pages.alike_answers import SameAnswer
from autograder.pages.rounding import rounded
from course.files import write_atomically
from course.messages import ENGLISH, language

_MAX_TEXT = 2_000  # characters of one message, to keep the page of a class small


@keeps_private
def write_report(
    course: CourseFolder,
    results: ClassResult,
    section_of: Mapping[str, str] = MappingProxyType({}),
    alike: bool = False,
) -> Path:
    """Write reports/<lesson>.html and return its path.

    Equal answers are listed if `alike`, or the course's settings, say so.
    """
    path = course.reports / f"{results.lesson}.html"
    path.parent.mkdir(exist_ok=True)
    people = gradebook.people(course)
    names = {student: its.name for student, its in people.items() if its.name != student}

    def links_of(student):
        return list(_links(course, student, results.lesson))

    same = None
    if alike or alike_answers.is_wanted(course):
        same = alike_answers.same_answers(course, results)
    text = page(results, datetime.now(), names, links_of, section_of, same)
    return write_atomically(path, text)


def _links(course, student, lesson):
    """Links to the student's page and graded notebook, if these exist."""
    if not submissions.can_name_a_folder(student):  # the gradebook takes any id
        return
    stem = course.notebook(lesson).stem
    for words, path in (
        (_("page"), course.feedback(student, lesson) / f"{stem}.html"),
        (_("notebook"), course.autograded(student, lesson) / f"{stem}.ipynb"),
    ):
        if path.is_file():
            parts = path.relative_to(course.root).parts
            yield words, "/".join(["..", *(quote(os.fsencode(part), safe="") for part in parts)])


def page(
    results: ClassResult,
    when: datetime | None = None,
    names: Mapping[str, str] = MappingProxyType({}),
    links_of: Callable[[str], list[tuple[str, str]]] = lambda student: [],
    section_of: Mapping[str, str] = MappingProxyType({}),
    same_answers: Sequence[SameAnswer] | None = None,
) -> str:
    """Return the page as text; everything that students could have written is escaped.

    `names` and `section_of` have the students' names and sections by id; `links_of` returns the
    links in a student's row. `same_answers` is None if nobody asked for them.
    """
    script = (Path(__file__).parent / "templates" / "report.js").read_text("utf-8")
    environment = Environment(
        loader=PackageLoader("autograder.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "points": rounded,
        "shortened": shortened,
        "shown": shown,
        "breakable": breakable,
    }
    environment.globals |= {"_": _, "ngettext": ngettext, "day": day}
    found = class_statistics.judged(results)
    scores = [result.score for result in found]
    return environment.get_template("report.html.j2").render(
        language=language().replace("_", "-"),
        lesson=results.lesson,
        when=when,
        results=results,
        notes=notes.of_class(results),
        found=found,
        unreadable=len(results.graded) - len(found),
        to_mark=sum(bool(result.to_mark) for result in results),
        names=defaultdict(str, names),
        links_of=links_of,
        section_of=section_of,
        same_answers=same_answers,
        most_students=alike_answers.most_students(results),
        sections=class_statistics.sections(results, section_of),
        script=Markup(script),
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
        max_score=max((result.max_score for result in results), default=0),
        mean=statistics.fmean(scores) if scores else None,
        median=statistics.median(scores) if scores else None,
        full=sum(result.score >= result.max_score > 0 for result in found),
        exercises=class_statistics.exercises(results),
        chart=Chart(class_statistics.distribution(results)),
        statuses=Counter(result.shown_as for result in results).most_common(),
        seconds=sorted(result.seconds for result in found if result.seconds),
        of_submission=status_words.of_submission,
        of_exercise=status_words.of_exercise,
        status=status_words.status,
        discrimination_words=class_statistics.discrimination_words,
        fewest=class_statistics.MIN_SUBMISSIONS,
        median_of=statistics.median,
    )


class Chart:
    """The places of the bars of the distribution, in units of the picture."""

    width, height, left, bottom, top = 720, 260, 34, 34, 22

    def __init__(self, bars):
        self.bars = bars
        self.most = max((bar.count for bar in bars), default=0)
        self.step = (self.width - self.left) / max(len(bars), 1)
        # At most five lines, at whole numbers of students.
        self.line_every = max(1, -(-self.most // 5))

    def x(self, index: float) -> float:
        """Return the place of a bar, from the left."""
        return round(self.left + self.step * index, 1)

    def y(self, count: float) -> float:
        """Return the height of a count, from the top."""
        room = self.height - self.top - self.bottom
        return round(self.height - self.bottom - room * count / max(self.most, 1), 1)

    def label(self, bar) -> str:
        """Return the points that a bar counts."""
        low, high = rounded(bar.low), rounded(bar.high)
        return low if bar.low == bar.high else f"{low}-{high}"

    def alternative(self) -> str:
        """Return the picture in words."""
        counts = [
            ngettext(
                "{count} submission with {points}", "{count} submissions with {points}", bar.count
            ).format(count=bar.count, points=self.label(bar))
            for bar in self.bars
            if bar.count
        ]
        return _("Points: {counts}.").format(counts=_("; ").join(counts))


def shortened(text: str, most: int = _MAX_TEXT) -> str:
    """Return a text, with its end cut off if it is very long."""
    return text if len(text) <= most else _("{beginning} … (cut)").format(beginning=text[:most])


def breakable(name: str) -> Markup:
    """Return a name, escaped, that may be broken after its underscores."""
    return escape(name).replace("_", Markup("_<wbr>"))


def day(when: datetime) -> str:
    """Return a date as people write it; in languages other than English, in numbers only."""
    if language() == ENGLISH:
        return when.strftime("%d %B %Y").lstrip("0")
    return when.strftime("%Y-%m-%d")
