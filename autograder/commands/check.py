"""`autograder check`: solution files in, marks and messages out, without a course or a gradebook."""

import io
import json
import sys
import textwrap
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from autograder.grading import card_text
from autograder.grading.assignment import Assignment, AssignmentError, find, names
from autograder.grading.card_content import points_text
from autograder.judge.judge import Job, judge_notebook
from autograder.judge.notebook import NotebookError
from autograder.judge.outcome import Judgement, refused
from autograder.judge.solution import read_solution
from autograder.sandbox.printable import printable


def run(options: Namespace) -> int:
    """Check the files and print what came out; returns the exit status.

    Raises:
        AssignmentError: there is no such assignment.
        WallError: student code cannot be walled off here.
    """
    assignment = find(options.assignment or _only_assignment())
    if options.json and isinstance(sys.stdout, io.TextIOWrapper):
        # The bytes of a file name that are no text then come out as JSON writes them, and JSON is UTF-8 everywhere.
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    status = 0
    for name, judgement in _judge_all(options, assignment):
        if options.json:
            print(json.dumps(judgement.to_json(name), ensure_ascii=False), flush=True)
        else:
            print(_text(name, judgement), flush=True)
        if not judgement.exercises:
            status = 1
            print(f"autograder: {printable(name)}: {judgement.reason}", file=sys.stderr)
    return status


def _only_assignment() -> str:
    known = names()
    if len(known) == 1:
        return known[0]
    raise AssignmentError(f"say which assignment, with --assignment: {', '.join(known) or 'there is none'}")


def _judge_all(options: Namespace, assignment: Assignment) -> Iterator[tuple[str, Judgement]]:
    job = Job(
        assignment.name,
        isolation=options.isolation,
        run_checks=False,
        pictures="none" if options.json else "described",
        preload=False,
        files=_files(assignment),
    )
    for name in options.files:
        try:
            content, module = read_solution(Path(name), assignment.exercises, assignment.limits.notebook_bytes)
        except NotebookError as error:
            yield name, refused(assignment.name, str(error))
        else:
            yield name, judge_notebook(content, replace(job, module=module), assignment)


def _files(assignment: Assignment) -> dict[str, bytes]:
    """Return the assignment's files where this is run in a course; solutions seldom need them."""
    paths = {name: Path("source") / assignment.name / name for name in assignment.files}
    return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}


def _text(name: str, judgement: Judgement) -> str:
    if not judgement.exercises:
        return f"{printable(name)}: needs review: {judgement.reason}\n"
    data = judgement.to_json(name)
    lines = [f"{printable(name)}: {points_text(data['points'], data['max_points'])}"]
    for result in judgement.exercises:
        lines += ["", *card_text.text(result)]
    notes = [textwrap.fill(f"note: {note}", card_text.WIDTH, break_long_words=False) for note in judgement.notes]
    return "\n".join([*lines, *(["", *notes] if notes else []), ""])
