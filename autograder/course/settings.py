"""What an instructor sets in `nbgrader_config.py` besides nbgrader's own settings: `c.Autograder.…`."""

from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearHiddenTests, Execute
from traitlets import Bool, Dict, Enum, Integer, List, Unicode
from traitlets.config import Configurable

from autograder.course.deadlines import extensions
from autograder.course.execution import cell_seconds, readable
from autograder.course.records import history, outcomes, receipts
from autograder.grading.assignment import GRADERS, Assignment, of_course
from autograder.judge.judge import DEFAULT_SEED
from autograder.judge.notebook import HiddenTests
from autograder.sandbox.walls.standing import AUTO, ISOLATIONS, NONE, WALLS


class Autograder(Configurable):
    """How a course judges."""

    seed = Integer(DEFAULT_SEED, help="Seed of the hidden inputs, equal for all students of a run.").tag(config=True)
    graders = Unicode(str(GRADERS), help="The course's folder of hidden folders, one per assignment.").tag(config=True)
    isolation = Enum(
        list(ISOLATIONS),
        AUTO,
        help="The wall that student code is behind; 'auto' is the strongest that stands here, and never 'none'.",
    ).tag(config=True)
    least_wall = Enum(
        [*WALLS, NONE], NONE, help="The weakest wall that will do: where no such wall stands, nothing is graded."
    ).tag(config=True)
    hidden_messages = Bool(
        default_value=False,
        help="Tell students whatever a hidden test says, and not only the messages that its own text spells out. "
        "Student code runs beside hidden tests, and can then carry their text out.",
    ).tag(config=True)
    read_only_paths = List(
        Unicode(),
        help="Files and folders, such as large data sets, that student code may read under these very paths; relative "
        "ones begin at the course's folder.",
    ).tag(config=True)
    attempts_per_day = Integer(
        0,
        min=0,
        help="How many submissions of a student 'autograder watch' grades on one day; 0 for any number. What comes "
        "beyond waits for the next day, or for the deadline; what could not be graded does not count.",
    ).tag(config=True)
    limits = Dict(
        per_key_traits={},
        help="Limits on student code by name, in place of the assignments' own; see autograder/sandbox/limits.py.",
    ).tag(config=True)

    def find(self, root: Path, assignment: str) -> Assignment:
        """Return an assignment of the course at `root`, with graders or without.

        Raises:
            AssignmentError: its settings cannot be used.
        """
        return of_course(assignment, self.folder(root))

    def folder(self, root: Path) -> Path:
        """Return the folder of hidden folders of the course at `root`; it need not be there."""
        return root / self.graders

    def limits_of(self, assignment: Assignment) -> dict[str, float]:
        """Return the limits that are not the assignment's own; a cell, or a call in its place, has nbgrader's time.

        Raises:
            UsageError: the course sets of nbgrader's Execute what cannot hold here.
        """
        seconds = cell_seconds(self)
        timed = ("cell_seconds", "call_seconds", "exercise_seconds") if assignment.ordinary else ()
        return {**dict.fromkeys(timed, seconds), **self.limits}

    def readable(self, coursedir: CourseDirectory) -> tuple[str, ...]:
        """Return the absolute paths that student code may read besides its own folder.

        Raises:
            UsageError: one is not there, or would show what must stay hidden.
        """
        root = Path(coursedir.root)
        own = (outcomes.FOLDER, history.FOLDER, receipts.FOLDER, extensions.FILE)
        ours = (self.graders, *own, "gradebook.db", "nbgrader_config.py")
        steps = ("source", "submitted", "autograded", "feedback")
        folders = [getattr(coursedir, f"{step}_directory") for step in steps]
        return readable(root, self.read_only_paths, [root / name for name in (*ours, *folders)])

    def kernel(self) -> str:
        """Return the kernel that the course says all its notebooks run in, or nothing where each says its own."""
        return str(Execute(parent=self).kernel_name)

    def hidden_tests(self) -> HiddenTests:
        """Return what marks hidden tests in this course."""
        rule = ClearHiddenTests(parent=self)
        return HiddenTests(rule.begin_test_delimeter, rule.end_test_delimeter)
