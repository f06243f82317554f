"""Where nbgrader keeps students' work: by `c.CourseDirectory.directory_structure`, whatever the course has set."""

import glob
import re
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from autograder.course.ids import is_student


def work_of(coursedir: CourseDirectory, step: str, students: str, assignment: str) -> dict[str, Path]:
    """Return the folders in which one step of nbgrader's keeps students' work on an assignment, in nbgrader's order.

    Args:
        coursedir: the course's.
        step: the folder of that step: submitted, autograded.
        students: an ID, or a pattern of some.
        assignment: its name.
    """
    root = coursedir.root
    pattern = coursedir.format_path(step, students, glob.escape(assignment))
    whose = coursedir.format_path(re.escape(step), r"(?P<student>[^/]+)", re.escape(assignment), escape=True)
    found = {}
    paths = glob.glob(glob.escape(root) + pattern.removeprefix(root), include_hidden=True)  # noqa: PTH207 - absolute
    for path in sorted(paths):
        if (match := re.fullmatch(whose, path)) and is_student(match["student"]):
            found[match["student"]] = Path(path)
    return found
