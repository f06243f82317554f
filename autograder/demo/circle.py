"""The nbgrader circle of a scratch course: real commands' classes, a real exchange folder, one step after another."""

import contextlib
import datetime as dt
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory
from traitlets.config.loader import PyFileConfigLoader

from autograder.course.records.export import CsvExport
from autograder.course.setup.config_file import CONFIG
from autograder.course.setup.starting import start
from autograder.demo.hand_ins import Files, HandIns, assignments
from autograder.demo.roster import Student
from autograder.judge.judge import DEFAULT_SEED
from autograder.sandbox.walls.standing import AUTO

_COURSE = "neuron-course"
_CONFIG = """
# The demo's own exchange, so that it touches nothing outside this folder.
c.Exchange.root = {exchange!r}
c.Exchange.cache = {cache!r}
c.Autograder.isolation = {isolation!r}

# One of the class hands in a loop that never ends: nobody who looks on should have to wait for it.
c.Autograder.limits = {{"cell_seconds": 2, "call_seconds": 1}}
"""


class CircleError(RuntimeError):
    """A step of the circle failed; the text says which, and where the log is."""


class Circle:
    """A scratch course under `folder`, as `autograder init` starts one.

    Raises, in its methods:
        CircleError: nbgrader refused a step.
    """

    def __init__(self, folder: Path, isolation: str = AUTO) -> None:
        self.folder = folder
        self.log = folder / "nbgrader.log"
        self._prepare(isolation)
        self._config = PyFileConfigLoader(CONFIG, path=str(folder)).load_config()
        self._coursedir = CourseDirectory(config=self._config)
        self._coursedir.root = str(folder)
        self._api = NbGraderAPI(self._coursedir, Authenticator(config=self._config), config=self._config)
        self._factory = ExchangeFactory(config=self._config)

    def _prepare(self, isolation: str) -> None:
        start(self.folder, assignments(), _COURSE, DEFAULT_SEED)
        exchange = self.folder / "exchange"
        exchange.mkdir()
        exchange.chmod(0o777)  # nbgrader wants it so: students write there
        added = _CONFIG.format(exchange=str(exchange), cache=str(self.folder / "cache"), isolation=isolation)
        with (self.folder / CONFIG).open("a", encoding="utf-8") as config:
            config.write(added)

    @contextlib.contextmanager
    def logged(self) -> Iterator[None]:
        """Send what nbgrader says to a file, and work in the course's folder."""
        handler = logging.FileHandler(self.log)
        handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        logger = logging.getLogger("traitlets")
        propagate, logger.propagate, logger.level = logger.propagate, False, logging.INFO
        logger.addHandler(handler)
        try:
            with contextlib.chdir(self.folder):
                yield
        finally:
            logger.removeHandler(handler)
            logger.propagate = propagate
            handler.close()

    def release(self, assignment: str) -> None:
        """Make the students' version and put it into the exchange."""
        self._expect("generate_assignment", self._api.generate_assignment(assignment))
        self._expect("release_assignment", self._api.release_assignment(assignment))

    def hand_in(self, assignment: str, student: Student) -> None:
        """Fetch the assignment, fill it in and submit it, twice where the student did."""
        home = self.folder / "students" / student.id
        home.mkdir(parents=True, exist_ok=True)
        hand_ins = HandIns(assignment)
        self._exchange("fetch_assignment", assignment, student, home)
        path = home / assignment / f"{hand_ins.assignment.notebook}.ipynb"
        notebook = json.loads(path.read_text(encoding="utf-8"))
        if student.before is not None:
            first = hand_ins.files(hand_ins.fill(notebook, student.before, student.answer))
            self._submit(assignment, student, home, first)
        last = hand_ins.files(hand_ins.fill(notebook, student.solution, student.answer), student.twist)
        self._submit(assignment, student, home, last)

    def _submit(self, assignment: str, student: Student, home: Path, files: Files) -> None:
        for old in (home / assignment).glob("*.ipynb"):
            old.unlink()
        for name, content in files.items():
            (home / assignment / name).write_bytes(content)
        self._exchange("submit", assignment, student, home)

    def _exchange(self, step: str, assignment: str, student: Student, home: Path) -> None:
        self._coursedir.assignment_id = assignment
        with contextlib.chdir(home):
            self._coursedir.student_id = student.id
            try:
                make = {"fetch_assignment": self._factory.FetchAssignment, "submit": self._factory.Submit}[step]
                make(self._coursedir, Authenticator(config=self._config), config=self._config).start()
            except Exception as error:
                raise CircleError(f"{step} failed for {student.id}: {error}; see {self.log}") from error
            finally:
                self._coursedir.student_id = "*"

    def set_due_now(self, assignment: str) -> None:
        """Let the due date be this moment: what comes after it is late."""
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        with Gradebook(self._coursedir.db_url, self._coursedir.course_id) as gradebook:
            gradebook.update_or_create_assignment(assignment, duedate=now)

    def collect(self, assignment: str) -> None:
        """Collect everybody's last submission."""
        self._expect("collect", self._api.collect(assignment, update=True))

    def autograde(self, assignment: str) -> Iterator[None]:
        """Grade the class, as its instructor would; yield once per submission."""
        command = [sys.executable, "-m", "autograder.cli", "autograde", assignment, "--json"]
        with (
            self.log.open("a", encoding="utf-8") as log,
            subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, stderr=log, text=True) as batch,
        ):
            yield from (None for _ in batch.stdout or ())
        if batch.returncode > 1:  # 1: some submission is left to a human
            raise CircleError(f"autograder autograde {assignment} ended with {batch.returncode}; see {self.log}")

    def give_feedback(self, assignment: str) -> None:
        """Make everybody's feedback page, and release it."""
        self._expect("generate_feedback", self._api.generate_feedback(assignment))
        self._expect("release_feedback", self._api.release_feedback(assignment))

    def export(self) -> None:
        """Write the CSV file with everybody's marks."""
        plugin = CsvExport(config=self._config)
        with Gradebook(self._coursedir.db_url, self._coursedir.course_id) as gradebook:
            plugin.to = str(self.folder / "grades.csv")
            plugin.export(gradebook)

    def _expect(self, step: str, result: dict[str, Any]) -> None:
        if not result["success"]:
            lines = (result.get("log") or result.get("error") or "no message").strip().splitlines()
            raise CircleError(f"nbgrader {step} failed: {lines[-1].strip()}; see {self.log}")
