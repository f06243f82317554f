"""The users as whom student code runs where root starts it: each wall has one to itself."""

import fcntl
import secrets
import stat
from io import BufferedIOBase
from pathlib import Path
from typing import NamedTuple

# Student code never runs as root, nor as a uid that owns anything: these lie above Debian's users and below systemd's
# dynamic ones. (Mapping root to one in a user namespace is not enough: the host would still see uid 0.)
FIRST_UID, UIDS = 60_710, 400
# A lock per uid, in a folder where nobody but root can take one, or make the name.
_FOLDERS = (Path("/run/autograder"), Path("/var/lib/autograder"))
_MODE = 0o700


class WallError(RuntimeError):
    """The walls cannot be had on this machine; the text says what to do."""


class Claim(NamedTuple):
    """A uid, and the locked file that holds it: it is free when the last descriptor of that file is closed."""

    uid: int
    held: BufferedIOBase


def claim() -> Claim:
    """Return a uid that no other wall here has, and what holds it: a locked file, free when it closes.

    A container beside this one locks in a folder of its own, and may have given out the same uid. The search begins
    anywhere, so that this is rare; where it happens, the kernel counts both walls' processes together: see
    `inside.walls.rlimits`.

    Raises:
        WallError: there is no folder for the locks, or all of them are taken.
    """
    folder, first = _folder(), secrets.randbelow(UIDS)
    for number in range(UIDS):
        uid = FIRST_UID + (first + number) % UIDS
        held = (folder / str(uid)).open("ab")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            held.close()
        else:
            return Claim(uid, held)
    msg = f"all {UIDS} uids for student code are in use: end other runs, or use fewer --workers (locks: {folder})"
    raise WallError(msg)


def _folder() -> Path:
    """Return a folder that is root's alone.

    Raises:
        WallError: there is none, and none can be made.
    """
    for folder in _FOLDERS:
        try:
            folder.mkdir(mode=_MODE, exist_ok=True)
            found = folder.lstat()
        except OSError:  # read-only, or something else of that name
            continue
        if stat.S_ISDIR(found.st_mode) and found.st_uid == 0 and stat.S_IMODE(found.st_mode) == _MODE:
            return folder
    names = " nor ".join(map(str, _FOLDERS))
    msg = f"uids for student code cannot be locked: neither {names} can be made as a folder that is root's alone"
    raise WallError(f"{msg}; mount one of them writable, or run as an ordinary user")
