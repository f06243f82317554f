"""`autograder adopt`: moves hidden tests of ordinary grade cells into graders, where nobody's code can forge marks."""

import difflib
import sys
import textwrap
from argparse import Namespace
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from autograder.adopt.backup import apply, undo
from autograder.adopt.files import hidden_files
from autograder.adopt.notebooks import SourceNotebook, read_notebooks, to_bytes
from autograder.adopt.plan import Plan, cells_of, plan
from autograder.adopt.proof import Proof
from autograder.course.course import Course, job_of
from autograder.course.errors import UsageError
from autograder.course.opening import open_course
from autograder.judge.notebook import NotebookError

_WIDTH = 78


def run(options: Namespace) -> int:
    """Move what can be moved; returns 1 where hidden tests stay or a notebook cannot be read, else 0.

    Raises:
        AssignmentError: the assignment's settings cannot be used.
        UsageError: there is no such course or assignment.
        RunError: the notebooks could not be judged.
        WallError: student code cannot be walled off here.
    """
    course = open_course(Path.cwd(), options.assignment)
    hidden = course.settings.folder(course.root) / options.assignment
    if options.undo:
        for path in undo(hidden):
            print(f"as before: {_shown(path)}")
        print(f"next: nbgrader generate_assignment {options.assignment} --force")
        return 0
    try:
        notebooks = _notebooks(course)
    except (NotebookError, OSError) as error:
        print(f"autograder: {error}", file=sys.stderr)
        return 1
    found = plan(notebooks)
    if found.moves:
        found = _proved(course, notebooks, found, options.isolation)
    for line in _report(options.assignment, found):
        print(textwrap.fill(line, _WIDTH, subsequent_indent=" " * 7, break_on_hyphens=False))
    if found.moves:
        _move(course, notebooks, found, hidden, dry_run=options.dry_run)
    return 1 if found.stays else 0


def _notebooks(course: Course) -> list[SourceNotebook]:
    settings, exercises = course.settings, course.assignment.exercises
    found = read_notebooks(course.handed_out, exercises, settings.hidden_tests(), settings.kernel())
    if not found:
        raise UsageError(f"there is no notebook in {_shown(course.handed_out)}")
    return found


def _proved(course: Course, notebooks: list[SourceNotebook], found: Plan, isolation: str | None) -> Plan:
    """Return the part of a plan that is proved; say what is done, which takes seconds."""
    assignment, settings = course.assignment, course.settings
    own = settings.folder(course.root).absolute() / assignment.name
    if assignment.exercises and assignment.folder != own:
        raise UsageError(f"{assignment.name} has our graders: copy {assignment.folder} to {_shown(own)} first")
    job = job_of(course.coursedir, settings, assignment, course.own_files)
    job = replace(job, isolation=isolation or job.isolation)
    print(f"judging {assignment.name} with its solutions and without …", file=sys.stderr)
    return Proof(notebooks, job, assignment, settings).of(found)


def _report(name: str, found: Plan) -> Iterator[str]:
    """Yield what moves, and what stays and why."""
    total = len(found.moves) + len(found.stays)
    if not total:
        yield f"{name}: no ordinary grade cell has hidden tests; there is nothing to move"
        return
    yield f"{name}: {len(found.moves)} of {total} grade cells with hidden tests can be judged from outside"
    for move in found.moves:
        points = f"{move.cell.points:g} point{'' if move.cell.points == 1 else 's'}"
        yield f"moves  {move.notebook}.ipynb, {move.cell.grade_id} ({points}): calls {', '.join(move.functions)}"
    for stay in found.stays:
        yield f"stays  {stay.notebook}.ipynb, {stay.grade_id}: {stay.reason}"


def _move(course: Course, notebooks: list[SourceNotebook], found: Plan, hidden: Path, *, dry_run: bool) -> None:
    """Write the graders, then the notebooks; with `dry_run` show what would be written."""
    name = course.assignment.name
    changes = {hidden / file: data for file, data in hidden_files(course.assignment, found.moves).items()}
    for notebook in notebooks:
        if indices := cells_of(found.moves, notebook):
            changes[notebook.path] = to_bytes(notebook.without_hidden_tests(indices))
    print("proved: with solutions and without, all marks are the same before and after")
    if dry_run:
        _show(found, changes, hidden)
        print("nothing was written (--dry-run)")
        return
    copies = apply(hidden, changes)
    for path in changes:
        print(f"wrote {_shown(path)}")
    print(f"undo with: autograder adopt {name} --undo (copies: {_shown(copies)})")
    print(f"next: nbgrader generate_assignment {name} --force")


def _show(found: Plan, changes: Mapping[Path, bytes], hidden: Path) -> None:
    """Print the new files, and how the cells of the notebooks change."""
    for path, data in changes.items():
        if path.is_relative_to(hidden):
            print(f"\n--- {_shown(path)}\n{data.decode()}", end="")
    for move in found.moves:
        where = f"{move.notebook}.ipynb, {move.cell.grade_id}"
        before, after = move.cell.text.splitlines(), move.cell.visible.splitlines()
        print()
        for line in difflib.unified_diff(before, after, where, where, lineterm="", n=1):
            print(line)
    print()


def _shown(path: Path) -> str:
    """Return a path as it is seen from here."""
    path = path.absolute()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
