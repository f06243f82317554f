"""The graders of an assignment, collected by pytest once and run for one student after another."""

import contextlib
import functools
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Self

import pytest
from _pytest.config import Config, _prepareconfig
from _pytest.main import Session

from autograder.grading.assignment import fingerprint_of
from autograder.grading.blind import Exercise
from autograder.grading.criteria import MARKS, Criterion, Failure, GraderFault, MachineFault, describe
from autograder.grading.hidden import grader_files, module_of
from autograder.grading.results import CriterionResult, ExerciseResult, Verdict, exercise_result
from autograder.grading.student import Student, TimeoutFailure
from autograder.sandbox.printable import printable

_OPTIONS = (
    "--disable-plugin-autoload",
    "--noconftest",
    "--assert=plain",
    "--import-mode=importlib",
    "--capture=no",
    "--strict-markers",
)
# What a report needs and a judgement does not; each would be asked three times for every test of every student.
_WITHOUT = (
    *("terminal", "cacheprovider", "logging", "faulthandler", "junitxml", "warnings"),
    *("skipping", "unraisableexception", "threadexception", "unittest", "doctest", "stepwise", "pastebin"),
)

_MAX_ERROR = 300
_FIXTURES = ("student", "exercise", "seed")
_NO_PARAMETERS = SimpleNamespace(params={})  # of a test that has none


@dataclass
class _Case:
    """One collected test, the criterion it belongs to, and another test of the same module, if there is one."""

    item: pytest.Function
    criterion: Criterion
    sibling: pytest.Function | None

    @functools.cached_property
    def is_plain(self) -> bool:
        """Whether the test is a function that asks for our own fixtures and its parameters alone."""
        parameters = getattr(self.item, "callspec", _NO_PARAMETERS).params
        return self.item.cls is None and set(self.item.fixturenames) <= {*_FIXTURES, *parameters}


@dataclass
class _Plugin:
    """Hands the student and the seed to the tests."""

    folder: Path
    seed: int
    student: Student | None = None
    exercise: Exercise | None = None
    faults: list[str] = field(default_factory=list)

    def pytest_configure(self, config: Config) -> None:
        """Register the mark of a criterion."""
        for line in MARKS.values():
            config.addinivalue_line("markers", line)

    def pytest_pycollect_makemodule(self, module_path: Path, parent: pytest.Collector) -> "_Grader":
        """Collect a grader as a module of its folder, so that it may import its neighbours relatively."""
        grader: _Grader = _Grader.from_parent(parent, path=module_path)
        grader.hidden = self.folder.absolute()
        return grader

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note why a grader could not be collected."""
        if report.failed:
            self.faults.append(f"{report.nodeid}: {str(report.longrepr).strip().splitlines()[-1]}")

    @pytest.fixture(name="student")
    def student_fixture(self) -> Student:
        """Return the student who is being judged."""
        if self.student is None:
            raise GraderFault("no student is being judged")
        return self.student

    @pytest.fixture(name="exercise")
    def exercise_fixture(self) -> Exercise:
        """Return the exercise whose grader it is."""
        if self.exercise is None:
            raise GraderFault("the assignment's reference.py does not name this exercise in EXERCISES")
        return self.exercise

    @pytest.fixture(name="seed", scope="session")
    def seed_fixture(self) -> int:
        """Return the seed of the hidden inputs, equal for all students of a run."""
        return self.seed


class _Grader(pytest.Module):
    hidden: Path

    def _getobj(self) -> ModuleType:
        """Import the module; pytest's own way would give it another name, and its neighbours with it."""
        within = self.path.parent.relative_to(self.hidden).name
        return module_of(self.hidden, self.path.stem, fingerprint_of(str(self.hidden)), within)


class Graders:
    """The graders in one folder, ready to judge.

    Args:
        folder: holds `test_<exercise>.py`, a grader each; a folder in it, those of one notebook.
        seed: of the hidden inputs.
        known: what the criteria may ask of each exercise, by name.

    Raises:
        GraderFault: a grader cannot be collected, or one of its tests is no criterion.
    """

    def __init__(self, folder: Path, seed: int, known: Mapping[str, Exercise] | None = None) -> None:
        self._known = known or {}
        self._plugin = _Plugin(folder, seed)
        self._session = _collect(folder, self._plugin)
        self._cases = _sort([item for item in self._session.items if isinstance(item, pytest.Function)], folder)

    @property
    def exercises(self) -> tuple[str, ...]:
        """The exercises for which there is a grader, in the order of their files."""
        return tuple(self._cases)

    def criteria(self, exercise: str) -> list[Criterion]:
        """Return the criteria of an exercise in the order in which they are judged."""
        return list(dict.fromkeys(case.criterion for case in self._cases[exercise]))

    def asks_for_reference(self, exercise: str) -> bool:
        """Say whether any criterion of an exercise judges by what `reference.py` says of it."""
        return any("exercise" in case.item.fixturenames for case in self._cases[exercise])

    def max_points(self, exercise: str) -> float:
        """Return what an exercise is worth."""
        return round(sum(criterion.points for criterion in self.criteria(exercise)), 6)

    def judge(self, exercise: str, student: Student) -> ExerciseResult:
        """Judge one exercise of one student."""
        self._plugin.student, self._plugin.exercise = student, self._known.get(exercise)
        try:
            return self._judge(exercise)
        finally:
            self._plugin.student = None
            self._session._setupstate.teardown_exact(None)  # noqa: SLF001 - as after the last test of a run

    def _judge(self, exercise: str) -> ExerciseResult:
        results: dict[str, CriterionResult] = {}
        stopped = False
        for case in self._cases[exercise]:
            known = results.get(case.criterion.name)
            if known is not None and known.verdict != "pass":
                continue
            result = _skip(case.criterion, results, stopped=stopped)
            if result is None:
                error = self._run(case)
                result = _result(case.criterion, error)
                stopped = isinstance(error, TimeoutFailure)
            results[case.criterion.name] = result
        return exercise_result(exercise, list(results.values()), stopped=stopped)

    def _run(self, case: _Case) -> BaseException | None:
        """Run one test, where it is fresh in a process of its own; return what it raised."""
        student = self._plugin.student
        if student is None or not case.criterion.fresh:
            return self._called(case)
        try:
            with student.fresh() as self._plugin.student:
                return self._called(case)
        finally:
            self._plugin.student = student

    def _called(self, case: _Case) -> BaseException | None:
        """Run one test and return what it raised; one that asks for nothing of pytest's is called as it is.

        For what pytest does around a test takes as long as judging in it.
        """
        if not case.is_plain or self._plugin.exercise is None:
            return _run(case)
        ours = {"student": self._plugin.student, "exercise": self._plugin.exercise, "seed": self._plugin.seed}
        given = {**ours, **getattr(case.item, "callspec", _NO_PARAMETERS).params}
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return _raised(case.item.obj, **{name: given[name] for name in case.item._fixtureinfo.argnames})  # noqa: SLF001

    def fault(self, exercise: str, error: BaseException) -> ExerciseResult:
        """Return the result of an exercise that could not be judged: `error` for each criterion."""
        return exercise_result(
            exercise, [_result(criterion, error, faulty=True) for criterion in self.criteria(exercise)]
        )

    def close(self) -> None:
        """Let pytest finish."""
        self._session.config._ensure_unconfigure()  # noqa: SLF001 - what pytest.main calls at its end

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _run(case: _Case) -> BaseException | None:
    """Run one test by pytest's own hooks and return what it raised; what its module has set up is kept for the next.

    `_pytest.runner.runtestprotocol` does the same, and makes three reports that nobody reads: twice the time.
    """
    item, hook = case.item, case.item.ihook
    item._initrequest()  # noqa: SLF001 - pytest's own step before it runs an item once more
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        setup = _raised(hook.pytest_runtest_setup, item=item)
        error = _raised(hook.pytest_runtest_call, item=item) if setup is None else None
        teardown = _raised(hook.pytest_runtest_teardown, item=item, nextitem=case.sibling)
    fault = setup or teardown
    return error if error is not None or fault is None else GraderFault(f"{type(fault).__name__} in a fixture: {fault}")


def _raised(hook: Callable[..., object], **arguments: object) -> BaseException | None:
    try:
        hook(**arguments)
    except (Exception, pytest.skip.Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - each becomes a verdict
        return error
    return None


def _result(criterion: Criterion, error: BaseException | None, *, faulty: bool = False) -> CriterionResult:
    """Return a criterion's verdict; with `faulty` any exception is ours."""
    if error is None:
        return _verdict(criterion, "pass")
    if isinstance(error, AssertionError) and not faulty:
        # Only the author's own words: pytest may add the values that were compared, and they are hidden.
        message = str(error) if isinstance(error, Failure) else str(error).partition("\n")[0]
        return _verdict(criterion, "fail", message)
    if isinstance(error, pytest.skip.Exception) and not faulty:
        return _verdict(criterion, "skip", str(error))
    reason = str(error) if isinstance(error, MachineFault) else f"{type(error).__name__}: {error}"
    said = printable(reason[:_MAX_ERROR])
    return _verdict(criterion, "error", f"the grader could not judge this ({said}); your teacher will look at it")


def _verdict(criterion: Criterion, verdict: Verdict, message: str = "") -> CriterionResult:
    """Return a verdict on a criterion, with the points that it gives."""
    points = {"pass": criterion.points, "error": None}.get(verdict, 0.0)
    return CriterionResult(criterion.name, criterion.label, verdict, points, criterion.points, message)


def _skip(criterion: Criterion, results: dict[str, CriterionResult], *, stopped: bool) -> CriterionResult | None:
    """Return the verdict of a criterion that is not judged, or None."""
    if stopped:
        return _verdict(criterion, "skip", "not run: an earlier call took too long")
    for need in criterion.needs:
        if results[need].verdict == "error":
            return _verdict(criterion, "error", results[need].message)
        if results[need].verdict != "pass":
            return _verdict(criterion, "skip", f"runs once “{results[need].label.rstrip('.')}” passes")
    return None


def _collect(folder: Path, plugin: _Plugin) -> Session:
    """Do what pytest.main does up to the end of the collection."""
    options = [*_OPTIONS, "-c", "/dev/null", f"--rootdir={folder.parent.parent}"]
    options += [f"-pno:{name}" for name in _WITHOUT]
    log = io.StringIO()
    with contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
        config = _prepareconfig([*options, *map(str, grader_files(folder).values())], [plugin])
        config._do_configure()  # noqa: SLF001
        session = Session.from_config(config)
        config.hook.pytest_sessionstart(session=session)
        session.perform_collect()
    if plugin.faults:
        raise GraderFault(f"a grader cannot be collected: {plugin.faults[0]}")
    return session


def _sort(items: list[pytest.Function], folder: Path) -> dict[str, list[_Case]]:
    exercises = {path.absolute(): exercise for exercise, path in grader_files(folder).items()}
    cases: dict[str, list[_Case]] = {}
    for item in items:
        criterion = describe(item)
        if criterion is None:
            raise GraderFault(f"{item.nodeid} is no criterion: mark it with @criterion(points=…)")
        known = cases.setdefault(exercises[item.path], [])
        if unknown := set(criterion.needs) - {case.criterion.name for case in known}:
            raise GraderFault(f"{item.nodeid} needs {', '.join(sorted(unknown))}, which is no criterion above it")
        sibling = next((other for other in items if other is not item and other.parent is item.parent), None)
        known.append(_Case(item, criterion, sibling))
    return cases
