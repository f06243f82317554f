"""Five assignments whose answers or arguments are no single arrays, each with the class that hands in.

A class of the student's, a dict, rows of different length, a NumPy generator, a loop over layers.
"""

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nested
from nbformat import v4

# Students: two make the first mistake, each in another spelling; one returns something of the wrong type.
RIGHT, FIRST, AGAIN, SECOND, ODD, UNFILLED = "1001", "1002", "1003", "1004", "1005", "1006"
_STUDENTS = {"right": RIGHT, "first": FIRST, "again": AGAIN, "second": SECOND, "odd": ODD}
_KINDS = Path(__file__).parent / "kinds_of_answers"
_HEAD = "import numpy as np\n\nfrom autograder.diagnosis import Exercise\n\n\n"
_GRADER = """
from autograder.grading.box import shape, unchanged, value

test_value = value("Gives the right numbers.", points=2, cases=("one", "two"))
test_shape = shape(points=1, cases="one")
test_unchanged = unchanged(points=1, cases="one")
"""


@dataclass(frozen=True)
class Kind:
    """An assignment with one exercise, and what its class hands in.

    Attributes:
        exercise: its name.
        source: the instructor's cell, with the marks around the solution.
        students: what each hands in.
        mistakes: the names of the first mistake and of the second, which may be in no catalogue.
        part: what the card compares for the first mistake.
        odd: what the student reads whose answer is of the wrong type.
        reference: the reference's text below its imports.
        catalogue: the mistakes' text.
    """

    exercise: str
    source: str
    students: dict[str, str]
    mistakes: tuple[str, str]
    part: str
    odd: str
    reference: str = ""
    catalogue: str = ""

    @property
    def assignment(self) -> str:
        """The name of its assignment."""
        return f"kind-{self.exercise.lower()}"

    @property
    def points(self) -> float:
        """What its exercise is worth."""
        return 4.0

    @property
    def named(self) -> dict[str, list[str]]:
        """The mistakes that are named, by student; of the unfilled notebook there is none."""
        first, second = self.mistakes
        last = [second] if second else []
        return {RIGHT: [], FIRST: [first], AGAIN: [first], SECOND: last, ODD: [], UNFILLED: []}

    def write_hidden(self, folder: Path) -> None:
        """Write the assignment's hidden files into a folder for assignments."""
        files = {
            "assignment.toml": f'exercises = ["{self.exercise}"]\n',
            "reference.py": _HEAD + self.reference.lstrip("\n"),
            f"test_{self.exercise}.py": _GRADER,
            f"mistakes/{self.exercise}.toml": self.catalogue,
        }
        nested.write(folder, self.assignment, files)

    def write_source(self, course: Path) -> None:
        """Write the instructor's notebook into a course."""
        path = course / "source" / self.assignment / f"{self.assignment}.ipynb"
        path.parent.mkdir(parents=True)
        about = {"locked": True, "grade": True, "points": self.points, "solution": False}
        cells = [
            v4.new_code_cell("import numpy as np", id="imports"),
            _cell(self.exercise, self.source.strip(), locked=False, grade=False, solution=True),
            _cell(f"test_{self.exercise}", f"assert callable({self.exercise})", **about),
        ]
        path.write_text(json.dumps(v4.new_notebook(cells=cells)))

    def hand_in(self, course: Path) -> None:
        """Let the class hand in: the released notebook, filled in."""
        released = course / "release" / self.assignment / f"{self.assignment}.ipynb"
        for student in (*self.students, UNFILLED):
            notebook = json.loads(released.read_text())
            for cell in notebook["cells"]:
                if cell["metadata"].get("nbgrader", {}).get("grade_id") == self.exercise and student != UNFILLED:
                    cell["source"] = self.students[student].strip()
            path = course / "submitted" / student / self.assignment / released.name
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(notebook))


class Example(Kind):
    """The assignment that stands on docs/authoring.md, to the letter."""

    @property
    def assignment(self) -> str:
        """The name of its assignment."""
        return "bend"

    @property
    def points(self) -> float:
        """What its exercise is worth."""
        return 3.0

    def write_hidden(self, folder: Path) -> None:
        """Write the page's files into a folder for assignments."""
        page = (Path(__file__).parent.parent / "docs" / "authoring.md").read_text(encoding="utf-8")
        nested.write(
            folder, self.assignment, {name.removeprefix("graders/bend/"): text for name, text in on_page(page).items()}
        )


def on_page(page: str) -> dict[str, str]:
    """Return the files that stand on a page: each is named in backquotes above its code."""
    return dict(re.findall(r"`(graders/bend/[\w./]+)`(?:(?!```).)*?```\w+\n(.*?)```", page, re.DOTALL))


def _cell(grade_id: str, source: str, **about: Any) -> Any:
    nbgrader = {"grade_id": grade_id, "schema_version": 3, "task": False, **about}
    return v4.new_code_cell(source, id=grade_id, metadata={"nbgrader": nbgrader})


def _read(exercise: str, kind: type[Kind] = Kind) -> Kind:
    """Return the kind in a file of `kinds_of_answers/`."""
    data = tomllib.loads((_KINDS / f"{exercise.lower()}.toml").read_text(encoding="utf-8"))
    students = {_STUDENTS[name]: text for name, text in data.pop("students").items()}
    return kind(students=students, **data)


LEARNER, SUMMARY, PYRAMID, DROPPED, FORWARD = map(_read, ("Learner", "summary", "pyramid", "dropped", "forward"))
KINDS = (_read("tanh", Example), LEARNER, SUMMARY, PYRAMID, DROPPED, FORWARD)
