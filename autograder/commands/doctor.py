"""`autograder doctor`: whether the walls hold on this machine, what is missing and how to get it."""

import contextlib
import platform
from argparse import Namespace
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from autograder.grading.assignment import GRADERS, AssignmentError, find, names
from autograder.judge.judge import DEFAULT_SEED, Job, judge_notebooks
from autograder.judge.notebook import from_script
from autograder.sandbox.bubblewrap import Wall, WallError, probe
from autograder.sandbox.launch import Sandbox
from autograder.sandbox.limits import Limits
from autograder.shipped import located

_INNER = {
    "nested": "with the inner wall",
    "single": "without the inner wall, which this kernel refuses (as safe, but slower: each submission has its own)",
}
_CONFIG = "nbgrader_config.py"
_FEW = 5  # extensions that are named; 'autograder due' lists all
_PYTHONS = ((3, 11), (3, 14))


class ProblemError(Exception):
    """Something is missing; the text says what and how to get it."""


def run(_options: Namespace) -> int:
    """Print a line for each thing that grading needs; returns 0 where all are there, else 3."""
    graders = _graders()
    checks: list[tuple[str, Callable[[], str]]] = [
        ("Python", _python),
        ("packages", _packages),
        ("walls", _walls),
        *((f"assignment {name}", lambda name=name: _assignment(name, graders)) for name in names(graders)),
        ("course", _course),
        *([("deadlines", _deadlines)] if _is_readable() else []),
    ]
    problems = 0
    for title, check in checks:
        try:
            print(f"ok       {title}: {check()}")
        except (ProblemError, WallError, AssignmentError) as error:
            problems += 1
            print(f"MISSING  {title}: {located(str(error))}")
    for warning in _warnings():
        print(f"WARNING  {warning}")
    return 3 if problems else 0


def _warnings() -> list[str]:
    """Return what does not keep the course from being graded, but should be seen to."""
    if not Path(_CONFIG).is_file():
        return []
    from autograder.course.errors import UsageError  # noqa: PLC0415 - nbgrader loads slowly
    from autograder.course.opening import settings_of, try_course  # noqa: PLC0415

    try:
        settings = settings_of(Path.cwd())
        found = list(try_course(Path.cwd()))
    except UsageError as error:
        return [f"course: {error}"]
    if settings.seed == DEFAULT_SEED:
        found.append(
            f"seed: {DEFAULT_SEED} is the one that anybody can read in this package, and the hidden inputs with it: "
            f"set c.Autograder.seed to a number of your own in {_CONFIG}"
        )
    if settings.isolation == "none":
        found.append(f"walls: c.Autograder.isolation in {_CONFIG} is 'none': students' code runs with your rights")
    return [*found, *_open_to_others()]


def _open_to_others() -> list[str]:
    """Return what of the course everybody on this machine can read; its configuration has been read before."""
    from autograder.course.opening import open_to_others  # noqa: PLC0415 - nbgrader loads slowly

    return [f"open: {said}" for said in open_to_others(Path.cwd())]


def _graders() -> Path:
    """Return where the hidden folders of the course in this folder are; one that cannot be read has its own line."""
    if Path(_CONFIG).is_file():
        from autograder.course.errors import UsageError  # noqa: PLC0415 - nbgrader loads slowly
        from autograder.course.opening import settings_of  # noqa: PLC0415

        with contextlib.suppress(UsageError):
            return settings_of(Path.cwd()).folder(Path.cwd())
    return GRADERS.absolute()


def _is_readable() -> bool:
    """Say whether there is a course in this folder whose configuration can be read; if not, another line says why."""
    if not Path(_CONFIG).is_file():
        return False
    from autograder.course.errors import UsageError  # noqa: PLC0415 - nbgrader loads slowly
    from autograder.course.opening import settings_of  # noqa: PLC0415

    try:
        settings_of(Path.cwd())
    except UsageError:
        return False
    return True


def _python() -> str:
    low, high = _PYTHONS
    if not low <= tuple(map(int, platform.python_version_tuple()[:2])) < high:
        raise ProblemError(f"Python {platform.python_version()} is not supported: use 3.11, 3.12 or 3.13")
    return platform.python_version()


def _packages() -> str:
    try:
        return ", ".join(f"{name} {version(name)}" for name in ("nbgrader", "numpy", "scipy", "pytest", "ipython"))
    except PackageNotFoundError as error:
        raise ProblemError(
            f"{error.name} is not installed: run 'pip install nbgrader-autograder', or 'make setup' in a clone"
        ) from error


def _walls() -> str:
    outer = probe()
    with Sandbox(Wall(), Limits(), ("numpy",)) as sandbox:
        inner, uid = _INNER[sandbox.mode()], sandbox.uid
    return f"{outer}, {inner}; student code runs as uid {uid}"


def _assignment(name: str, graders: Path) -> str:
    assignment = find(name, graders)
    judgement = judge_notebooks(
        {assignment.notebook: from_script("", ())}, Job(name, graders, preload=False), assignment
    )
    worth = ", ".join(f"{result.exercise} {result.max_points:g}" for result in judgement.exercises)
    return f"graders load and judge in the walls; points: {worth}"


def _course() -> str:
    if not Path(_CONFIG).is_file():
        return "none in this folder"
    from autograder.course.errors import UsageError  # noqa: PLC0415
    from autograder.course.handing_out.check_source import CourseError  # noqa: PLC0415 - nbgrader loads slowly
    from autograder.course.opening import check_course  # noqa: PLC0415

    try:
        return check_course(Path.cwd())
    except (CourseError, UsageError) as error:
        raise ProblemError(str(error)) from error


def _deadlines() -> str:
    from autograder.course.deadlines.due import calendar  # noqa: PLC0415 - nbgrader loads slowly
    from autograder.course.deadlines.times import shown  # noqa: PLC0415
    from autograder.course.errors import RunError, UsageError  # noqa: PLC0415

    try:
        found = calendar(Path.cwd())
    except (RunError, UsageError) as error:
        raise ProblemError(str(error)) from error
    said = []
    for one in found.dates:
        ends = [f"{given.student} until {shown(given.until, found.zone)}" for given in one.extensions if given.until]
        longer = f" (longer: {', '.join(ends[:_FEW])}{' and others' if len(ends) > _FEW else ''})" if ends else ""
        if one.due is not None or ends:
            said.append(f"{one.assignment} {shown(one.due, found.zone) if one.due else 'no date'}{longer}")
    return "; ".join(said) or "no assignment has a due date"
