"""A class, a dict, rows of different length, a generator and a loop over layers, each from lint to the review."""

import dataclasses
import html
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import warm
from kinds import AGAIN, DROPPED, FIRST, KINDS, LEARNER, ODD, PYRAMID, RIGHT, SUMMARY, UNFILLED, Kind

from autograder.certify.lint import lint
from autograder.diagnosis.counterexample import plain
from autograder.grading.assignment import read
from autograder.review.alike import groups
from autograder.review.reading.classroom import Classroom

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("kinds")]  # they share a course

PROGRAM = Path(__file__).parent / "kinds_course.py"

EACH = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.exercise)


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """Return a course in which five assignments were handed out, handed in, graded and told."""
    folder = tmp_path_factory.mktemp("kinds")
    for kind in KINDS:
        kind.write_hidden(folder / "course" / "graders")
    command = [sys.executable, str(PROGRAM), str(folder / "course")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    return folder / "course"


def outcome(course: Path, kind: Kind, student: str) -> dict[str, object]:
    """Return a student's only exercise, as the outcome has it."""
    path = course / "outcomes" / kind.assignment / f"{student}.json"
    return json.loads(path.read_text(encoding="utf-8"))["exercises"][0]


def check(course: Path, kind: Kind, folder: Path, *sources: str, options: tuple[str, ...] = ()) -> str:
    """Return what `autograder check` prints of solutions."""
    paths = [folder / f"{number}.py" for number in range(len(sources))]
    for path, source in zip(paths, sources, strict=True):
        path.write_text(f"import numpy as np\n{source}", encoding="utf-8")
    command = ["check", "--assignment", kind.assignment, *options, *map(str, paths)]
    done = warm.run("autograder", command, course, os.environ, seconds=120)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@EACH
def test_nothing_is_wrong_with_it_and_each_command_takes_it(course, kind):
    """Lint finds nothing; it is generated without its solution; the class is graded; feedback is written."""
    steps = json.loads((course / "steps.json").read_text())[kind.assignment]
    assert (steps["lint"], steps["graded"]) == (0, 0)
    assert [steps[step]["success"] for step in ("generated", FIRST, ODD)] == [True, True, True]
    released = (course / "release" / kind.assignment / f"{kind.assignment}.ipynb").read_text()
    assert "raise NotImplementedError" in released
    assert "SOLUTION" not in released


@EACH
def test_marks_and_names_are_right(course, kind):
    """A right one gets all points in another spelling; two mistakes are named; a wrong type is told in a sentence."""
    found = {student: outcome(course, kind, student) for student in kind.named}
    assert {student: [one["mistake"] for one in result["mistakes"]] for student, result in found.items()} == kind.named
    assert [student for student, result in found.items() if result["points"] == result["max_points"]] == [RIGHT]
    assert kind.odd in found[ODD]["criteria"][0]["message"]
    assert f"{kind.exercise} is not filled in yet" in found[UNFILLED]["criteria"][0]["message"]
    assert {one["verdict"] for result in found.values() for one in result["criteria"]} <= {"pass", "fail", "skip"}


@EACH
def test_the_feedback_tells_the_first_wrong_part_and_code_that_runs(course, kind):
    """The part is named, and the code to try, run below what the student wrote, gives the student's own answer."""
    page = course / "feedback" / FIRST / kind.assignment / f"{kind.assignment}.html"
    text = page.read_text(encoding="utf-8")
    assert html.escape(kind.part, quote=False) in text
    (code,) = re.findall(r"Try it yourself:.*?<samp[^>]*>(.*?)</samp>", text, re.DOTALL)
    *lines, call = html.unescape(code).splitlines()
    names = {"np": np}
    exec("\n".join([kind.students[FIRST], *lines]), names)
    assert plain(eval(call, names)) == outcome(course, kind, FIRST)["counterexample"]["got"]


@EACH
def test_the_review_groups_those_who_made_the_same_mistake(course, kind):
    """Two students with one mistake are one group; its difference is that between what the two wrote."""
    classroom = Classroom.load(course, kind.assignment)
    found = groups.group_of(classroom, kind.exercise, FIRST)
    assert found is not None
    assert (found.kind, found.students) == ("named", (FIRST, AGAIN))
    assert len(groups.groups(classroom, kind.exercise)) == len(kind.named) - 1
    (_, same), (other, difference) = groups.how_members_differ(classroom, found)
    assert same.changes == 0 < difference.changes
    shown = {"left": [], "right": []}
    for line in difference.lines:
        for side, place, parts in (("left", line.left, line.left_parts), ("right", line.right, line.right_parts)):
            shown[side] += [] if place is None else ["".join(part for part, _ in parts)]
    assert "\n".join(shown["left"]) == found.source
    assert "\n".join(shown["right"]) == other.source


def test_check_shows_a_class_with_its_adapter(course, tmp_path):
    """In a terminal the adapter's lines stay below each other, as Python wants them; a missing class is said."""
    text = check(course, LEARNER, tmp_path, LEARNER.students[FIRST], "learner = 57\n")
    assert "\n        for x, y in zip(xs, ys):\n            learner.step(x, y)\n" in text
    assert "the learner['w']" in text
    assert "there is no class Learner when its check is reached" in " ".join(text.split())


def test_check_prints_a_dict_as_an_object(course, tmp_path):
    """In JSON a dict is an object; a part that is no plain data is in words."""
    printed = check(course, SUMMARY, tmp_path, SUMMARY.students[ODD], options=("--json",))
    (result,) = json.loads(printed)["exercises"]
    expected, got = (result["counterexample"][one] for one in ("expected", "got"))
    assert expected == {"mean": 2.0, "spread": 1.0, "range": [1.0, 3.0]}
    assert got == {"mean": 2.0, "range": "a value of type set"}


BROKEN = {  # what is changed in a reference, and what lint says of it
    "secret": (LEARNER, "path.append(learner.w)", "path.append(learner.w + _case(0))", "adapter learned uses _case"),
    "unused": (LEARNER, "learner = Learner(rate)", "learner = np.array(rate)", "the adapter learned does not use it"),
    "no-adapter": (LEARNER, "adapter=learned,", "", "Learner: it is a class: name in adapter= the function"),
    "unsendable": (DROPPED, "np.random.default_rng(57)", "np.random.RandomState(57)", "a value of type RandomState"),
    "drawn-from": (DROPPED, "np.random.default_rng(57)", "drawn()", "input has a generator that was drawn from"),
}
_DRAWN = "def drawn():\n    rng = np.random.default_rng(57)\n    rng.random()\n    return rng\n\n\n"


@pytest.mark.parametrize("broken", BROKEN)
def test_lint_says_what_cannot_reach_the_student(tmp_path, broken):
    """An adapter with something hidden in it, or an argument that cannot be sent or written, is told with its line."""
    kind, old, new, said = BROKEN[broken]
    assert kind.reference.count(old) == 1
    changed = dataclasses.replace(kind, reference=_DRAWN + kind.reference.replace(old, new))
    name = f"{broken}-{changed.assignment}"
    changed.write_hidden(tmp_path)
    (tmp_path / changed.assignment).rename(tmp_path / name)
    with ThreadPoolExecutor(1) as pool:
        problem, *_ = lint(read(tmp_path / name), pool)
    assert said in problem.message
    assert (problem.file, problem.line > 1) == ("reference.py", True)


@pytest.mark.parametrize("kind", [SUMMARY, PYRAMID], ids=lambda kind: kind.exercise)
def test_a_whole_answer_is_not_called_as_one_of_its_parts(course, kind):
    """Where an answer is built otherwise, all of it is compared, and the last marked line is only a part's."""
    page = course / "feedback" / ODD / kind.assignment / f"{kind.assignment}.html"
    assert f">the {kind.exercise}</th>" in page.read_text(encoding="utf-8")
