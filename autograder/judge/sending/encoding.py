"""A judgement as bytes of plain data: `typed` checks each field's form, this module whether the fields fit together.

A worker may be another machine, which has run student code: it may return a wrong mark, but no object, no number
outside the grader's own maximum, no text or picture of another kind than the judge makes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgpack

from autograder.grading.assignment import Assignment
from autograder.grading.criteria import Criterion
from autograder.grading.results import ExerciseResult, total
from autograder.judge.outcome import Judgement
from autograder.judge.sending.typed import MalformedError, read_typed
from autograder.sandbox import outputs
from autograder.sandbox.limits import CARRIED

Criteria = Mapping[str, Sequence[Criterion]]  # of each exercise, as the reader's own graders have them

_PICTURE = "data:image/png;base64,"
_MISTAKE = {"mistake", "title", "hint"}


def to_bytes(value: Any) -> bytes:
    """Return plain data, or one of our dataclasses of it, as bytes."""
    packed: bytes = msgpack.packb(value, default=vars, unicode_errors="replace")
    return packed


def from_bytes(data: Any) -> Any:
    """Return the plain data in some bytes, which anybody may have written.

    Raises:
        MalformedError: they are no bytes of plain data, or too many.
    """
    if not isinstance(data, bytes) or len(data) > CARRIED.bytes:
        raise MalformedError("no bytes, or too many")
    try:
        return msgpack.unpackb(data, strict_map_key=False)
    except (ValueError, TypeError, msgpack.UnpackException, RecursionError, MemoryError) as error:
        raise MalformedError("no plain data") from error


def judgement_from(raw: Any, assignment: Assignment, criteria: Criteria | None = None) -> Judgement:
    """Return the judgement that plain data stands for.

    Args:
        raw: what came.
        assignment: of the submission.
        criteria: names, labels and points that must be the same, where they are known.

    Raises:
        MalformedError: it is no judgement of this assignment; the text says what is wrong with it.
    """
    for field in ("outputs", "shown"):
        if isinstance(raw, dict) and isinstance(raw.get(field), dict):
            raw = {**raw, field: {name: _cells(found, assignment) for name, found in raw[field].items()}}
    judgement: Judgement = read_typed(Judgement, raw)
    _check(judgement, assignment)
    for result in judgement.exercises:
        if result.judged == "inside":
            _check_ordinary(result)
            continue
        _check_result(result)
        if criteria is not None and _graders_own(result) != _own(criteria[result.exercise]):
            raise MalformedError(f"{result.exercise} has other criteria than its grader")
    return judgement


def _cells(found: Any, assignment: Assignment) -> dict[Any, list[dict[str, Any]]]:
    if not isinstance(found, dict):
        raise MalformedError("outputs of no cells")
    return {index: _outputs(one, assignment) for index, one in found.items()}


def _outputs(found: Any, assignment: Assignment) -> list[dict[str, Any]]:
    limits = assignment.limits
    if not isinstance(found, list) or len(found) > 2 * limits.cell_outputs:
        raise MalformedError("outputs of the wrong form")
    checked = [outputs.checked(output, 2 * limits.cell_output_bytes) for output in found]
    return [output for output in checked if output is not None]


def _check(judgement: Judgement, assignment: Assignment) -> None:
    graded = judgement.outcome == "graded"
    names = tuple(result.exercise for result in judgement.exercises if result.judged == "outside")
    known = tuple(name for name in assignment.exercises if name in names) if graded else ()
    if judgement.assignment != assignment.name or names != known:
        raise MalformedError("a judgement of other exercises")
    if graded == (judgement.reason is not None) or (graded and judgement.fault):
        raise MalformedError("an outcome and a reason that contradict each other")


def _check_result(result: ExerciseResult) -> None:
    for entry in result.criteria:
        right = {"pass": entry.max_points, "error": None}.get(entry.verdict, 0.0)
        if entry.points != right or not 0 <= entry.max_points < CARRIED.points:
            raise MalformedError(f"{result.exercise}: points that are not those of the verdict")
    sums = total([entry.points for entry in result.criteria]), total([entry.max_points for entry in result.criteria])
    if (result.points, result.max_points) != sums:
        raise MalformedError(f"{result.exercise}: points that are not the sum")
    if any(set(mistake) != _MISTAKE for mistake in result.mistakes):
        raise MalformedError(f"{result.exercise}: a mistake of the wrong form")
    if not {"expected", "got"} <= set(result.counterexample or {"expected", "got"}):
        raise MalformedError(f"{result.exercise}: a counterexample of the wrong form")
    if any(picture.uri and not picture.uri.startswith(_PICTURE) for picture in result.evidence.pictures):
        raise MalformedError(f"{result.exercise}: a picture that is no PNG")


def _check_ordinary(result: ExerciseResult) -> None:
    if not 0 <= result.max_points < CARRIED.points or not 0 <= (result.points or 0.0) <= result.max_points:
        raise MalformedError(f"{result.exercise}: points that are none of the cell's")
    if result.criteria or result.mistakes or result.counterexample:
        raise MalformedError(f"{result.exercise}: a cell without a grader has no criteria")


def _graders_own(result: ExerciseResult) -> list[tuple[str, str, float]]:
    return [(entry.criterion, entry.label, entry.max_points) for entry in result.criteria]


def _own(criteria: Sequence[Criterion]) -> list[tuple[str, str, float]]:
    return [(entry.name, entry.label, entry.points) for entry in criteria]
