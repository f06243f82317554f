"""`autograder doctor`: whether the walls hold on this machine, what is missing and how to get it."""

import contextlib
import json
import platform
from argparse import Namespace
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.commands.printing import walls
from autograder.course.errors import RunError, UsageError
from autograder.grading.assignment import GRADERS, AssignmentError, find, names
from autograder.judge.judge import DEFAULT_SEED, Job, judge_notebooks
from autograder.judge.notebook import from_script
from autograder.sandbox.launch import Sandbox, wall_of
from autograder.sandbox.limits import Limits
from autograder.sandbox.walls.bubblewrap import WallError
from autograder.sandbox.walls.standing import choose
from autograder.shipped import located

if TYPE_CHECKING:
    from autograder.course.settings import Autograder

_CONFIG = "nbgrader_config.py"
_FEW = 5  # extensions that are named; 'autograder due' lists all
_PYTHONS = ((3, 11), (3, 14))


class ProblemError(Exception):
    """Something is missing; the text says what and how to get it."""


def run(options: Namespace) -> int:
    """Print what grading needs and whether it is there, as lines or as JSON; returns 0 where all of it is, else 3."""
    data: dict[str, Any] = {"checks": _checks(), **walls.found(), "warnings": _warnings()}
    problems = [one for one in data["checks"] if not one["ok"]]
    if options.json:
        print(json.dumps(data, ensure_ascii=False))
        return 3 if problems else 0
    for one in data["checks"]:
        print(f"{'ok      ' if one['ok'] else 'MISSING '} {one['what']}: {one['text']}")
    walls.show(data)
    for warning in data["warnings"]:
        print(f"WARNING  {warning}")
    return 3 if problems else 0


def _checks() -> list[dict[str, Any]]:
    """Return each thing that grading needs, whether it is there, and what was found or is to be done."""
    settings = _settings()
    graders = GRADERS.absolute() if settings is None else settings.folder(Path.cwd())
    checks: list[tuple[str, Callable[[], str]]] = [
        ("Python", _python),
        ("packages", _packages),
        ("walls", lambda: _walls(settings)),
        *((f"assignment {name}", lambda name=name: _assignment(name, graders)) for name in names(graders)),
        ("course", _course),
        *([] if settings is None else [("deadlines", _deadlines)]),
    ]
    found = []
    for what, check in checks:
        try:
            found.append({"what": what, "ok": True, "text": check()})
        except (ProblemError, WallError, AssignmentError) as error:
            found.append({"what": what, "ok": False, "text": located(str(error))})
    return found


def _warnings() -> list[str]:
    """Return what does not keep the course from being graded, but should be seen to."""
    if not Path(_CONFIG).is_file():
        return []
    from autograder.course.opening import open_to_others, settings_of, try_course  # noqa: PLC0415 - loads nbgrader

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
    return [*found, *(f"open: {said}" for said in open_to_others(Path.cwd()))]


def _settings() -> "Autograder | None":
    """Return how the course in this folder judges; None without one, or where another line says what is wrong."""
    if Path(_CONFIG).is_file():
        from autograder.course.opening import settings_of  # noqa: PLC0415 - nbgrader loads slowly

        with contextlib.suppress(UsageError):
            return settings_of(Path.cwd())
    return None


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


def _walls(settings: "Autograder | None") -> str:
    wall = choose() if settings is None else choose(settings.isolation, settings.least_wall)
    with Sandbox(wall_of(wall), Limits(), ("numpy",)) as sandbox:
        sandbox.wait()
        uid = sandbox.wall.uid
    return f"{wall}; student code runs as uid {uid}"


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
    from autograder.course.handing_out.check_source import CourseError  # noqa: PLC0415 - nbgrader loads slowly
    from autograder.course.opening import check_course  # noqa: PLC0415

    try:
        return check_course(Path.cwd())
    except (CourseError, UsageError) as error:
        raise ProblemError(str(error)) from error


def _deadlines() -> str:
    from autograder.course.deadlines.due import calendar  # noqa: PLC0415 - nbgrader loads slowly
    from autograder.course.deadlines.times import shown  # noqa: PLC0415

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
