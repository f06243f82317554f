"""A CSV file whose cells can be written one by one while all others keep their bytes.

Python's csv module forgets how a field was quoted and how a line ended. Here the text stays as it was read, each cell
knows where in it it stands, and only what is put into a cell takes the place of what was there.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from autograder.course.errors import UsageError

_DELIMITERS = ",;\t"
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WINDOWS = "cp1252"  # what a spreadsheet of old writes where it does not write Unicode
_FEW = 12  # columns that a message lists
_ARCHIVE = b"PK\x03\x04"  # a workbook is a zip
_QUOTED = re.compile(r'"((?:[^"]|"")*+)"')
_FIRST = re.compile(r'(?:"(?:[^"]|"")*+"|[^"\r\n])*+')
_RETURN = re.compile(r"\r(?!\n)")  # ends a line in files of old; in others it is part of a cell


class Cell(NamedTuple):
    """One field: where it stands in the file's text, quotation marks included, and what it says."""

    start: int
    end: int
    text: str


@dataclass
class Table:
    """A CSV file in memory.

    Attributes:
        name: of the file, for messages.
        text: all of it, without its byte order mark.
        encoding: of its bytes; what is no character in it stays the byte that it is.
        mark: its byte order mark, or nothing.
        delimiter: between its cells: a comma, a semicolon or a tab.
        header: its first line.
        rows: all others but for empty lines, each with the number of its first line, counted from 1.
    """

    name: str
    text: str
    encoding: str
    mark: bytes
    delimiter: str
    header: list[str] = field(default_factory=list)
    rows: list[tuple[int, list[Cell]]] = field(default_factory=list)
    _put: dict[Cell, str] = field(default_factory=dict)

    def put(self, cell: Cell, value: str) -> None:
        """Write a cell; it stays quoted where it is, and is quoted where it has to be."""
        is_quoted = self.text[cell.start : cell.end].startswith('"')
        needs = any(sign in value for sign in (self.delimiter, '"', "\r", "\n")) or value != value.strip()
        if is_quoted or needs:
            value = '"' + value.replace('"', '""') + '"'
        self._put[cell] = value

    def can_hold(self, value: str) -> bool:
        """Say whether the file's encoding has a sign for each character of a text."""
        return value.encode(self.encoding, "replace").decode(self.encoding) == value

    def to_bytes(self) -> bytes:
        """Return the file as it is now; what its encoding has no sign for becomes a question mark."""
        pieces, place = [self.mark], 0
        for cell in sorted(self._put):
            pieces += [self._old(place, cell.start), self._put[cell].encode(self.encoding, "replace")]
            place = cell.end
        return b"".join([*pieces, self._old(place, len(self.text))])

    def _old(self, start: int, end: int) -> bytes:
        return self.text[start:end].encode(self.encoding, _keeping(self.encoding))

    def column(self, name: str) -> int | None:
        """Return the place of a column, whatever the case of its letters, or None where there is none.

        Raises:
            UsageError: there are several.
        """
        exact = [place for place, one in enumerate(self.header) if one.strip() == name.strip()]
        found = exact or [place for place, one in enumerate(self.header) if _folded(one) == _folded(name)]
        if len(found) > 1:
            raise UsageError(f"{self.name}: {len(found)} columns are called {name!r}: leave one of them in the file")
        return found[0] if found else None

    def __iter__(self) -> Iterator[tuple[int, list[Cell]]]:
        """Yield each row with the number of its line."""
        return iter(self.rows)


def read_table(path: Path) -> Table:
    """Return a CSV file.

    Raises:
        UsageError: it cannot be read, or is none.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from error
    return parse(data, str(path))


def parse(data: bytes, name: str) -> Table:
    """Return the CSV file that some bytes are.

    Args:
        data: the bytes.
        name: of the file, for messages.

    Raises:
        UsageError: they are none.
    """
    if data.startswith(_ARCHIVE):
        raise UsageError(f"{name}: this is a workbook or an archive, not a CSV file: give the file as it was exported")
    mark, encoding = next(((mark, coded) for mark, coded in _MARKS if data.startswith(mark)), (b"", ""))
    body = data[len(mark) :]
    encoding = encoding or _guess(body)
    try:
        text = body.decode(encoding, _keeping(encoding))
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: this is no text in {encoding.upper()}: give the file as it was exported") from error
    if "\0" in text:
        raise UsageError(f"{name}: this is no CSV file: give the file as it was exported")
    table = Table(name, text, encoding, mark, _delimiter(text))
    for number, (line, cells) in enumerate(_records(table)):
        if number == 0:
            table.header = [cell.text for cell in cells]
        elif len(cells) > 1 or cells[0].end > cells[0].start:
            table.rows.append((line, cells))
    if not any(table.header):
        raise UsageError(f"{name}: its first line names no columns: give the file as it was exported")
    return table


def needed(table: Table, name: str, what_to_do: str) -> int:
    """Return the place of a column that has to be there.

    Raises:
        UsageError: it is not, or several are.
    """
    place = table.column(name)
    if place is None:
        raise UsageError(f"{table.name}: there is no column {name!r}, only {listed(table)}: {what_to_do}")
    return place


def listed(table: Table) -> str:
    """Return a table's columns for a message, the first few of many."""
    more = f" and {len(table.header) - _FEW} more" if len(table.header) > _FEW else ""
    return ", ".join(repr(one) for one in table.header[:_FEW]) + more


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _guess(body: bytes) -> str:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return _WINDOWS
    return "utf-8"


def _keeping(encoding: str) -> str:
    """Return how bytes that are no character pass through a text unchanged."""
    return "surrogatepass" if encoding.startswith("utf-16") else "surrogateescape"


def _delimiter(text: str) -> str:
    """Return what stands between the cells of the first line most often, outside of quotation marks."""
    end = _FIRST.match(text)
    first = _QUOTED.sub("", end.group() if end else "")
    return max(_DELIMITERS, key=first.count)


def _records(table: Table) -> Iterator[tuple[int, list[Cell]]]:
    """Yield the cells of each record with the number of its first line."""
    text, place, line = table.text, 0, 1
    first = _FIRST.match(text)
    is_old = first is not None and _RETURN.match(text, first.end()) is not None
    plain = rf"[^{re.escape(table.delimiter)}\r\n]*"
    rest = re.compile(plain if is_old else rf"{plain}(?:\r(?!\n){plain})*")
    while place < len(text):
        cells, begun = [], line
        while True:
            cell = _cell(table, place, begun, rest)
            cells.append(cell)
            line += len(re.findall(r"\r\n|\r|\n", text[cell.start : cell.end]))
            place = cell.end
            if text[place : place + 1] != table.delimiter:
                break
            place += 1
        place += 2 if text.startswith("\r\n", place) else 1
        line += 1
        yield begun, cells


def _cell(table: Table, place: int, line: int, unquoted: re.Pattern[str]) -> Cell:
    """Return the cell that begins at a place.

    Raises:
        UsageError: its quotation mark is never closed.
    """
    text = ""
    start = place
    if table.text.startswith('"', place):
        quoted = _QUOTED.match(table.text, place)
        if quoted is None:
            raise UsageError(f"{table.name}: line {line}: a quotation mark is opened and never closed")
        text, place = quoted.group(1).replace('""', '"'), quoted.end()
    rest = unquoted.match(table.text, place)
    assert rest is not None  # noqa: S101 - it matches nothing, too
    return Cell(start, rest.end(), text + rest.group())
