"""The doctor's table of walls: which stand here, at which step the others fail, and what the one taken leaves open."""

from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.sandbox.walls.bubblewrap import WallError
from autograder.sandbox.walls.place import here
from autograder.sandbox.walls.standing import WALLS, attempt, choose

_WIDTH = 160  # where it is no terminal that says its own
_SIDE_CHANNELS = "what the machine shares: timing, load, the page cache, counts that the kernel keeps per user"
_LEFT_OPEN = {
    "nested": (_SIDE_CHANNELS,),
    "single": (_SIDE_CHANNELS, "a scratch folder has no limit on the number of files, where bubblewrap's has none"),
    "landlock": (
        "names, sizes and times of files that the user may look up, and numbers of processes: not what is in them",
        "disk is measured forty times a second, and may be exceeded in between",
        _SIDE_CHANNELS,
    ),
}


def found() -> dict[str, Any]:
    """Return the place, each wall, and the one that is taken; plain data."""
    tried = [attempt(wall) for wall in WALLS]
    try:
        wall, problem = choose(), None
    except WallError as error:
        wall, problem = None, str(error)
    walls = [
        {
            "wall": one.wall,
            "stands": one.stands,
            "step": one.step,
            "errno": one.errno,
            "error": one.symbol or None,
            "remedy": one.remedy or None,
        }
        for one in tried
    ]
    left_open = list(_LEFT_OPEN[wall]) if wall is not None else []
    return {"place": here().words, "walls": walls, "wall": wall, "problem": problem, "not_stopped": left_open}


def show(data: dict[str, Any]) -> None:
    """Print the table."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_WIDTH)
    table = Table("wall", "here", "made of, or the step that failed", "errno", "remedy", box=box.SIMPLE_HEAD)
    for one in data["walls"]:
        number = "" if one["error"] is None else one["error"]
        cells = (one["wall"], "stands" if one["stands"] else "–", one["step"], number, one["remedy"] or "")
        table.add_row(*map(escape, cells))
    console.print(f"walls, the strongest first; this place: {escape(data['place'])}")
    console.print(table)
    for text in data["not_stopped"]:
        console.print(f"the {data['wall']} wall does not stop: {escape(text)}")
