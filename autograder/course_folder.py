"""Where a course keeps its lessons, submissions and scores, and its nbgrader configuration."""

import errno
import functools
import math
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from autograder.messages import _
from autograder.names import folder_of
from course.messages import ENGLISH, known_language, languages, sentences

_OF_ONE_FOLDER = (
    *(errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.EEXIST),
    *(errno.ENOENT, errno.ELOOP, errno.ENAMETOOLONG),
)

CONFIG_NAME = "nbgrader_config.py"
OF_EACH_STUDENT = ("submitted", "collected", "autograded", "feedback")  # a folder for each
OF_STUDENTS = (*OF_EACH_STUDENT, "downloaded")


class CourseError(Exception):
    """Something in the course folder that the instructor has to correct: a sentence."""


class CalledWrongly(CourseError):
    """A command was given a name that is nothing in the course; the message is a sentence."""


def of_each(rows: Iterable, entry: Callable) -> list:
    """Return the entry of each row; CourseError with the sentences of all rows that raise one."""
    found, wrong = [], {}
    for row in rows:
        try:
            found.append(entry(row))
        except CourseError as error:
            wrong[str(error)] = type(error)
    if wrong:
        kinds = {*wrong.values()}
        kind = kinds.pop() if len(kinds) == 1 else CourseError
        raise kind("\n".join(wrong))
    return found


@dataclass(frozen=True)
class CourseFolder:
    """A folder that holds nbgrader_config.py, source/, release/, submitted/ and so on."""

    root: Path

    @property
    def gradebook(self) -> Path:
        """The database in which nbgrader keeps all scores."""
        return self.root / "gradebook.db"

    @property
    def reports(self) -> Path:
        """The folder for reports and exported scores."""
        return self.root / "reports"

    @property
    def submissions(self) -> Path:
        """The folder of what is handed in, with a folder for each student."""
        return self.root / "submitted"

    def lessons(self) -> list[str]:
        """Return the names of the lessons, in order: folders of source/ that hold a notebook."""
        return sorted({path.parent.name for path in (self.root / "source").glob("*/*.ipynb")})

    def notebook(self, lesson: str) -> Path:
        """Return the instructor's notebook of a lesson; CourseError if there is no such lesson."""
        known = self.lessons()
        if lesson not in known:
            missing = _("There is no lesson {name!r}.").format(name=lesson)
            raise CourseError(sentences(missing, self._known_lessons()))
        notebooks = sorted((self.root / "source" / lesson).glob("*.ipynb"))
        if len(notebooks) > 1:
            names = ", ".join(path.name for path in notebooks)
            said = _("A lesson is one notebook, but {lesson} has {names}.")
            raise CourseError(said.format(lesson=lesson, names=names))
        return notebooks[0]

    def _known_lessons(self):
        """Which lessons there are, as a sentence."""
        none = _("none yet in {folder}").format(folder=self.root / "source")
        return _("The lessons are: {names}.").format(names=", ".join(self.lessons()) or none)

    def lessons_called(self, words: Iterable[str]) -> list[str]:
        """Return the lessons that these words name: by name, beginning or number, or `all`.

        Raises CourseError for a word that names no lesson, or more than one.
        """
        found = []
        known = self.lessons()
        for word in words:
            if word == "all" and known:
                found += known
                continue
            meant = (
                [name for name in known if name == word]
                or [name for name in known if _is_number_of(word, name)]
                or [name for name in known if name.startswith(word)]
                or [name for name in known if name.removeprefix("0").startswith(word)]
                or [name for name in known if name.partition("-")[2].startswith(word)]
            )
            if len(meant) != 1:
                said = _("{word!r} could be {names}.") if meant else _("{word!r} is not a lesson.")
                said = said.format(word=word, names=", ".join(meant))
                raise CourseError(sentences(*([said] if known else []), self._known_lessons()))
            found += meant
        return list(dict.fromkeys(found))

    @functools.cached_property
    def language(self) -> str:
        """The language in which lessons are handed out: c.Course.language, or else English.

        Raises CourseError for one that is not known.
        """
        wanted = self._read().Course.get("language", ENGLISH)
        language = known_language(str(wanted))
        if language is None:
            said = _("c.Course.language is {wanted!r}; the languages are {names}.")
            known = ", ".join(languages())
            raise CourseError(said.format(wanted=wanted, names=known))
        return language

    def release(self, language: str) -> Path:
        """Return the folder of the released notebooks in a language."""
        own = language == self.language
        return self.root / "release" if own else self.root / "translations" / language / "release"

    def released(self, lesson: str) -> Path:
        """Return the notebook of a lesson as it is handed out, in the course's language."""
        return self.root / "release" / lesson / self.notebook(lesson).name

    def submitted(self, student: str, lesson: str) -> Path:
        """Return the folder of what a student has handed in."""
        return self.submissions / folder_of(student) / lesson

    def autograded(self, student: str, lesson: str) -> Path:
        """Return the folder of a student's graded notebook."""
        return self.root / "autograded" / folder_of(student) / lesson

    def collected(self, student: str, lesson: str) -> Path:
        """Return the folder of a student's earlier attempts, and of the record of their origin."""
        return self.root / "collected" / folder_of(student) / lesson

    def feedback(self, student: str, lesson: str) -> Path:
        """Return the folder of a student's feedback page."""
        return self.root / "feedback" / folder_of(student) / lesson

    def config(self):
        """Return the configuration in nbgrader_config.py, with the paths of this folder."""
        config = self._read()
        config.CourseDirectory.root = str(self.root)
        _check_limits(config)
        self._check_penalties(config)
        self._check_gradebook(config.CourseDirectory.get("db_url"))
        config.Limits.packages = self._packages(config.Sandbox.get("packages", []))
        return config

    def _read(self):
        """The configuration as it stands in the file; CourseError if that fails."""
        from traitlets.config import PyFileConfigLoader

        try:
            return PyFileConfigLoader(CONFIG_NAME, path=str(self.root)).load_config()
        except Exception as error:  # the file is code, and may fail in any way
            said = _("There is an error in {path}, or in course_settings.py beside it: {reason}.")
            why = f"{type(error).__name__}: {error}"
            raise CourseError(said.format(path=self.root / CONFIG_NAME, reason=why)) from error

    def _check_gradebook(self, named) -> None:
        """Raise CourseError if c.CourseDirectory.db_url names another database than ours."""
        if named is None:
            return
        import sqlalchemy

        try:
            url = sqlalchemy.make_url(named)
        except sqlalchemy.exc.ArgumentError:
            is_ours, shown = False, str(named)
        else:
            path = os.path.realpath(self.root / (url.database or ""))
            is_sqlite = url.get_backend_name() == "sqlite"
            is_ours = is_sqlite and path == os.path.realpath(self.gradebook)
            shown = url.render_as_string()  # without a password
        if not is_ours:
            said = _(
                "c.CourseDirectory.db_url is {value!r}, but scores are always kept in {path}. "
                "Delete that setting from course_settings.py; if the other database has scores "
                "already, copy them there first."
            )
            raise CourseError(said.format(value=shown, path=self.gradebook))

    def _check_penalties(self, config) -> None:
        """Raise CourseError for a rule for late penalties that nbgrader would not take."""
        if "plugin_class" not in config.AssignLatePenalties:
            method = config.LateSubmissionPlugin.get("penalty_method", "none")
            if method not in ("none", "zero"):
                said = _(
                    "c.LateSubmissionPlugin.penalty_method must be 'none' or 'zero'; it is "
                    "{value!r}. For another rule, write a plugin, and name it in {setting}."
                )
                setting = "c.AssignLatePenalties.plugin_class"
                raise CourseError(said.format(value=method, setting=setting))
            return
        from nbgrader.preprocessors import AssignLatePenalties

        if str(self.root) not in sys.path:
            sys.path.append(str(self.root))  # nbgrader, too, finds a plugin beside its settings
        try:
            penalties = AssignLatePenalties(config=config)
            penalties.init_plugin()
            _rule = penalties.plugin_inst.late_submission_penalty
        except Exception as error:  # the plugin is code, and may fail in any way
            said = _("c.AssignLatePenalties.plugin_class, {value!r}, cannot be used: {reason}.")
            cause = error.__cause__ or error
            why = f"{type(cause).__name__}: {str(cause).rstrip('.')}"
            value = config.AssignLatePenalties.plugin_class
            raise CourseError(said.format(value=value, reason=why)) from error

    def _packages(self, named) -> tuple[str, ...]:
        """The real paths of c.Sandbox.packages; CourseError if it is not a list of folders."""
        is_list = isinstance(named, list | tuple)
        if not is_list or not all(isinstance(folder, str | os.PathLike) for folder in named):
            said = _(
                "c.Sandbox.packages must be a list of folders, such as {example}; it is {value!r}."
            )
            raise CourseError(said.format(example='["/srv/packages"]', value=named))
        return tuple(os.path.realpath(self.root / folder) for folder in named)


def find(start: Path) -> CourseFolder:
    """Return the course folder at `start` or above it; CourseError if there is none.

    A configuration that a student handed in does not count, as configurations are executed.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / CONFIG_NAME).is_file() and not _is_of_students(folder):
            return CourseFolder(folder)
    said = _(
        "{folder} is not in a course folder: no {file} here or above. Change to the folder of the "
        "course and try again."
    )
    raise CourseError(said.format(folder=start, file=CONFIG_NAME))


def _check_limits(config) -> None:
    """Raise CourseError for a limit that does not exist, or is not the number that it has to be."""
    from autograder.sandbox.limits import Limits

    known = [field.name for field in fields(Limits) if field.name != "packages"]
    if unknown := config.Limits.keys() - {*known, "packages"}:
        said = _("There is no c.Limits.{unknown}; there are {names}.")
        raise CourseError(said.format(unknown=min(unknown), names=", ".join(known)))
    places = [("Execute", "timeout"), ("Grade", "timeout"), *(("Limits", name) for name in known)]
    for section, name in places:
        value = config[section].get(name, 1)
        facts = {"section": section, "name": name, "value": value}
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not 0 < value < math.inf:
            said = _("c.{section}.{name} must be a number above 0; it is {value!r}.")
            raise CourseError(said.format(**facts))
        if name in ("timeout", "grace"):
            continue
        if value % 1:
            said = _("c.{section}.{name} must be a whole number; it is {value!r}.")
            raise CourseError(said.format(**facts))
        if name in config[section]:
            config[section][name] = int(value)  # 2e9, too, is whole


def _is_number_of(word: str, lesson: str) -> bool:
    """Whether a word is the number with which the name of a lesson begins: 4 or 04 of 04-name."""
    number = lesson.partition("-")[0]
    return word.isdecimal() and number.isdecimal() and int(word) == int(number)


def _is_of_students(folder):
    """Whether a folder belongs to what a course keeps of its students."""
    return any(
        inner.name in OF_STUDENTS and (outer / CONFIG_NAME).is_file()
        for inner, outer in zip((folder, *folder.parents), folder.parents, strict=False)
    )


def concerns_one_folder(error: OSError) -> bool:
    """Return whether an error concerns a single folder, unlike a full disk, say."""
    return error.errno in _OF_ONE_FOLDER
