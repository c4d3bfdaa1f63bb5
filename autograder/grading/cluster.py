"""The workers that grade a class: threads of this process, or those of any Dask cluster."""

import itertools
import os
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from autograder.course_folder import CourseError
from autograder.grading import worker
from autograder.grading.parsing import Submission
from autograder.grading.worker import Graded, LessonToGrade, OtherVersion
from autograder.messages import _
from autograder.sandbox import CannotStart
from autograder.sandbox.outside import pool
from autograder.sandbox.outside.server_handle import START_SECONDS
from autograder.sandbox.outside.supervisor import longest_run

PREPARE_SECONDS = 60  # that a submission may take outside the sandbox

PATIENCE = 20  # seconds within which a scheduler's first worker must appear
_AHEAD = 2  # submissions for each worker: it never waits, and memory never holds a whole class
_LOOK_EVERY = 1.0  # seconds between two looks for workers that hang


class ClusterLost(CourseError):
    """The connection to the cluster was lost."""


def cores() -> int:
    """Return how many processes this one may use at a time."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def reach(scheduler: str) -> None:
    """Raise CourseError unless something listens at a scheduler's address."""
    from distributed.comm import get_address_host_port

    try:
        socket.create_connection(get_address_host_port(scheduler), timeout=5).close()
    except (OSError, ValueError, TypeError) as error:
        raise CourseError(_no_scheduler(scheduler, error)) from error


def _no_scheduler(scheduler, error):
    return _(
        "No Dask scheduler answers at {address} ({reason}). Its address is what `dask scheduler` "
        "prints when it starts, such as tcp://192.168.1.2:8786."
    ).format(address=scheduler, reason=error)


def graded(
    lesson: LessonToGrade,
    submissions: Iterable[tuple[str, Submission]],
    jobs: int | None = None,
    scheduler: str | None = None,
    on_wait: Callable[[Mapping[str, float]], object] = lambda seconds: None,
) -> Iterator[tuple[str, Graded]]:
    """Grade the submissions of students, drawn as needed.

    Yields each student with the graded submission, in the order in which they are done. With a
    scheduler's address, its workers grade, else threads of this process: `jobs` at a time, or as
    many as there are workers or cores. A submission whose worker hangs is given up, and the others
    go on. About every second `on_wait` gets the students whose submissions are being graded, and
    for how many seconds each has been; on a cluster, those that wait for a worker count as well.
    """
    submissions = iter(submissions)
    workers = _Cluster(lesson, scheduler, jobs) if scheduler else _Threads(lesson, jobs or cores())
    with workers:
        while True:
            for student, submission in itertools.islice(submissions, workers.room()):
                workers.begin(student, submission)
            if not workers.running:
                return
            for student, outcome in workers.finished():
                yield student, _result(lesson, student, outcome)
            on_wait(workers.seconds())


def _result(lesson, student, outcome) -> Graded:
    """A worker's outcome, a result or an error, as a result."""
    if isinstance(outcome, Graded):
        return outcome
    if isinstance(outcome, CannotStart | OtherVersion | CourseError):
        raise outcome
    words = _("The grader failed: {reason}").format(reason=outcome)
    return worker.refused(lesson, student, words, keep=False)


class _StoodStill(Exception):
    """A worker did not finish."""


class _Begun(NamedTuple):
    """When a submission was begun, and by which thread."""

    at: float
    thread: int


class _Threads:
    """Threads, each of which waits for one sandbox at a time. None keeps the process alive."""

    def __init__(self, lesson, jobs):
        self.running = set()  # students
        self._lesson, self._jobs = lesson, jobs
        self._sandbox = pool.sandbox(lesson.walls, lesson.limits)
        self._seconds = longest_run(lesson.timeout) + PREPARE_SECONDS
        self._tasks, self._results = queue.SimpleQueue(), queue.SimpleQueue()
        self._begun: dict[str, _Begun] = {}  # by student
        for _number in range(jobs):
            self._hire()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        while not self._tasks.empty():
            self._tasks.get()
        for _number in range(self._jobs):
            self._tasks.put(None)

    def room(self) -> int:
        """How many more submissions can be begun."""
        return _AHEAD * self._jobs - len(self.running)

    def begin(self, student, submission):
        self.running.add(student)
        self._tasks.put((student, submission))

    def finished(self) -> Iterator[tuple]:
        """Yield each student whose submission is done, and a result or an error.

        Nobody, if none is done within a second.
        """
        found = list(self._given_up())
        if not found:
            try:
                found = [self._results.get(timeout=_LOOK_EVERY)]
            except queue.Empty:
                return
        for student, outcome in found:
            self.running.remove(student)
            yield student, outcome

    def seconds(self) -> dict[str, float]:
        """For how long each submission has been graded; one that still waits is not there."""
        now, ready_at = time.monotonic(), self._sandbox.ready_at
        return {who: now - max(begun.at, ready_at) for who, begun in [*self._begun.items()]}

    def _hire(self):
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self):
        while (task := self._tasks.get()) is not None:
            student, submission = task
            self._begun[student] = _Begun(time.monotonic(), threading.get_ident())
            try:
                outcome = worker.grade(self._lesson, student, submission)
            except BaseException as error:
                outcome = error
            if self._begun.pop(student, None) is None:
                return  # it was given up, and another thread has taken over
            self._results.put((student, outcome))

    def _given_up(self):
        for student, seconds in self.seconds().items():
            begun = self._begun.pop(student, None) if seconds > self._seconds else None
            if begun is not None:
                self._sandbox.abandon(begun.thread)
                self._hire()
                said = _("it hung for {seconds:.0f} s.")
                yield student, _StoodStill(said.format(seconds=seconds))


class _Cluster:
    """The workers of a Dask cluster."""

    def __init__(self, lesson, scheduler, jobs):
        from distributed import Client

        self.running = {}  # by student: the future, and when it was begun
        self._lesson, self._jobs = lesson, jobs
        self._seconds = START_SECONDS + _AHEAD * (longest_run(lesson.timeout) + PREPARE_SECONDS)
        self._results = queue.SimpleQueue()
        try:
            self._client = Client(scheduler, timeout=10)
        except Exception as error:  # another program that listens there may answer anything
            raise CourseError(_no_scheduler(scheduler, error)) from error
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            self._client.close()
            said = _(
                "The Dask scheduler at {address} has no workers. Start one on each machine that is "
                "to grade: dask worker {address} --nthreads 1"
            )
            raise CourseError(said.format(address=scheduler)) from error

    def __enter__(self):
        return self

    def __exit__(self, kind, *_error):
        if kind is not KeyboardInterrupt:  # somebody in a hurry does not wait for what is running
            self._client.close()

    def room(self) -> int:
        """How many more submissions can be begun."""
        most = self._jobs or max(1, _AHEAD * sum(self._client.nthreads().values()))
        return max(0, most - len(self.running))  # a worker may have gone

    def begin(self, student, submission):
        future = self._client.submit(worker.grade, self._lesson, student, submission, pure=False)
        self.running[student] = future, time.monotonic()
        future.add_done_callback(lambda done: self._results.put((student, done)))

    def finished(self) -> Iterator[tuple]:
        """Yield each student whose submission is done, and a result or an error.

        Nobody, if none is done within a second.
        """
        try:
            student, future = self._results.get(timeout=_LOOK_EVERY)
        except queue.Empty:
            yield from self._given_up()
            return
        if self.running.pop(student, None) is not None:
            yield student, _of_future(future)

    def seconds(self) -> dict[str, float]:
        """For how long each submission has been with the cluster, even if it still waits there."""
        now = time.monotonic()
        return {student: now - begun_at for student, (_future, begun_at) in self.running.items()}

    def _given_up(self):
        for student, seconds in self.seconds().items():
            if seconds > self._seconds:
                future, _begun_at = self.running.pop(student)
                future.cancel()
                said = _("nothing was heard for {seconds:.0f} s.")
                yield student, _StoodStill(said.format(seconds=seconds))


def _of_future(future):
    """The outcome of a cluster's worker: a result or an error."""
    from distributed.client import FutureCancelledError

    try:
        return future.result()
    except FutureCancelledError:
        return ClusterLost(
            _(
                "The connection to the cluster was lost. What is graded is kept: run the same "
                "command again to go on."
            )
        )
    except Exception as error:  # such as a worker that was killed again and again
        return error
