"""docs/modules.md, made of the first line of each module: `python tests/modules_page.py` writes it."""

import ast
import itertools
from collections.abc import Iterator
from pathlib import Path

from scratch import ROOT

PATH = ROOT / "docs" / "modules.md"
HEAD = """# Every module, in one line

By folder, from commands down to the walls. [How it is built](architecture.md) says what each folder is for, and what
leads where.
"""
ROOMS = [
    "commands",
    "demo",
    "certify",
    "adopt",
    "platforms",
    "checks",
    "review",
    "course",
    "judge",
    "card",
    "diagnosis",
    "grading",
    "sandbox",
]


def page() -> str:
    """Return the page as it should be."""
    return "".join([HEAD, *_parts()])


def _parts() -> Iterator[str]:
    package = ROOT / "autograder"
    rooms = [
        [package],
        *([room, *sorted(filter(Path.is_dir, room.rglob("*")))] for room in map(package.joinpath, ROOMS)),
    ]
    for folder in itertools.chain(*rooms):
        if modules := sorted(folder.glob("*.py")):
            yield f"\n## {folder.relative_to(ROOT)}/\n\n"
            yield from (f"- `{one.relative_to(ROOT)}`: {_said(one)}\n" for one in modules)


def _said(module: Path) -> str:
    return (ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or "").partition("\n")[0]


if __name__ == "__main__":
    PATH.write_text(page(), encoding="utf-8")
