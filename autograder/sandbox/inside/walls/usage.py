"""How much a submission has on disk and how many processes, counted from outside of them."""

import contextlib
import itertools
import os
import stat
from collections.abc import Iterator

_DEEPEST = 40  # folders in each other
_BLOCK = 512
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_MOST_REMOVED = 1 << 20  # folders


class OverLimit(Exception):
    """A submission has more than it may; the text says of what."""


class Scratch:
    """A submission's scratch folder.

    Args:
        path: its own.
        most: bytes of all that is in it.
        entries: files and folders in it.
    """

    def __init__(self, path: str, most: int, entries: int) -> None:
        self._path = path
        self.most = most
        self._entries = entries
        self._seen = 0

    def check(self, processes: dict[int, int], *, maps: bool) -> None:
        """Compare what is on disk with what may be, without following a link.

        Args:
            processes: of the submission, which may hold files open that have no name any more.
            maps: look through what they have mapped, too, which takes longer.

        Raises:
            OverLimit: it is more, or cannot be told.
        """
        sizes: dict[int, int] = {}
        self._seen = 0
        top = os.open(self._path, _FOLDER)
        try:
            device = os.fstat(top).st_dev
            self._walk(top, 0, sizes)
        finally:
            os.close(top)
        for pid in processes:
            self._open_files(pid, device, sizes)
            if maps:
                self._mapped_files(pid, sizes)
        if sum(sizes.values()) > self.most:
            raise OverLimit(f"its files have more than {self.most} bytes")

    def _walk(self, folder: int, depth: int, sizes: dict[int, int]) -> None:
        if depth > _DEEPEST:
            raise OverLimit(f"it has folders in each other more than {_DEEPEST} deep")
        try:
            entries = list(os.scandir(folder))
        except OSError:
            return
        for entry in entries:
            try:
                state = entry.stat(follow_symlinks=False)
            except OSError:  # gone meanwhile
                continue
            self._seen += 1
            if self._seen > self._entries:
                raise OverLimit(f"it has more than {self._entries} files and folders")
            if stat.S_ISDIR(state.st_mode):
                self._enter(folder, entry.name, depth, sizes)
            else:
                sizes[state.st_ino] = state.st_blocks * _BLOCK

    def _enter(self, above: int, name: str, depth: int, sizes: dict[int, int]) -> None:
        try:
            folder = os.open(name, _FOLDER, dir_fd=above)
        except FileNotFoundError:
            return
        except PermissionError as error:
            raise OverLimit("it has a folder that cannot be looked into") from error
        except OSError:  # no folder any more
            return
        try:
            self._walk(folder, depth + 1, sizes)
        finally:
            os.close(folder)

    def _open_files(self, pid: int, device: int, sizes: dict[int, int]) -> None:
        try:
            for number in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(FileNotFoundError):
                    state = os.stat(f"/proc/{pid}/fd/{number}")
                    if stat.S_ISREG(state.st_mode) and state.st_nlink == 0 and state.st_dev == device:
                        sizes[state.st_ino] = state.st_blocks * _BLOCK
        except PermissionError as error:
            if _has_memory(pid):  # one that is about to end has none any more, and belongs to root
                raise OverLimit("it has a process whose open files cannot be looked at") from error
        except OSError:  # it has ended
            return

    def _mapped_files(self, pid: int, sizes: dict[int, int]) -> None:
        """Add what is mapped of files that have no name any more."""
        with contextlib.suppress(OSError), open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.endswith("(deleted)\n") and self._path in line:
                    where, _, _, _, inode, *_ = line.split(maxsplit=5)
                    low, high = (int(one, 16) for one in where.split("-"))
                    sizes[int(inode)] = max(sizes.get(int(inode), 0), high - low)


def descendants(pid: int) -> dict[int, int]:
    """Return all processes that came of this one, with the number of threads of each."""
    found: dict[int, int] = {}
    ahead = children(pid)
    while ahead:
        one = ahead.pop()
        if one not in found:
            found[one] = len(_threads(one))
            ahead += children(one)
    return found


def children(pid: int) -> list[int]:
    """Return the processes that a process is the parent of."""
    found = []
    for thread in _threads(pid):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
            found += [int(one) for one in file.read().split()]
    return found


def _threads(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []


def _has_memory(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            return file.read().split()[0] != "0"
    except OSError:
        return False


def remove(path: str) -> None:
    """Remove a folder that nobody uses any more, whatever modes are in it and however deep, without following a link.

    Folders in folders are moved to the top before they are emptied: no path and no recursion is too deep then.
    """
    with contextlib.suppress(OSError):
        top = os.open(path, _FOLDER)
        try:
            mark = os.urandom(8).hex()
            numbers = itertools.count()
            while (names := _unlink_files(top)) and next(numbers) < _MOST_REMOVED:
                for name in names:
                    _flatten(top, name, (f"{mark}-{next(numbers)}" for _ in itertools.repeat(None)))
        finally:
            os.close(top)
    with contextlib.suppress(OSError):
        os.rmdir(path)


def _unlink_files(folder: int) -> list[str]:
    """Remove all but the folders in a folder; return their names."""
    names = []
    for entry in list(os.scandir(folder)):
        if entry.is_dir(follow_symlinks=False):
            names.append(entry.name)
        else:
            os.unlink(entry.name, dir_fd=folder)
    return names


def _flatten(top: int, name: str, free: Iterator[str]) -> None:
    """Move the folders in a folder to the top, and remove it."""
    os.chmod(name, stat.S_IRWXU, dir_fd=top)
    folder = os.open(name, _FOLDER, dir_fd=top)
    try:
        for one in _unlink_files(folder):
            os.chmod(one, stat.S_IRWXU, dir_fd=folder)
            os.rename(one, next(free), src_dir_fd=folder, dst_dir_fd=top)
    finally:
        os.close(folder)
    os.rmdir(name, dir_fd=top)
