"""Judge notebooks of ordinary cells behind each wall that is named; print a JSON object per wall.

python tests/ordinary_walls.py nested single landlock none
"""

import dataclasses
import json
import sys
from pathlib import Path

from ordinary import HIDDEN, RIGHT, SLY, SUM, code, notebook

from autograder.judge.judge import Job, judge_notebooks

READABLE = "shared.csv"
CELLS = (
    code(f"print(open({READABLE!r}).read())\nopen('made.txt', 'w').write('4')", "file", 1.0),
    code("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()", "picture", 1.0),
    code("assert squares(2) == [1, 4]" + HIDDEN, "hidden", 2.0),
    code("assert sum_of_squares(2) == 5\n0.5", "partly", 1.0),
    code(
        "import subprocess\nprint(subprocess.run(['echo', 'said'], capture_output=True, text=True).stdout)", "ran", 1.0
    ),
    code("import os\nassert [one for one in os.listdir('.') if one[0] != '.'] == ['made.txt']", "alone", 1.0),
    code("1 / 0", "error", 1.0),
    code("int(open('made.txt').read()) - 3", "once", 1.0),
)


def main(*walls: str) -> None:
    """Judge a right and a sly hand-in behind each wall."""
    shared = Path(READABLE).resolve()
    cells = [{**cell, "source": cell["source"].replace(READABLE, str(shared))} for cell in CELLS]
    for wall in walls:
        job = Job("hw", Path("no graders"), isolation=wall, ordinary=True, keep_files=True, readable=(str(shared),))
        found = {}
        for name, answer in (("right", RIGHT), ("sly", SLY)):
            content = json.loads(notebook(code(answer + SUM, "squares", solution=True), *cells))
            found[name] = dataclasses.asdict(judge_notebooks({"hw": content}, job, job.hidden()))
        print(json.dumps({"wall": wall, "found": found}, default=repr), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
