"""`autograder check`: solution files in, marks and messages out, without a course or a gradebook."""

import io
import json
import sys
import textwrap
import time
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from autograder.card import text as card_text
from autograder.card.content import points_text
from autograder.card.pictures import Pictures
from autograder.course.errors import UsageError
from autograder.grading.assignment import Assignment, AssignmentError, find, names
from autograder.grading.criteria import GraderFault
from autograder.judge.judge import DEFAULT_SEED, Job, judge_notebooks
from autograder.judge.notebook import NotebookError
from autograder.judge.outcome import Judgement, engine_failed, refused
from autograder.judge.solution import meant, read_solution
from autograder.platforms.results.checked import Checked
from autograder.platforms.results.files import MANY, result_file
from autograder.sandbox.printable import printable
from autograder.sandbox.walls.bubblewrap import WallError
from autograder.sandbox.walls.standing import AUTO, NONE, choose

_SETTINGS = (b"isolation", b"least_wall", b"load_subconfig")


def run(options: Namespace) -> int:
    """Check the files and print what came out; returns the exit status.

    Raises:
        AssignmentError: there is no such assignment.
        UsageError: a platform's result file tells of one file, and several were given.
        WallError: student code cannot be walled off here.
    """
    if options.format and options.format not in MANY and len(options.files) > 1:
        raise UsageError(f"a result file of {options.format} tells of one file; {len(options.files)} were given")
    assignments = _assignments(options)
    if (options.json or options.format) and isinstance(sys.stdout, io.TextIOWrapper):
        # The bytes of a file name that are no text then come out as JSON writes them, and JSON is UTF-8 everywhere.
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    if options.format:
        return _print_result_file(options, assignments)
    status = 0
    for name, judgement in _judge_all(options, assignments):
        judgement = _show(name, judgement, json_wanted=options.json)  # noqa: PLW2901 - a fault may take its place
        status = max(status, _status(name, judgement))
    return status


def _status(name: str, judgement: Judgement) -> int:
    """Return 1 where a file could not be used or is held back, and say why; else 0."""
    if judgement.held is None:
        return 0
    print(f"autograder: {printable(name)}: {judgement.held}", file=sys.stderr)
    return 1


def _print_result_file(options: Namespace, assignments: list[Assignment]) -> int:
    """Print what another platform reads, when all files have been judged."""
    checked, began = [], time.monotonic()
    for name, judgement in _judge_all(options, assignments):
        now = time.monotonic()
        checked.append(Checked(name, judgement, now - began))
        began = now
    print(result_file(options.format, checked, options.visibility), flush=True)
    for one in checked:
        for note in one.judgement.notes:  # for the instructor: a result file is the student's
            print(f"autograder: {printable(one.name)}: note: {printable(note)}", file=sys.stderr)
    return max(_status(one.name, one.judgement) for one in checked)


def _show(name: str, judgement: Judgement, *, json_wanted: bool) -> Judgement:
    """Print a judgement; one that cannot be shown is replaced by the reason, which is returned as well."""
    try:
        print(_line(name, judgement) if json_wanted else _text(name, judgement), flush=True)
    except (OSError, KeyboardInterrupt):
        raise
    except Exception as error:  # noqa: BLE001 - the files after this one are judged all the same
        judgement = engine_failed(judgement.assignment, error)
        print(_line(name, judgement) if json_wanted else _text(name, judgement), flush=True)
    return judgement


def _line(name: str, judgement: Judgement) -> str:
    return json.dumps(judgement.to_json(name), ensure_ascii=False)


def _assignments(options: Namespace) -> list[Assignment]:
    """Return each file's assignment: as typed, or else the one that its functions are of.

    A file that cannot be read, or has none of them, is taken for what the others are, if that is one assignment.

    Raises:
        AssignmentError: there is no such assignment, or a file may be of several.
    """
    if options.assignment:
        return [find(options.assignment, options.graders)] * len(options.files)
    known = [find(name, options.graders) for name in names(options.graders)]
    found = [meant(Path(name), known) for name in options.files]
    told = {one.name: one for one in found if one is not None}
    if len(told) != 1 and None in found:
        name = options.files[found.index(None)]
        if not Path(name).exists():
            raise AssignmentError(f"{printable(name)}: no such file")
        which = f"{printable(name)}: say which assignment, with --assignment"
        raise AssignmentError(f"{which}: {', '.join(one.name for one in known) or 'there is none'}")
    return [one or next(iter(told.values())) for one in found]


def _pictures(options: Namespace) -> Pictures:
    """Return how pictures are wanted: not at all where no card is shown, drawn where a platform shows them."""
    if options.json:
        return "none"
    return "drawn" if options.format == "prairielearn" else "described"


def _wall(options: Namespace) -> str:
    """Return the wall that was asked for, here or by the configuration of the course in this folder.

    Raises:
        WallError: there is none that will do.
        UsageError: the course's configuration cannot be read.
    """
    least = NONE
    config = Path("nbgrader_config.py")
    if config.is_file() and any(name in config.read_bytes() for name in _SETTINGS):  # else nbgrader need not be loaded
        from autograder.course.opening import settings_of  # noqa: PLC0415 - it takes a second

        settings = settings_of(Path.cwd())
        options.isolation, least = options.isolation or settings.isolation, settings.least_wall
    return choose(options.isolation or AUTO, least)


def _judge_all(options: Namespace, assignments: list[Assignment]) -> Iterator[tuple[str, Judgement]]:
    isolation = _wall(options)
    for name, assignment in zip(options.files, assignments, strict=True):
        job = Job(
            assignment.name,
            options.graders.absolute(),
            seed=DEFAULT_SEED if options.seed is None else options.seed,
            isolation=isolation,
            run_checks=False,
            pictures=_pictures(options),
            preload=False,
            files=_files(assignment),
        )
        yield name, _judge(name, job, assignment)


def _judge(name: str, job: Job, assignment: Assignment) -> Judgement:
    """Judge a file; a failure of ours that is this file's alone is its outcome.

    Raises:
        WallError: student code cannot be walled off here.
        GraderFault: the assignment cannot judge anything.
    """
    try:
        content, module = read_solution(Path(name), assignment)
        return judge_notebooks({assignment.notebook: content}, replace(job, module=module), assignment)
    except NotebookError as error:
        return refused(assignment.name, str(error))
    except (AssignmentError, GraderFault):
        raise
    except Exception as error:  # noqa: BLE001 - the files after this one are judged all the same
        if isinstance(error, WallError):
            choose(job.isolation)
        return engine_failed(assignment.name, error)


def _files(assignment: Assignment) -> dict[str, bytes]:
    """Return the assignment's files where this is run in a course; solutions seldom need them."""
    paths = {name: Path("source") / assignment.name / name for name in assignment.files or ()}
    return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}


def _text(name: str, judgement: Judgement) -> str:
    if not judgement.exercises:
        return f"{printable(name)}: needs review: {judgement.reason}\n"
    data = judgement.to_json(name)
    lines = [f"{printable(name)}: {points_text(data['points'], data['max_points'])}"]
    for result in sorted(judgement.exercises, key=lambda result: result.passed):  # what is to be mended comes first
        lines += ["", *card_text.text(result)]
    notes = [textwrap.fill(f"note: {note}", card_text.WIDTH, break_long_words=False) for note in judgement.notes]
    return "\n".join([*lines, *(["", *notes] if notes else []), ""])
