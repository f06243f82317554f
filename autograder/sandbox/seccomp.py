"""The system calls that student code may not make, compiled by libseccomp into a filter for the kernel.

The namespaces and limits already keep it in; this takes away what it could try them with, and ways around the limits.
"""

import errno
import functools
import socket
import tempfile
from typing import Any

from autograder.sandbox.bubblewrap import WallError

# Refused with EPERM, as if by a machine that does not allow them.
_REFUSED = (
    # namespaces and mounts
    *("unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "mount_setattr"),
    *("fsopen", "fsmount", "fsconfig", "fspick", "mknod", "mknodat"),
    # other processes, and the kernel's own insides
    *("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "process_madvise", "migrate_pages"),
    *(
        "bpf",
        "perf_event_open",
        "userfaultfd",
        "io_uring_setup",
        "io_uring_enter",
        "io_uring_register",
        "fanotify_init",
    ),
    *("add_key", "request_key", "keyctl", "personality", "syslog", "kexec_load", "init_module", "finit_module"),
    *("delete_module", "reboot", "swapon", "swapoff", "acct", "quotactl", "settimeofday", "clock_settime", "adjtimex"),
    *("open_by_handle_at", "name_to_handle_at", "lookup_dcookie", "vhangup", "iopl", "ioperm", "modify_ldt"),
    # memory that no limit of a process counts
    *("memfd_create", "memfd_secret", "shmget", "shmat", "msgget", "semget", "mq_open", "mlock", "mlock2", "mlockall"),
    *("vmsplice", "io_setup"),
    # the network: of every family; pairs of connected local sockets, which asyncio needs, are another call, and are not
    # to be connected anew: all submissions of a worker have one space of names for local sockets
    *("socket", "socketcall", "bind", "connect", "listen", "accept", "accept4"),
)
_CLONE_NAMESPACES = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x80)


@functools.cache
def compile_filter() -> bytes:
    """Return the filter as the kernel wants it: an array of `struct sock_filter`.

    Raises:
        WallError: libseccomp is not there.
    """
    try:
        import pyseccomp  # noqa: PLC0415 - it looks for the library when imported
    except (ImportError, OSError, RuntimeError) as error:
        raise WallError("libseccomp is not installed: run 'sudo apt-get install libseccomp2'") from error
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    refuse = pyseccomp.ERRNO(errno.EPERM)
    for name in _REFUSED:
        _add(rules, refuse, name)
    for flag in _CLONE_NAMESPACES:
        rules.add_rule(refuse, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    rules.add_rule(refuse, "socketpair", pyseccomp.Arg(0, pyseccomp.NE, socket.AF_UNIX))
    # Its flags lie in memory, where a filter cannot look; the C library then falls back on clone.
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def _add(rules: Any, action: int, name: str) -> None:
    try:
        rules.add_rule(action, name)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a call that this machine's processor or libseccomp does not have
            raise
