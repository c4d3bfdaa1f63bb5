"""The workers that grade a class: this process, a Dask cluster on this machine, or any other."""

import contextlib
import logging
import os
import socket
from collections.abc import Iterable, Iterator

from autograder import worker
from autograder.course_folder import CourseError
from autograder.sandbox import ready
from autograder.worker import Graded, Lesson, OtherVersion

_PATIENCE = 20  # seconds in which a scheduler's first worker must come
_AHEAD = 2  # submissions on their way to each worker: it never waits, and no class is in memory


class ClusterLost(CourseError):
    """The connection to the cluster is gone."""


def cores() -> int:
    """How many processes this one may use at a time."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def reach(scheduler: str) -> None:
    """Raise CourseError unless something listens at a scheduler's address; at once, if so."""
    from distributed.comm import get_address_host_port

    try:
        socket.create_connection(get_address_host_port(scheduler), timeout=5).close()
    except (OSError, ValueError, TypeError) as error:
        raise CourseError(_no_scheduler(scheduler, error)) from error


def _wait_for_workers(client, scheduler):
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError as error:
        raise CourseError(
            f"The Dask scheduler at {scheduler} has no workers. Start one on each machine that is "
            f"to grade: dask worker {scheduler} --nthreads 1"
        ) from error


def _no_scheduler(scheduler, error):
    return (
        f"No Dask scheduler answers at {scheduler} ({error}). Its address is what `dask scheduler` "
        "prints when it starts, such as tcp://192.168.1.2:8786."
    )


def graded(
    lesson: Lesson, submissions: Iterable[tuple], jobs: int, scheduler: str | None = None
) -> Iterator[tuple[str, Graded]]:
    """Grade submissions, each a student and what `worker.grade` needs, as they are needed.

    Gives the student and what became of it, in the order in which they are done. With a
    scheduler's address on its workers, else on so many processes of this machine.
    """
    if scheduler is None and jobs == 1:
        for student, *submission in submissions:
            yield student, worker.grade(lesson, student, *submission)
        return
    if scheduler is None:  # the sandbox takes as long to start as Dask
        ready.start_ahead(lesson.walls, lesson.limits)
    from distributed import as_completed

    with _client(jobs, scheduler) as client:
        done = as_completed(loop=client.loop)
        submissions = iter(submissions)
        if scheduler:
            _wait_for_workers(client, scheduler)
        running = {}
        while True:
            most = max(1, _AHEAD * sum(client.nthreads().values()))
            while len(running) < most and (task := next(submissions, None)) is not None:
                student, *submission = task
                future = client.submit(worker.grade, lesson, student, *submission, pure=False)
                running[future] = student
                done.add(future)
            if not running:
                return
            future = next(done)
            student = running.pop(future)
            yield student, _result(lesson, student, future)


def _result(lesson, student, future) -> Graded:
    from distributed.client import FutureCancelledError

    try:
        return future.result()
    except (worker.NoWalls, OtherVersion):
        raise
    except FutureCancelledError as error:
        raise ClusterLost(
            "The connection to the cluster was lost. What is graded is kept: run the same "
            "command again to go on."
        ) from error
    except Exception as error:  # such as a worker that was killed again and again
        return worker.refused(lesson, student, f"The grader broke down: {error}", keep=False)


@contextlib.contextmanager
def _client(jobs, scheduler):
    """A client of the cluster, and the cluster too if there is none yet."""
    from distributed import Client, LocalCluster

    with contextlib.ExitStack() as stack:
        if scheduler is None:
            cluster = LocalCluster(
                processes=False,  # each submission has its own, forked from one warm parent
                n_workers=1,
                threads_per_worker=jobs,
                memory_limit=None,  # what takes memory has a limit of its own
                dashboard_address=None,
                scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # any free port will do
                silence_logs=logging.CRITICAL,
            )
            client = Client(stack.enter_context(cluster))
        else:
            try:
                client = Client(scheduler, timeout=10)
            except Exception as error:  # whatever else listens there may answer anything
                raise CourseError(_no_scheduler(scheduler, error)) from error
        stack.enter_context(client)
        try:
            yield client
        except KeyboardInterrupt:
            stack.pop_all()  # who is in a hurry does not wait for what is running
            raise
