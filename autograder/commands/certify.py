"""`autograder certify`: judge everything that is known to be right or wrong, and write it down."""

from argparse import Namespace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from autograder.diagnosis.exercise import with_reference
from autograder.grading.assignment import AssignmentError, find

DOCS = Path("docs")
_COLUMNS = TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()


def run(options: Namespace) -> int:
    """Write an assignment's certificate, its picture and its figures; returns 1 where a promise is broken.

    Raises:
        AssignmentError: there is no such assignment, or what a certificate needs besides is not installed.
    """
    try:
        from autograder.certify import figures, holds, picture, report  # noqa: PLC0415 - an extra
        from autograder.certify.measure import measure  # noqa: PLC0415
    except ImportError as error:
        raise AssignmentError(f"{error.name} is not installed: pip install 'nbgrader-autograder[authoring]'") from error
    name = options.assignment
    assignment = with_reference(find(name, options.graders))
    console = Console(stderr=True)
    with Progress(*_COLUMNS, console=console, disable=not console.is_terminal) as progress:
        certificate = measure(assignment, progress)
    text, image = paths(name)
    text.parent.mkdir(exist_ok=True)
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
    """Return where an assignment's certificate and its picture are."""
    return DOCS / f"certificate-{name}.md", DOCS / f"certificate-{name}.png"
