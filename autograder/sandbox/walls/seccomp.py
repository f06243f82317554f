"""The filter of system calls behind every wall, compiled by libseccomp from the lists in `calls`.

The namespaces and limits already keep student code in; this takes away what it could try them with, ways around the
limits, and ways to leave a note for the next submission.
"""

import errno
import functools
import tempfile
from typing import Any

from autograder.sandbox.walls import calls, confined_calls
from autograder.sandbox.walls.bubblewrap import WallError

_ALL_32 = 0xFFFF_FFFF  # of a command or a flag, the bits that the kernel reads


@functools.cache
def compile_filter(*, times: bool = True, real: bool = False, confined: int | None = None) -> bytes:
    """Return the filter as the kernel wants it: an array of `struct sock_filter`.

    Args:
        times: whether times of files may be changed, since nothing that others see can be written to.
        real: whether it is for a real kernel, which listens on the loopback of its own wall.
        confined: the ABI of Landlock in place of namespaces, where that is the wall.

    Raises:
        WallError: libseccomp is not there.
    """
    try:
        import pyseccomp  # noqa: PLC0415 - it looks for the library when imported
    except (ImportError, OSError, RuntimeError) as error:
        raise WallError("libseccomp is not installed: run 'sudo apt-get install libseccomp2'") from error
    rules = _Rules(pyseccomp)
    if confined is not None:
        rules.add_confined(confined)
    rules.add_lists(times=times and confined is None, loopback=real)
    rules.add_processes_and_memory()
    rules.add_socket_pairs()
    rules.add_futexes()
    with tempfile.TemporaryFile() as file:
        rules.filter.export_bpf(file)
        file.seek(0)
        return file.read()


class _Rules:
    """The rules, as they are added one after another."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self._allow = library.ALLOW
        self._pretend = library.ERRNO(0)  # the kernel then returns 0 and makes no call
        self._refuse = library.ERRNO(errno.EPERM)
        self.filter = library.SyscallFilter(library.ERRNO(errno.ENOSYS))
        self._done: set[str] = set()  # calls that the lists have no say in any more

    def add_lists(self, *, times: bool, loopback: bool) -> None:
        """Add the calls that are treated alike whatever their arguments, and those with a list of values."""
        lists = [(self._allow, calls.ALLOWED), (self._pretend, calls.PRETENDED), (self._refuse, calls.REFUSED)]
        lists += [(self._allow if times else self._pretend, calls.TIMES)]
        lists += [(self._allow if loopback else self._refuse, calls.CONNECTING)]
        if loopback:
            self._add(self._allow, "socket", self._bits(0, _ALL_32, calls.LOOPBACK[0]), self._stream())
            # ZeroMQ asks for the machine's interfaces, and goes on without them where this is how it is refused.
            self._add(self._library.ERRNO(errno.EOPNOTSUPP), "socket", self._bits(0, _ALL_32, calls.INTERFACES))
        else:
            self._add(self._refuse, "socket")
        for action, names in lists:
            for name in names:
                if name not in self._done:
                    self._add(action, name)
        for action, table in ((self._allow, calls.ALLOWED_VALUES), (self._pretend, calls.PRETENDED_VALUES)):
            for name, (place, values) in table.items():
                for value in () if name in self._done else values:
                    self._add(action, name, self._bits(place, _ALL_32, value))

    def add_confined(self, abi: int) -> None:
        """Add what is treated otherwise where a submission shares process numbers and files with all others."""
        unsupported = self._library.ERRNO(errno.EOPNOTSUPP)
        lists = ((self._pretend, confined_calls.PRETENDED), (unsupported, confined_calls.UNSUPPORTED))
        for action, names in (*lists, (self._refuse, confined_calls.REFUSED)):
            for name in names:
                self._add(action, name)
            self._done |= set(names)
        for name, pair in confined_calls.OWN_PRIORITY.items():
            self._done.add(name)
            self._add(self._allow, name, *(self._bits(place, _ALL_32, value) for place, value in enumerate(pair)))
        for name, place, values in (*confined_calls.only_of_itself(abi), *confined_calls.only_these(abi)):
            self._done.add(name)
            for mask, value in values:
                self._add(self._allow, name, self._bits(place, mask, value))

    def add_processes_and_memory(self) -> None:
        """Add `clone` without namespaces, and `mmap` without memory that is not counted.

        What `clone3` is asked for lies in memory, where a filter cannot look; without it the C library uses `clone`.
        """
        for flag in calls.CLONE_NAMESPACES:
            self._add(self._refuse, "clone", self._bits(0, flag, flag))
        self._add(self._allow, "clone", self._bits(0, sum(calls.CLONE_NAMESPACES), 0))
        self._add(self._allow, "mmap", self._bits(3, calls.MMAP_REFUSED, 0))

    def add_socket_pairs(self) -> None:
        """Add pairs of local sockets that are connected for good."""
        local = self._bits(0, _ALL_32, calls.SOCKET_FAMILY)
        for kind in range(calls.SOCKET_TYPE_MASK + 1):
            action = self._allow if kind in calls.SOCKET_TYPES else self._refuse
            self._add(action, "socketpair", local, self._bits(1, calls.SOCKET_TYPE_MASK, kind))
        self._add(self._refuse, "socketpair", self._library.Arg(0, self._library.NE, calls.SOCKET_FAMILY))

    def add_futexes(self) -> None:
        """Add futexes of one process, and waiting for a thread's end."""
        self._add(self._allow, "futex", self._bits(1, calls.FUTEX_PRIVATE, calls.FUTEX_PRIVATE))
        for operation in calls.FUTEX_WAITS:
            self._add(self._allow, "futex", self._bits(1, _ALL_32 & ~calls.FUTEX_CLOCK, operation))

    def _stream(self) -> Any:
        return self._bits(1, calls.SOCKET_TYPE_MASK, calls.LOOPBACK[1])

    def _bits(self, place: int, mask: int, value: int) -> Any:
        return self._library.Arg(place, self._library.MASKED_EQ, mask, value)

    def _add(self, action: int, name: str, *arguments: Any) -> None:
        try:
            self.filter.add_rule(action, name, *arguments)
        except OSError as error:
            if error.errno != errno.EINVAL:  # a call that this machine's processor or libseccomp does not have
                raise
