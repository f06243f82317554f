"""The nbgrader circle of a scratch course: real commands' classes, a real exchange folder, one step after another."""

import contextlib
import datetime as dt
import json
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory
from traitlets.config.loader import PyFileConfigLoader

from autograder.demo.roster import Student
from autograder.demo.submission import Files, fill, hand_in

ASSIGNMENT = "neuron"
_CONFIG = """

# The demo's own exchange, so that it touches nothing outside this folder.
c.Exchange.root = {exchange!r}
c.Exchange.cache = {cache!r}
"""


class CircleError(RuntimeError):
    """A step of the circle failed; the text says which, and where the log is."""


class Circle:
    """A scratch course under `folder`, made of the course at `source`.

    Raises, in its methods:
        CircleError: nbgrader refused a step.
    """

    def __init__(self, folder: Path, source: Path) -> None:
        self.folder = folder
        self.log = folder / "nbgrader.log"
        self._prepare(source)
        self._config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
        self._coursedir = CourseDirectory(config=self._config)
        self._coursedir.root = str(folder)
        self._coursedir.assignment_id = ASSIGNMENT
        self._api = NbGraderAPI(self._coursedir, Authenticator(config=self._config), config=self._config)
        self._factory = ExchangeFactory(config=self._config)

    def _prepare(self, source: Path) -> None:
        exchange = self.folder / "exchange"
        exchange.mkdir(parents=True)
        exchange.chmod(0o777)  # nbgrader wants it so: students write there
        shutil.copytree(source / "source", self.folder / "source")
        config = (source / "nbgrader_config.py").read_text(encoding="utf-8")
        added = _CONFIG.format(exchange=str(exchange), cache=str(self.folder / "cache"))
        (self.folder / "nbgrader_config.py").write_text(config + added, encoding="utf-8")

    @contextlib.contextmanager
    def logged(self) -> Iterator[None]:
        """Send what nbgrader says to a file, and work in the course's folder."""
        handler = logging.FileHandler(self.log)
        handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        logger, before = logging.getLogger("traitlets"), Path.cwd()
        propagate, logger.propagate, logger.level = logger.propagate, False, logging.INFO
        logger.addHandler(handler)
        os.chdir(self.folder)
        try:
            yield
        finally:
            os.chdir(before)
            logger.removeHandler(handler)
            logger.propagate = propagate
            handler.close()

    def release(self) -> None:
        """Make the students' version and put it into the exchange."""
        self._expect("generate_assignment", self._api.generate_assignment(ASSIGNMENT))
        self._expect("release_assignment", self._api.release_assignment(ASSIGNMENT))

    def hand_in(self, student: Student) -> None:
        """Fetch the assignment, fill it in and submit it, twice where the student did."""
        home = self.folder / "students" / student.id
        home.mkdir(parents=True, exist_ok=True)
        self._exchange("fetch_assignment", student, home)
        notebook = json.loads((home / ASSIGNMENT / "neuron.ipynb").read_text(encoding="utf-8"))
        if student.before is not None:
            self._submit(student, home, hand_in(fill(notebook, student.before, student.answer)))
        self._submit(student, home, student.twist(fill(notebook, student.solution, student.answer)))

    def _submit(self, student: Student, home: Path, files: Files) -> None:
        (home / ASSIGNMENT / "neuron.ipynb").unlink(missing_ok=True)
        for name, content in files.items():
            (home / ASSIGNMENT / name).write_bytes(content)
        self._exchange("submit", student, home)

    def _exchange(self, step: str, student: Student, home: Path) -> None:
        with contextlib.chdir(home):
            self._coursedir.student_id = student.id
            try:
                make = {"fetch_assignment": self._factory.FetchAssignment, "submit": self._factory.Submit}[step]
                make(self._coursedir, Authenticator(config=self._config), config=self._config).start()
            except Exception as error:
                raise CircleError(f"{step} failed for {student.id}: {error}; see {self.log}") from error
            finally:
                self._coursedir.student_id = "*"

    def set_due_now(self) -> None:
        """Let the due date be this moment: what comes after it is late."""
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        with Gradebook(self._coursedir.db_url, self._coursedir.course_id) as gradebook:
            gradebook.update_or_create_assignment(ASSIGNMENT, duedate=now)

    def collect(self) -> None:
        """Collect everybody's last submission."""
        self._expect("collect", self._api.collect(ASSIGNMENT, update=True))

    def autograde(self, student: Student) -> None:
        """Grade one submission; what it came to stands in its outcome."""
        self._api.autograde(ASSIGNMENT, student.id)

    def give_feedback(self) -> None:
        """Make everybody's feedback page, release it, and write the CSV file."""
        self._expect("generate_feedback", self._api.generate_feedback(ASSIGNMENT))
        self._expect("release_feedback", self._api.release_feedback(ASSIGNMENT))
        plugin = self._config.ExportApp.plugin_class(config=self._config)
        with Gradebook(self._coursedir.db_url, self._coursedir.course_id) as gradebook:
            plugin.to = str(self.folder / "grades.csv")
            plugin.export(gradebook)

    def _expect(self, step: str, result: dict[str, Any]) -> None:
        if not result["success"]:
            lines = (result.get("log") or result.get("error") or "no message").strip().splitlines()
            raise CircleError(f"nbgrader {step} failed: {lines[-1].strip()}; see {self.log}")
