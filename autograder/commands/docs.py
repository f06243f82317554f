"""`autograder docs`: the pages of documentation that come with the package."""

from argparse import Namespace
from pathlib import Path

from autograder.course.errors import UsageError
from autograder.shipped import shipped


def run(options: Namespace) -> int:
    """Print a page, or what pages there are and where they lie; returns the exit status.

    Raises:
        UsageError: there is no such page.
    """
    folder = shipped("docs")
    pages = {path.stem: path for path in sorted(folder.glob("*.md"))}
    if not options.page:
        print(f"{folder}:")
        for name, path in pages.items():
            print(f"  {name:<22}{_title(path)}")
        return 0
    name = Path(options.page).stem  # as docs/set-up.md, too
    if name not in pages:
        raise UsageError(f"there is no page {name!r}; there are {', '.join(pages)}")
    print(pages[name].read_text(encoding="utf-8"), end="")
    return 0


def _title(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
