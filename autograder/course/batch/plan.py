"""What a run is to do: the list of submissions to be graded; and that no other run does it meanwhile."""

import contextlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.utils import rmtree

from autograder.course.batch import nbgraders, stale
from autograder.course.batch.forced import Forced
from autograder.course.course import Course
from autograder.course.errors import UsageError
from autograder.course.handed_in.intake import missing_notebook, open_up
from autograder.course.ids import refusal
from autograder.course.records import history, outcomes, receipts
from autograder.course.records.gradebook import Writer
from autograder.course.records.locked import alone_in
from autograder.course.records.marks import totals
from autograder.course.records.outcomes import Outcome
from autograder.course.records.private import own_folder
from autograder.course.records.source_cells import Source, digests
from autograder.judge.outcome import refused
from autograder.judge.sending.release import graders_digest


@dataclass
class Plan:
    """What a run is to do.

    Attributes:
        todo: whose submissions are to be graded, in nbgrader's order.
        unusable: what became of those of whom nothing can be graded; they are written already.
        settled: number of those that stay as they are, and are what they should be.
        nbgraders: those that nbgrader graded before this package was here, and that stay as they are.
        stale: number of those that stay as they are, by what has changed since they were graded.
        forced: the run with `--force` that this one is or goes on with, or None.
        interrupted: number of submissions that an earlier run with `--force` has left to the next one.
    """

    todo: list[str] = field(default_factory=list)
    unusable: list[Outcome] = field(default_factory=list)
    settled: int = 0
    nbgraders: list[str] = field(default_factory=list)
    stale: Counter[str] = field(default_factory=Counter)
    forced: Forced | None = None
    interrupted: int = 0


def told(found: Plan) -> list[str]:
    """Return in words what the user should know of those who are not graded now."""
    lines = []
    if found.forced is not None and found.forced.was_interrupted:
        lines.append(f"going on with a run that was interrupted: it had graded {len(found.forced.done)}")
    if found.interrupted:
        lines.append(f"a run with --force was interrupted: --force goes on with the {found.interrupted} it left")
    if found.nbgraders:
        lines.append(
            f"{len(found.nbgraders)} graded by nbgrader before, and left as they are; --force grades them again"
        )
    if found.stale:
        total, several = sum(found.stale.values()), len(found.stale) > 1
        reasons = [f"{why} ({count})" if several else why for why, count in sorted(found.stale.items())]
        lines.append(f"{total} stale: {', '.join(reasons)}; --force grades them again")
    return lines


def submissions(course: Course) -> dict[str, Path]:
    """Return the folders of the submissions that were asked for, by student, in the order in which they are graded.

    Those of ours that are merely closed are opened.

    Raises:
        UsageError: there is none.
    """
    coursedir = course.coursedir
    pattern = course.submitted(coursedir.student_id)
    for folder in pattern.parent.parent.glob(pattern.parent.name):
        with contextlib.suppress(OSError):
            open_up(folder)
    excluded = coursedir.student_id_exclude.split(",")
    asked = course.work(coursedir.submitted_directory, coursedir.student_id)
    found = {student: folder for student, folder in asked.items() if student not in excluded}
    if not found:
        raise UsageError(f"nothing was handed in: there is no {pattern}")
    return found


def students(course: Course) -> list[str]:
    """Return who handed in a notebook that can be looked at.

    Raises:
        UsageError: nothing was handed in.
    """
    return [
        student
        for student, folder in submissions(course).items()
        if refusal(student) is None and any(folder.glob("*.ipynb"))
    ]


def plan(
    course: Course,
    sources: Mapping[str, Source],
    gradebook: Writer,
    *,
    force: bool,
    only: Collection[str] | None = None,
) -> Plan:
    """Write an outcome for every submission, which says that it is not graded yet, and return which are to be graded.

    Args:
        course: that is graded.
        sources: what the gradebook knows of the assignment's notebooks.
        gradebook: of the course.
        force: whether to grade again what is neither new nor changed.
        only: those who are looked at, of all that were asked for; None for all.

    Raises:
        UsageError: nothing was handed in.
    """
    folders = {who: folder for who, folder in submissions(course).items() if only is None or who in only}
    own_folders(course)
    cells = digests(sources, course.assignment.exercises)
    made_of = {"graders": graders_digest(course.assignment), **cells}
    forced = Forced(course.root, course.assignment.name, str(course.coursedir.student_id), made_of)
    marks = totals(gradebook, course.assignment.name)
    gradebook.give_up()  # only read
    found, state = Plan(), stale.State(made_of, marks, force, forced.done)
    for student, folder in folders.items():
        _look_at(course, student, folder, sources, found=found, state=state)
    for student in found.nbgraders:
        outcomes.write(course.root, nbgraders.outcome_of(course, student, folders[student], gradebook, cells))
    gradebook.give_up()
    if force:
        forced.begin()
        found.forced = forced
    elif forced.was_interrupted:
        found.interrupted = len(folders.keys() - {*forced.done, *found.todo})
    for leftover in course.outcomes.glob("*" + outcomes.TEMPORARY):
        leftover.unlink(missing_ok=True)
    return found


def _look_at(  # noqa: PLR0913 - one submission, and all that decides on it
    course: Course, student: str, folder: Path, notebooks: Mapping[str, Source], *, found: Plan, state: stale.State
) -> None:
    """Decide what is to become of one submission."""
    root, assignment = course.root, course.assignment
    known = outcomes.read(root, assignment.name, student)
    try:
        reason = refusal(student)
        is_nbgraders = reason is None and nbgraders.is_one(course, student, folder, known, state.marks)
        finished = is_nbgraders or (reason is None and stale.is_finished(course, student, folder, known, state))
        if reason is None and not finished and (reason := _unusable(folder, notebooks)) is None:
            outcomes.begin(root, assignment, student, folder)
            _forget(course, student)
            found.todo.append(student)
            return
    except OSError as error:
        reason = f"the submission cannot be looked at ({error.strerror}): see to its folder, then grade it again"
    if reason is not None:
        found.unusable.append(_refuse(course, student, folder, reason))
        if refusal(student) is None:
            with contextlib.suppress(OSError):
                receipt = receipts.received(folder, student, assignment.name, notebooks, assignment.limits)
                receipts.keep(root, student, receipt)
    elif state.force and student not in state.done:
        found.todo.append(student)
    elif is_nbgraders:
        found.nbgraders.append(student)
    elif (why := stale.why(known or {}, state, student)) is None:
        found.settled += 1
    elif state.force:
        found.todo.append(student)
    else:
        found.stale[why] += 1


def _unusable(folder: Path, notebooks: Collection[str]) -> str | None:
    if not folder.is_symlink():
        open_up(folder)
    return None if any(folder.glob("*.ipynb")) else missing_notebook(folder, notebooks)


def _refuse(course: Course, student: str, folder: Path, reason: str) -> Outcome:
    """Write, once, why nothing of a submission can be graded."""
    with contextlib.suppress(OSError):
        _forget(course, student)
    timestamp = None if refusal(student) else _timestamp(folder)
    outcome = Outcome(course.assignment, student, refused(course.assignment.name, reason), timestamp)
    known: dict[str, Any] = outcomes.read(course.root, course.assignment.name, student) or {}
    if (known.get("reason"), known.get("timestamp")) != (reason, timestamp):
        outcomes.write(course.root, outcome)
    return outcome


def _timestamp(folder: Path) -> str | None:
    try:
        return outcomes.timestamp_of(folder)
    except OSError:
        return None


def _forget(course: Course, student: str) -> None:
    """Remove what an earlier run left of a submission: nbgrader would skip it for being there."""
    graded = course.autograded(student)
    if graded.is_dir():
        rmtree(graded)


def own_folders(course: Course) -> None:
    """Close what holds marks and students' work to others: our folders, and nbgrader's two."""
    coursedir = course.coursedir
    names = [outcomes.FOLDER, history.FOLDER, receipts.FOLDER]
    if coursedir.directory_structure.startswith("{nbgrader_step}"):
        names += [coursedir.autograded_directory, coursedir.feedback_directory]
    for name in names:
        own_folder(course.root / name, shared=coursedir.groupshared)


@contextlib.contextmanager
def alone(course: Course) -> Iterator[None]:
    """Let no other run grade this assignment at the same time; ends with the process, however that ends.

    Raises:
        RunError: another one does.
    """
    folder = course.outcomes
    folder.mkdir(parents=True, exist_ok=True)
    with alone_in(folder, "another run is grading this assignment; wait for its end"):
        yield
