"""Grade a class in this container, in each of the ways that are named: `python tests/containers/grade.py COURSE WAY…`.

The course is copied into one's home first. A line of JSON per way says what its gradebook and its outcomes hold.
"""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from scratch import ASSIGNMENT, Course
from traitlets.config.loader import PyFileConfigLoader


def main(source: str, *ways: str) -> None:
    """Copy the course, grade it and print what it came to, for each way."""
    for way in ways:
        course = Course(Path(source)).copy(Path.home() / way)
        WAYS[way](course)
        print(json.dumps({"way": way, "rows": course.rows(), "outcomes": course.outcomes()}), flush=True)


def batch(course: Course) -> None:
    """Grade with `autograder autograde`."""
    check(course.batch())


def nbgrader(course: Course) -> None:
    """Grade with nbgrader's own command."""
    check(course.autograde())


def formgrader(course: Course) -> None:
    """Grade each student as Formgrader's button does."""
    os.environ.update(course.environment)
    os.chdir(course.folder)
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course.folder)).load_config()
    directory = CourseDirectory(config=config)
    directory.root = str(course.folder)
    api = NbGraderAPI(directory, config=config)
    for folder in sorted((course.folder / "submitted").iterdir()):
        done = api.autograde(ASSIGNMENT, folder.name)
        if not done["success"]:
            sys.exit(done.get("error") or done.get("log"))


def check(done) -> None:
    """End with what a command said, where it failed."""
    if done.returncode != 0:
        sys.exit(f"{done.stdout}{done.stderr}")


WAYS = {"batch": batch, "nbgrader": nbgrader, "formgrader": formgrader}

if __name__ == "__main__":
    main(*sys.argv[1:])
