"""`autograder checks`: writes the set-up cell of an assignment's notebook, by which students check their answers."""

import sys
from argparse import Namespace
from pathlib import Path

from autograder.checks import cell
from autograder.checks.notebook import SourceNotebook
from autograder.diagnosis.exercise import with_reference
from autograder.grading.assignment import find


def run(options: Namespace) -> int:
    """Write the cell, or with --check compare it, or with --print show it; returns 1 where --check finds it old.

    Raises:
        AssignmentError: there is no such assignment, or its notebook cannot be used.
    """
    assignment = with_reference(find(options.assignment, options.graders))
    text = cell.text(assignment)
    if options.print:
        print(text)
        return 0
    notebook = SourceNotebook(assignment, Path.cwd())
    is_new = notebook.has(text)
    if options.check:
        how = "is up to date" if is_new else f"is out of date; run: autograder checks {assignment.name}"
        print(f"the set-up cell of {notebook.path} {how}", file=sys.stderr)
        return 0 if is_new else 1
    if not is_new:
        notebook.write(text)
        print(f"wrote the set-up cell of {notebook.path}; next: nbgrader generate_assignment {assignment.name}")
    else:
        print(f"the set-up cell of {notebook.path} is up to date")
    return 0
