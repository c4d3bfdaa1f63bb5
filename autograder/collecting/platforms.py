"""Read from a file's path in an archive who handed it in: as a platform or a person named it.

Canvas: lovelaceada_LATE_4711_98765_softmax-1.ipynb (the name, the user's ID, the file's ID).
Moodle: Ada Lovelace_4711_assignsubmission_file_/softmax.ipynb (the name, and a number that this
one assignment has given to the user), the same without the folder, or without the last "_".
Brightspace: 111-222 - Ada Lovelace - Nov 27, 2026 353 PM/softmax.ipynb, or with " - " for "/"
(the user's number and the assignment's, the name, the time).
Blackboard: Lesson 1_ada_attempt_2026-11-27-15-53-00_softmax.ipynb (title, login and time).
"""

import contextlib
import re
from dataclasses import dataclass
from datetime import datetime

CANVAS, MOODLE, OTHER = "canvas", "moodle", ""
_CANVAS = re.compile(
    r"(?P<name>.+?)(?P<late>_LATE)?_(?P<number>\d{1,18})_(?:(?P<attachment>\d{1,18})_)?(?P<file>.+)"
)
_MOODLE = re.compile(
    r"(?P<name>.*?)_(?P<number>\d{1,18})_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?"
)
_BRIGHTSPACE = re.compile(
    r"(?P<number>\d{1,18})-\d+ ?- (?P<name>.+?) ?- (?P<month>[A-Z][a-z]{2})[a-z]*\.? "
    r"(?P<day>\d{1,2}, \d{4}) (?P<hour>\d{1,2})(?P<rest>\d\d [AP]M)(?: - (?P<file>.+))?"
)
_BLACKBOARD = re.compile(
    r"(?P<name>.+?_.+?)_attempt_(?P<when>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)"
)


@dataclass(frozen=True)
class Sender:
    """Who handed something in, as the platform names them."""

    platform: str
    name: str
    number: str = ""  # of the user; Moodle: of the user in this assignment

    @property
    def shown(self) -> str:
        """The name, and the number that distinguishes namesakes."""
        return f"{self.name} ({self.number})" if self.number else self.name


@dataclass(frozen=True)
class HandedIn:
    """What a path says: who handed it in, its path among their files, and what else there is."""

    sender: Sender
    parts: tuple[str, ...]
    prefix: str = ""  # what the platform wrote before it: feedback goes back under it
    attachment: int = 0  # grows with each file that Canvas receives, else with the time
    is_late: bool = False
    is_text: bool = False  # typed in the platform itself, or written by it
    place: int = 0  # of the part of the path that names the sender; -1 if no folder does
    when: datetime | None = None  # as the platform names it, in an unknown time zone
    titled: str = ""  # Blackboard: the assignment's title, "_" and the login; both may have a "_"


def read_path(parts: tuple[str, ...], *, is_blackboards: bool = False) -> HandedIn | None:
    """Return what the path of a file from a platform says; None if none has named it.

    HW_1_2_ada_attempt_TIME_x.ipynb is Canvas's unless the whole archive is Blackboard's.
    """
    canvas = _CANVAS.fullmatch(parts[0]) if len(parts) == 1 else None
    # Students choose how their files are called: what the platform writes comes first.
    is_canvas = canvas is not None and not canvas["file"].startswith("assignsubmission_")
    if is_canvas and (is_blackboards or not canvas["attachment"]):
        is_canvas = not _BLACKBOARD.fullmatch(parts[0])
    for place, part in enumerate(parts if not is_canvas else ()):
        if found := _MOODLE.fullmatch(part):
            own = (*filter(None, [found["file"]]), *parts[place + 1 :])
            return HandedIn(
                Sender(MOODLE, found["name"], found["number"]),
                own or (part,),
                prefix=f"{found['name']}_{found['number']}_assignsubmission_file_",
                is_text=found["kind"] != "file",
                place=place,
            )
        if named := _named_with_time(part):
            sender, file, when, titled = named
            own = (*filter(None, [file]), *parts[place + 1 :])
            return HandedIn(
                sender,
                own or (part,),
                attachment=int(when.strftime("%Y%m%d%H%M%S")),
                is_text=not own,
                place=place,
                when=when,
                titled=titled,
            )
    if canvas is None:
        return None
    attachment = int(canvas["attachment"] or 0)
    return HandedIn(
        Sender(CANVAS, canvas["name"], canvas["number"]),
        (canvas["file"],),
        prefix=parts[0].removesuffix(canvas["file"]),
        attachment=attachment,
        is_late=bool(canvas["late"]),
        is_text=not attachment and canvas["file"].casefold() in ("text.html", "url.html"),
    )


def _named_with_time(part):
    """What Brightspace or Blackboard says: whose, the file's name, when, and the title; or None."""
    titled = ""
    if found := _BRIGHTSPACE.fullmatch(part):
        told, form = (
            "{month} {day} {hour:0>2}{rest}".format(**found.groupdict()),
            "%b %d, %Y %I%M %p",
        )
        sender = Sender(OTHER, found["name"], found["number"])
    elif found := _BLACKBOARD.fullmatch(part):
        told, form = found["when"], "%Y-%m-%d-%H-%M-%S"
        titled = found["name"]
        sender = Sender(OTHER, titled.rpartition("_")[2])
    else:
        return None
    with contextlib.suppress(ValueError):
        return sender, found["file"], datetime.strptime(told, form), titled
    return None
