"""Landlock's three system calls: which files a process and its children may read, run or write, for good.

What a kernel's Landlock does not know yet is left out of the rules: `abi` says what it knows.
"""

import contextlib
import ctypes
import os

from .steps import check, set_no_new_privileges

_LIBC = ctypes.CDLL(None, use_errno=True)
_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every processor
_VERSION = 1
_PATH_BENEATH = 1
_LOG_NOTHING = 1  # from ABI 7 on; what student code tries is nothing for the machine's audit log

# <linux/landlock.h>: rights on files, and the ABI from which on each is known.
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG, _MAKE_SYM = 1 << 4, 1 << 5, 1 << 7, 1 << 8, 1 << 12
_FIRST = (1 << 13) - 1
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_SINCE = {_REFER: 2, _TRUNCATE: 3, _IOCTL_DEV: 5}
_ABSTRACT_SOCKETS, _SIGNALS = 1, 2  # scopes, from ABI 6 on
SIGNALS_ABI = 6

READ = _EXECUTE | _READ_FILE | _READ_DIR
USE = _READ_FILE | _WRITE_FILE  # of a device
WRITE = READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _MAKE_SYM | _REFER | _TRUNCATE
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV


class _RulesetAttributes(ctypes.Structure):
    """`struct landlock_ruleset_attr`, of which a kernel reads as much as its ABI knows."""

    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    """`struct landlock_path_beneath_attr`."""

    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def kernel_abi() -> int:
    """Return what this kernel's Landlock knows.

    Raises:
        OSError: it has none (ENOSYS), it is switched off (EOPNOTSUPP), or the calls are filtered (EPERM).
    """
    return _call(_CREATE, None, 0, _VERSION, what="landlock_create_ruleset")


class Ruleset:
    """Rules that a process gives itself; all that is not allowed by one is refused.

    Args:
        abi: the most that is used of what the kernel's Landlock knows.
        files: whether the rules are about files; otherwise they refuse no more than signals to others.
    """

    def __init__(self, abi: int, *, files: bool = True) -> None:
        self._abi = abi
        # A layer of rules that says nothing of REFER refuses it: files could not be moved between folders.
        first = _FIRST if files else 0
        self._known = first | sum(
            right for right, since in _SINCE.items() if abi >= since and (files or right == _REFER)
        )
        scoped = (_ABSTRACT_SOCKETS | _SIGNALS if files else _SIGNALS) if abi >= SIGNALS_ABI else 0
        attributes = _RulesetAttributes(self._known, 0, scoped)
        size = ctypes.sizeof(attributes) if abi >= SIGNALS_ABI else 8
        self._number = _call(_CREATE, ctypes.byref(attributes), size, 0, what="landlock_create_ruleset")
        os.set_inheritable(self._number, False)  # noqa: FBT003 - the library's signature
        if not files:
            self.allow("/", _REFER)

    def allow(self, path: str, rights: int) -> None:
        """Allow rights on a file, or on a folder and all in it; what does not exist needs no rule."""
        with contextlib.suppress(FileNotFoundError, PermissionError):
            parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
            try:
                is_folder = os.path.isdir(path)
                allowed = rights & self._known & (-1 if is_folder else _OF_FILES)
                beneath = _PathBeneath(allowed, parent)
                _call(_ADD, self._number, _PATH_BENEATH, ctypes.byref(beneath), 0, what=f"landlock_add_rule {path}")
            finally:
                os.close(parent)

    def restrict(self) -> None:
        """Hold this process, which has one thread, and its children to the rules from now on.

        Raises:
            OSError: the kernel refuses.
        """
        set_no_new_privileges()
        _call(_RESTRICT, self._number, _LOG_NOTHING if self._abi >= 7 else 0, what="landlock_restrict_self")  # noqa: PLR2004

    def fileno(self) -> int:
        """Return their descriptor."""
        return self._number

    def close(self) -> None:
        """Close the descriptor; the rules still hold for processes that they restrict."""
        os.close(self._number)


def _call(number: int, *arguments: object, what: str) -> int:
    given = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    result = int(_LIBC.syscall(ctypes.c_long(number), *given))
    check(min(result, 0), what)
    return result
