"""Attacks on the review: code and answers that take for ever to read, and code that is not what is judged."""

import dataclasses
import json
import resource
import time
from pathlib import Path

import pytest
from arena import cases
from classes import RELEASED
from decoys import DECOYS, HONEST
from hand_ins import fill
from scratch import ASSIGNMENT

from autograder.grading.assignment import find
from autograder.judge.judge import Job, judge, to_judge
from autograder.review.alike.groups import groups, how_members_differ
from autograder.review.pages.archive import archive
from autograder.review.queue import queue
from autograder.review.reading.classroom import Classroom
from autograder.review.reading.notebooks import Sought, code
from autograder.review.story import story
from autograder.sandbox.limits import READING

EXERCISES = find(ASSIGNMENT).exercises
WRITTEN = "why_sigma_prime_cancels"
HONEST_STUDENT = "1003"

# Each stands in the cell of `sigmoid`; none is judged again, for the review only reads.
_HEAD = "def sigmoid(z):\n    return "
SOURCES = {
    "fields of an f-string": f"{_HEAD}f'{'{z}' * 200_000}'",
    "numbers": f"{_HEAD}[{'1,' * 2_000_000}]",
    "names": "\n".join(f"name_{n} = {n}" for n in range(9_000)) + f"\n{_HEAD}name_1",
    "names that lead to each other": f"{_HEAD}a9000\n" + "\n".join(f"a{n} = a{n - 1}" for n in range(1, 9_001)),
    "statements of one line": f"{_HEAD}a4000\n" + ";".join(f"a{n}=a{n - 1}" for n in range(1, 4_001)),
    "brackets": f"{_HEAD}{'(' * 100_000}z{')' * 100_000}",
    "signs": f"{_HEAD}{'-' * 49_000}z",
    "sum": f"{_HEAD}z{'+z' * 24_000}",
    "number": f"{_HEAD}0x{'f' * 49_000} + {'9' * 4_000}",
    "text": f"{_HEAD}'{'x' * 5_000_000}'",
    "decorators": "@d\n" * 12_000 + f"{_HEAD}z",
    "lines": f"{_HEAD}z\n" + "# x\n" * 1_000_000,
    "alike lines": f"{_HEAD}(z" + "\n+ab\n+ab\n+ba" * 4_000 + ")",
    "long alike lines": f"{_HEAD}(z" + f"\n+{'ab' * 190}" * 120 + ")",
    "branches": "if z:\n pass\n" + "elif z:\n pass\n" * 4_000 + f"{_HEAD}z",
    "accents": f"{_HEAD}'{chr(0x301) + chr(0x323)}'" + f"  # {(chr(0x301) + chr(0x323)) * 200_000}",
    "nothing": "\0" * 1_000_000,
}
ANSWERS = {
    "accents": "a" + "\u0301\u0323" * 30_000,
    "accents of no class": "a" + "\u0f73" * 60_000,
    "long": "word " * 1_000_000,
    "signs": "\ufdfa" * 1_000_000,
    "different words": " ".join(map(str, range(500_000))),
}
FEW = ("fields of an f-string", "numbers", "names", "statements of one line", "long alike lines", "lines")


@pytest.fixture
def hostile(reviewed, tmp_path):
    """Return a function that lets students of a graded class have written other things."""
    course = reviewed.copy(tmp_path / "course")

    def write(student: str, cells: dict[str, str], more: list[str] | None = None) -> None:
        path = course.folder / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        notebook = json.loads(path.read_text())
        for cell in notebook["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id")
            cell["source"] = cells.get(name, cell["source"])
        extra = [{"cell_type": "code", "metadata": {}, "source": one, "outputs": []} for one in more or ()]
        notebook["cells"][1:1] = extra
        path.chmod(0o644)
        path.write_text(json.dumps(notebook))

    write.folder = course.folder
    return write


def see_everything(folder: Path) -> dict[str, str]:
    """Make what the review's pages are made of, and return an honest student's share, in seconds that are few."""
    classroom = Classroom.load(folder, ASSIGNMENT)
    found = {name: next(one for one in groups(classroom, name) if HONEST_STUDENT in one.students) for name in EXERCISES}
    for one in (one for name in EXERCISES for one in groups(classroom, name)):
        how_members_differ(classroom, one)
    queue(classroom)
    for student in classroom.students:
        assert story(classroom, student.id).chapters
    told = story(classroom, HONEST_STUDENT)
    return {
        chapter.exercise.name: repr((chapter.source, chapter.nearest, chapter.reference)) for chapter in told.chapters
    } | {f"group of {name}": repr((one.id, one.title, one.students)) for name, one in found.items()}


@pytest.mark.xdist_group("review")
def test_texts_that_take_for_ever_cost_their_own_student(hostile, reviewed):
    """With such texts in most of a class all pages are made within a minute, and the honest students' are the same."""
    honest = see_everything(reviewed.folder)
    students = [path.name for path in sorted((hostile.folder / "autograded").iterdir()) if path.name != HONEST_STUDENT]
    texts = list(SOURCES.values())
    for number, student in enumerate(students):
        answer = list(ANSWERS.values())[number % len(ANSWERS)]
        hostile(student, {"sigmoid": texts[number % len(texts)], WRITTEN: answer})
    hostile(students[-1], {}, ["x = 1\n" * 8_000] * 400)
    began = time.monotonic()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert see_everything(hostile.folder) == honest
    assert sum(map(len, archive(Classroom.load(hostile.folder, ASSIGNMENT)))) < 60 << 20
    assert time.monotonic() - began < 60
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 600 << 10  # KiB


@pytest.mark.xdist_group("review")
def test_a_notebook_that_is_not_read_in_time_shows_its_cells(hostile, monkeypatch):
    """Where reading fails, the exercises' cells are shown as they are, cut, with the reason, in all pages."""
    hostile("1001", {"cost": "def cost(w, b, X, y):\n    return 57\n" + "#" * 100_000}, ["[" * 10_000] * 3)
    quick = dataclasses.replace(READING, reading=dataclasses.replace(READING.reading, seconds=1.0))
    monkeypatch.setattr("autograder.review.reading.apart.READING", quick)
    monkeypatch.setattr("autograder.review.reading.apart.code", _endless_for_one)
    classroom = Classroom.load(hostile.folder, ASSIGNMENT)
    chapter = story(classroom, "1001").chapters[1]
    assert "could not be read in time: it took longer than 1 s" in chapter.warning
    assert chapter.source.startswith("def cost(w, b, X, y):\n    return 57")
    assert len(chapter.source) < READING.raw + 100
    assert classroom.warning(HONEST_STUDENT, "cost") == ""


def _endless_for_one(sought):
    """Read a notebook, but never come to the end of one of them."""
    while "1001" in sought.path.parts:
        time.sleep(1)
    return code(sought)


def judged(cell: str, after: str, folder: Path):
    """Judge a notebook with these cells; return the points and what the review shows of each exercise."""
    notebook = fill(RELEASED, "right_stable", "")
    place = next(
        n for n, one in enumerate(notebook["cells"]) if one["metadata"].get("nbgrader", {}).get("grade_id") == "sigmoid"
    )
    notebook["cells"][place]["source"] = cell
    extra = [{"cell_type": "code", "metadata": {}, "source": after, "outputs": []}] if after else []
    notebook["cells"][place + 1 : place + 1] = extra
    path = folder / "neuron.ipynb"
    path.write_text(json.dumps(notebook))
    judgement = judge(to_judge({ASSIGNMENT: json.loads(path.read_bytes())}), Job(ASSIGNMENT))
    return judgement.exercises[0].points, code(Sought(path, EXERCISES, (), judgement.places)).sources


@pytest.mark.xdist_group("attacks-decoys")
@pytest.mark.parametrize("name", cases(*DECOYS, quick=8))
def test_a_decoy_is_told(tmp_path, name):
    """Where another function is judged than is shown, the reviewer reads so, and sees the cell that defined it."""
    cell, after = DECOYS[name]
    points, sources = judged(cell, after, tmp_path)
    assert points >= 3.0
    assert "not by the text above" in sources["sigmoid"].warning
    assert (after or cell) in sources["sigmoid"].text
    assert sources["dC_db"].warning  # which calls it


@pytest.mark.xdist_group("attacks-decoys")
@pytest.mark.parametrize("name", cases(*HONEST, quick=7))
def test_an_honest_function_is_no_decoy(tmp_path, name):
    """Helpers, decorators, empty lines, branches and the like are no reason for a warning."""
    points, sources = judged(*HONEST[name], tmp_path)
    assert points >= 3.0
    assert {exercise: one.warning for exercise, one in sources.items() if one.warning} == {}


@pytest.mark.xdist_group("review")
def test_a_process_that_tells_no_place_is_told_of(hostile):
    """Points without a place are a warning: only a process that was tampered with leaves it out."""
    path = hostile.folder / "outcomes" / ASSIGNMENT / f"{HONEST_STUDENT}.json"
    outcome = json.loads(path.read_text())
    del outcome["places"]["cost"]
    path.write_text(json.dumps(outcome))
    classroom = Classroom.load(hostile.folder, ASSIGNMENT)
    assert "did not tell where it was defined" in classroom.warning(HONEST_STUDENT, "cost")
    assert classroom.warning(HONEST_STUDENT, "dC_dw") == ""


@pytest.mark.xdist_group("review")
def test_an_honest_class_is_shown_without_warnings(reviewed):
    """Of the demo's class nobody's function is said to be another than the one that was judged."""
    classroom = Classroom.load(reviewed.folder, ASSIGNMENT)
    assert any(one.places for one in classroom.outcomes.values())
    warnings = {
        (student.id, name): classroom.warning(student.id, name) for student in classroom.students for name in EXERCISES
    }
    assert {key: said for key, said in warnings.items() if said} == {}
