"""What a run shows: a progress bar on a terminal, and a summary by outcome, or by who would change, at its end."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from autograder.course.batch.changes import Change
from autograder.course.batch.run import Unfinished
from autograder.course.records.outcomes import Outcome
from autograder.sandbox.printable import printable

UNFINISHED = "unfinished"
_PER_MINUTE = 60.0
_WIDTH = 200


class Line(NamedTuple):
    """What the summary keeps of a submission: nothing of its notebook."""

    student: str
    outcome: str
    reason: str | None
    wall: str | None = None


class _Rate(ProgressColumn):
    """How many submissions a minute."""

    def render(self, task: Task) -> Text:
        """Return the rate of late."""
        return Text(f"{_PER_MINUTE * task.speed:.0f}/min" if task.speed else "")


@contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[], None]]:
    """Show a bar on a terminal, and nothing elsewhere; yields what to call after each submission."""
    columns = (
        TextColumn(title),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=total)
        yield lambda: bar.advance(task)


def line(result: Outcome | Unfinished) -> Line:
    """Return what the summary needs of a result."""
    if isinstance(result, Unfinished):
        return Line(result.student, UNFINISHED, result.reason)
    judgement = result.judgement
    if judgement.reason is None and judgement.held:
        return Line(result.student, "needs_review", judgement.held, judgement.wall)
    return Line(result.student, judgement.outcome, judgement.reason, judgement.wall)


def to_json(result: Outcome | Unfinished) -> dict[str, Any]:
    """Return the object that `--json` prints."""
    if isinstance(result, Unfinished):
        return {"student": result.student, "outcome": UNFINISHED, "reason": result.reason}
    return result.to_json()


def show_outcomes(done: list[Line], *, settled: int) -> None:
    """Print how many ended in which way, and why the others are to be looked at."""
    console = screen()
    review = sorted(entry for entry in done if entry.outcome != "graded")
    if review:
        table = Table("student", "needs review because", box=box.SIMPLE_HEAD, pad_edge=False)
        for entry in review:
            table.add_row(safe(entry.student), safe(entry.reason or ""))
        console.print(table)
    counts = Counter(entry.outcome for entry in done)
    parts = [
        f"{counts[name]} {name.replace('_', ' ')}" for name in ("graded", "needs_review", UNFINISHED) if counts[name]
    ]
    parts += [f"{settled} as they were (--force grades them again)"] if settled else []
    walls = sorted({entry.wall for entry in done if entry.wall is not None})
    behind = f"; student code ran behind the wall: {', '.join(walls)}" if walls else ""
    console.print(f"{', '.join(parts) or 'nothing to grade'}{behind}")


def show_changes(changed: list[Change], total: int) -> None:
    """Print who would change from what to what, and why."""
    console = screen()
    if changed:
        table = Table("student", "before", "after", "why", box=box.SIMPLE_HEAD, pad_edge=False)
        for change in sorted(changed, key=lambda one: one.student):
            table.add_row(safe(change.student), _points(change.before), _points(change.after), _why(change))
        console.print(table)
    console.print(f"{len(changed)} of {total} would change; nothing was written")


def screen() -> Console:
    """Return where it is printed: as wide as the terminal, and wide enough to be read by line where there is none."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDTH)


def _points(state: dict[str, Any] | None) -> str:
    if state is None:
        return "–"
    if state["points"] is None:
        return safe(str(state["reason"] or "needs review"))
    late = f", {-state['late_penalty']:g} for being late" if state["late_penalty"] else ""
    return f"{state['points']:g} of {state['max_points']:g}{late}"


def _why(change: Change) -> str:
    lines = [change.regraded_by]
    if change.extension is not None:
        lines.append(f"has longer: until {change.extension}")
    for one in change.criteria:
        steps = [_step(one["before"]), _step(one["after"])]
        message = f": {one['message']}" if one["message"] else ""
        lines.append(f"{one['exercise']} {one['criterion']}: {' → '.join(steps)}{message}")
    return safe("\n".join(lines))


def _step(state: dict[str, Any] | None) -> str:
    if state is None:
        return "none"
    points = "" if state["points"] is None else f" {state['points']:g}"
    return f"{state['verdict']}{points} of {state['max_points']:g}"


def safe(text: str) -> str:
    """Return a text for such a screen that does nothing to the terminal, and is no markup."""
    return escape(printable(text))
