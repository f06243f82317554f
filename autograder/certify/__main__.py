"""`python -m autograder.certify [ASSIGNMENT]`: write its certificate; status 1 where a promise is broken."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from autograder.certify import figures, holds, picture, report
from autograder.certify.measure import measure
from autograder.grading.assignment import find

DOCS = Path("docs")
NEURON = "neuron"
_COLUMNS = TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()


def main(name: str = NEURON) -> int:
    """Write an assignment's certificate, the picture in it and its figures as data; say what does not hold."""
    console = Console(stderr=True)
    with Progress(*_COLUMNS, console=console, disable=not console.is_terminal) as progress:
        certificate = measure(find(name), lambda what, count: _part(progress, what, count))
    text, image = paths(name)
    text.write_text(report.render(certificate, image.name), encoding="utf-8")
    image.write_bytes(picture.draw(certificate))
    data = figures.path_of(certificate.assignment)
    data.write_text(figures.render(certificate), encoding="utf-8")
    console.print(f"wrote {text}, {image} and {data}", highlight=False)
    broken = holds.broken(certificate)
    for line in broken:
        console.print(line, style="red", highlight=False, markup=False)
    return 1 if broken else 0


def paths(name: str) -> tuple[Path, Path]:
    """Return where an assignment's certificate and its picture are; those of this course's first have plain names."""
    ending = "" if name == NEURON else f"-{name}"
    return DOCS / f"certificate{ending}.md", DOCS / f"kill_matrix{ending}.png"


@contextlib.contextmanager
def _part(progress: Progress, what: str, count: int) -> Iterator[Callable[[], None]]:
    task = progress.add_task(what, total=count)
    yield lambda: progress.advance(task)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
