"""The command blocks of README and docs: each is run in an environment of the wheel, or says why it is not."""

import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import wheel
from hand_ins import RIGHT
from nbgrader.api import Gradebook

from autograder.shipped import shipped

ROOT = wheel.ROOT
PAGES = (
    "README.md",
    "docs/your-own-course.md",
    "docs/set-up.md",
    "docs/review.md",
    "docs/scale.md",
    "docs/authoring.md",
    "docs/ordinary.md",
    "docs/other-platforms.md",
    "docs/watch.md",
    "docs/with-your-lms.md",
)
SECONDS = 300
STUDENT = pwd.getpwuid(os.geteuid()).pw_name  # nbgrader submits as the user who types
NOT_RUN = {  # how a command begins, and why it is not run here
    "pip install ./nbgrader_autograder-": "the environment is made of it",
    "pip install 'nbgrader-autograder[": "an extra, from the package index",
    "make ": "runs this suite, or is run by the suite's own set-up",
    "jupyter lab": "a server; the mark that it is for is entered in its place",
    "autograder review neuron #": "a server; test_review_pages has it",
    "dask ": "a cluster; test_batch_elsewhere has one",
    "autograder autograde neuron --scheduler": "a cluster; test_batch_elsewhere has one",
    "podman ": "in a clone; test_containerfile builds it and grades in it",
    "autograder lint bend": "test_authoring runs the whole page",
    "autograder check --assignment bend": "test_authoring runs the whole page",
    "autograder checks bend": "test_authoring runs the whole page",
    "autograder certify bend": "test_authoring runs the whole page",
    "nbgrader generate_assignment bend": "test_authoring runs the whole page",
    "autograder adopt ps1": "test_adopt has it",
    "nbgrader generate_assignment ps1 --force": "test_adopt has it",
    "autograder export": "test_export has it",
    "autograder extend": "test_deadlines has it",
    "autograder due": "test_deadlines has it",
    "autograder watch": "runs until it is stopped; test_watch has it",
}
HAND_IN = "# each student's notebook into submitted/<student>/neuron/neuron.ipynb"
EXCHANGE = """
c = get_config()
c.Exchange.root, c.Exchange.cache = {exchange!r}, {cache!r}
c.CourseDirectory.course_id = "ml101"
"""


def lines(page):
    """Return the lines of a page's command blocks, with their comments."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def reason(line):
    """Return why a command is not run, or None."""
    command = line.partition("  #")[0].strip() + " #"
    return next((why for start, why in NOT_RUN.items() if command.startswith(start)), None)


def test_every_page_with_commands_is_read_here():
    """No page of the docs has a command block that this file does not know, and no command is indented instead."""
    pages = [path for path in (ROOT / "README.md", *ROOT.glob("docs/*.md")) if not path.name.startswith("certificate")]
    assert {str(path.relative_to(ROOT)) for path in pages if "```sh" in path.read_text()} == set(PAGES)
    for path in pages:
        assert not re.findall(r"^    (?:nbgrader|autograder|pip|make|dask|cd) .*", path.read_text(), re.MULTILINE), path


def test_every_reason_is_needed():
    """Each reason not to run a command is that of a command which stands in the docs."""
    commands = [line.partition("  #")[0].strip() + " #" for page in PAGES for line in lines(page)]
    for start in NOT_RUN:
        assert any(command.startswith(start) for command in commands), start


@dataclass
class Reader:
    """Somebody who types what stands in the docs.

    Attributes:
        home: the folder in which they begin.
        programs: of their environment.
        said: what each command printed.
    """

    home: Path
    programs: Path
    said: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        """Give them a home and an exchange."""
        exchange, settings = self.home / "exchange", self.home / ".jupyter"
        for folder in (exchange, settings):
            folder.mkdir(parents=True)
        exchange.chmod(0o777)
        text = EXCHANGE.format(exchange=str(exchange), cache=str(self.home / "cache"))
        (settings / "nbgrader_config.py").write_text(text)
        self.folder = self.home

    def follow(self, page, student="student"):
        """Type the commands of a page in their order."""
        for line in lines(page):
            self.type(line, student)

    def type(self, line, student):
        """Type one command where it belongs, or do what a comment or a server asks of a person."""
        if line.startswith(HAND_IN):
            hand_in(self.folder, "ann")
        elif line.startswith("jupyter lab"):
            mark_by_hand(self.folder)
        elif line.startswith("cd "):
            self.folder = self.home / line.split()[1]
            assert self.folder.is_dir(), line
        elif not line.startswith("#") and reason(line) is None:
            is_students = line.rstrip().endswith("# student")
            self.run(line, self.home / student if is_students else self.folder)

    def run(self, line, folder):
        """Run a command in a shell; it has to succeed."""
        folder.mkdir(exist_ok=True)
        environment = {
            **{name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "JUPYTER_CONFIG_DIR")},
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.home),
            "USER": "student",
            "LOGNAME": "student",
        }
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        self.said[line] = done.stdout + done.stderr
        assert done.returncode == 0, f"{line}\n{self.said[line][-3000:]}"
        assert "Traceback" not in self.said[line], line


def hand_in(course, student):
    """Hand in the instructor's own notebook."""
    shutil.copytree(shipped("source") / "neuron", course / "submitted" / student / "neuron")


def mark_by_hand(course):
    """Give every written answer its points."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "ml101") as gradebook:
        for submission in gradebook.assignment_submissions("neuron"):
            grade = gradebook.find_grade("why_sigma_prime_cancels", "neuron", "neuron", submission.student.id)
            grade.manual_score, grade.needs_manual_grade = 3.0, False
        gradebook.db.commit()


@pytest.fixture(scope="module")
def programs(slow, tmp_path_factory):
    """Return the programs of an environment that was made of the wheel."""
    return wheel.install(tmp_path_factory.mktemp("environment") / "venv")


@pytest.mark.full
@pytest.mark.slow
@pytest.mark.xdist_group("docs")
def test_what_stands_in_the_docs_can_be_typed(programs, tmp_path):
    """README, then the pages: a new course, its circle, files without a course, another course, and back."""
    reader = Reader(tmp_path / "home", programs)
    reader_of_readme(reader)
    course = reader.folder
    assert (course / "feedback" / STUDENT / "neuron" / "neuron.html").is_file()
    assert (reader.home / "student" / "neuron" / "feedback").is_dir()
    assert f",{STUDENT}," in (course / "grades.csv").read_text()
    titles = [
        line.split(":")[0]
        for line in re.findall(r"```text\n(.*?)```", (ROOT / "docs/set-up.md").read_text(), re.DOTALL)[0].splitlines()
    ]
    said = next(text for line, text in reader.said.items() if line.startswith("autograder doctor"))
    checks = said.partition("\nwalls, the strongest first")[0].splitlines()  # the table after it is the machine's own
    assert [line.split(":")[0] for line in checks] == titles
    for page in PAGES[2:]:
        reader.folder = course
        reader.follow(page)
    assert (course / "review.html").is_file()


def reader_of_readme(reader):
    """Follow README; between its blocks, the student writes a solution."""
    for line in lines("README.md"):
        if line.startswith("nbgrader submit"):
            target = reader.home / "student" / "neuron" / "neuron.ipynb"
            shutil.copy(shipped("source") / "neuron" / "neuron.ipynb", target)
        if line.startswith("autograder check") and not (reader.folder / "solution.py").exists():
            (reader.folder / "solution.py").write_text(RIGHT)
            shutil.copy(shipped("source") / "neuron" / "neuron.ipynb", reader.folder)
        reader.type(line, "student")


@pytest.mark.full
@pytest.mark.slow
@pytest.mark.xdist_group("docs")
def test_a_course_is_started_joined_and_given_back(programs, tmp_path):
    """The page on your own course: from nothing to a graded class, and an nbgrader course joined and given back."""
    reader = Reader(tmp_path / "home", programs)
    other = reader.home / "my-course"
    other.mkdir()
    (other / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'mine'")
    before = (other / "nbgrader_config.py").read_bytes()
    for line in lines("docs/your-own-course.md"):
        if line.startswith("cd my-course"):
            assert (reader.folder / "feedback" / "ann" / "neuron" / "neuron.html").is_file()
        reader.type(line, "student")
    assert (other / "nbgrader_config.py").read_bytes() == before


@pytest.mark.full
@pytest.mark.slow
@pytest.mark.xdist_group("docs")
def test_the_demo_needs_an_empty_folder_and_the_wheel(programs, tmp_path):
    """`autograder demo` builds its course from what the wheel carries."""
    reader = Reader(tmp_path / "home", programs)
    reader.run("autograder demo", tmp_path / "empty")
    assert (tmp_path / "empty" / "demo-course" / "grades.csv").is_file()
