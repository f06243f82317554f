"""System calls behind the landlock wall, where they are treated otherwise than in `calls`.

There student code shares its process numbers, its file system and, as an ordinary user, its user with all others.
Landlock keeps it from their files; what it does not know of, the filter keeps it from.
"""

# These change a file by its name or descriptor, whosever it is, and Landlock does not know of them. They return 0 and
# do nothing: where they are refused IPython does not start, and `shutil.copy` and archives stop.
PRETENDED = (
    *("chmod", "fchmod", "fchmodat", "setxattr", "lsetxattr", "fsetxattr"),
    *("removexattr", "lremovexattr", "fremovexattr"),
)

# As on a file system that does not know of them (ENOTSUP): a file of 0 bytes may fill a disk by `fallocate` at once.
UNSUPPORTED = (*("getxattr", "lgetxattr", "fgetxattr", "listxattr", "llistxattr", "flistxattr", "fallocate"),)

REFUSED = (
    # signals in other ways than by `kill`, and descriptors that are sent
    *("tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_open", "pidfd_send_signal", "sendmsg", "sendmmsg"),
)

# Calls about a process by its number, which the first argument says: of oneself alone, which is 0.
OWN_PROCESS = (
    *("prlimit64", "sched_setaffinity", "sched_getaffinity", "sched_setparam", "sched_getparam", "sched_setattr"),
    *("sched_getattr", "sched_setscheduler", "sched_getscheduler", "sched_rr_get_interval", "get_robust_list"),
    *("getpgid", "getsid"),
)
# Which kind of process, group or user, and which of them: the values of the first two arguments.
OWN_PRIORITY = {"setpriority": (0, 0), "getpriority": (0, 0), "ioprio_set": (1, 0), "ioprio_get": (1, 0)}

# Clocks of the machine, and of this process and thread (-6, -2): others' tell how long those have computed.
CLOCKS = ("clock_gettime", "clock_getres", "clock_nanosleep", "timer_create")
CLOCK_NUMBERS = (*range(12), 0xFFFF_FFFA, 0xFFFF_FFFE)

# Without: a signal when its parent ends (1), what hides its open files from its supervisor (4), subreapers (36).
PROCESS_OPTIONS = (2, 3, 7, 8, 15, 16, 21, 22, 23, 24, 27, 28, 29, 30, 37, 38, 39, 40, 41, 42, 47)

# Below Landlock's ABI 6 a process may signal itself alone; each writes its own number over this one in the filter.
OWN_NUMBER = 0x5EED_57D7
SIGNALS = ("kill", "tgkill")
_SIGNALS_ABI = 6

# Below ABI 3 whoever may open a file may cut it, by its name or by opening it to be read: the flags that remain.
OPENING = {"open": 1, "openat": 2}
_CUTTING_ABI = 3
_ACCESS_AND_CUT = 0o1003  # O_ACCMODE | O_TRUNC
_OPENED = (0, 1, 2, 3, 0o1001, 0o1002)

_ALL = 0xFFFF_FFFF  # of a number, the bits that the kernel reads
Only = tuple[str, int, list[tuple[int, int]]]  # a call, the place of an argument, and masks with the values allowed


def only_of_itself(abi: int) -> list[Only]:
    """Return the calls that are allowed for the process itself alone, with a kernel's Landlock of this ABI."""
    found: list[Only] = [(name, 0, [(_ALL, 0)]) for name in OWN_PROCESS]
    return found if abi >= _SIGNALS_ABI else [*found, *((name, 0, [(_ALL, OWN_NUMBER)]) for name in SIGNALS)]


def only_these(abi: int) -> list[Only]:
    """Return the calls that are allowed with some values alone; a call without any is not."""
    found: list[Only] = [(name, 0, [(_ALL, value) for value in CLOCK_NUMBERS]) for name in CLOCKS]
    found += [("prctl", 0, [(_ALL, value) for value in PROCESS_OPTIONS])]
    if abi < _CUTTING_ABI:
        found += [("truncate", 0, [])]
        found += [(name, place, [(_ACCESS_AND_CUT, flags) for flags in _OPENED]) for name, place in OPENING.items()]
    return found
