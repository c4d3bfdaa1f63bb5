"""The student's process: runs cells and answers the examiner's calls, one after the other.

It holds nothing that a student must not see. Whatever the student's code does to this module, to
Python or to the channel, it can only spoil its own answers: the examiner makes the verdict.
"""

import os
from collections.abc import Callable
from functools import partial

from autograder.sandbox.inside import files
from autograder.sandbox.inside.answers import Answers
from autograder.sandbox.inside.cells import Cells
from autograder.sandbox.inside.conversation import Conversation
from autograder.sandbox.inside.keras_models import KerasModels
from autograder.sandbox.inside.lent_functions import LentFunctions
from autograder.sandbox.inside.limited_runs import LimitedRuns
from autograder.sandbox.inside.names import Names
from autograder.sandbox.inside.objects import Objects
from autograder.sandbox.inside.remembered_names import RememberedNames
from autograder.sandbox.inside.settings import Defaults
from autograder.sandbox.inside.shell import Shell
from autograder.sandbox.inside.timer import TimeIsUp, Timer
from autograder.sandbox.protocol.channel import Channel, Closed, Reply


def serve(channel: Channel, ipython: Shell) -> None:
    """Do what the examiner asks for until it closes the channel."""
    student = _Student(channel, ipython)
    # A process that the student's code forks must not answer in this one's place.
    os.register_at_fork(after_in_child=channel.close)
    while True:
        try:
            student.answer_one()
        except Closed:
            return


class _Student:
    """Answers the examiner's requests; `operations` has what is done for each."""

    def __init__(self, channel: Channel, ipython: Shell):
        remembered = RememberedNames(ipython.user_ns)
        ipython.before_statement = partial(remembered.take_own, ipython.user_ns)
        timer = Timer(ipython.user_ns)
        self.objects = Objects()
        self.conversation = Conversation(channel, self.objects, timer)
        limited_runs = LimitedRuns(ipython, self.conversation, timer)
        cells = Cells(ipython, timer, remembered)
        names = Names(ipython, remembered)
        lent = LentFunctions(ipython)
        defaults = Defaults()
        answers = Answers(ipython, self.objects, limited_runs)
        keras_models = KerasModels(self.objects, limited_runs)
        self.operations: dict[str, Callable[..., Reply]] = {
            "cell": cells.run,
            "names": names.present,
            "missing": names.missing,
            "lost": names.lost,
            "restore": names.restore,
            "undo_restore": names.undo_restore,
            "never_call_again": names.never_call_again,
            "lend": lent.lend,
            "take_back": lent.take_back,
            "use_defaults": defaults.use,
            "undo_defaults": defaults.undo,
            "look_up": answers.look_up,
            "call": answers.call,
            "iterate": answers.iterate,
            "next": answers.pull,
            "about_code": answers.about_code,
            "make": keras_models.make,
            "attribute": keras_models.attribute,
            "method": keras_models.method,
            "load": keras_models.load,
            "file": partial(files.read, os.getcwd()),
        }

    def answer_one(self) -> None:
        number, operation, *rest = self.conversation.receive()
        try:
            answer = self.operations[operation](*rest)
        except TimeIsUp:
            answer = ("timed_out",)
        self.conversation.send((number, *answer))
