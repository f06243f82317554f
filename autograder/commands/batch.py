"""The batch behind `autograder autograde`: from what was asked for to the exit status; `summary` prints it."""

import dataclasses
import itertools
import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from autograder.commands.printing import summary
from autograder.course.batch.agreement import check_points
from autograder.course.batch.backend import Backend, cluster, processes
from autograder.course.batch.changes import Change, changes
from autograder.course.batch.plan import Plan, alone, plan, students, told
from autograder.course.batch.pool import Pool
from autograder.course.batch.run import Judging, Unfinished, grade
from autograder.course.errors import UsageError
from autograder.course.opening import open_course
from autograder.course.records.marks import count_waiting
from autograder.course.records.outcomes import Outcome
from autograder.course.submission import Submissions
from autograder.judge.judge import Job
from autograder.sandbox.limits import Limits


def run(options: Namespace, pool: Pool | None) -> int:
    """Grade what is new or changed; returns the exit status: 1 where something that was handed in could not be judged.

    Args:
        options: of the command line.
        pool: of worker processes on this machine, or None where a cluster judges.

    Raises:
        AssignmentError, UsageError: what was asked for is not there.
        RunError: the run cannot begin or go on.
    """
    limits = _limits(options.limits)
    course = open_course(Path.cwd(), options.assignment, options.student, force=options.force)
    course.log_in_one_line()
    sources = course.sources()
    course.settings.isolation = options.isolation or course.settings.isolation
    course.limit(limits)
    job = course.job(sources)
    job = dataclasses.replace(job, limits={**job.limits, **limits})
    submissions = Submissions(course, sources)
    found = students(course)
    with ExitStack() as stack:
        backend = stack.enter_context(_backend(options, pool, job))
        check_points(course, sources)  # while the workers start
        judging = Judging(backend, course.assignment)
        if options.dry_run:
            gradebook = stack.enter_context(course.writer())
            return _show_changes(options, changes(course, found, submissions, judging, gradebook), len(found))
        stack.enter_context(alone(course))
        gradebook = stack.enter_context(course.writer())
        todo = plan(course, sources, gradebook, force=options.force)
        status = _show_outcomes(options, grade(todo, submissions, judging, gradebook), todo)
        waiting = count_waiting(gradebook, course.assignment.name)
    if waiting:
        said = f"{waiting} wait for a mark by hand: in Formgrader, or by 'autograder review {course.assignment.name}'"
        print(said, file=sys.stderr if options.json else sys.stdout)
    return status


def _backend(options: Namespace, pool: Pool | None, job: Job) -> AbstractContextManager[Backend]:
    if pool is None:
        return cluster(options.scheduler, job)
    return processes(pool, options.workers, job)


def _limits(given: list[str]) -> dict[str, float]:
    """Return the limits named on the command line, each as `name=value`."""
    found: dict[str, float] = {}
    for text in given:
        name, _, value = text.partition("=")
        try:
            found[name] = int(value) if value.isdigit() else float(value)
            Limits().override({name: found[name]})
        except ValueError as error:
            raise UsageError(f"--limits {text}: write NAME=NUMBER, as call_seconds=5 ({error})") from error
    return found


def _show_outcomes(options: Namespace, results: Iterator[Outcome | Unfinished], todo: Plan) -> int:
    done: list[summary.Line] = []
    graded = 0
    try:
        with summary.progress("grading", len(todo.todo)) as advance:
            for result in itertools.chain(todo.unusable, results):
                done.append(summary.line(result))
                if options.json:
                    print(json.dumps(summary.to_json(result), ensure_ascii=False), flush=True)
                if len(done) > len(todo.unusable):
                    graded += 1
                    advance()
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(_stopped(graded, todo)) from stop
    if not options.json:
        summary.show_outcomes(done, settled=todo.settled)
    for line in told(todo):
        print(line, file=sys.stderr if options.json else sys.stdout)
    for entry in done:
        if entry.outcome == summary.UNFINISHED:
            print(f"autograder: {entry.student}: {entry.reason}", file=sys.stderr)
    return 1 if todo.unusable or any(entry.outcome == summary.UNFINISHED for entry in done) else 0


def _stopped(graded: int, todo: Plan) -> str:
    left = len(todo.todo) - graded
    again = "--force goes on with them" if todo.forced is not None else "the next run grades them"
    return f"stopped: {graded} of {len(todo.todo)} were graded, and {left} are left; {again}"


def _show_changes(options: Namespace, results: Iterator[Change], found: int) -> int:
    changed = []
    with summary.progress("judging", found) as advance:
        for change in results:
            if options.json:
                print(json.dumps(change.to_json(), ensure_ascii=False), flush=True)
            elif change.is_one:
                changed.append(change)
            advance()
    if not options.json:
        summary.show_changes(changed, found)
    return 0
