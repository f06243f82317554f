"""`autograder extend`: a later deadline for one student, and what it does to a penalty that was given already."""

import sys
from argparse import Namespace
from pathlib import Path

from autograder.course.course import Course
from autograder.course.deadlines.extensions import Extension
from autograder.course.deadlines.granting import Granted, grant, zone
from autograder.course.deadlines.times import moment, shown
from autograder.course.opening import open_course
from autograder.sandbox.printable import printable


def run(options: Namespace) -> int:
    """Grant, move or end an extension; returns the exit status 0.

    Raises:
        AssignmentError, UsageError: what was asked for is not there or cannot be.
        RunError: the gradebook cannot be written.
    """
    course = open_course(Path.cwd(), options.assignment)
    extension = None
    if not options.end:
        until = moment(options.until, zone(course)) if options.until is not None else None
        extension = Extension(until, options.days)
    done = grant(course, options.student, extension)
    for line in _said(course, options.student, extension, done):
        print(printable(line))
    if done.unknown:
        print(f"autograder: {printable(done.unknown)}", file=sys.stderr)
    return 0


def _said(course: Course, student: str, extension: Extension | None, done: Granted) -> list[str]:
    name, local = course.assignment.name, zone(course)
    usual = shown(done.due, local)
    if extension is not None:
        lines = [f"{name}: {student} has until {shown(done.due + extension.beyond(done.due), local)}, not {usual}"]
    elif done.before is not None or done.moved.before != done.moved.after:
        lines = [f"{name}: {student} has until {usual}, as everybody else"]
    else:
        lines = [f"{name}: {student} had no extension; it is due {usual}"]
    moved = done.moved
    if moved.before != moved.after:
        lines.append(f"late penalty: {moved.before:g} → {moved.after:g} points, in the gradebook now")
        feedback = course.feedback(student)
        if feedback.is_dir():
            again = f"nbgrader generate_feedback {name} --student {student} --force"
            lines.append(f"the feedback page tells of the penalty before: '{again}' makes it anew")
    elif moved.graded:
        lines.append(f"late penalty: {moved.after:g} points, as before")
    return lines
