"""The filter of system calls (seccomp) around a student's process: which are refused, and how."""

import platform

from autograder.sandbox.inside import linux

# System calls that serve to break out, and that no notebook makes by accident: each ends the
# process. Numbers for x86_64 and aarch64.
_FATAL_CALLS = {
    "ptrace": (101, 117),
    "process_vm_writev": (311, 271),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_by_handle_at": (304, 265),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "reboot": (169, 142),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "pidfd_getfd": (438, 438),
    "mount_setattr": (442, 442),
}
# System calls that fail as if the kernel lacked them: libraries then do without.
DENIED_CALLS = {
    "process_vm_readv": (310, 270),
    "syslog": (103, 116),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "name_to_handle_at": (303, 264),
    "kcmp": (312, 272),
    "quotactl": (179, 60),
    "sched_setaffinity": (203, 122),  # a submission keeps to the cores that it was given
    # Memory that belongs to no process, so that no limit counts it.
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "clone3": (435, 435),  # hides its flags from a filter; the C library then takes clone
}
CLONE, _SOCKET = (56, 220), (41, 198)
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SET_SOCKET_OPTION = (54, 208)
_SOCKET_LEVEL, _BUFFER_SIZES = 1, (7, 8, 32, 33)  # what is in these counts as nobody's memory
_FAMILIES = (38, 40)  # the kernel's ciphers, and sockets to the host of a virtual machine


def install() -> None:
    """Refuse this process and its children the system calls that no answer needs.

    A call that serves to break out ends the process by SIGSYS.
    """
    load, equal, any_bit, at_least, give = 0x20, 0x15, 0x45, 0x35, 0x06
    allow, refuse, absent, end = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38, 0x80000000
    machine = linux.MACHINES.index(platform.machine())
    program = [
        (load, 0, 0, 4),
        (equal, 1, 0, _ARCHITECTURES[platform.machine()]),
        (give, 0, 0, refuse),
        (load, 0, 0, 0),
        (at_least, 0, 1, 0x40000000),  # the x32 variants
        (give, 0, 0, absent),
    ]
    for calls, then in ((DENIED_CALLS, absent), (_FATAL_CALLS, end)):
        for numbers in calls.values():
            program += [(equal, 0, 1, numbers[machine]), (give, 0, 0, then)]
    program += [
        (equal, 0, 5 + len(_BUFFER_SIZES), _SET_SOCKET_OPTION[machine]),
        (load, 0, 0, 24),  # the level of the option
        (equal, 0, 1 + len(_BUFFER_SIZES), _SOCKET_LEVEL),
        (load, 0, 0, 32),  # the option
    ]
    for place, option in enumerate(_BUFFER_SIZES):
        program.append((equal, len(_BUFFER_SIZES) - place, 0, option))
    program += [
        (give, 0, 0, allow),
        (give, 0, 0, refuse),
        (equal, 0, 4, CLONE[machine]),
        (load, 0, 0, 16),  # its flags: no new namespace of any kind
        (any_bit, 0, 1, linux.NEW_ANYTHING),
        (give, 0, 0, end),
        (give, 0, 0, allow),
        (equal, 0, 3 + len(_FAMILIES), _SOCKET[machine]),
        (load, 0, 0, 16),
    ]
    for place, family in enumerate(_FAMILIES):
        program.append((equal, len(_FAMILIES) - place, 0, family))
    program += [(give, 0, 0, allow), (give, 0, 0, refuse), (give, 0, 0, allow)]
    linux.set_filter(program)
