"""Files as Canvas and Moodle export them, built of raw cells, so that each byte of what comes back is known before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.platforms.class_marks import ClassMarks, Earned
from autograder.review.reading.model import Named, Result

POINTS = {"ada": 17.5, "ben": 20.0, "cai": 8.0, "dov": 3.0, "eve": 12.0, "fay": 11.0}
OPEN, HELD = "dov", "eve"
MAXIMUM = 20.0
_NAMED = Named("no-mean", "=The mean is missing, if n < 2", "Divide by n.")
_WRONG = Result(2.0, 4.0, {"value": "fail", "shape": "pass"}, {}, ())


def a_class(assignment: str = "ps 1", points: dict[str, float] | None = None) -> ClassMarks:
    """Return a class: one waits for a mark by hand, one for somebody to look at the work."""
    states = {OPEN: ("open", "a mark by hand is still to be given: essay"), HELD: ("held", "the notebook is cut off")}
    students = {}
    for student, number in (points or POINTS).items():
        state, reason = states.get(student, ("ready", ""))
        results = {"cost": replace(_WRONG, mistakes=(_NAMED,))} if student == "cai" else {"cost": _WRONG}
        students[student] = Earned(number, state, reason, 2.0 if student == "ben" else 0.0, results)
    feedback = {student: Path("nowhere") / student for student in students}
    labels = {("cost", "value"): "The value is right"}
    return ClassMarks(assignment, MAXIMUM, students, feedback, {}, labels)


def quoted(text: str) -> str:
    """Return a cell's raw text in quotation marks."""
    return '"' + text.replace('"', '""') + '"'


@dataclass(frozen=True)
class Exported:
    """A file that a platform exported.

    Attributes:
        rows: raw cells, as they stand in the file.
        changed: what is to stand in the cells that are ours, by row and column.
        delimiter: between cells.
        end: of each line.
        encoding: of the bytes, a byte order mark included.
        last: whether the last line is ended, too.
        options: for reading it, as on the command line.
    """

    rows: tuple[tuple[str, ...], ...]
    changed: dict[tuple[int, int], str]
    delimiter: str = ","
    end: str = "\n"
    encoding: str = "utf-8"
    last: bool = True
    options: dict[str, object] = field(default_factory=dict)

    def data(self, *, filled: bool = False) -> bytes:
        """Return the file, before or after it was filled in."""
        lines = []
        for number, row in enumerate(self.rows):
            cells = [self.changed.get((number, place), cell) if filled else cell for place, cell in enumerate(row)]
            lines.append(self.delimiter.join(cells))
        return (self.end.join(lines) + (self.end if self.last else "")).encode(self.encoding)

    def each(self, change: Callable[[str], str]) -> "Exported":
        """Return the same file with each raw cell changed."""
        rows = tuple(tuple(change(cell) for cell in row) for row in self.rows)
        return replace(self, rows=rows, changed={place: change(cell) for place, cell in self.changed.items()})

    def without(self, column: int) -> "Exported":
        """Return the same file without a column."""
        rows = tuple((*row[:column], *row[column + 1 :]) for row in self.rows)
        moved = {(row, place - (place > column)): cell for (row, place), cell in self.changed.items()}
        return replace(self, rows=rows, changed=moved)

    def also(self, *rows: Sequence[str], at: int | None = None) -> "Exported":
        """Return the same file with more rows, at its end or in front of a row."""
        place = len(self.rows) if at is None else at
        together = (*self.rows[:place], *map(tuple, rows), *self.rows[place:])
        changed = {(row + len(rows) * (row >= place), cell): text for (row, cell), text in self.changed.items()}
        return replace(self, rows=together, changed=changed)


_CANVAS = (
    ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", "ps 1 (4711)", "ps 2 (4712)", "Final Score"),
    ("    Points Possible", "", "", "", "", "20.00", "10.00", "(read only)"),
    ('"Lovelace, Ada"', "1", "s1", "ada", "A", "", "", "81.5"),
    ('"Bell, Ben"', "2", "s2", "BEN", "A and B", "3", "7.00", ""),
    ('"O""Cain, Cai"', "3", "s3", "cai", '"line one\nline two"', "", "", ""),
    ("Dov", "4", "s4", "dov", "B", "", "", ""),
    ("Eve", "5", "s5", "eve", "B", "6", "", ""),
    ("Stranger", "6", "s6", "someone", "B", "5", "", ""),
)
_CANVAS_FILLED = {(2, 5): "17.5", (3, 5): "20", (4, 5): "8"}
CANVAS_PLAIN = Exported(_CANVAS, _CANVAS_FILLED)
_MAPPED = {"match": "ID", "mapping": {"1": "ada", "2": "ben", "3": "cai", "4": "dov", "5": "eve"}}


def _split(exported: Exported) -> Exported:
    """Return a Canvas file with the columns LastName and FirstName."""
    names = [("LastName", "FirstName"), (exported.rows[1][0], ""), ("Lovelace", "Ada"), ('"Bell, jr."', "Ben")]
    names += [("Cain", '"C, C"'), ("Dov", ""), ("Eve", ""), ("Stranger", "X")]
    rows = tuple((*name, *row[1:]) for name, row in zip(names, exported.rows, strict=True))
    return Exported(rows, {(row, place + 1): cell for (row, place), cell in exported.changed.items()})


def _comma(cell: str) -> str:
    return cell.replace(".", ",") if cell.replace(".", "").isdigit() else cell


def _renamed(exported: Exported, **names: str) -> Exported:
    """Return a file with other raw texts in some cells."""
    return exported.each(lambda cell: names.get(cell, cell))


CANVAS = {
    "plain": CANVAS_PLAIN,
    "without an end of its last line": replace(CANVAS_PLAIN, last=False),
    "Windows": replace(CANVAS_PLAIN, end="\r\n"),
    "old Macintosh": replace(CANVAS_PLAIN, end="\r"),
    "byte order mark": replace(CANVAS_PLAIN, encoding="utf-8-sig"),
    "UTF-16": replace(CANVAS_PLAIN, encoding="utf-16", end="\r\n"),
    "umlauts": _renamed(CANVAS_PLAIN, Dov="Döv Ünsal", Eve="E\u0301ve"),
    "umlauts of old Windows": replace(_renamed(CANVAS_PLAIN, Dov="Döv Ünsal"), encoding="cp1252", end="\r\n"),
    "formulas as names": _renamed(CANVAS_PLAIN, Dov="=1+1", Eve='"=HYPERLINK(""x"",""y"")"', Stranger="@x"),
    "all in quotation marks": CANVAS_PLAIN.each(lambda cell: cell if cell.startswith('"') else quoted(cell)),
    "semicolons and decimal commas": replace(CANVAS_PLAIN.each(_comma), delimiter=";"),
    "no SIS User ID": CANVAS_PLAIN.without(2),
    "no SIS column at all": replace(CANVAS_PLAIN.without(3).without(2), options=_MAPPED),
    "test student": CANVAS_PLAIN.also(("Student, Test".join('""'), "9", "", "0f3a", "A", "", "", "")),
    "posted by hand": CANVAS_PLAIN.also(("", "", "", "", "", "Manual Posting", "", ""), at=1),
    "last and first name": _split(CANVAS_PLAIN),
    "read-only columns only beside": CANVAS_PLAIN.each(lambda cell: "(read only)" if cell == "10.00" else cell),
    "excused and not assigned": CANVAS_PLAIN.also(("Fay", "7", "s7", "fay", "A", "EX", "N/A", "")),
    "empty lines between": CANVAS_PLAIN.also(("",), at=4).also(("",), at=2),
    "a row that is cut off": CANVAS_PLAIN.also(("Fay", "7", "s7", "fay", "A")),
    "twice the same student": CANVAS_PLAIN.also(
        ("Fay", "7", "", "fay", "A", "", "", ""), ("F", "8", "", "FAY", "", "", "", "")
    ),
}
SEVERAL = replace(CANVAS_PLAIN, changed=_CANVAS_FILLED | {(2, 6): "9.25", (4, 6): "0"})

_TITLES = (
    *("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed"),
    *("Last modified (submission)", "Online text", "Last modified (grade)", "Feedback comments"),
)
_WHEN = '"Tuesday, 1 December 2026, 6:00 PM"'
_ADA = "17.5 of 20 points. cost: 2 of 4 points; not passed: The value is right."
_BEN = "20 of 20 points. 2 points off for being late. cost: 2 of 4 points; not passed: The value is right."
_CAI = "8 of 20 points. cost: =The mean is missing, if n &lt; 2."


def _moodle(number: int, name: str, student: str, *rest: str) -> tuple[str, ...]:
    grade, maximum, changeable, online, comment = rest
    participant = (f"Participant {number}", name, f"{student}@uni.example", "Submitted")
    return (*participant, grade, maximum, changeable, _WHEN, online, "-", comment)


_MOODLE = (
    _TITLES,
    _moodle(101, '"Lovelace, Ada"', "ada", "", "20.00", "Yes", '"<p>a, b</p>\n<p>c</p>"', ""),
    _moodle(102, '"Ben ""B"" Bell"', "BEN", "3.00", "20.00", "Yes", "", '"<p>3 of 20 points. cost: earlier</p>"'),
    _moodle(103, "Cai", "cai", "", "20.00", "Yes", "", ""),
    _moodle(104, "Dov", "dov", "", "20.00", "Yes", "", ""),
    _moodle(105, "Eve", "eve", "", "20.00", "Yes", "", ""),
    _moodle(106, "Fay", "fay", "", "20.00", "No", "", ""),
    _moodle(107, "Stranger", "someone", "", "20.00", "Yes", "", "see me"),
)
_MOODLE_FILLED = {
    (1, 4): "17.5",
    (2, 4): "20",
    (3, 4): "8",
    (1, 10): _ADA,
    (2, 10): quoted(_BEN),
    (3, 10): quoted(_CAI),
}
MOODLE_PLAIN = Exported(_MOODLE, _MOODLE_FILLED, options={"suffix": "@uni.example"})
_PARTICIPANTS = {f"Participant {101 + place}": student for place, student in enumerate(POINTS)}


def _smaller(exported: Exported) -> Exported:
    """Return a worksheet in which one may get no more than what another one has."""
    rows = [list(row) for row in exported.rows]
    rows[2][5] = "18.00"
    changed = {place: cell for place, cell in exported.changed.items() if place[0] != 2}
    return replace(exported, rows=tuple(map(tuple, rows)), changed=changed)


def _with_comment(exported: Exported) -> Exported:
    """Return a worksheet in which a person has written a comment."""
    rows = [list(row) for row in exported.rows]
    rows[1][10] = '"=please, see me"'
    changed = {place: cell for place, cell in exported.changed.items() if place != (1, 10)}
    return replace(exported, rows=tuple(map(tuple, rows)), changed=changed)


def _between(exported: Exported, delimiter: str) -> Exported:
    """Return a worksheet with something else between its cells, where other comments need quotation marks."""
    comments = {(1, 10): _ADA, (2, 10): _BEN, (3, 10): _CAI}
    bare = {place: text for place, text in comments.items() if place != (2, 10) and delimiter not in text}
    changed = exported.changed | {place: quoted(text) for place, text in comments.items()} | bare
    return replace(exported, delimiter=delimiter, changed=changed)


def _with_commas(exported: Exported) -> Exported:
    """Return a worksheet of a language with a decimal comma, which needs quotation marks between commas."""
    found = exported.each(lambda cell: quoted(_comma(cell)) if _comma(cell) != cell else cell)
    return replace(found, changed=found.changed | {(2, 4): '"20"'})


MOODLE = {
    "plain": MOODLE_PLAIN,
    "titles in other letters": replace(MOODLE_PLAIN, rows=(tuple(map(str.upper, _TITLES)), *_MOODLE[1:])),
    "titles in small letters": replace(MOODLE_PLAIN, rows=(tuple(map(str.lower, _TITLES)), *_MOODLE[1:])),
    "without an end of its last line": replace(MOODLE_PLAIN, last=False),
    "Windows": replace(MOODLE_PLAIN, end="\r\n"),
    "byte order mark": replace(MOODLE_PLAIN, encoding="utf-8-sig"),
    "UTF-16": _between(replace(MOODLE_PLAIN, encoding="utf-16", end="\r\n"), "\t"),
    "umlauts": _renamed(MOODLE_PLAIN, Dov="Jürgen Groß", Eve="E\u0301ve"),
    "umlauts of old Windows": replace(_renamed(MOODLE_PLAIN, Dov="Jürgen Groß"), encoding="cp1252", end="\r\n"),
    "formulas as names": _renamed(MOODLE_PLAIN, Dov="=1+1", Eve="\"+cmd|' /C calc'!A0\"", Stranger="-2"),
    "all in quotation marks": MOODLE_PLAIN.each(lambda cell: cell if cell.startswith('"') else quoted(cell)),
    "semicolons": _between(MOODLE_PLAIN, ";"),
    "semicolons and decimal commas": _between(MOODLE_PLAIN.each(_comma), ";"),
    "decimal commas in quotation marks": _with_commas(MOODLE_PLAIN),
    "tabs": _between(MOODLE_PLAIN, "\t"),
    "no online text": MOODLE_PLAIN.without(8),
    "names hidden": replace(MOODLE_PLAIN.without(2), options={"match": "Identifier", "mapping": _PARTICIPANTS}),
    "a smaller maximum": _smaller(MOODLE_PLAIN),
    "a comment of somebody's": _with_comment(MOODLE_PLAIN),
    "no comments": MOODLE_PLAIN.without(10),
    "empty lines between": MOODLE_PLAIN.also(("",), at=3),
}
