"""The landlock wall from outside: what is started, what is said to it of this machine, and whether it holds."""

import contextlib
import os
import stat
import sys
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from autograder.sandbox.inside.walls.landlock import kernel_abi
from autograder.sandbox.limits import Limits
from autograder.sandbox.walls.bubblewrap import INSIDE, SYSTEM, WallError, environment_in, site_packages
from autograder.sandbox.walls.users import FIRST_UID, Claim, claim

_NEWEST_ABI = 1 << 16
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_TEMPORARY = ("/tmp", "/var/tmp")  # noqa: S108 - where a folder of ours is made, by a name that nobody can foresee
_PREFIX = "autograder-"


class LandlockWall:
    """Landlock, a filter and a supervisor around each submission, for places that refuse namespaces.

    As root each submission has a uid to itself.

    Args:
        abi: the most that is used of Landlock, as on an older kernel.
        readable: absolute paths of files and folders that the course lets student code read besides.
    """

    isolation = "landlock"

    def __init__(self, abi: int = _NEWEST_ABI, readable: tuple[str, ...] = ()) -> None:
        self.abi = abi
        self.readable = readable

    def abi_here(self) -> int:
        """Return what this wall uses of the kernel's Landlock; 0 where there is none."""
        with contextlib.suppress(OSError):
            return min(self.abi, kernel_abi())
        return 0

    @property
    def uid(self) -> int:
        """The uid as which student code runs, as the host sees it; as root, the first of those that it may be."""
        return FIRST_UID if os.getuid() == 0 else os.getuid()

    def counted(self, limits: Limits, *, apart: bool) -> dict[str, int | bool] | None:
        """Return how the kernel counts a submission's processes: None where by themselves; see `walls.rlimits`.

        As root each has a user of its own, unless another container on this machine has given one the same uid.
        """
        return None if apart else {"neighbours": limits.neighbours, "shared": os.getuid() != 0}

    def claim(self) -> Claim | None:
        """Return a uid for one submission and the lock on it, or None for an ordinary user.

        Raises:
            WallError: as root, no uid can be had that nothing else here has.
        """
        return claim() if os.getuid() == 0 else None

    def folder(self) -> Path:
        """Make the folder in which each submission will have its own; whoever student code runs as may enter it.

        Raises:
            WallError: there is no place for it.
        """
        places = [tempfile.gettempdir(), *_TEMPORARY]
        for place in filter(_is_open_to_all, places) if os.getuid() == 0 else places[:1]:
            folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
            folder.chmod(0o711 if os.getuid() == 0 else 0o700)
            return folder
        raise WallError(f"nobody else can enter {', '.join(places)}: set TMPDIR to a folder that every user may enter")

    def command(self) -> list[str]:
        """Return the interpreter and the program that runs inside."""
        return [sys.executable, "-s", "-S", "-P", str(INSIDE / "__main__.py")]

    def environment(self, folder: str) -> dict[str, str]:
        """Return the environment in which to start that program."""
        return environment_in(folder)

    def rules(self, folder: str) -> dict[str, Any]:
        """Return what `Rules` inside says of this machine."""
        prefixes = {os.path.realpath(sys.base_prefix), sys.prefix, sys.base_prefix}
        if gone := [path for path in self.readable if not Path(path).exists()]:
            raise WallError(f"{gone[0]}, which student code is to read, is not there: see c.Autograder.read_only_paths")
        prefixes -= {"/usr", "/usr/local"}
        roots = [*filter(os.path.exists, SYSTEM), *sorted(prefixes), *self.readable, str(INSIDE)]
        package = INSIDE.parents[1]
        hidden = {str(Path(place) / package.name) for place in site_packages()} | {str(package)}
        hidden = {os.path.realpath(path) for path in hidden if Path(path).is_dir()}
        readable = [path for root in roots if root != str(INSIDE) for path in _without(root, hidden)]
        return {
            "folder": folder,
            "readable": [*readable, str(INSIDE)],
            "roots": roots,
            "devices": list(filter(os.path.exists, _DEVICES)),
            "abi": self.abi,
        }


def _without(path: str, hidden: Collection[str]) -> Iterator[str]:
    """Yield a folder, or what is in it where some of it must not be seen."""
    real = os.path.realpath(path)
    if real in hidden:
        return
    if not any(one.startswith(f"{real}/") for one in hidden):
        yield path
        return
    for entry in os.scandir(path):
        yield from _without(entry.path, hidden)


def _is_open_to_all(place: str) -> bool:
    folders = [Path(place).resolve(), *Path(place).resolve().parents]
    return all(folder.is_dir() and folder.stat().st_mode & stat.S_IXOTH for folder in folders)
