"""Graders as pytest collects and runs them: verdicts, points, needs, and whose fault what is."""

import subprocess
import sys
import textwrap
from pathlib import Path

import nested
import numpy as np
import pytest

from autograder import assignments
from autograder.certify.local import Local
from autograder.grading.assignment import AssignmentError, find, read
from autograder.grading.criteria import GraderFault, criterion
from autograder.grading.graders import Graders
from autograder.grading.student import Student
from autograder.judge.judge import Job, judge_notebooks
from autograder.judge.notebook import from_script
from autograder.sandbox.answers import Raised, Returned, TimedOut, Where

GRADER = """
import pytest
from autograder.grading import Failure, criterion

@criterion(points=2)
@pytest.mark.parametrize("x", [1, 2, 3])
def test_value(student, x):
    \"\"\"Doubles.

    More for the author.
    \"\"\"
    assert student.double(x) == 2 * x, "not the double"

@criterion(points=1, needs="value")
def test_more(student):
    \"\"\"Doubles again.\"\"\"
    if student.double(0) == 13:
        raise Failure("thirteen")
    if student.double(0) == 14:
        raise KeyError("grader")

@criterion(points=1)
def test_seed(student, seed):
    \"\"\"Knows the seed.\"\"\"
    assert seed == 5
"""

IMPORT = "from autograder.grading import criterion\n"


class Fake:
    """A process that answers with a function of ours; the graders are what is tested here."""

    def __init__(self, answer):
        self.answer = answer

    def call(self, function, arguments):
        """Answer."""
        found = self.answer(*arguments)
        return found if isinstance(found, Raised | TimedOut) else Returned(found, arguments)


@pytest.fixture
def graders(tmp_path):
    """Return a small assignment's graders."""
    (tmp_path / "test_double.py").write_text(textwrap.dedent(GRADER))
    with Graders(tmp_path, 5) as graders:
        yield graders


def verdicts(graders, answer):
    """Judge a function and return verdicts and points by criterion."""
    result = graders.judge("double", Student(Fake(answer)))
    return result.points, {entry.criterion: entry.verdict for entry in result.criteria}


def test_labels_points_and_needs_are_known_beforehand(graders):
    """A criterion's label is its docstring's first line; parametrized cases are one criterion."""
    assert [(c.name, c.label, c.points, c.needs) for c in graders.criteria("double")] == [
        ("value", "Doubles.", 2.0, ()),
        ("more", "Doubles again.", 1.0, ("value",)),
        ("seed", "Knows the seed.", 1.0, ()),
    ]
    assert graders.max_points("double") == 4


def test_a_right_answer_gets_everything_time_after_time(graders):
    """The collected graders can be run again and again."""
    for _ in range(3):
        assert verdicts(graders, lambda x: 2 * x) == (4, {"value": "pass", "more": "pass", "seed": "pass"})


def test_one_wrong_case_fails_the_criterion_and_skips_what_needs_it(graders):
    """A criterion fails with any of its cases, and what needs it is skipped and earns nothing."""
    answer = verdicts(graders, lambda x: 2 * x if x != 3 else 7)
    assert answer == (1, {"value": "fail", "more": "skip", "seed": "pass"})


def test_a_failure_says_why(graders):
    """A plain assert and a Failure both reach the student with their text."""
    result = graders.judge("double", Student(Fake(lambda x: 2 * x or 13)))
    assert result.criteria[1].message == "thirteen"
    result = graders.judge("double", Student(Fake(lambda x: 0)))
    assert result.criteria[0].message == "not the double"


def test_the_graders_own_fault_costs_nobody_anything(graders):
    """An exception of the grader's is the verdict `error`, without points, for the exercise too."""
    result = graders.judge("double", Student(Fake(lambda x: 2 * x or 14)))
    assert (result.criteria[1].verdict, result.criteria[1].points, result.points) == ("error", None, None)
    assert result.max_points == 4


def test_a_students_exception_fails_with_their_line(graders):
    """What student code raised is a failure, with type, text and line."""
    error = Raised("ValueError", "no", Where(1, 4, "return z"))
    result = graders.judge("double", Student(Fake(lambda _x: error)))
    assert result.criteria[0].message == "double raised ValueError: no (line 4: return z)"


def test_a_call_that_takes_too_long_ends_the_exercise(graders):
    """After the first call that timed out, nothing more of the exercise is judged."""
    result = graders.judge("double", Student(Fake(lambda _x: TimedOut(1.0))))
    assert [entry.verdict for entry in result.criteria] == ["fail", "skip", "skip"]
    assert result.criteria[2].message == "not run: an earlier call took too long"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def test_x(student):\n    pass\n", "is no criterion"),
        ("import nosuchmodule\n", "cannot be collected: .*No module named 'nosuchmodule'"),
        ("def test_x(student):\n    return (\n", "cannot be collected"),
        (f"{IMPORT}@criterion(points=1)\ndef test_x(student): pass\n", "needs a docstring"),
        (f"{IMPORT}@criterion(points=1, needs='y')\ndef test_x(student):\n    'X.'\n", "needs y, which is no"),
    ],
)
def test_a_grader_that_cannot_be_used_is_refused(tmp_path, source, said):
    """A test without criterion, docstring, module or what it needs is refused before anybody is judged."""
    (tmp_path / "test_x.py").write_text(source)
    with pytest.raises(GraderFault, match=said):
        Graders(tmp_path, 1)


def test_a_criterion_has_points_and_a_label():
    """Negative points and a missing docstring are refused where they are written."""
    with pytest.raises(ValueError, match="points"):
        criterion(points=-1)(lambda student: None)
    with pytest.raises(ValueError, match="docstring"):
        criterion(points=1)(lambda student: None)


def test_saturation_is_worth_at_most_a_fifth():
    """In every exercise the textbook formula can lose at most a fifth."""
    with Graders(find("neuron").folder, 1) as graders:
        for exercise in graders.exercises:
            worth = {criterion.name: criterion.points for criterion in graders.criteria(exercise)}
            assert worth["saturation"] <= graders.max_points(exercise) / 5


def test_an_unknown_assignment_is_named():
    """The error says which assignments there are."""
    with pytest.raises(AssignmentError, match="there is a grader for: network, neuron"):
        find("nosuch")


COUNTED = {
    "assignment.toml": 'exercises = ["step"]\n',
    "reference.py": "from autograder.diagnosis import Exercise\n\n\ndef step(x):\n    return x\n\n\n"
    'EXERCISES = {"step": Exercise(step, cases={"one": lambda rng: (1.0,)}, smallest=((1.0,),))}\n',
    "test_step.py": """
import pytest

from autograder.grading import criterion, fresh
from autograder.grading.box import value


def asked(student):
    assert student.step(1.0) == 1.0, "asked before"


@criterion(points=1)
def test_first(student):
    \"\"\"Is called first.\"\"\"
    asked(student)


@fresh
@criterion(points=1)
@pytest.mark.parametrize("number", [1, 2])
def test_fresh(student, number):
    \"\"\"Is called in a process of its own, with each of its inputs.\"\"\"
    asked(student)


test_box = fresh(value("As well.", points=1, cases="one"))


@criterion(points=1)
def test_second(student):
    \"\"\"Is called after the first alone.\"\"\"
    assert student.step(2.0) == 3.0, "not the second call"
""",
}
COUNTING = "calls = []\n\ndef step(x):\n    calls.append(x)\n    return sum(calls)\n"


@pytest.mark.slow
def test_a_fresh_criterion_is_judged_where_nothing_was_called(tmp_path):
    """What a function keeps goes from one criterion to the next, but neither into a fresh one nor out of it."""
    nested.write(tmp_path, "counted", COUNTED)
    counted = read(tmp_path / "counted")
    job = Job("counted", run_checks=False, pictures="none", preload=False)
    contents = {"counted": from_script(COUNTING, ("step",))}
    (result,) = judge_notebooks(contents, job, counted).exercises
    assert {entry.criterion: entry.verdict for entry in result.criteria} == dict.fromkeys(
        ["first", "fresh", "box", "second"], "pass"
    )
    right = Local(counted, "step", COUNTING).finding(job.seed)
    assert (right.points, right.failed) == (4.0, ())


def test_an_argument_that_cannot_be_sent_is_the_graders_fault():
    """Nobody's function is called with something else than the grader meant."""
    student = Student(Fake(lambda x: x))
    assert student.call("double", 1.0).value == 1.0
    with pytest.raises(GraderFault, match="an argument of double is a value of type RandomState, which cannot be sent"):
        student.call("double", [np.random.RandomState(57)])


@pytest.mark.slow
def test_graders_run_by_hand_as_they_do_in_the_judge(tmp_path):
    """`pytest FOLDER --solution FILE` has what criteria ask for, and a fresh one gets a process of its own."""
    nested.write(tmp_path, "counted", COUNTED)
    (tmp_path / "counted" / "conftest.py").write_text((Path(assignments.__file__).parent / "conftest.py").read_text())
    (tmp_path / "solution.py").write_text(COUNTING)
    options = ["-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", f"--solution={tmp_path / 'solution.py'}"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tmp_path / "counted")],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "5 passed" in done.stdout, done.stdout
