"""The command `autograder`."""

import argparse
import gc
import importlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder import __version__
from autograder.sandbox.collecting import uncollected

_USAGE, _ENGINE = 2, 3
# As in autograder.platforms, which takes a second to import: most commands have no need of it.
_FORMATS = ("gradescope", "prairielearn", "junit")
_VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0 done, 1 some file unusable, 2 usage, 3 the engine or the walls."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal without "✓" shows its number
            stream.reconfigure(errors="backslashreplace")
    try:
        return _run(options)
    except KeyboardInterrupt as stop:
        return _fail(str(stop) or "stopped", 128 + 2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + 13
    except Exception as error:
        if os.environ.get("AUTOGRADER_DEBUG"):
            raise
        return _explain(error)


def _run(options: argparse.Namespace) -> int:
    # Each command is imported only when it is asked for: nbgrader alone takes a second.
    package = "autograder.demo.command" if options.command == "demo" else f"autograder.commands.{options.command}"
    with uncollected():
        module = importlib.import_module(package)
        gc.freeze()  # none of it will ever be garbage: the first search would look through all of it
    status: int = module.run(options)
    gc.freeze()  # what is left ends with the process: looking through it for rings of objects takes a third of a second
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="autograder", description="Auto-graded exercises for nbgrader.")
    parser.add_argument("--version", action="version", version=f"nbgrader-autograder {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_init(commands)
    _add_check(commands)
    _add_bundle(commands)
    _add_autograde(commands)
    _add_watch(commands)
    _add_review(commands)
    _add_export(commands)
    _add_deadlines(commands)
    lint = commands.add_parser("lint", help="check an assignment while it is written: reference, graders, catalogue")
    lint.add_argument("assignment", metavar="ASSIGNMENT")
    _add_graders(lint)
    _add_adopt(commands)
    checks = commands.add_parser("checks", help="write the cell of the notebook by which students check their answers")
    checks.add_argument("assignment", metavar="ASSIGNMENT")
    other = checks.add_mutually_exclusive_group()
    other.add_argument("--check", action="store_true", help="write nothing; exit with 1 where the cell is out of date")
    other.add_argument("--print", action="store_true", help="write nothing; print the cell")
    _add_graders(checks)
    certify = commands.add_parser("certify", help="judge all that is known to be right or wrong, and write it down")
    certify.add_argument("assignment", metavar="ASSIGNMENT")
    _add_graders(certify)
    docs = commands.add_parser("docs", help="print a page of the documentation, or what pages there are")
    docs.add_argument("page", nargs="?", metavar="PAGE", help="as set-up, or docs/set-up.md (default: list them)")
    doctor = commands.add_parser("doctor", help="say which walls stand here, what is missing and how to get it")
    doctor.add_argument("--json", action="store_true", help="print all of it as one JSON object")
    demo = commands.add_parser("demo", help="take a class per assignment through nbgrader, in a scratch course")
    _add_isolation(demo)
    demo.add_argument("folder", nargs="?", metavar="FOLDER", help="where to build it (default: ./demo-course)")
    return parser


def _add_init(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "start a course, or make an nbgrader course ours: shows what changes, and keeps what was there"
    parser = commands.add_parser("init", help=text, description=text)
    parser.add_argument("folder", nargs="?", default=".", metavar="DIR", help="the course's folder (default: this one)")
    parser.add_argument(
        "--assignment",
        action="append",
        default=[],
        metavar="NAME",
        help="bring this one's notebooks, as often as needed (default: all into a new course, none into another)",
    )
    parser.add_argument("--undo", action="store_true", help="take out again what was added to nbgrader_config.py")


def _add_check(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("check", help="grade solution files (.py or .ipynb) without a gradebook")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--assignment", metavar="NAME", help="which assignment, where its functions do not tell")
    other = parser.add_mutually_exclusive_group()
    other.add_argument("--json", action="store_true", help="print one JSON object per file, each on a line")
    other.add_argument("--format", choices=_FORMATS, help="print the result file of another platform")
    _add_visibility(parser)
    parser.add_argument("--seed", type=int, metavar="N", help="of the hidden inputs, in place of the package's own")
    _add_isolation(parser)
    _add_graders(parser)


def _add_bundle(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "write the archive with which Gradescope or PrairieLearn runs an assignment's graders"
    parser = commands.add_parser("bundle", help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.add_argument("assignment", metavar="ASSIGNMENT")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE.zip", help="default: ASSIGNMENT-bundle.zip")
    text = "time limit, then the submission is left to the instructor; less than the platform's (default: %(default)s)"
    parser.add_argument("--seconds", type=_count, default=480, metavar="N", help=text)
    _add_visibility(parser)
    _add_graders(parser)


def _add_visibility(parser: argparse.ArgumentParser) -> None:
    text = "when students see their result on Gradescope (default: %(default)s)"
    parser.add_argument("--visibility", choices=_VISIBILITIES, default="visible", help=text)


def _add_autograde(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "grade all that is new or changed into the gradebook, as 'nbgrader autograde' does, on every core"
    parser = commands.add_parser("autograde", help=text, description=text)
    parser.add_argument("assignment", metavar="ASSIGNMENT")
    parser.add_argument("--student", default="*", metavar="ID", help="whose submission, or a pattern (default: all)")
    parser.add_argument("--force", action="store_true", help="grade again what has been graded")
    parser.add_argument("--dry-run", action="store_true", help="show who would change and why; write nothing")
    parser.add_argument("--json", action="store_true", help="print one JSON object per submission, each on a line")
    parser.add_argument("--workers", type=_count, metavar="N", help="worker processes (default: one for each core)")
    _add_isolation(parser)
    parser.add_argument("--scheduler", metavar="URL", help="judge on a Dask cluster: tcp://host:8786")
    parser.add_argument(
        "--limits", action="append", default=[], metavar="NAME=N", help="another limit, as call_seconds=5"
    )


def _add_watch(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "collect, grade and answer submissions as they are handed in, until it is stopped"
    parser = commands.add_parser("watch", help=text, description=text)
    parser.add_argument("assignments", nargs="+", metavar="ASSIGNMENT")
    text = "look once, and end: for cron; exit status 1 where something was unusable or is held back"
    parser.add_argument("--once", action="store_true", help=text)
    parser.add_argument(
        "--every", type=_seconds, default=1.0, metavar="SECONDS", help="time between two looks (default: 1)"
    )
    parser.add_argument(
        "--from",
        dest="folder",
        type=Path,
        metavar="FOLDER",
        help="take submissions from there, too, as STUDENT/... or STUDENT.ipynb; the exchange need not be there then",
    )
    parser.add_argument(
        "--attempts",
        type=_count,
        metavar="N",
        help="submissions per student and day that are graded as they come (default: c.Autograder.attempts_per_day)",
    )
    parser.add_argument("--workers", type=_count, metavar="N", help="worker processes (default: one for each core)")
    _add_isolation(parser)


def _add_adopt(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "move hidden tests of ordinary grade cells into graders, where marks cannot be forged"
    more = "It judges your notebooks before and after, moves only what agrees, and says what stays and why."
    parser = commands.add_parser("adopt", help=text, description=f"{text[0].upper()}{text[1:]}. {more}")
    parser.add_argument("assignment", metavar="ASSIGNMENT")
    other = parser.add_mutually_exclusive_group()
    other.add_argument("--dry-run", action="store_true", help="show what would be written; write nothing")
    other.add_argument("--undo", action="store_true", help="put back what was there before the last move")
    _add_isolation(parser)


def _add_isolation(parser: argparse.ArgumentParser) -> None:
    text = (
        "the wall that student code is behind; 'auto' is the strongest that stands here; 'none' runs it with your own "
        "rights, only for code that you trust (default: the course's, c.Autograder.isolation, else auto)"
    )
    parser.add_argument("--isolation", choices=("auto", "nested", "single", "landlock", "none"), help=text)


def _add_graders(parser: argparse.ArgumentParser) -> None:
    text = "where the hidden folders of assignments are, besides those that the package brings (default: graders)"
    parser.add_argument("--graders", type=Path, default=Path("graders"), metavar="FOLDER", help=text)


def _add_review(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "see the class at a glance, judge similar work together, give many one comment: pages on a Jupyter server"
    parser = commands.add_parser("review", help=text, description=text)
    parser.add_argument("assignment", metavar="ASSIGNMENT")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write all of it into one file, and serve nothing")
    parser.add_argument("--pseudonyms", action="store_true", help="with --html: pseudonyms in the place of names")
    parser.add_argument("--port", type=_count, metavar="N", help="where to serve (default: Jupyter's, 8888)")
    parser.add_argument("--no-browser", action="store_true", help="print the address, and open no browser")
    parser.add_argument(
        "--jupyter",
        action="append",
        default=[],
        metavar="OPTION",
        help="an option of Jupyter's: --jupyter=--ip=0.0.0.0",
    )


def _add_export(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "fill marks into the file that Canvas or Moodle exported: a copy, in which nothing else changes"
    parser = commands.add_parser("export", help=text, description=text)
    parser.add_argument("assignments", nargs="+", metavar="ASSIGNMENT")
    parser.add_argument(
        "--into",
        nargs=2,
        required=True,
        metavar=("canvas|moodle", "FILE"),
        help="whose file it is, and the file as it was exported there",
    )
    parser.add_argument("-o", "--output", type=Path, metavar="OUT", help="the copy (default: FILE-filled.csv)")
    parser.add_argument(
        "--match",
        metavar="COLUMN",
        help="the column that says whose a row is (default: 'SIS Login ID' or 'Email address')",
    )
    parser.add_argument("--suffix", default="", metavar="TEXT", help="added to a student's id before it is compared")
    parser.add_argument(
        "--mapping", type=Path, metavar="FILE", help="a CSV file with the columns 'student' and COLUMN: who is who"
    )
    parser.add_argument("--column", metavar="COLUMN", help="the column to fill in, where it has another name")
    parser.add_argument("--open-too", action="store_true", help="also fill in students who wait for a mark by hand")
    parser.add_argument("--scale", action="store_true", help="convert points where the platform has another maximum")
    parser.add_argument("--feedback", type=Path, metavar="ZIP", help="Moodle: write the feedback pages for upload, too")
    parser.add_argument("--no-comments", action="store_true", help="Moodle: grades only")


def _add_deadlines(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "give one student a later deadline, or take it back: penalties for being late follow at once"
    parser = commands.add_parser("extend", help=text, description=text)
    parser.add_argument("assignment", metavar="ASSIGNMENT")
    parser.add_argument("student", metavar="STUDENT")
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument(
        "--until", metavar="T", help="'2026-12-01 18:00', with a time zone or in the course's; a date: its last second"
    )
    wanted.add_argument("--days", type=float, metavar="N", help="after the due date, whatever that is")
    wanted.add_argument("--end", action="store_true", help="take the extension back")
    text = "list assignments with their dates, who has been given longer, and who is late"
    due = commands.add_parser("due", help=text, description=text)
    due.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help="which (default: all)")
    due.add_argument("--json", action="store_true", help="print one JSON object per assignment, each on a line")


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError("more than 0")
    return number


def _explain(error: Exception) -> int:
    try:
        from autograder.grading.assignment import AssignmentError  # noqa: PLC0415 - only on the way out
        from autograder.shipped import located  # noqa: PLC0415
    except ImportError as missing:
        return _fail(f"{missing}: install the package anew, with all that it needs", _ENGINE)
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, AssignmentError) or getattr(error, "is_usage", False):
        return _fail(text, _USAGE)
    return _fail(located(text), _ENGINE)


def _fail(text: str, status: int) -> int:
    print(f"autograder: {text}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
