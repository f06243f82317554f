"""What a feedback card says, in reading order; its HTML and its plain text are both made of this."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from autograder.diagnosis.slips.told import is_told
from autograder.diagnosis.unnamed.lengths import RIGHT_WHERE
from autograder.diagnosis.unnamed.remarks import SHOWN, UNNAMED
from autograder.grading import notation
from autograder.grading.results import (
    CriterionResult,
    Evidence,
    ExerciseResult,
    Picture,
    Verdict,
    stood_in,
    unexplained,
)
from autograder.sandbox.printable import printable

T = TypeVar("T")

ICONS: dict[Verdict, str] = {"pass": "✔", "fail": "✘", "skip": "–", "error": "?"}
WORDS: dict[Verdict, str] = {"pass": "passed", "fail": "not yet", "skip": "not run yet", "error": "needs a human"}
BY_HAND, BESIDE = "A small input, worked by hand", "The right answer and yours"
TRY, SIZES = "Try it yourself:", "Sizes"
_ALIKE = 1e-6  # of numbers of size 1, as the card has them
RIGHT, DIFFERENCES, YOURS = "right", "by finite differences", "yours"

_NEED = re.compile(r"runs once “(.*)” passes")
_MAX_TEXT = 500
_COLUMNS = ((), (1,), (2,), (3,), (4,))  # shapes that are laid out in columns


@dataclass(frozen=True)
class Line:
    """One criterion: its verdict, points, label, and what is said beside it."""

    verdict: Verdict
    points: str
    label: str
    message: str


@dataclass(frozen=True)
class Comparison:
    """The right answer, the same by finite differences, and the student's, below each other.

    Attributes:
        columns: what the numbers are.
        rows: each with its title and a text for each column.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Example:
    """The counterexample: the call, its arguments and the steps by hand, each with its lines, and both answers."""

    call: str
    steps: tuple[tuple[str, tuple[str, ...]], ...]
    comparison: Comparison


@dataclass(frozen=True)
class Card:
    """Everything that one card says, in reading order.

    Attributes:
        exercise: its name.
        verdict: the worst of its criteria's.
        points: in words.
        stand_in: which functions were judged as if they were correct, or nothing.
        mistakes: title and hint of each that was named.
        told: what else is true of all answers; where none was named, always something.
        example: the counterexample.
        pictures: what can be drawn of it.
        open_lines: what failed, one line each, and in one line what waits for it.
        passed_lines: what passed.
    """

    exercise: str
    verdict: Verdict
    points: str
    stand_in: str
    mistakes: tuple[tuple[str, str], ...]
    told: str
    example: Example | None
    pictures: tuple[Picture, ...]
    open_lines: tuple[Line, ...]
    passed_lines: tuple[Line, ...]


def content(result: ExerciseResult) -> Card:
    """Return what the card of a result says."""
    return Card(
        exercise=result.exercise,
        verdict=_verdict(result),
        points=points_text(result.points, result.max_points),
        stand_in=_stand_in(result.evidence.stand_ins),
        mistakes=tuple((_short(entry["title"]), _short(entry["hint"])) for entry in result.mistakes),
        told=_short(_told(result)),
        example=None if result.counterexample is None else _example(result),
        pictures=result.evidence.pictures,
        open_lines=(*_failed_lines(result), *_waiting_lines(result)),
        passed_lines=tuple(_line(entry, "") for entry in result.criteria if entry.verdict == "pass"),
    )


def headed(mistakes: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return a heading with each hint: of two mistakes that were made at once, neither is all that is wrong."""
    of = [f", {number} of {len(mistakes)}" for number in range(1, len(mistakes) + 1)] if len(mistakes) > 1 else [""]
    return [(f"What is wrong{which}: {title}", hint) for which, (title, hint) in zip(of, mistakes, strict=False)]


def rendered(render: Callable[[Card], T], result: ExerciseResult) -> T:
    """Render the card of a result; where its explanation cannot be shown, the verdicts alone, and say so."""
    try:
        return render(content(result))
    except Exception:  # noqa: BLE001 - the verdicts stand, whatever cannot be shown beside them
        bare = replace(result, mistakes=(), counterexample=None, evidence=Evidence())
        return render(content(unexplained(bare, ["the card cannot show what is wrong"])))


def points_text(points: float | None, max_points: float) -> str:
    """Return points as words."""
    if points is None:
        return f"not marked yet, of {max_points:g} points"
    return f"{points:g} of {max_points:g} points"


def passed_text(count: int) -> str:
    """Return in words that so many checks passed."""
    return "1 check passed" if count == 1 else f"{count} checks passed"


def _verdict(result: ExerciseResult) -> Verdict:
    verdicts = [criterion.verdict for criterion in result.criteria]
    worst: tuple[Verdict, ...] = ("error", "fail", "skip")
    return next((verdict for verdict in worst if verdict in verdicts), "pass")


def _stand_in(names: tuple[str, ...]) -> str:
    if not names:
        return ""
    return f"Judged with {stood_in(names)} in place of yours: what is wrong in yours costs nothing here."


def _told(result: ExerciseResult) -> str:
    """Return what is said besides names; where no mistake was named, it is never nothing."""
    failed = [entry for entry in result.criteria if entry.verdict == "fail"]
    if result.mistakes or not failed:
        return result.evidence.remark
    if result.evidence.cause:
        said = result.evidence.remark
        slip = said if is_told(said) or said.startswith(RIGHT_WHERE) else ""
        return " ".join(filter(None, (slip, result.evidence.cause)))
    said = result.evidence.remark or UNNAMED
    return f"{said} {SHOWN}" if said.startswith(UNNAMED) else said


def _failed_lines(result: ExerciseResult) -> list[Line]:
    """Return a line for each criterion that failed or could not be judged; those said alike share one."""
    alike: dict[tuple[Verdict, str], list[CriterionResult]] = {}
    for entry in result.criteria:
        if entry.verdict in ("fail", "error"):
            alike.setdefault((entry.verdict, _without(entry.message, result.evidence.remark)), []).append(entry)
    return [line for (_, message), entries in alike.items() for line in _alike(message, entries)]


def _alike(message: str, entries: list[CriterionResult]) -> list[Line]:
    """Return one line for the first of several criteria with the same message, and one for all others."""
    first, *others = entries
    lines = [_line(first, message)]
    if others and message:
        most = sum(entry.max_points for entry in others)
        count = "1 more check fails" if len(others) == 1 else f"{len(others)} more checks fail"
        points = "?" if any(entry.points is None for entry in others) else "0"
        which = f": “{others[0].label.rstrip('.')}”" if len(others) == 1 else ""
        lines.append(Line(first.verdict, f"{points}/{most:g}", f"{count} for the same reason{which}.", ""))
        return lines
    return lines + [_line(entry, message) for entry in others]


def _without(message: str, remark: str) -> str:
    """Return a message without the remark, which stands at the top of the card."""
    return message.replace(f". {remark}", "") if remark else message


def _waiting_lines(result: ExerciseResult) -> list[Line]:
    """Return one line for all criteria that wait for the same: how many, their points, and what they wait for."""
    waiting: dict[str, list[CriterionResult]] = {}
    for entry in result.criteria:
        if entry.verdict == "skip":
            waiting.setdefault(entry.message, []).append(entry)
    first = next((entry.label for entry in result.criteria if entry.verdict != "pass"), "")
    return [_waiting(why, entries, first) for why, entries in waiting.items()]


def _waiting(why: str, entries: list[CriterionResult], first: str) -> Line:
    most = sum(entry.max_points for entry in entries)
    count = "1 more check" if len(entries) == 1 else f"{len(entries)} more checks"
    need = _NEED.fullmatch(why)
    if need is None:
        return Line("skip", f"0/{most:g}", f"{count}.", _short(why))
    what = "the first one" if need[1] == first.rstrip(".") else f"“{need[1]}”"
    runs = "runs" if len(entries) == 1 else "run"
    return Line("skip", f"0/{most:g}", f"{count}, {_points(most)}, {runs} once {what} passes.", "")


def _points(most: float) -> str:
    return "1 point" if most == 1 else f"{most:g} points"


def _line(entry: CriterionResult, message: str) -> Line:
    points = f"{'?' if entry.points is None else f'{entry.points:g}'}/{entry.max_points:g}"
    return Line(entry.verdict, points, entry.label, _short(message))


def _short(text: str) -> str:
    text = printable(" ".join(text.split()), kept="")
    return text if len(text) <= _MAX_TEXT else f"{text[: _MAX_TEXT - 1]}…"


def _example(result: ExerciseResult) -> Example:
    data, work = result.counterexample or {}, result.evidence.work
    arguments = {name: value for name, value in data.items() if name not in ("expected", "got")}
    steps = [(name, tuple(notation.rows(value))) for name, value in (*arguments.items(), *work)]
    if result.evidence.sizes:
        steps.insert(0, (SIZES, (result.evidence.sizes,)))
    what, right, yours = result.evidence.part or (result.exercise, data["expected"], data["got"])
    numbers = {RIGHT: right, DIFFERENCES: result.evidence.difference, YOURS: yours}
    if result.evidence.difference is None:
        del numbers[DIFFERENCES]
    compared = _comparison(what, numbers)
    if (not result.mistakes and result.evidence.remark.startswith(UNNAMED)) or not _told_of(result):
        compared = replace(compared, rows=(*compared.rows, *_apart(compared, right, yours)))
    return Example(result.evidence.call, tuple(steps), compared)


def _told_of(result: ExerciseResult) -> bool:
    """Say whether anything is told of a wrong answer besides the verdicts."""
    return bool(result.mistakes or result.evidence.remark or result.evidence.cause)


def _apart(compared: Comparison, right: Any, yours: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield difference and ratio of the numbers, where all are alike or short: then they show a rule.

    They have one shape, and there are no other rows.
    """
    if not (notation.even(right) and notation.even(yours)) or notation.shape(right) != notation.shape(yours):
        return
    try:
        one, other = np.asarray(right, dtype=float), np.asarray(yours, dtype=float)
    except (TypeError, ValueError):
        return
    with np.errstate(all="ignore"):
        found = {f"{YOURS} − {RIGHT}": other - one, f"{YOURS} / {RIGHT}": other / one}
    for title, values in found.items():
        if np.all(np.isfinite(values)) and _shows_a_rule(values):
            whole = values.tolist()
            alone = len(compared.columns) == 1
            yield title, (notation.values(whole),) if alone else tuple(notation.number(value) for value in whole)


def _shows_a_rule(values: Any) -> bool:
    """Say whether numbers are all the same, or all are twelfths: 2, −0.5, 1/3."""
    several = values.size > 1 and np.ptp(values) <= _ALIKE
    return bool(several or np.all(np.abs(values * 12 - np.round(values * 12)) <= _ALIKE))


def _comparison(what: str, numbers: dict[str, Any]) -> Comparison:
    """Lay the numbers out in columns where all have one shape of a few numbers, else each on its line."""
    words = {title: (_short(notation.values(value)),) for title, value in numbers.items() if not notation.even(value)}
    arrays = {title: value for title, value in numbers.items() if title not in words}
    shapes = {notation.shape(value) for value in arrays.values()}
    axes = shapes.pop() if shapes else ()
    if shapes or axes not in _COLUMNS:
        heads: tuple[str, ...] = (what,)
        cells: dict[str, tuple[str, ...]] = {
            title: (_one_line(value, shaped=bool(shapes)),) for title, value in arrays.items()
        }
    else:
        heads = tuple(_component(what, number + 1) for number in range(axes[0])) if axes else (what,)
        cells = _columns(arrays)
    return Comparison(heads, tuple((title, (cells | words)[title]) for title in numbers))


def _component(what: str, number: int) -> str:
    return what.replace("_j", f"_{number}") if "_j" in what else f"{what}, number {number}"


def _columns(arrays: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    table = [value if isinstance(value, list) else [value] for value in arrays.values()]
    table = [[_short(item) if isinstance(item, str) else item for item in row] for row in table]
    columns = [_aligned(column, yours=YOURS in arrays) for column in zip(*table, strict=True)]
    return dict(zip(arrays, zip(*columns, strict=True), strict=True))


def _aligned(column: Sequence[Any], *, yours: bool) -> list[str]:
    """Return numbers below each other; the right one and its finite differences need not be told apart."""
    return notation.aligned([*column] if yours else [*column, column[0]])[: len(column)]


def _one_line(value: Any, *, shaped: bool) -> str:
    text = _short(notation.values(value))
    if not shaped:
        return text
    axes = notation.shape(value)
    return f"{text}, shape {axes}" if axes else f"{text}, a single number"
