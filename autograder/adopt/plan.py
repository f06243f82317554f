"""Which hidden tests can be moved into graders, and which stay and why, as far as their text tells."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.adopt.grader import exercise_of_cell, grader
from autograder.adopt.names import has_commands, names_of, parsed
from autograder.adopt.needs import StaysError, needs_of
from autograder.adopt.notebooks import CodeCell, SourceNotebook
from autograder.adopt.reasons import partial_credit, reasons
from autograder.names import PREFIX

_FILE = re.compile(r"[\w-]+")


@dataclass(frozen=True)
class Move:
    """A grade cell whose tests can be moved.

    Attributes:
        notebook: that it stands in.
        cell: the grade cell.
        exercise: what its grader is called.
        functions: of the student's that it calls.
        grader: the text of the grader.
    """

    notebook: str
    cell: CodeCell
    exercise: str
    functions: tuple[str, ...]
    grader: str


@dataclass(frozen=True)
class Stay:
    """A grade cell whose hidden tests stay, and why, in words that follow its id."""

    notebook: str
    grade_id: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """What can be moved, and what stays."""

    moves: tuple[Move, ...]
    stays: tuple[Stay, ...]

    def without(self, stays: Sequence[Stay]) -> "Plan":
        """Return a plan in which more stays."""
        gone = {(one.notebook, one.grade_id) for one in stays}
        moves = tuple(one for one in self.moves if (one.notebook, one.cell.grade_id) not in gone)
        return Plan(moves, (*self.stays, *stays))


def cells_of(moves: Sequence[Move], notebook: SourceNotebook) -> list[int]:
    """Return the indices of the cells of a notebook whose tests move."""
    return [move.cell.index for move in moves if move.notebook == notebook.name]


def plan(notebooks: Sequence[SourceNotebook]) -> Plan:
    """Return what can be moved out of an assignment's notebooks."""
    moves: list[Move] = []
    stays: list[Stay] = []
    count = Counter((one.name, exercise_of_cell(grade_id)) for one in notebooks for grade_id in one.grade_ids)
    for notebook in notebooks:
        for cell in notebook.cells:
            if not cell.has_hidden_tests:
                continue
            try:
                moves.append(_move(notebook, cell, count))
            except StaysError as error:
                stays.append(Stay(notebook.name, cell.grade_id, str(error)))
    return Plan(tuple(moves), tuple(stays))


def _move(notebook: SourceNotebook, cell: CodeCell, count: Counter[tuple[str, str]]) -> Move:
    """Return how a cell's tests can be moved.

    Raises:
        StaysError: they cannot.
    """
    exercise = exercise_of_cell(cell.grade_id)
    if not _FILE.fullmatch(exercise):
        raise StaysError("has an id that cannot be the name of a file")
    if count[notebook.name, exercise] > 1:
        raise StaysError(f"would have the grader of another cell ({exercise} and {PREFIX}{exercise} are one)")
    if any(name != notebook.name and other == exercise for name, other in count):
        exercise = f"{notebook.name}/{exercise}"  # the notebook's own grader
    tree = _tree(notebook, cell)
    needs = needs_of(notebook, cell, tree.body)
    for reason in (*reasons([*needs.setup, *tree.body], needs.functions), *_later(notebook, cell, tree)):
        raise StaysError(reason)
    if not needs.functions:
        raise StaysError("calls no function of the student's")
    functions = tuple(sorted(needs.functions))
    return Move(notebook.name, cell, exercise, functions, grader(notebook.name, cell, tree, needs, notebook.hidden))


def _tree(notebook: SourceNotebook, cell: CodeCell) -> ast.Module:
    if notebook.odd_kernel:
        raise StaysError(notebook.odd_kernel)
    tree = parsed(cell.text)
    if tree is None or parsed(cell.visible) is None:
        raise StaysError("is no Python, with its hidden tests or without")
    if has_commands(cell.text):
        raise StaysError("uses commands of IPython's own (% or !)")
    if reason := partial_credit(tree.body) or partial_credit(_body(cell.visible)):
        raise StaysError(reason)
    return tree


def _body(text: str) -> list[ast.stmt]:
    tree = parsed(text)
    return tree.body if tree is not None else []


def _later(notebook: SourceNotebook, cell: CodeCell, tree: ast.Module) -> Iterator[str]:
    """Yield which later cells use names that only the hidden tests define."""
    own = names_of(*tree.body).bound - names_of(*_body(cell.visible)).bound
    for other in notebook.cells:
        if other.index > cell.index:
            names = names_of(*_body(other.text))
            if found := sorted((names.used - names.bound) & own):
                where = other.grade_id or f"the cell {other.text.strip().splitlines()[0][:40]!r}"
                yield f"defines {found[0]} in its hidden tests, which {where} uses"
