"""Marks into the files of Canvas and Moodle: what is ours is filled in, and all else is the same to the byte."""

import csv
import io
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platform_files import CANVAS, CANVAS_PLAIN, HELD, MAXIMUM, MOODLE, MOODLE_PLAIN, OPEN, SEVERAL, a_class

from autograder.course.errors import UsageError
from autograder.platforms import canvas, moodle
from autograder.platforms.cells import parse
from autograder.platforms.filling import Filled, Options
from autograder.platforms.matching import Matching, read_mapping

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def matching(exported, default):
    """Return how students are found in a file."""
    options = dict(exported.options)
    return Matching(options.pop("match", default), **options)


def into_canvas(exported, *classes, **options) -> Filled:
    """Fill a Canvas file in."""
    table = parse(exported.data(), "file.csv")
    sheet = canvas.read_sheet(table, classes or [a_class()], matching(exported, canvas.MATCH), None)
    return sheet.fill(Options(**options))


def into_moodle(exported, marks=None, **options) -> Filled:
    """Fill a worksheet in."""
    marks = marks or a_class()
    filled = moodle.read_sheet(parse(exported.data(), "file.csv"), marks, matching(exported, moodle.MATCH), None).fill(
        Options(**options)
    )
    moodle.write_comments(filled, marks)
    return filled


def reasons(filled):
    """Return why cells stay as they are, by who it is."""
    return {re.split("[@ ]", one.who)[0].lower(): one.reason for one in filled.left}


@pytest.mark.parametrize("name", CANVAS)
def test_canvas_gets_its_own_file_back(name):
    """Points of those who are done are filled in, and every other byte of a Canvas export is what it was."""
    exported = CANVAS[name]
    filled = into_canvas(exported)
    assert filled.table.to_bytes() == exported.data(filled=True)
    assert exported.data() != exported.data(filled=True)
    assert set(filled.written["ps 1"]) == {"ada", "ben", "cai"}


@pytest.mark.parametrize("name", MOODLE)
def test_moodle_gets_its_own_file_back(name):
    """Grades and comments of those who are done are filled in, and every other byte of a worksheet is what it was."""
    exported = MOODLE[name]
    filled = into_moodle(exported)
    assert filled.table.to_bytes() == exported.data(filled=True)
    assert exported.data() != exported.data(filled=True)


def test_several_assignments_go_into_one_canvas_file():
    """Each assignment has its own column, found by its name and Canvas' number."""
    second = a_class("ps 2", {"ada": 9.25, "cai": 0.0})
    assert into_canvas(SEVERAL, a_class(), second).table.to_bytes() == SEVERAL.data(filled=True)


def test_what_stays_as_it_is_has_a_reason():
    """Who is not matched, waits for a person, or may not be changed is named with the reason; no row is made up."""
    filled = into_canvas(CANVAS["excused and not assigned"])
    said = reasons(filled)
    assert set(said) == {OPEN, HELD, "someone", "fay"}
    assert said[HELD] == "the notebook is cut off; the cell keeps 6"
    assert "EX" in said["fay"]
    assert into_canvas(CANVAS_PLAIN).rowless == {"ps 1": ["fay"]}
    assert reasons(into_canvas(CANVAS["test student"]))["0f3a"] == "Canvas' test student"
    assert "another row" in reasons(into_canvas(CANVAS["twice the same student"]))["fay"]
    assert "ends before" in reasons(into_canvas(CANVAS["a row that is cut off"]))["fay"]
    assert "let its grade be changed" in reasons(into_moodle(MOODLE_PLAIN))["fay"]
    assert "takes at most 18" in reasons(into_moodle(MOODLE["a smaller maximum"]))["ben"]


def test_open_marks_are_filled_in_only_when_asked_for():
    """Who waits for a mark by hand gets what counts now with open_too; who is held back gets nothing then, either."""
    exported = replace(CANVAS_PLAIN, changed=CANVAS_PLAIN.changed | {(5, 5): "3"})
    filled = into_canvas(exported, open_too=True)
    assert filled.table.to_bytes() == exported.data(filled=True)
    assert set(reasons(filled)) == {HELD, "someone"}


def test_another_maximum_is_said_and_converted_only_when_asked_for():
    """Points are what they are, with a note, unless --scale is given: then they are the same share of the maximum."""
    marks = replace(a_class(), max_points=2 * MAXIMUM)
    assert "worth 40 points, and 20 on the platform" in into_canvas(CANVAS_PLAIN, marks).notes[0]
    scaled = into_canvas(CANVAS_PLAIN, marks, scale=True).table.to_bytes()
    halved = replace(CANVAS_PLAIN, changed={(2, 5): "8.75", (3, 5): "10", (4, 5): "4"})
    assert scaled == halved.data(filled=True)


def test_a_number_that_is_there_already_is_not_touched():
    """A cell that holds the same number in other digits keeps them."""
    exported = CANVAS_PLAIN.each(lambda cell: "20,0" if cell == "3" else cell)
    exported = replace(exported, delimiter=";", changed={(2, 5): "17,5", (4, 5): "8"})
    assert into_canvas(exported).table.to_bytes() == exported.data(filled=True)


@pytest.mark.parametrize("exported", [*MOODLE.values(), *CANVAS.values()])
def test_nothing_of_ours_is_a_formula(exported):
    """No cell that we wrote begins as a formula of a spreadsheet does, whatever stands in the catalogue."""
    for cell in exported.changed.values():
        assert not cell.strip('"').startswith(FORMULA)
    titled = a_class("ps 1", {"cai": -1.0})
    filled = into_moodle(MOODLE_PLAIN, titled)
    written = csv.DictReader(io.StringIO(filled.table.to_bytes().decode()))
    assert next(row for row in written if row["Full name"] == "Cai")["Feedback comments"].startswith("'-1 of 20 points")


def test_letters_that_an_old_file_cannot_hold_are_told_of():
    """A worksheet that a spreadsheet saved in an old encoding gets a question mark for a Greek letter, and a note."""
    marks = a_class()
    marks = replace(marks, labels={("cost", "value"): "∂C is right"})
    filled = into_moodle(MOODLE["umlauts of old Windows"], marks)
    assert b"not passed: ?C is right." in filled.table.to_bytes()
    assert "is no Unicode: ? stands for letters" in " ".join(filled.notes)
    assert "is no Unicode" not in " ".join(into_moodle(MOODLE_PLAIN, marks).notes)


def test_columns_that_are_missing_are_named():
    """What cannot be matched or filled in ends in one line that names the columns that there are."""
    table = parse(CANVAS["no SIS column at all"].data(), "file.csv")
    with pytest.raises(UsageError, match=r"no column 'SIS Login ID', only 'Student', 'ID', 'Section'.*--match"):
        canvas.read_sheet(table, [a_class()], Matching(canvas.MATCH), None)
    with pytest.raises(UsageError, match=r"no column 'ps 9.*'ps 1 .4711.', 'ps 2 .4712.'.*--column"):
        into_canvas(CANVAS_PLAIN, a_class("ps 9"))
    with pytest.raises(UsageError, match=r"'ps 1' may be any of 'ps 1 .4711.', 'ps 1 .4712.'"):
        into_canvas(CANVAS_PLAIN.each(lambda cell: cell.replace("ps 2", "ps 1")))
    with pytest.raises(UsageError, match="read only"):
        into_canvas(CANVAS_PLAIN.each(lambda cell: "(read only)" if cell == "20.00" else cell))
    with pytest.raises(UsageError, match="no column 'Grade'"):
        moodle.read_sheet(table, a_class(), Matching("ID"), None)


@pytest.mark.parametrize("column", ["Section", "ps 2 (4712)"])
def test_a_column_of_another_name_can_be_named(column):
    """--column names what is to be filled in where it has another name than the assignment."""
    table = parse(CANVAS_PLAIN.data(), "file.csv")
    sheet = canvas.read_sheet(table, [a_class("something else")], Matching(canvas.MATCH), column)
    assert [table.header[one.place] for one in sheet.columns] == [column]


def test_a_mapping_says_who_is_who(tmp_path):
    """A mapping is a table with the columns `student` and the matched one, in any order, and never says two things."""
    path = tmp_path / "who.csv"
    path.write_text('name;ID;student\n"A; B";1;ada\n;2;ben\n;;\n')
    assert read_mapping(path, "ID") == {"1": "ada", "2": "ben"}
    path.write_text("student,ID\nada,1\nben,1\n")
    with pytest.raises(UsageError, match="line 3: '1' is said to be 'ada' and 'ben'"):
        read_mapping(path, "ID")
    path.write_text("who,ID\nada,1\n")
    with pytest.raises(UsageError, match="has the columns 'student' and 'ID'; this one has 'who', 'ID'"):
        read_mapping(path, "ID")


def test_addresses_of_the_gradebook_are_matched():
    """Where the gradebook knows a student's address, Moodle's column of addresses needs no suffix."""
    table = parse(MOODLE_PLAIN.data(), "file.csv")
    found = Matching("Email address", addresses={"ada": "Ada@UNI.example"}).rows_of(table, 2, ["ada", "ben"])
    assert found.students == {2: "ada"}


def test_ids_that_differ_in_case_alone_are_nobodys():
    """An entry that fits two students of the course, letter for letter none of them, is left to a person."""
    table = parse(CANVAS_PLAIN.data(), "file.csv")
    found = Matching("SIS Login ID").rows_of(table, 3, ["Ada", "ADA", "ben", "Ben", "BEN"])
    assert found.students == {4: "BEN"}
    assert "more than one student" in found.refused[3]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04rest", "workbook"),
        (b"a,b\n1,\0\n", "no CSV file"),
        (b"", "names no columns"),
        (b'a,b\n1,2\n"3,4\n', "line 3: a quotation mark is opened and never closed"),
        (b"\xff\xfea", "no text in UTF-16-LE"),
    ],
)
def test_what_is_no_table_is_refused(data, said):
    """A workbook, binary data, an empty or broken file each end in one line."""
    with pytest.raises(UsageError, match=said):
        parse(data, "file.csv")


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
ROWS = st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=6)


@given(ROWS, st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_a_table_is_read_as_pythons_csv_reads_it(rows, delimiter, end, every):
    """Every table that Python's csv module writes is read cell by cell as it was meant, and comes back byte by byte."""
    file = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL
    rows = [["title", *(["x"] * 3)], *rows]
    if not every:  # Python's module quotes no lone carriage return, nor a line feed where lines end without one
        bare = re.compile("[\r\n]" if end == "\r" else "\r")
        rows = [[bare.sub("", cell) for cell in row] for row in rows]
    csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    data = file.getvalue().encode()
    table = parse(data, "file.csv")
    assert [table.header, *([cell.text for cell in row] for _, row in table)] == rows
    assert table.to_bytes() == data


@given(st.binary(max_size=60))
def test_any_bytes_come_back_or_are_refused(data):
    """Whatever lies in a file is given back byte by byte or refused in one line."""
    try:
        table = parse(b"a,b\n" + data, "file.csv")
    except UsageError as error:
        said = str(error)
        assert len(said.splitlines()) == 1
    else:
        assert table.to_bytes() == b"a,b\n" + data
