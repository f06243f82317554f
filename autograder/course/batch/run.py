"""The run itself: a bounded number of submissions with the workers, and one writer."""

from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass

from autograder.course.batch.backend import Backend
from autograder.course.batch.plan import Plan
from autograder.course.batch.pool import WorkerKilledError
from autograder.course.errors import RunError
from autograder.course.records.gradebook import Writer
from autograder.course.records.outcomes import Outcome
from autograder.course.submission import Prepared, Submissions
from autograder.grading.assignment import Assignment
from autograder.judge.outcome import Judgement, engine_failed, refused
from autograder.judge.sending.typed import MalformedError
from autograder.judge.sending.worker import RefusedError, Release, judge_here, read_judgement, release_of

# Workers lost to a submission before it is left to a human. One that is killed from outside is seldom lost to what it
# judged, but must not be given the same for ever.
_DEATHS = 2
_KILLS = 5
_KILLED = f"{_KILLS} workers that judged it were killed: grade it again with --force, when nothing kills them any more"
_SILENT = "no worker of the cluster has given an answer for too long: see to it, then grade again with --force"
# Submissions that are read before a worker asks for them: enough for many workers while a transaction is written, but
# few for one or two: a submission that has begun when a run is killed has no outcome until the next run.
_LEAST_AHEAD, _AHEAD = 2, 4


@dataclass(frozen=True)
class Unfinished:
    """A submission that could not be read or written; its outcome says so, and the next run tries again."""

    student: str
    reason: str


class Judging:
    """Submissions on their way through the workers; holds a bounded number of them, however many there are."""

    def __init__(self, backend: Backend, assignment: Assignment) -> None:
        self._backend = backend
        self._assignment = assignment
        self.release: Release = release_of(assignment)
        self._waiting: dict[Future[bytes], Prepared] = {}
        self._again: deque[Prepared] = deque()
        self._deaths: Counter[str] = Counter()
        self._kills: Counter[str] = Counter()
        self._silent = False  # whether nobody has answered in all the time of the wait before

    def __call__(self, submissions: Iterator[Prepared]) -> Iterator[list[tuple[Prepared, Judgement | None]]]:
        """Yield submissions with their judgements, those together that are done at the same time.

        One whose worker died is judged again after all others: whatever kills workers, these are done by then.

        Raises:
            RunError: a worker cannot judge, or all of them are gone.
        """
        limit = max(_LEAST_AHEAD, _AHEAD * (self._backend.workers - 1))
        for prepared in submissions:
            if prepared.data is None:
                yield [(prepared, None)]
                continue
            self._submit(prepared, prepared.data)
            if len(self._waiting) >= limit:
                yield from self._done()
        while self._waiting or self._again:
            while self._again and len(self._waiting) < self._backend.workers:
                prepared = self._again.popleft()
                self._submit(prepared, prepared.data or b"")
            yield from self._done()

    def _submit(self, prepared: Prepared, data: bytes) -> None:
        try:
            future = self._backend.executor.submit(judge_here, data, self._backend.job, self.release)
        except RuntimeError as error:
            raise RunError(f"the workers are gone ({error}): run the same command again") from error
        self._waiting[future] = prepared

    def _done(self) -> Iterator[list[tuple[Prepared, Judgement | None]]]:
        done, silent = wait(self._waiting, timeout=self._backend.patience, return_when=FIRST_COMPLETED)
        if not done and self._silent:
            raise RunError(_SILENT)
        self._silent = not done
        left = () if done else tuple(silent)
        found: list[tuple[Prepared, Judgement | None]] = [
            (self._waiting.pop(future), refused(self._assignment.name, _SILENT, fault=True)) for future in left
        ]
        for future in done:
            prepared = self._waiting.pop(future)
            judgement = self._result(future, prepared)
            if judgement is not None:
                found.append((prepared, judgement))
        if found:
            yield found

    def _result(self, future: Future[bytes], prepared: Prepared) -> Judgement | None:
        """Return the judgement, or None where the submission is to be judged again."""
        try:
            return self._read(future.result(), prepared)
        except self._backend.deaths as death:
            reason = self._too_many(prepared.student, death)
            if reason is None:
                self._again.append(prepared)
                return None
            return refused(self._assignment.name, reason, fault=True)
        except MalformedError as error:
            return refused(self._assignment.name, f"the worker gave an answer that is none ({error})", fault=True)
        except RunError:
            raise
        except RefusedError as error:
            raise RunError(str(error)) from error
        except (CancelledError, OSError) as error:
            raise RunError(f"the workers cannot be reached any more ({type(error).__name__}): run it again") from error
        except Exception as error:  # noqa: BLE001 - a fault of ours costs this student nothing and no other anything
            return engine_failed(self._assignment.name, error)

    def _read(self, answer: bytes, prepared: Prepared) -> Judgement:
        """Return the judgement that a worker gave.

        Raises:
            MalformedError: it gave none of this submission.
            RefusedError: it judges nothing.
        """
        judgement = read_judgement(answer, self._assignment, self._backend.criteria)
        if (cell := prepared.unjudged(judgement)) is not None:
            raise MalformedError(f"nothing of {cell}")
        return judgement

    def _too_many(self, student: str, death: BaseException) -> str | None:
        """Return why a submission is left to a human after this death, or None where it is to be judged again."""
        if isinstance(death, WorkerKilledError):
            self._kills[student] += 1
            return _KILLED if self._kills[student] >= _KILLS else None
        self._deaths[student] += 1
        return "the worker that judged it ended twice" if self._deaths[student] >= _DEATHS else None


def grade(plan: Plan, submissions: Submissions, judging: Judging, gradebook: Writer) -> Iterator[Outcome | Unfinished]:
    """Grade submissions and write all that is to be written; yield what each came to."""
    problems: list[Unfinished] = []

    def take_in() -> Iterator[Prepared]:
        """Yield each submission as it is taken in; what cannot be read becomes a problem."""
        for student in plan.todo:
            try:
                prepared = submissions.take_in(student)
            except Exception as error:  # noqa: BLE001 - one submission that cannot be read stops no other
                problems.append(_unfinished(student, error))
            else:
                yield prepared

    for group in judging(take_in()):
        # Listed before their outcomes are there: without one they are graded again, whatever the list says.
        announce = plan.forced.add if plan.forced is not None else lambda _: None
        for student, outcome in list(submissions.finish(group, gradebook, announce)):
            yield _unfinished(student, outcome) if isinstance(outcome, Exception) else outcome
        yield from problems
        problems.clear()
    yield from problems
    if plan.forced is not None:
        plan.forced.end()


def _unfinished(student: str, error: Exception) -> Unfinished:
    text = " ".join(str(error).split())
    return Unfinished(student, f"{type(error).__name__}: {text}")
