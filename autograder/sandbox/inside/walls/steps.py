"""The inner wall: what a freshly forked process gives up before it may run student code.

Every step is a system call that the standard library does not have, so they are made through libc; each that fails
raises, and the process ends without running anything.
"""

import ctypes
import errno
import itertools
import os
import signal

_LIBC = ctypes.CDLL(None, use_errno=True)
_HOLDING = ctypes.PyDLL(None, use_errno=True)  # keeps the interpreter's lock during a call
_SYS_CLONE = {"x86_64": 56, "aarch64": 220}

# <linux/sched.h>, <sys/mount.h>, <linux/prctl.h>, <linux/capability.h>
_CLONE_NEWNS, _CLONE_NEWIPC, _CLONE_NEWUSER, _CLONE_NEWPID = 0x20000, 0x8000000, 0x10000000, 0x20000000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REC, _MS_PRIVATE = 1, 2, 4, 8, 0x4000, 0x40000
_MS_REMOUNT, _MS_BIND = 0x20, 0x1000
_DEVICE_FLAGS = _MS_NOSUID | _MS_NOEXEC  # as they are in a container, where none may be taken away
_DEVICES = ("null", "zero", "full", "random", "urandom")
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_PR_CAPBSET_DROP, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 24, 4, 22, 38, 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION_3 = 0x20080522
_INSTRUCTION_BYTES = 8
_OOM_SCORE_FIRST = "1000"


class _Program(ctypes.Structure):
    """`struct sock_fprog` of <linux/filter.h>."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def fork_into_namespaces() -> int:
    """Fork a submission's first process into user, pid, mount and ipc namespaces of its own, as `fork_first` does.

    One `clone` does what `unshare` and a second fork would, in half the time: it is copying the zygote's page tables
    that takes it.

    Returns:
        As `os.fork`: 0 in the child, in the parent the child's pid.

    Raises:
        OSError: the kernel refuses.
    """
    if os.uname().machine not in _SYS_CLONE:
        raise OSError(errno.ENOSYS, f"clone is not known for {os.uname().machine}")
    return fork_first(_CLONE_NEWNS | _CLONE_NEWIPC | _CLONE_NEWUSER | _CLONE_NEWPID)


def fork_first(namespaces: int = 0) -> int:
    """Fork a submission's first process, which may do no more than raise walls, fork and wait, from one thread.

    Neither the C library nor the interpreter is told that it is a child: what libraries do in each child, as to draw
    random numbers anew and to forget fonts, takes longer than the fork, and is done in the process that it forks.

    Args:
        namespaces: flags for those that it has to itself.

    Returns:
        As `os.fork`: 0 in the child, in the parent the child's pid.

    Raises:
        OSError: the kernel refuses.
    """
    number = _SYS_CLONE.get(os.uname().machine)
    if number is None:
        return os.fork()
    ctypes.pythonapi.PyOS_BeforeFork()
    flags = ctypes.c_ulong(namespaces | signal.SIGCHLD)
    pid = int(_HOLDING.syscall(ctypes.c_long(number), flags, None, None, None, None))
    ctypes.pythonapi.PyOS_AfterFork_Parent()  # in both: it gives back the locks that the first call took
    if pid < 0:
        check(pid, "clone")
    return pid


def stay_the_same_user(uid: int, gid: int) -> None:
    """Map the user that one was outside, and no other, into one's new user namespace.

    Raises:
        OSError: the kernel refuses.
    """
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{uid} {uid} 1")
    _write("/proc/self/gid_map", f"{gid} {gid} 1")


def forbid_namespaces() -> None:
    """Let nobody in here make user namespaces, and with them get capabilities again."""
    _write("/proc/sys/user/max_user_namespaces", "0")


def die_first() -> None:
    """Let the kernel choose this process before any other when memory runs out."""
    _write("/proc/self/oom_score_adj", _OOM_SCORE_FIRST)


def cover(scratch: str, scratch_bytes: int) -> None:
    """Mount an empty folder of limited size where one may write, and an empty one over /proc; enter the first.

    There are terminals, for `!` in a cell needs one; they are this submission's own, for the kernel notes when they
    were used last. The other devices are the host's: mounted read-only they keep their times, and still take data.

    Raises:
        OSError: the kernel refuses.
    """
    flags = _MS_NOSUID | _MS_NODEV
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE, None)
    _mount("tmpfs", scratch, "tmpfs", flags, f"size={scratch_bytes},mode=0700,nr_inodes=4096")
    _mount("tmpfs", "/proc", "tmpfs", flags | _MS_RDONLY, "size=4096")
    for device in _DEVICES:
        _mount(None, f"/dev/{device}", None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _DEVICE_FLAGS, None)
    _mount("devpts", "/dev/pts", "devpts", _MS_RDONLY | _MS_NOSUID | _MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620")
    os.chdir(scratch)


def close_descriptors(keep: set[int]) -> None:
    """Close all that was inherited but standard input, output and error, and those to keep."""
    for below, above in itertools.pairwise([2, *sorted(keep), os.sysconf("SC_OPEN_MAX")]):
        os.closerange(below + 1, above)


def leave_standard_streams() -> None:
    """Point standard input, output and error at nothing: what they were is open in the zygote and outside, too.

    A submission could otherwise fill the outside's file, or leave notes there for the next one.
    """
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    os.close(nothing)


def drop_capabilities() -> None:
    """Give up every capability for good.

    Raises:
        OSError: the kernel refuses.
    """
    set_no_new_privileges()
    drop_bounding_set()
    _LIBC.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    check(_LIBC.capset(header, nothing), "capset")


def drop_bounding_set() -> None:
    """Let no program that is started from here ever get a capability, where this process may say so."""
    number = 0
    while _LIBC.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0) == 0:  # fails beyond the last one that this kernel knows
        number += 1


def set_no_new_privileges() -> None:
    """Let no program that is started from here have more rights than this process.

    Raises:
        OSError: the kernel refuses.
    """
    check(_LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")


def become(uid: int) -> None:
    """Leave root for good.

    Raises:
        OSError: the kernel refuses.
    """
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def die_with_parent() -> None:
    """Let the kernel kill this process when the one that forked it ends."""
    check(_LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "PR_SET_PDEATHSIG")


def adopt_orphans() -> None:
    """Become the parent of every orphan among one's descendants, as the first process of a namespace is anyway."""
    _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def undumpable() -> None:
    """Keep other processes of the same user from attaching to this one."""
    _LIBC.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def dumpable() -> None:
    """Let the process that watches this one, of the same user, see what it has open."""
    _LIBC.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)


def filter_system_calls(program: bytes) -> None:
    """Install a seccomp filter, compiled outside.

    Raises:
        OSError: the kernel refuses.
    """
    fprog = _Program(len(program) // _INSTRUCTION_BYTES, program)
    check(_LIBC.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(fprog), 0, 0), "seccomp")


def _write(path: str, text: str) -> None:
    """Write to a file of the kernel's; `pathlib` and `io` would take a fresh fork longer than all its other steps."""
    number = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(number, text.encode("ascii"))
    finally:
        os.close(number)


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None) -> None:
    texts = [None if text is None else text.encode() for text in (source, target, kind, data)]
    check(_LIBC.mount(texts[0], texts[1], texts[2], ctypes.c_ulong(flags), texts[3]), f"mount {target}")


def check(result: int, what: str) -> None:
    """Raise what the C library says, where a call has failed."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
