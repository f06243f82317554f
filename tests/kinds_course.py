"""A program: a course of five assignments, each handed out, handed in by its class, graded, and told to two students.

    python tests/kinds_course.py COURSE GRADERS

It is one process for all, for starting nbgrader's commands takes longer than what they do.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def main(course: Path, graders: Path) -> None:
    """Make the course; write what each step said into its folder: of nbgrader its result, of ours the exit status."""
    os.environ["AUTOGRADER_ASSIGNMENTS"] = str(graders)  # read when the package is loaded, which is below
    from kinds import FIRST, KINDS, ODD  # noqa: PLC0415
    from nbgrader.apps.api import NbGraderAPI  # noqa: PLC0415
    from nbgrader.coursedir import CourseDirectory  # noqa: PLC0415
    from traitlets.config.loader import PyFileConfigLoader  # noqa: PLC0415

    from autograder import cli  # noqa: PLC0415

    course.mkdir(parents=True)
    (course / "nbgrader_config.py").write_text((ROOT / "nbgrader_config.py").read_text())
    os.chdir(course)
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    directory = CourseDirectory(config=config)
    directory.root = str(course)
    api = NbGraderAPI(directory, config=config)
    steps: dict[str, dict[str, Any]] = {}
    for kind in KINDS:
        name = kind.assignment
        kind.write_source(course)
        steps[name] = {"lint": cli.main(["lint", name]), "generated": api.generate_assignment(name)}
        kind.hand_in(course)
        steps[name]["graded"] = cli.main(["autograde", name])
        for student in (FIRST, ODD):
            steps[name][student] = api.generate_feedback(name, student)
    (course / "steps.json").write_text(json.dumps(steps))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
