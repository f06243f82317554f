"""`autograder due`: when assignments are due, who has longer, who was late."""

import json
from argparse import Namespace
from pathlib import Path

from rich import box
from rich.table import Table

from autograder.commands.printing.summary import safe, screen
from autograder.course.deadlines.due import Calendar, Dates, Late, calendar
from autograder.course.deadlines.longer import Longer
from autograder.course.deadlines.times import shown, span


def run(options: Namespace) -> int:
    """Print the course's dates; returns the exit status 0.

    Raises:
        UsageError: there is no such course or assignment.
        RunError: the gradebook cannot be read.
    """
    found = calendar(Path.cwd(), options.assignments)
    if options.json:
        for one in found.dates:
            print(json.dumps(one.to_json(found.zone_name), ensure_ascii=False))
    else:
        _show(found)
    return 0


def _show(found: Calendar) -> None:
    out = screen()
    if not found.dates:
        out.print("no assignments")
        return
    table = Table("assignment", "due", "handed in", "longer", "late", box=box.SIMPLE_HEAD, pad_edge=False)
    for one in found.dates:
        due = "no date" if one.due is None else shown(one.due, found.zone)
        counts = (str(len(one.extensions) or "–"), str(len(one.late) or "–"))
        table.add_row(safe(one.assignment), safe(due), str(one.handed_in), *counts)
    out.print(table)
    for one in found.dates:
        for line in _lines(one, found):
            out.print(safe(line))


def _lines(one: Dates, found: Calendar) -> list[str]:
    longer = [f"  {_longer(given, found)}" for given in one.extensions]
    late = [f"  {_late(given)}" for given in one.late]
    return [f"{one.assignment}:", *longer, *late] if longer or late else []


def _longer(given: Longer, found: Calendar) -> str:
    until = f"{given.days:g} days" if given.until is None else f"until {shown(given.until, found.zone)}"
    where = " (granted in the gradebook)" if given.only_gradebook else ""
    return f"{given.student} has longer: {until}{where}"


def _late(given: Late) -> str:
    cost = "not graded yet" if given.penalty is None else f"costs {given.penalty:g} points"
    return f"{given.student} was late by {span(given.seconds)}: {cost}"
