"""Which walls stand on this machine: each is raised once, in earnest, and the strongest that stands is taken."""

import errno
import functools
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from autograder.sandbox.limits import Limits
from autograder.sandbox.walls.bubblewrap import Wall, WallError
from autograder.sandbox.walls.landlock import LandlockWall
from autograder.sandbox.walls.place import remedy
from autograder.sandbox.zygote import StepError, Zygote

AUTO, NONE = "auto", "none"
WALLS = ("nested", "single", "landlock")  # the strongest first
KERNEL = "kernel"  # the wall around a kernel that is not our interpreter: a bubblewrap with a /proc of its own
ISOLATIONS = (AUTO, *WALLS, NONE)
_SECONDS = 30
_NUMBERS = {os.strerror(number): number for number in errno.errorcode}
_NEVER_TOLD = "No permissions to create new namespace"  # bubblewrap's words for an error whose number it does not tell


@dataclass(frozen=True)
class Attempt:
    """How raising a wall went here.

    Attributes:
        wall: its name.
        stands: whether student code behind it is kept in.
        step: what failed, in words; of a wall that stands, what it is made of.
        errno: the error's number, or None where there is none.
        remedy: what to do about it in this place, or nothing.
    """

    wall: str
    stands: bool
    step: str
    errno: int | None = None
    remedy: str = ""

    @property
    def symbol(self) -> str:
        """The error's name, such as EPERM, or nothing."""
        return errno.errorcode.get(self.errno, "") if self.errno is not None else ""

    def explain(self) -> str:
        """Return in one line why it does not stand, and what to do."""
        number = f", {self.symbol}" if self.symbol else ""
        return f"the {self.wall} wall does not stand here ({self.step}{number}): {self.remedy}"


@functools.cache
def attempt(wall: str) -> Attempt:
    """Raise a wall around nothing; return how that went."""
    try:
        return Attempt(wall, True, _RAISE[wall]())  # noqa: FBT003 - an outcome
    except StepError as error:
        return _failed(wall, error.step, error.number or None)
    except (WallError, OSError, subprocess.SubprocessError) as error:
        return _failed(wall, " ".join(str(error).split()), getattr(error, "errno", None))


def choose(isolation: str = AUTO, least: str = NONE) -> str:
    """Return the name of the wall that student code is to be behind.

    Args:
        isolation: the wall that is asked for; `auto` for the strongest that stands here, but never for none.
        least: the weakest that will do.

    Raises:
        WallError: it does not stand here, or is weaker than the least that will do.
    """
    if isolation == AUTO:
        return _strongest(least)
    demand(isolation, least)
    if isolation != NONE and not (tried := attempt(isolation)).stands:
        raise WallError(tried.explain())
    return isolation


def demand(isolation: str, least: str) -> str:
    """Return a wall's name where it is strong enough.

    Raises:
        WallError: it is weaker than the least that will do.
    """
    if _rank(isolation) > _rank(least):
        raise WallError(f"isolation {isolation!r} is weaker than c.Autograder.least_wall, {least!r}")
    return isolation


def _strongest(least: str) -> str:
    will_do = [wall for wall in WALLS if _rank(wall) <= _rank(least)]
    for wall in will_do:
        if attempt(wall).stands:
            return wall
    others = [wall for wall in WALLS if wall not in will_do and attempt(wall).stands]
    known = f" (the course demands at least {least!r}; {others[0]} would stand)" if others else ""
    raise WallError(f"student code cannot be walled off here{known}: {attempt(will_do[-1]).explain()}")


def _rank(wall: str) -> int:
    return (*WALLS, NONE).index(wall)


def _failed(wall: str, step: str, number: int | None) -> Attempt:
    return Attempt(wall, False, step, number, remedy(wall, number))  # noqa: FBT003 - an outcome


def _raise_bubblewrap(wall: Wall) -> str:
    """Run a program in bubblewrap; return its version."""
    command = wall.command(1 << 20)
    result = subprocess.run([*command, "/bin/true"], capture_output=True, text=True, check=False, timeout=_SECONDS)
    if result.returncode != 0:
        raise StepError(wall.isolation, *_step_of(result.stderr))
    version = subprocess.run(["bwrap", "--version"], capture_output=True, text=True, check=False, timeout=_SECONDS)
    return version.stdout.strip()


def _step_of(stderr: str) -> tuple[str, int]:
    """Return the step that bubblewrap says it failed at, and the error's number."""
    line = stderr.strip().splitlines()[-1].removeprefix("bwrap: ") if stderr.strip() else "it does not say why"
    if line.startswith(_NEVER_TOLD):
        return f"bubblewrap: {_NEVER_TOLD}", errno.EPERM
    step, _, text = line.rpartition(": ")
    return (f"bubblewrap: {step}", _NUMBERS[text]) if text in _NUMBERS else (f"bubblewrap: {line}", 0)


def _raise_nested() -> str:
    made_of = _raise_bubblewrap(Wall("nested"))
    _raise_zygote(Wall("nested"))
    return f"{made_of}, and namespaces in it for each submission"


def _raise_landlock() -> str:
    wall = LandlockWall()
    _raise_zygote(wall)
    return f"Landlock ABI {wall.abi_here()}, a filter, and a supervisor for each submission"


def _raise_zygote(wall: Wall | LandlockWall) -> None:
    zygote = Zygote(wall, Limits(), (), mode=f"try-{wall.isolation}")
    try:
        zygote.wait()
    finally:
        zygote.close()


_RAISE: dict[str, Callable[[], str]] = {
    "nested": _raise_nested,
    "single": lambda: f"{_raise_bubblewrap(Wall('single'))} around each submission",
    "landlock": _raise_landlock,
    KERNEL: lambda: _raise_bubblewrap(Wall("single", real=True)),
}
