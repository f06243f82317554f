"""What a feedback card says, in reading order; its HTML and its plain text are both made of this."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from autograder.grading import notation
from autograder.grading.results import (
    CriterionResult,
    Evidence,
    ExerciseResult,
    Picture,
    Verdict,
    right_ones,
    unexplained,
)
from autograder.sandbox.printable import printable

T = TypeVar("T")

ICONS: dict[Verdict, str] = {"pass": "✔", "fail": "✘", "skip": "–", "error": "?"}
WORDS: dict[Verdict, str] = {"pass": "passed", "fail": "not yet", "skip": "not judged", "error": "needs a human"}
BY_HAND, BESIDE = "A small input, worked by hand", "The right answer and yours"
TRY = "To try it:"
RIGHT, DIFFERENCES, YOURS = "right", "by finite differences", "yours"

_AGAIN = "as above"
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
    """The right answer, the same by finite differences, and what came, below each other.

    Attributes:
        columns: what the numbers are.
        rows: each with its title and a text for each column.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Example:
    """The counterexample: the call, its arguments and the steps by hand, each with its lines, and what came of it."""

    call: str
    steps: tuple[tuple[str, tuple[str, ...]], ...]
    comparison: Comparison


@dataclass(frozen=True)
class Card:
    """Everything that one card says, in reading order."""

    exercise: str
    verdict: Verdict
    points: str
    mistakes: tuple[tuple[str, str], ...]
    stand_in: str
    example: Example | None
    pictures: tuple[Picture, ...]
    open_lines: tuple[Line, ...]
    passed_lines: tuple[Line, ...]


def content(result: ExerciseResult) -> Card:
    """Return what the card of a result says."""
    lines = _lines(result.criteria)
    return Card(
        exercise=result.exercise,
        verdict=_verdict(result),
        points=points_text(result.points, result.max_points),
        mistakes=tuple((_short(entry["title"]), _short(entry["hint"])) for entry in result.mistakes),
        stand_in=_stand_in(result.evidence.stand_ins),
        example=None if result.counterexample is None else _example(result),
        pictures=result.evidence.pictures,
        open_lines=tuple(line for line in lines if line.verdict != "pass"),
        passed_lines=tuple(line for line in lines if line.verdict == "pass"),
    )


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
    return f"Judged with {right_ones(names)} in place of yours: what is wrong in yours costs nothing here."


def _lines(criteria: tuple[CriterionResult, ...]) -> list[Line]:
    """Return a line for each criterion; the same words are not said twice, and a verdict is not said again in words."""
    said: set[str] = set()
    lines = []
    for entry in criteria:
        message = _short(entry.message.removeprefix("not judged: "))
        points = f"{'?' if entry.points is None else f'{entry.points:g}'}/{entry.max_points:g}"
        lines.append(Line(entry.verdict, points, entry.label, _AGAIN if message in said else message))
        said |= {message} if message else set()
    return lines


def _short(text: str) -> str:
    text = printable(" ".join(text.split()), kept="")
    return text if len(text) <= _MAX_TEXT else f"{text[: _MAX_TEXT - 1]}…"


def _example(result: ExerciseResult) -> Example:
    data, work = result.counterexample or {}, result.evidence.work
    arguments = {name: value for name, value in data.items() if name not in ("expected", "got")}
    steps = [(name, tuple(notation.rows(value))) for name, value in (*arguments.items(), *work)]
    what, right, yours = result.evidence.part or (result.exercise, data["expected"], data["got"])
    numbers = {RIGHT: right, DIFFERENCES: result.evidence.difference, YOURS: yours}
    if result.evidence.difference is None:
        del numbers[DIFFERENCES]
    return Example(result.evidence.call, tuple(steps), _comparison(what, numbers))


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
    columns = [notation.aligned(list(column)) for column in zip(*table, strict=True)]
    return dict(zip(arrays, zip(*columns, strict=True), strict=True))


def _one_line(value: Any, *, shaped: bool) -> str:
    text = _short(notation.values(value))
    if not shaped:
        return text
    axes = notation.shape(value)
    return f"{text}, shape {axes}" if axes else f"{text}, one number"
