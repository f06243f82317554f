"""What students wrote is never lost: answers beside their question, and no note for a difference without meaning."""

import copy
import json
from dataclasses import replace

import pytest
from test_rebuild import SOURCE, code, ids, managed, source_cell, whole

from autograder.course.handed_in.answers import show_beside
from autograder.course.handed_in.handed_out import HandedOut
from autograder.course.handed_in.reading import read_submitted
from autograder.course.handed_in.rebuild import normalize, rebuild
from autograder.course.handed_in.texts import comparable, telling_lines
from autograder.course.records.source_cells import Source
from autograder.judge.notebook import DOUBTFUL, FOUND, NotebookError, read, source_of
from autograder.sandbox.limits import Limits

QUESTION = "## 5. Where does it go?\n\nThe formula has none of it: say why that is so.\n\nYOUR ANSWER HERE"
CELLS = [*SOURCE[:3], source_cell("why", "markdown", QUESTION, grade=True, solution=True, points=4.0)]
GIVEN = ["# A title of four words", "## 4. The exercise before\n\n$$C$$", QUESTION]
HANDED = HandedOut(frozenset(map(comparable, GIVEN)), frozenset(line for text in GIVEN for line in telling_lines(text)))
ANSWER = "Because the derivative of the cost has it in its denominator."
PROSE = f"{ANSWER}\n\nSo they cancel."


def text(source, kind="markdown", **more):
    """Return a cell with text that nbgrader does not know."""
    return {"cell_type": kind, "metadata": {}, "source": source, **more}


def submission(*last):
    """Return a submission whose question is handed in as the last cells."""
    return [text(GIVEN[0]), *whole()[:3], text(GIVEN[1]), *copy.deepcopy(last)]


def untouched():
    """Return the question as it was handed out."""
    return managed("why", QUESTION)


def done(cells):
    """Return the rebuilt cells and the notes on answers."""
    submitted = normalize(cells)
    rebuilt, _ = rebuild(submitted, CELLS)
    return rebuilt, show_beside(rebuilt, submitted, CELLS, HANDED)


def shown(cells):
    """Return what is shown beside the question, and whether a human has to look at it."""
    position = ids(cells).index("why")
    question = [cell for cell in cells if cell["metadata"].get("nbgrader")][position]
    beside = [cell["source"] for cell in cells if cell["metadata"].get(FOUND) == "why"]
    return beside, question["metadata"].get(DOUBTFUL, False)


ELSEWHERE = {
    "its metadata is lost": [text(QUESTION.replace("YOUR ANSWER HERE", PROSE))],
    "its metadata is lost and so is the question": [text(PROSE)],
    "lost, and turned into raw": [text(PROSE, "raw")],
    "lost, and turned into code": [text(PROSE, "code")],
    "lost, and turned into comments": [text("# " + PROSE.replace("\n", "\n# "), "code")],
    "lost, and merged into the heading above": [text(f"{GIVEN[1]}\n\n{PROSE}")],
    "below the placeholder": [untouched(), text(PROSE)],
    "below the placeholder, in two words": [untouched(), text("They cancel")],
    "below the placeholder, as a formula": [untouched(), text("$a'/a$")],
    "below the placeholder, as code": [untouched(), text(PROSE, "code")],
    "below the placeholder, as comments": [untouched(), text("# " + ANSWER, "code")],
    "below the placeholder, as a string": [untouched(), text(f'"""{PROSE}"""', "code")],
    "below the placeholder, with a magic": [untouched(), text(f"%md\n{PROSE}", "code")],
    "below the placeholder, raw": [untouched(), text(PROSE, "raw")],
    "above the placeholder": [text(PROSE), untouched()],
    "in a copy, the placeholder last": [managed("why", QUESTION.replace("YOUR ANSWER HERE", PROSE)), untouched()],
    "a photo": [untouched(), text("![](attachment:a.jpg)", attachments={"a.jpg": {"image/jpeg": "AAAA"}})],
    "in the form of Colab": [
        untouched(),
        text(f"#@title Mine\n#@markdown {ANSWER}\n#@markdown So they cancel.", "code"),
    ],
    "in an indented remark that names it": [
        untouched(),
        code("x = 1"),
        text(f"def own(x):\n    # Вопрос 5: {ANSWER}\n    # It is so.\n    return x", "code"),
    ],
    "in a class's docstring that names it": [
        untouched(),
        code("x = 1"),
        text(f'class Own:\n    """What it is.\n\n    Question 5 : {ANSWER}\n    """\n\n    x = 1', "code"),
    ],
    "in a long remark above code": [
        untouched(),
        code("x = 1"),
        text(f"# {ANSWER}\n# {ANSWER}\n# {ANSWER}\nx = 2", "code"),
    ],
    "typed into input()": [
        untouched(),
        text(
            'mine = input("Question 5: ")\nx = 1',
            "code",
            outputs=[{"output_type": "stream", "name": "stdout", "text": ["starting\n", f"Question 5: {ANSWER}\n"]}],
        ),
    ],
    "as a text in a picture": [
        untouched(),
        code("x = 1"),
        text(f'plt.axis("off")  # it\'s a drawing\nplt.text(0, 1, "{ANSWER} "\n    + "{ANSWER}", fontsize=8)', "code"),
    ],
    "as one long heading": [untouched(), code("x = 1"), text(f"# {ANSWER}")],
    "in another script": [untouched(), text("因为成本函数的导数的分母里有它")],
    "far from the placeholder": [untouched(), code("x = 1"), text("## Mine\n\n" + PROSE)],
}


@pytest.mark.parametrize("case", ELSEWHERE)
def test_an_answer_elsewhere_goes_to_a_human_who_sees_it(case):
    """Whatever became of the cell, the question is marked for a human and the student's text stands beside it."""
    cells, notes = done(submission(*ELSEWHERE[case]))
    beside, doubtful = shown(cells)
    assert doubtful
    assert len(notes) == 1
    own = source_of(ELSEWHERE[case][-1]).strip('#\n %md"')
    last = [one for one in ELSEWHERE[case] if one.get("source") != QUESTION][-1]
    wanted = "cancel" if "cancel" in last["source"] else ANSWER if ANSWER in str(last) else own
    assert any(wanted in one for one in beside), beside


def test_an_answer_merged_into_a_check_is_seen():
    """Jupyter merges cells into the first: a check that swallowed the answer is put back, and the answer shown."""
    cells = submission()
    cells[3] = managed("test_cost", f"assert cost()\n\n{PROSE}")
    rebuilt, _ = done(cells)
    beside, doubtful = shown(rebuilt)
    assert doubtful
    assert any(ANSWER in one for one in beside)
    assert "assert cost()" in [cell["source"] for cell in rebuilt]


def test_a_lost_question_goes_to_a_human_even_without_any_answer():
    """A question that was put back is never marked by a machine, whatever else there is."""
    cells, notes = done(submission())
    assert shown(cells) == ([], True)
    assert notes == ["no answer to why was found; a human has to look at it"]


EMPTY = {
    "untouched": [untouched()],
    "untouched, with other line ends": [managed("why", QUESTION.replace("\n", "\r\n") + "\r\n")],
    "untouched, its lines broken elsewhere": [managed("why", QUESTION.replace("has none of", "has\nnone of"))],
    "with a scratch cell": [
        untouched(),
        text("z = cost() * 2  # and now the derivative of this thing\nprint(z)", "code"),
    ],
    "with code that was commented out": [untouched(), text("# z = cost() * 2\n# print(z)", "code")],
    "with a function that has a docstring": [
        untouched(),
        text(
            'def mine(x):\n    """Return half of what one\n\n    gives to it here, no more.\n    """\n    return x',
            "code",
        ),
    ],
    "with code that is no Python": [untouched(), text("print 'the result of all this'", "code")],
    "with an empty cell": [untouched(), text("")],
    "with a short remark above code": [untouched(), text("# here I try something out, and it works\nx = 2", "code")],
    "with steps that are numbered": [
        untouched(),
        text("def own(x):\n    # Step 4: take the derivative of the cost and give it back\n    return x", "code"),
    ],
    "with short strings, and a docstring": [
        untouched(),
        text(
            f'def own(x):\n    """{"Return what one gives to it. " * 5}"""\n    return "a short string here", x', "code"
        ),
    ],
    "with numbers that were typed": [
        untouched(),
        text(
            'rate = float(input("rate "))\nprint("a long line that a program writes, with words")',
            "code",
            outputs=[{"output_type": "stream", "name": "stdout", "text": "rate 0.5\na long line that it writes, too"}],
        ),
    ],
    "with a name far away": [untouched(), code("x = 1"), text("Name: Somebody Else of Somewhere, group 7 of nine")],
    "with a heading far away": [untouched(), code("x = 1"), text("## My own attempts at all of the exercises")],
}


@pytest.mark.parametrize("case", EMPTY)
def test_an_untouched_placeholder_stays_what_nbgrader_makes_of_it(case):
    """Where nothing was written, nothing is shown, no human is asked, and the text is that of the checksum."""
    cells, notes = done(submission(*EMPTY[case]))
    assert shown(cells) == ([], False)
    assert notes == []
    assert QUESTION in [cell["source"] for cell in cells]


def test_an_answer_in_its_place_is_left_alone():
    """An answer where it belongs needs nothing beside it."""
    cells, notes = done(submission(managed("why", QUESTION.replace("YOUR ANSWER HERE", PROSE)), text(PROSE)))
    assert shown(cells) == ([], False)
    assert notes == []


SPELLINGS = {
    "line ends of Windows": lambda source: source.replace("\n", "\r\n"),
    "line ends of an old Mac": lambda source: source.replace("\n", "\r"),
    "a byte order mark": lambda source: "\ufeff" + source,
    "newlines at the end": lambda source: source + "\n\n",
    "spaces at the ends of lines": lambda source: source.replace("\n", "  \n"),
    "a list of lines": lambda source: source.splitlines(keepends=True),
    "decomposed accents": lambda source: source.replace("é", "e\u0301"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_difference_without_meaning_gets_no_note(spelling):
    """A locked cell that an editor wrote in its own way has not been edited; its grade_id may be spelled so, too."""
    source = source_cell("vérité", "code", "a = 1\nb = 'é'", locked=True)
    changed = managed("ve\u0301rite\u0301", SPELLINGS[spelling](source.source))
    cells, notes = rebuild(normalize([changed]), [source])
    assert notes == []
    assert [cell["source"] for cell in cells] == [source.source]


def test_tags_that_nothing_obeys_get_no_note():
    """Editors and other tools tag cells; only tags that change how a cell runs are worth a word."""
    tagged = whole()
    tagged[1]["metadata"]["tags"] = ["hide-input", "parameters"]
    assert rebuild(normalize(tagged), SOURCE)[1] == []


@pytest.mark.parametrize(
    ("name", "content", "seen"),
    [
        ("Frage5.txt", ANSWER, ANSWER),
        ("scan.PDF", "%PDF-1.4", ""),
        ("photo.jpg", "JFIF", ""),
        ("notes.txt", "two words", None),
        ("README.md", ANSWER, None),
        ("data.csv", ANSWER, None),
    ],
)
def test_a_file_beside_the_notebook_may_hold_the_answer(tmp_path, name, content, seen):
    """A question that was left empty goes to a human where a text, a scan or a photo was handed in as well."""
    (tmp_path / name).write_text(content)
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": submission(untouched())}
    (tmp_path / "a.ipynb").write_text(json.dumps(notebook))
    found = read_submitted(tmp_path, "a", {"a": Source(CELLS, {})}, Limits(), HANDED, expected=set())
    assert found is not None
    beside, doubtful = shown(found.notebook.cells)
    assert doubtful is (seen is not None)
    assert (seen or "") in "".join(beside)
    assert (f"the file “{name}”" in "".join(beside)) is doubtful


def test_a_sheet_that_was_handed_out_is_nobodys_answer(tmp_path):
    """A document that lies beside the instructor's notebook comes back with each submission, and says nothing."""
    own, source = tmp_path / "own", tmp_path / "source"
    for folder in (own, source):
        folder.mkdir()
        (folder / "instructions.pdf").write_text("%PDF-1.4")
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": submission(untouched())}
    (own / "a.ipynb").write_text(json.dumps(notebook))
    handed = replace(HANDED, folder=source)
    for given, doubtful in ((handed, False), (HANDED, True)):
        found = read_submitted(own, "a", {"a": Source(CELLS, {})}, Limits(), given)
        assert found is not None
        assert shown(found.notebook.cells)[1] is doubtful


def handed_in(folder, **notebooks):
    """Hand in notebooks with these cells and metadata, by name; return the first as it is read."""
    for name, (cells, metadata) in notebooks.items():
        notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
        (folder / f"{name}.ipynb").write_text(json.dumps(notebook))
    found = read_submitted(folder, "a", {"a": Source(CELLS, {})}, Limits(), HANDED, expected=set())
    assert found is not None
    return found


def test_a_text_typed_into_a_widget_may_be_the_answer(tmp_path):
    """What the saved state of a widget holds is shown, whatever else stands in the notebook's metadata."""
    state = {"1": {"state": {"value": ANSWER}}, "2": {"state": {"value": 7}}, "3": "junk"}
    widgets = {"application/vnd.jupyter.widget-state+json": {"state": state}}
    found = handed_in(tmp_path, a=(submission(untouched()), {"widgets": widgets}))
    beside, doubtful = shown(found.notebook.cells)
    assert doubtful
    assert ANSWER in beside[0]
    assert "the saved state of a widget" in beside[0]


def test_a_copy_beside_an_untouched_notebook_is_graded(tmp_path):
    """A student who worked in a copy, as drives in the web make them, gets the copy graded, and a note says so."""
    given = [text(GIVEN[0]), text(GIVEN[1]), untouched()]
    own = [*given[:2], managed("why", QUESTION.replace("YOUR ANSWER HERE", PROSE))]
    found = handed_in(tmp_path, a=(given, {}), copy=(own, {}))
    assert any(PROSE in cell["source"] for cell in found.notebook.cells)
    assert any("'copy.ipynb', was graded in its place" in note for note in found.notes)
    found = handed_in(tmp_path, a=(own, {}), copy=(given, {}))
    assert not any("in its place" in note for note in found.notes)


def test_an_old_notebook_is_read_as_what_it_became():
    """A notebook in nbformat 3, as old editors save it, has its cells in worksheets: it is read as any other."""
    cells = [
        {
            "cell_type": "code",
            "input": "x = 1",
            "language": "python",
            "metadata": {},
            "outputs": [],
            "collapsed": False,
        },
        {"cell_type": "heading", "level": 2, "source": ["Mi", "ne"], "metadata": {}},
    ]
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}
    read_cells = read(json.dumps(old).encode())["cells"]
    assert [source_of(cell) for cell in read_cells] == ["x = 1", "## Mine"]
    with pytest.raises(NotebookError, match="has format 3, and cannot be changed into 4"):
        read(json.dumps(old | {"worksheets": [7]}).encode())


def test_a_conflict_of_git_is_called_so():
    """A file with both sides of a conflict is refused with a sentence that says what to do."""
    data = b'{\n "cells": [\n<<<<<<< HEAD\n  1\n=======\n  2\n>>>>>>> mine\n ]\n}'
    with pytest.raises(NotebookError, match=r"conflict in git \(<<<<<<< in line 3\): settle it"):
        read(data)
