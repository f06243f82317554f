"""Copying a submission from where its student can still write: links are not followed, and no pipe is waited for."""

import errno
import os
import shutil
import stat
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import ignore_patterns, rmtree

_SHARED_FOLDER, _SHARED_FILE = 0o2770, 0o660  # what others of the group must be able to do, where there is one
_PERMISSIONS = 0o777
_NEVER = {errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENXIO}  # closed, a link, a socket: for ever


class _NotRegularError(OSError):
    """What is to be copied is no regular file, or closed to us."""


def building_of(target: Path) -> Path:
    """Return the folder in which a submission is put together before it gets its name."""
    return target.with_name(f".{target.name}.unfinished")


def copy_whole(source: Path, target: Path, coursedir: CourseDirectory) -> list[str]:
    """Copy a submission to `building_of(target)`, without what the course ignores, as nbgrader does.

    Links are copied as links, to be set aside when it is looked at.

    Args:
        source: the student's folder.
        target: the folder that the copy is to be.
        coursedir: of the course.

    Returns:
        What was left out, as it is no regular file that can be read.

    Raises:
        OSError: it cannot be copied now; the text says why.
    """
    building, left_out = building_of(target), []

    def copy(one: str, other: str) -> None:
        """Copy one file, or note that it is left out."""
        try:
            _copy_regular(Path(one), Path(other))
        except _NotRegularError:
            left_out.append(os.path.relpath(one, source))

    if not stat.S_ISDIR(source.lstat().st_mode):
        raise NotADirectoryError(f"{source.name} is no folder")
    if (size := _size(source)) > (most := 1000 * coursedir.max_dir_size):
        raise OSError(f"it has {size} bytes, more than c.CourseDirectory.max_dir_size allows ({most})")
    if building.exists():
        rmtree(str(building))
    building.parent.mkdir(parents=True, exist_ok=True)
    ignored = ignore_patterns(coursedir.ignore, coursedir.include, coursedir.max_file_size, coursedir.log)
    try:
        shutil.copytree(source, building, symlinks=True, ignore=ignored, copy_function=copy)
    except shutil.Error as error:
        name, _, why = error.args[0][0]
        raise OSError(f"{os.path.relpath(name, source)}: {why}") from error
    if coursedir.groupshared:
        _share(building)
    return left_out


def _copy_regular(source: Path, target: Path) -> None:
    """Copy a file's content, time and permissions; what was exchanged for a link or a pipe meanwhile is not opened."""
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise (_NotRegularError if error.errno in _NEVER else OSError)(error.errno, error.strerror) from error
    with os.fdopen(descriptor, "rb") as data:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            raise _NotRegularError
        with target.open("wb") as copy:
            shutil.copyfileobj(data, copy)
    os.utime(target, ns=(state.st_atime_ns, state.st_mtime_ns))
    target.chmod(state.st_mode & _PERMISSIONS)


def _size(folder: Path) -> int:
    sizes = [path.lstat() for path in folder.rglob("*")]
    return sum(state.st_size for state in sizes if stat.S_ISREG(state.st_mode))


def _share(folder: Path) -> None:
    """Open a copy to the group, as nbgrader does in a course that is `groupshared`."""
    for path in (folder, *folder.rglob("*")):
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode):
            path.chmod(stat.S_IMODE(mode) | (_SHARED_FOLDER if stat.S_ISDIR(mode) else _SHARED_FILE))
