"""The whole circle with nbgrader's own commands and a real exchange folder, one student, from release to feedback."""

import csv
import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import warm
from nbgrader.api import Gradebook

from autograder.assignments.neuron.reference import EXERCISES
from autograder.judge.judge import DEFAULT_SEED

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("circle")]  # they share a course

ROOT = Path(__file__).parent.parent
PROGRAMS = Path(sys.executable).parent
COURSE, ASSIGNMENT, STUDENT = "neuron-course", "neuron", "1001"
SPY = """
import os, sys
for folder, _, files in os.walk("/"):
    for name in files:
        path = os.path.join(folder, name)
        if name.endswith((".db", ".toml")) or "/neuron/" in path or "autograder/assignments" in path:
            print(path, open(path, errors="replace").read()[:5000])
for name, module in sorted(sys.modules.items()):
    if "autograder" in name or "reference" in name:
        print(name, vars(module))
print("the spy looked")
"""


class Circle:
    """A course, its exchange and one student's folder under one root, and the commands that are run in them."""

    def __init__(self, root: Path, db_url: str = ""):
        self.course, self.student, self.exchange = root / "course", root / "student", root / "exchange"
        self.course.mkdir()
        self.student.mkdir()
        self.exchange.mkdir()
        self.exchange.chmod(0o777)
        shutil.copytree(ROOT / "source", self.course / "source")
        common = f"c.Exchange.root = {str(self.exchange)!r}\nc.Exchange.cache = {str(root / 'cache')!r}\n"
        self.db_url = db_url or f"sqlite:///{self.course / 'gradebook.db'}"
        config = (ROOT / "nbgrader_config.py").read_text() + f"\nc.CourseDirectory.db_url = {self.db_url!r}\n"
        (self.course / "nbgrader_config.py").write_text(config + common)
        head = f"c = get_config()\nc.CourseDirectory.course_id = {COURSE!r}\n"
        (self.student / "nbgrader_config.py").write_text(head + common)
        self.environment = {
            **os.environ,
            "HOME": str(root),
            "XDG_CACHE_HOME": warm.CACHE,
            "JUPYTER_CONFIG_DIR": str(root / "jupyter"),
            "JUPYTER_DATA_DIR": str(root / "data"),
            "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
        }

    def nbgrader(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess:
        """Run an nbgrader command and return what it printed, whatever its exit status."""
        return warm.run("nbgrader", [*arguments], folder, self.environment)

    def do(self, folder: Path, *arguments: str) -> str:
        """Run an nbgrader command that must succeed; return its log."""
        result = self.nbgrader(folder, *arguments)
        assert result.returncode == 0, f"nbgrader {' '.join(arguments)}:\n{result.stderr[-3000:]}"
        return result.stderr

    def gradebook(self) -> Gradebook:
        """Open the course's gradebook."""
        return Gradebook(self.db_url, COURSE)


# With SQLite the demo goes most of the same way.
@pytest.fixture(scope="module", params=["postgres", pytest.param("sqlite", marks=pytest.mark.full)])
def circle(request, tmp_path_factory) -> Circle:
    """One student's way through the whole circle, with either database; the tests look at what it left."""
    db_url = request.getfixturevalue("postgres").create("circle") if request.param == "postgres" else ""
    circle = Circle(tmp_path_factory.mktemp("circle"), db_url)
    course, student = circle.course, circle.student
    circle.do(course, "generate_assignment", ASSIGNMENT)
    circle.do(course, "release_assignment", ASSIGNMENT)
    circle.do(student, "fetch_assignment", ASSIGNMENT)
    fetched = student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    assert fetched.read_bytes() == (ROOT / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_bytes()
    shutil.copy(ROOT / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", fetched)
    fetched.write_text(fetched.read_text().replace("/ len(y)", ""))  # a mistake: dC_dw without the mean over n
    spy_on(fetched)
    circle.do(student, "submit", ASSIGNMENT, "--student", STUDENT)
    circle.do(course, "collect", ASSIGNMENT)
    circle.do(course, "autograde", ASSIGNMENT)
    with circle.gradebook() as gradebook:
        grade = gradebook.find_grade("why_sigma_prime_cancels", ASSIGNMENT, ASSIGNMENT, STUDENT)
        grade.manual_score, grade.needs_manual_grade = 3.0, False
        gradebook.db.commit()
    circle.do(course, "generate_feedback", ASSIGNMENT)
    circle.do(course, "release_feedback", ASSIGNMENT)
    circle.do(student, "fetch_feedback", ASSIGNMENT, "--student", STUDENT)
    circle.do(course, "export")
    return circle


def spy_on(notebook: Path) -> None:
    """Put a cell before the first exercise that prints whatever of the graders it can find."""
    content = json.loads(notebook.read_text())
    cell = {"cell_type": "code", "id": "spy", "metadata": {}, "source": SPY, "outputs": [], "execution_count": None}
    content["cells"].insert(3, cell)
    notebook.write_text(json.dumps(content))


def hidden_lines() -> set[str]:
    """Return the lines of the reference, the graders and the inputs that say something."""
    folder = ROOT / "autograder" / "assignments" / ASSIGNMENT
    lines = {line.strip() for path in folder.rglob("*.py") for line in path.read_text().splitlines()}
    return {line for line in lines if len(line) > 25 and not line.startswith(("import", "from", "@pytest"))}


def feedback(circle: Circle) -> str:
    """Return the page that the student fetched."""
    (page,) = (circle.student / ASSIGNMENT / "feedback").rglob("*.html")
    return html.unescape(re.sub("<[^>]*>", "", page.read_text()))


def test_the_gradebook_holds_the_marks(circle):
    """Automatic and manual marks stand in the gradebook, and the missing mean costs what it should."""
    with circle.gradebook() as gradebook:
        submission = gradebook.find_submission(ASSIGNMENT, STUDENT)
        grades = {grade.name: grade.score for grade in submission.notebooks[0].grades}
    assert grades["test_sigmoid"] == 4.0
    assert grades["test_cost"] == 6.0
    assert grades["test_dC_dw"] < 7.0
    assert grades["test_dC_db"] == 3.0
    assert grades["why_sigma_prime_cancels"] == 3.0


def test_the_csv_agrees_with_the_gradebook(circle):
    """The exported CSV has one row with the gradebook's score."""
    with circle.gradebook() as gradebook:
        score = gradebook.find_submission(ASSIGNMENT, STUDENT).score
    (row,) = csv.DictReader((circle.course / "grades.csv").open())
    assert (row["student_id"], float(row["score"]), float(row["max_score"])) == (STUDENT, score, 24.0)


def test_there_is_exactly_one_outcome(circle):
    """The submission has one outcome file, whose points are those of the gradebook."""
    (path,) = [path for path in (circle.course / "outcomes").rglob("*") if path.is_file()]
    outcome = json.loads(path.read_text())
    assert (outcome["outcome"], outcome["student"], outcome["reason"]) == ("graded", STUDENT, None)
    with circle.gradebook() as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, STUDENT).score == outcome["points"] + 3.0


def test_the_feedback_names_the_criteria(circle):
    """The page that the student fetched shows each criterion with its verdict, its points and the message."""
    text = feedback(circle)
    assert "Gives one number per weight: the shape of w." in text
    assert "✘ not yet" in text
    assert "expected" in text


def test_nothing_hidden_is_in_the_feedback_of_a_spy(circle):
    """A student who prints all that can be found sees no line of a grader, of the reference or of a hidden input."""
    text = feedback(circle)
    assert "the spy looked" in text
    assert not [line for line in hidden_lines() if line in text]
    w, b, X, _ = EXERCISES["cost"].draw("workhorse", DEFAULT_SEED)
    numbers = [f"{number:.6f}"[:8] for number in [*w, b, *X.ravel()]]
    assert not [number for number in numbers if number in text]


def test_nothing_hidden_is_in_the_release_or_the_gradebook(circle):
    """Neither what students get nor the source cells in the gradebook hold a line of what is hidden."""
    released = (ROOT / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text()
    with circle.gradebook() as gradebook:
        cells = gradebook.find_notebook(ASSIGNMENT, ASSIGNMENT).source_cells
        sources = "\n".join(cell.source for cell in cells)
    found = [line for line in hidden_lines() if json.dumps(line)[1:-1] in released or line in sources]
    assert not found


def test_the_release_is_what_nbgrader_generates_from_the_source(circle):
    """The committed release is byte for byte what generate_assignment makes of the committed source."""
    for path in (circle.course / "release" / ASSIGNMENT).iterdir():
        assert path.read_bytes() == (ROOT / "release" / ASSIGNMENT / path.name).read_bytes()


def test_grading_again_keeps_the_manual_mark(circle):
    """A regrade gives the same automatic marks and does not lose the mark that a human gave."""
    with circle.gradebook() as gradebook:
        before = gradebook.find_submission(ASSIGNMENT, STUDENT).score
    circle.do(circle.course, "autograde", ASSIGNMENT, "--force")
    with circle.gradebook() as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, STUDENT).score == before


@pytest.mark.parametrize("circle", ["postgres"], indirect=True)  # it asks no database
@pytest.mark.parametrize(("folder", "succeeds"), [("source", True), ("release", False)])
def test_nbgrader_validate(circle, folder, succeeds):
    """`nbgrader validate` succeeds on the instructor's notebook and fails on the unfilled one."""
    path = circle.course / folder / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    result = circle.nbgrader(circle.course, "validate", str(path))
    assert ("Success" in result.stdout) is succeeds


def test_a_course_that_disagrees_with_its_graders_is_refused(circle, tmp_path):
    """generate_assignment refuses other points than the criteria add up to, in one line, and releases nothing."""
    shutil.copytree(circle.course / "source", tmp_path / "source")
    shutil.copy(circle.course / "nbgrader_config.py", tmp_path)
    notebook = tmp_path / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    notebook.write_text(notebook.read_text().replace('"points": 7', '"points": 8', 1))
    result = circle.nbgrader(tmp_path, "generate_assignment", ASSIGNMENT)
    assert result.returncode == 1
    assert "test_dC_dw is worth 8 points, but its criteria add up to 7" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "release").exists()
