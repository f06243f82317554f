"""Solutions in a release: their statements are looked for in whatever students get."""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from autograder.judge.notebook import as_python, source_of

_LONG = 20  # characters: two programs do not have a longer statement in common by chance

Cell = dict[str, Any]


@dataclass(frozen=True)
class Delimiters:
    """What marks the lines of a solution: a line that holds one of these begins or ends it."""

    begin: str = "BEGIN SOLUTION"
    end: str = "END SOLUTION"

    def split(self, source: str) -> tuple[str, list[str]]:
        """Return a cell without its solutions, with `pass` in place of each, and the solutions."""
        kept: list[str] = []
        found: list[list[str]] = []
        inside = False
        for line in source.split("\n"):
            if self.begin in line:
                inside = True
                kept.append(f"{line[: len(line) - len(line.lstrip())]}pass")
                found.append([])
            elif self.end in line:
                inside = False
            else:
                (found[-1] if inside else kept).append(line)
        return "\n".join(kept), ["\n".join(lines) for lines in found]


def regions_of(cells: list[Cell], delimiters: Delimiters) -> list[set[str]]:
    """Return the statements of each solution in a notebook."""
    sources = [source_of(cell) for cell in cells if cell.get("cell_type") == "code"]
    return [set(_within(region)) for source in sources for region in delimiters.split(source)[1]]


def _within(region: str) -> Iterator[str]:
    indented = region[:1].isspace()
    yield from statements("if True:\n" + region if indented else region, skip_first=indented)


def statements(source: str, *, skip_first: bool = False) -> Iterator[str]:
    """Yield every statement of a cell in one spelling, but for docstrings and imports; none of what is no Python."""
    try:
        tree = ast.parse(as_python(source))
    except SyntaxError:
        return
    for node in ast.walk(tree):
        constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        says_nothing = constant or isinstance(node, ast.Pass | ast.Import | ast.ImportFrom)
        if isinstance(node, ast.stmt) and not says_nothing and not (skip_first and node is tree.body[0]):
            yield ast.unparse(node)


def open_statements(cells: list[Cell], delimiters: Delimiters) -> set[str]:
    """Return the statements that a notebook has outside of its solutions, where its author means them to be seen."""
    sources = [source_of(cell) for cell in cells if cell.get("cell_type") == "code"]
    return {one for source in sources for one in statements(delimiters.split(source)[0])}


def leaked(regions: list[set[str]], cells: list[Cell], shown: Collection[str] = ()) -> tuple[int, str] | None:
    """Return the number of a code cell with a statement of a solution in it, and the statement, or None.

    Args:
        regions: the statements of each solution.
        cells: what students get.
        shown: statements that give nothing away, unless a whole solution stands there.
    """
    solution = set().union(*regions).difference(shown)
    for number, cell in enumerate(cells, start=1):
        there = set(statements(source_of(cell))) if cell.get("cell_type") == "code" else set()
        whole = (region for region in regions if is_leaked(region, there))
        if leak := solution & there or next(whole, set()):
            return number, min(leak)
    return None


def is_leaked(region: set[str], there: set[str]) -> bool:
    """Say whether a whole solution is among the statements of some Python; a short one may stand anywhere."""
    return any(len(one) > _LONG for one in region) and region <= there
