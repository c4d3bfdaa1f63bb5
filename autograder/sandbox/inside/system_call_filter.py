"""The filter of system calls (seccomp) around a student's process, made of `system_calls.py`.

It is a list of instructions: a code, how many to leave out if true and if false, and a number.
"""

import errno
import platform
from collections.abc import Iterable

from autograder.sandbox.inside import linux
from autograder.sandbox.inside.linux import Instruction
from autograder.sandbox.inside.system_calls import (
    ALLOWED_CALLS,
    ARCHITECTURES,
    BUFFER_SIZES,
    CLONE,
    CONTROLS,
    DENIED_CALLS,
    FAMILIES,
    FATAL_CALLS,
    MAP,
    MAP_ANONYMOUS,
    MAP_SHARED,
    PROCESS_CONTROL,
    SET_SOCKET_OPTION,
    SOCKET,
    SOCKET_LEVEL,
)

_LOAD, _EQUAL, _ANY_BIT, _AT_LEAST, GIVE = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _ERRNO, _END = 0x7FFF0000, 0x00050000, 0x80000000
_REFUSE, _ABSENT = _ERRNO | errno.EPERM, _ERRNO | errno.ENOSYS
_X32 = 0x40000000  # the bit that marks a call with pointers of 32 bits, on x86_64
_CALL, _ARCHITECTURE = 0, 4  # where these are, and the arguments
_FIRST, _SECOND, _THIRD, _FOURTH = 16, 24, 32, 40


def install() -> None:
    """Leave this process and its children the system calls that notebooks need.

    A call that serves to break out ends the process by SIGSYS; what is in no list fails.
    """
    machine = linux.MACHINES.index(platform.machine())
    program = [
        *loaded_call(_REFUSE, _ABSENT),
        *_answered(DENIED_CALLS, machine, _ABSENT),
        *_answered(FATAL_CALLS, machine, _END),
        *_if_call(SOCKET[machine], [(_LOAD, 0, 0, _FIRST), *_unless_one_of(FAMILIES)]),
        *_if_call(PROCESS_CONTROL[machine], [(_LOAD, 0, 0, _FIRST), *_unless_one_of(CONTROLS)]),
        *_if_call(CLONE[machine], [(_LOAD, 0, 0, _FIRST), *_unless_new_namespaces()]),
        *_if_call(MAP[machine], [(_LOAD, 0, 0, _FOURTH), *_unless_nobodys_memory()]),
        *_if_call(
            SET_SOCKET_OPTION[machine],
            [
                (_LOAD, 0, 0, _SECOND),
                (_EQUAL, 1, 0, SOCKET_LEVEL),
                (GIVE, 0, 0, _ALLOW),
                (_LOAD, 0, 0, _THIRD),
                *_unless_one_of(BUFFER_SIZES),
            ],
        ),
        *allowed(numbers[machine] for numbers in ALLOWED_CALLS.values()),
        (GIVE, 0, 0, _ABSENT),
    ]
    linux.set_filter(program)


def loaded_call(foreign: int, variant: int) -> list[Instruction]:
    """Load the number of a call; answer those of another machine, and x32 variants, so."""
    return [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, ARCHITECTURES[platform.machine()]),
        (GIVE, 0, 0, foreign),
        (_LOAD, 0, 0, _CALL),
        (_AT_LEAST, 0, 1, _X32),
        (GIVE, 0, 0, variant),
    ]


def allowed(numbers: Iterable[int | None]) -> list[Instruction]:
    """Allow the calls with these numbers, which lie close together: range by range."""
    known = sorted({number for number in numbers if number is not None})
    firsts = [number for number in known if number - 1 not in known]
    ends = [number + 1 for number in known if number + 1 not in known]
    return [
        line
        for first, end in zip(firsts, ends, strict=True)
        for line in (
            (_AT_LEAST, 2, 0, end),
            (_AT_LEAST, 0, 1, first),
            (GIVE, 0, 0, _ALLOW),
        )
    ]


def _answered(calls: dict[str, tuple[int, int]], machine: int, answer: int) -> list[Instruction]:
    return [
        line
        for numbers in calls.values()
        for line in ((_EQUAL, 0, 1, numbers[machine]), (GIVE, 0, 0, answer))
    ]


def _if_call(number: int, lines: list[Instruction]) -> list[Instruction]:
    """Look closer at a call with these lines, the last of which answer it."""
    return [(_EQUAL, 0, len(lines), number), *lines]


def _unless_one_of(values: tuple[int, ...]) -> list[Instruction]:
    """Allow the call, unless the loaded argument is one of these."""
    refused = [line for value in values for line in ((_EQUAL, 0, 1, value), (GIVE, 0, 0, _REFUSE))]
    return [*refused, (GIVE, 0, 0, _ALLOW)]


def _unless_new_namespaces() -> list[Instruction]:
    return [(_ANY_BIT, 0, 1, linux.NEW_ANYTHING), (GIVE, 0, 0, _END), (GIVE, 0, 0, _ALLOW)]


def _unless_nobodys_memory() -> list[Instruction]:
    return [
        (_ANY_BIT, 0, 2, MAP_ANONYMOUS),
        (_ANY_BIT, 0, 1, MAP_SHARED),
        (GIVE, 0, 0, _REFUSE),
        (GIVE, 0, 0, _ALLOW),
    ]
