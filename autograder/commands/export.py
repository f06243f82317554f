"""`autograder export`: marks into the file that a learning platform exported, and nothing else in it touched."""

from argparse import Namespace
from pathlib import Path

from rich import box
from rich.table import Table as Shown

from autograder.commands.printing.summary import safe, screen
from autograder.course.errors import UsageError
from autograder.course.records.private import write_private_bytes
from autograder.platforms import canvas, moodle
from autograder.platforms.cells import Table, read_table
from autograder.platforms.class_marks import ClassMarks, read_marks
from autograder.platforms.filling import FEW, Filled, Options, Sheet
from autograder.platforms.matching import Matching, read_mapping

_DEFAULTS = {"canvas": canvas.MATCH, "moodle": moodle.MATCH}


def run(options: Namespace) -> int:
    """Write the copy; returns the exit status: 1 where a mark is held back, because a human has to look at the work.

    Raises:
        AssignmentError, ReviewError, UsageError: what was asked for is not there or cannot go together.
    """
    platform, file = options.into
    options.into, options.file = platform, Path(file)
    _check(options)
    output = _output(options)
    table = read_table(options.file)
    classes = [read_marks(Path.cwd(), name) for name in dict.fromkeys(options.assignments)]
    sheet = _sheet(options, table, classes)
    filled = sheet.fill(Options(open_too=options.open_too, scale=options.scale))
    if options.into == "moodle" and not options.no_comments:
        moodle.write_comments(filled, classes[0])
    if options.feedback is not None:
        with write_private_bytes(options.feedback) as file:
            packed = moodle.write_feedback(file, filled, classes[0])
        filled.notes.append(f"{options.feedback}: feedback pages of {packed}")
    with write_private_bytes(output) as file:
        file.write(filled.table.to_bytes())
    _show(filled, sheet, output)
    held = {(one.assignment, student) for one in classes for student, it in one.students.items() if it.state == "held"}
    return 1 if held else 0


def _sheet(options: Namespace, table: Table, classes: list[ClassMarks]) -> Sheet:
    match = options.match or _DEFAULTS[options.into]
    mapping = read_mapping(options.mapping, match) if options.mapping is not None else {}
    addresses = {student: address for one in classes for student, address in one.addresses.items()}
    matching = Matching(match, options.suffix, mapping, addresses)
    if options.into == "canvas":
        return canvas.read_sheet(table, classes, matching, options.column)
    if options.feedback is not None:
        moodle.check_for_feedback(table)
    return moodle.read_sheet(table, classes[0], matching, options.column)


def _check(options: Namespace) -> None:
    """See that what was asked for goes together.

    Raises:
        UsageError: it does not.
    """
    several = len(set(options.assignments)) > 1
    if options.into not in _DEFAULTS:
        raise UsageError(f"--into {options.into}: it is neither canvas nor moodle")
    if options.into == "canvas" and (options.feedback is not None or options.no_comments):
        raise UsageError("--feedback and --no-comments are for Moodle: Canvas' file holds points alone")
    if options.into == "moodle" and several:
        raise UsageError("a worksheet of Moodle's is of one assignment: export each into its own")
    if options.column is not None and several:
        raise UsageError("--column names the column of one assignment: export the others by a command of their own")


def _output(options: Namespace) -> Path:
    """Return where the copy goes, which is never what was exported.

    Raises:
        UsageError: it would be, or there is no such folder.
    """
    source: Path = options.file
    output: Path = options.output or source.with_name(f"{source.stem}-filled{source.suffix}")
    for path in filter(None, (output, options.feedback)):
        if not path.parent.is_dir():
            raise UsageError(f"{path}: there is no folder {path.parent} to write it in")
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise UsageError(f"{path}: this is no file but a link, a folder or a device; give another name")
        if path.exists() and source.exists() and path.samefile(source):
            raise UsageError(f"{path}: this is what the platform exported, and stays as it is; give another name")
    if output == options.feedback:
        raise UsageError(f"{output}: the table and the archive need names of their own")
    return output


def _show(filled: Filled, sheet: Sheet, output: Path) -> None:
    """Print what was filled in, what was not and why, and who has no row."""
    out = screen()
    if filled.left:
        several = len(sheet.columns) > 1
        titles = ("line", "who", *(("assignment",) if several else ()), "left as it is, because")
        shown = Shown(*titles, box=box.SIMPLE_HEAD, pad_edge=False)
        for one in sorted(filled.left, key=lambda one: one.line):
            assignment = (safe(one.assignment or "all"),) if several else ()
            shown.add_row(str(one.line), safe(one.who), *assignment, safe(one.reason))
        out.print(shown)
    for column in sheet.columns:
        name, title = column.marks.assignment, filled.table.header[column.place]
        rows = len(sheet.matched.students) + len(sheet.matched.refused)
        out.print(safe(f"{name}: {len(filled.written[name])} of {rows} rows filled in, column {title!r}"))
        if missing := filled.rowless[name]:
            more = f" and {len(missing) - FEW} more" if len(missing) > FEW else ""
            out.print(safe(f"{name}: without a row: {', '.join(missing[:FEW])}{more}"))
    for note in filled.notes:
        out.print(safe(note))
    out.print(safe(str(output)))
