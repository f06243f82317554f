"""Running graders by hand, as what they are: `pytest autograder/assignments/NAME --solution FILE`."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.diagnosis.exercise import Exercise, adapters, exercises
from autograder.grading.assignment import Assignment, read
from autograder.grading.criteria import MARKS, is_fresh
from autograder.grading.student import Student
from autograder.judge import notebook as notebooks
from autograder.judge.judge import DEFAULT_SEED
from autograder.judge.running.fork import Fork
from autograder.judge.running.run import Run, Runner
from autograder.judge.running.sandboxes import sandbox_for
from autograder.judge.solution import read_solution
from autograder.names import PREFIX
from autograder.sandbox.session import Setup
from autograder.sandbox.walls.standing import AUTO, ISOLATIONS, choose


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("autograder")
    group.addoption("--solution", metavar="FILE", help="the .py or .ipynb file to judge")
    group.addoption("--seed", type=int, default=DEFAULT_SEED, help="seed of the hidden inputs")
    group.addoption("--isolation", choices=ISOLATIONS, default=AUTO, help="the wall that it is behind")


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark of a criterion."""
    for line in MARKS.values():
        config.addinivalue_line("markers", line)


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    """Return the seed of the hidden inputs."""
    return int(pytestconfig.getoption("--seed"))


@pytest.fixture(scope="package")
def assignment(request: pytest.FixtureRequest) -> Assignment:
    """Return the assignment whose graders these are."""
    return read(request.path if request.path.is_dir() else request.path.parent)


@pytest.fixture(scope="package")
def solution(pytestconfig: pytest.Config, assignment: Assignment) -> Iterator[Run]:
    """Run the solution file behind the walls; its snapshots live as long as the graders need them."""
    name = pytestconfig.getoption("--solution")
    if name is None:
        pytest.exit("say which solution to judge: --solution FILE", returncode=2)
    try:
        content, module = read_solution(Path(name), assignment)
    except notebooks.NotebookError as error:
        pytest.exit(f"{name}: {error}", returncode=2)
    runner = Runner(
        sandbox_for(choose(str(pytestconfig.getoption("--isolation"))), assignment.limits, ("numpy",)),
        assignment.limits,
        Setup(names={"__name__": module}),
    )
    try:
        cells = notebooks.code_cells(content, assignment.exercises, name=assignment.notebook)
        cells = notebooks.put_last(cells, assignment.exercises, len(content["cells"]))
        yield runner.run(cells, adapters(exercises(assignment)))
    finally:
        runner.close()


@pytest.fixture(scope="module")
def exercise(request: pytest.FixtureRequest, assignment: Assignment) -> Exercise:
    """Return what is known of this module's exercise."""
    return exercises(assignment)[request.path.stem.removeprefix(PREFIX)]


@pytest.fixture(scope="module")
def whole(request: pytest.FixtureRequest, solution: Run) -> Iterator[Student]:
    """Return the student's functions as they were at the check of this module's exercise."""
    with contextlib.closing(Fork(solution, request.path.stem.removeprefix(PREFIX), keep=True)) as fork:
        yield Student(fork)


@pytest.fixture
def student(request: pytest.FixtureRequest, whole: Student) -> Iterator[Student]:
    """Return the same, for a fresh criterion in a process of its own."""
    with whole.fresh() if is_fresh(request.node) else contextlib.nullcontext(whole) as found:
        yield found
