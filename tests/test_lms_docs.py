"""The tables of docs/with-your-lms.md: what they say of a column, an option or a reason is what the code does."""

import argparse
import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from platform_files import CANVAS, CANVAS_PLAIN, MOODLE, MOODLE_PLAIN, a_class
from test_platform_files import into_canvas, into_moodle

from autograder import cli
from autograder.platforms import canvas, moodle
from autograder.platforms.cells import parse
from autograder.platforms.filling import Options
from autograder.platforms.matching import Matching

PAGE = (Path(__file__).parent.parent / "docs" / "with-your-lms.md").read_text()


def table(section):
    """Return the rows of a section's table, but for its title."""
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines() if line[:1] == "|"]
    return [(first.strip("| "), second.strip("| ")) for first, second in rows[2:]]


def filled_in(section, values, fill):
    """Fill in a file with the section's columns and one student's row; return which columns have changed."""
    columns = [name.strip("`") for name, _ in table(section)]
    raw = ",".join(columns) + "\n" + ",".join(values.get(name, "") for name in columns) + "\n"
    read = parse(raw.encode(), "file.csv")
    after = parse(fill(read), "file.csv")
    assert after.header == columns
    return {
        name for name, old, new in zip(columns, read.rows[0][1], after.rows[0][1], strict=True) if old.text != new.text
    }


def said_to_be(section):
    """Return the columns of which the page says that they are filled in."""
    return {name.strip("`") for name, what in table(section) if what.startswith("filled in")}


def test_the_columns_of_canvas_are_those_that_the_page_names():
    """Of Canvas' columns, those are changed of which the page says it, and no others."""

    def fill(read):
        marks = a_class("neuron")
        return canvas.read_sheet(read, [marks], Matching(canvas.MATCH), None).fill(Options()).table.to_bytes()

    values = {"ID": "1", "SIS Login ID": "ada", "Student": "A", "Final Score": "1"}
    assert filled_in("Canvas", values, fill) == said_to_be("Canvas") == {"neuron (4711)"}


def test_the_columns_of_moodle_are_those_that_the_page_names():
    """Of a worksheet's columns, those are changed of which the page says it, and no others; it has all of them."""

    def fill(read):
        filled = moodle.read_sheet(read, a_class(), Matching(moodle.MATCH), None).fill(Options())
        moodle.write_comments(filled, a_class())
        return filled.table.to_bytes()

    values = {
        "Identifier": "Participant 1",
        "Email address": "ada",
        "Maximum Grade": "20.00",
        "Grade can be changed": "Yes",
    }
    assert filled_in("Moodle", values, fill) == said_to_be("Moodle") == {"Grade", "Feedback comments"}
    assert [name.strip("`") for name, _ in table("Moodle")] == list(MOODLE_PLAIN.rows[0])


def produced():
    """Return every reason that the files of the tests lead to, but for those that an outcome tells."""
    fills = [into_canvas(one) for one in CANVAS.values()] + [into_moodle(one) for one in MOODLE.values()]
    fills.append(
        into_canvas(
            CANVAS_PLAIN,
            a_class("ps 1", {"ada": 1.0, "Ben": 2.0, "ben": 3.0}),
            a_class("ps 2", {"cai": 1.0, "fay": 2.0}),
        )
    )
    fills.append(into_canvas(CANVAS["excused and not assigned"], a_class("ps 2", {"fay": 2.0})))
    twice = {"match": "ID", "mapping": {"1": "ada", "2": "ada"}}
    fills.append(into_canvas(replace(CANVAS_PLAIN, options=twice)))
    marks = a_class()
    filled = into_moodle(MOODLE_PLAIN, marks)
    moodle.write_feedback(io.BytesIO(), filled, marks)
    fills.append(filled)
    every = {one.reason for filled in fills for one in filled.left}
    return {one for one in every if not one.startswith("the notebook is cut off")}


@pytest.fixture(scope="module")
def reasons():
    """Return the reasons of the page as patterns, by their text."""
    shown = [text for text, _ in table("What stays as it is")]
    return {text: re.compile(re.escape(text).replace("…", ".+") + r"([;,:].*)?") for text in shown}


def test_every_reason_is_on_the_page_and_none_is_made_up(reasons):
    """Each reason that the command can give stands on the page, and each on the page is given for some file."""
    found = produced()
    assert [one for one in found if not any(pattern.match(one) for pattern in reasons.values())] == []
    assert [text for text, pattern in reasons.items() if not any(pattern.match(one) for one in found)] == []


def test_every_option_is_on_the_page():
    """Each option of export, extend and due stands on the page."""
    parsers = next(one for one in cli._parser()._actions if isinstance(one, argparse._SubParsersAction)).choices
    options = {
        name
        for command in ("export", "extend", "due")
        for one in parsers[command]._actions
        for name in one.option_strings
    }
    assert {one for one in options if one.startswith("--") and one not in PAGE} == {"--help", "--output"}
    assert f"`{canvas.MATCH}` at Canvas" in PAGE
    assert f"`{moodle.MATCH}` at Moodle" in PAGE
