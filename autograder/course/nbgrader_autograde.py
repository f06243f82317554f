"""`nbgrader autograde`, and Formgrader's button: the batch with one worker, in nbgrader's own words."""

import functools
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException

from autograder.course.batch.agreement import check_points
from autograder.course.batch.backend import processes
from autograder.course.batch.plan import alone, plan, told
from autograder.course.batch.pool import Pool
from autograder.course.batch.run import Judging, Unfinished, grade
from autograder.course.course import Course
from autograder.course.errors import RunError, UsageError
from autograder.course.records.outcomes import Outcome
from autograder.course.submission import Submissions
from autograder.grading.assignment import AssignmentError
from autograder.sandbox.walls.bubblewrap import WallError
from autograder.sandbox.walls.standing import choose


class SubmissionExporter(NotebookExporter):
    """`c.Autograde.exporter_class`: what nbgrader would convert is graded as `autograder autograde` grades it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if isinstance(self.parent, Autograde):
            self.parent.convert_notebooks = functools.partial(grade_all, self.parent)


def grade_all(converter: Autograde) -> None:
    """Grade the submissions that nbgrader was asked for.

    Raises:
        NbGraderException: the run cannot begin or go on, or some of it could not be finished; nbgrader logs it.
    """
    log = converter.log
    try:
        course = Course(converter)
        course.log_in_one_line()
        choose(course.settings.isolation, course.settings.least_wall)
        sources = course.sources()
        check_points(course, sources)
        job = course.job(sources)
        unfinished = 0
        with processes(_pool(course.assignment.name), 1, job) as backend, alone(course), course.writer() as gradebook:
            todo = plan(course, sources, gradebook, force=course.force)
            for one in todo.unusable:
                log.warning("%s", _line(one))
            for line in told(todo):
                log.warning("%s", line)
            judging = Judging(backend, course.assignment)
            for result in grade(todo, Submissions(course, sources), judging, gradebook):
                if isinstance(result, Unfinished):
                    unfinished += 1
                    log.error("%s: %s", result.student, result.reason)
                else:
                    log.info("%s", _line(result))
    except (AssignmentError, UsageError, RunError, WallError, OSError) as error:
        log.error("%s", error)
        raise NbGraderException(str(error)) from error
    if unfinished:
        raise NbGraderException(f"{unfinished} submissions could not be graded; see the errors above")


def _line(result: Outcome) -> str:
    return f"{result.student}: {result.judgement.reason or result.judgement.outcome}"


@functools.cache
def _pool(assignment: str) -> Pool:
    """Return this process's worker, which is kept: a server grades one submission after another."""
    return Pool(1, assignment)
