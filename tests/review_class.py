"""A small graded class for tests of the review: right ones, mistakes some share, one unreadable, one hostile."""

import json
from pathlib import Path
from typing import Any

from hand_ins import NEURON
from hostile import CODE, PAYLOADS
from nbgrader.api import Gradebook
from scratch import ASSIGNMENT, COURSE, ROOT, Course

ANSWER = "It cancels with the denominator a(1-a)."
_NO_MEAN = {"1004": "wrong_no_mean", "1005": "wrong_no_mean", "1006": "wrong_no_mean"}
SOLUTIONS = {
    "1001": "right_naive",
    "1002": "right_stable",
    "1003": "right_loops",
    **_NO_MEAN,
    "1007": "wrong_sign",
    "1008": "wrong_column",
    "1009": "wrong_brackets",
    "1010": "right_where",  # the file is cut off
    "1011": None,  # the unfilled notebook
    "1012": "wrong_sign",  # hostile
}
FAULTY, UNREADABLE, HOSTILE = "1009", "1010", "1012"
# The same mistake in another spelling: one of the group of those who forgot the mean.
_SPELLED = """def dC_dw(w, b, X, y):
    # no mean here, either
    total = 0.0
    for x_row, y_row in zip(X, y):
        total = total + x_row * (sigmoid(x_row @ w + b) - y_row)
    return total
"""


def graded_class(folder: Path) -> Course:
    """Make a course in a folder, hand the class's notebooks in, grade them, and give everybody a name."""
    course = Course.make(folder)
    released = json.loads((ROOT / "release" / ASSIGNMENT / "neuron.ipynb").read_text())
    for student, solution in SOLUTIONS.items():
        notebook = NEURON.fill(released, solution, "" if student == "1011" else ANSWER)
        if student == "1006":
            _cell(notebook, "dC_dw")["source"] = _SPELLED
        if student == HOSTILE:
            _make_hostile(notebook)
        twist = "cut_off" if student == UNREADABLE else "hand_in"
        for name, content in NEURON.files(notebook, twist).items():
            (course.submission(student) / name).write_bytes(content)
    done = course.batch()
    assert done.returncode == 0, done.stderr
    _let_grader_fail(course.folder / "outcomes" / ASSIGNMENT / f"{FAULTY}.json")
    with Gradebook(course.db_url, COURSE) as gradebook:
        for student in SOLUTIONS:
            first = PAYLOADS[0] if student == HOSTILE else f"First{student[-2:]}"
            gradebook.update_or_create_student(student, first_name=first, last_name=f"Last{student[-2:]}")
    return course


def _let_grader_fail(outcome: Path) -> None:
    """Leave what a grader leaves that fails by its own fault."""
    data = json.loads(outcome.read_text(encoding="utf-8"))
    criterion = data["exercises"][0]["criteria"][1]
    criterion |= {"verdict": "error", "points": None, "message": "the grader failed: ZeroDivisionError"}
    data["exercises"][0]["points"] = data["points"] = None
    outcome.write_text(json.dumps(data), encoding="utf-8")


def _make_hostile(notebook: dict[str, Any]) -> None:
    text = "\n\n".join(PAYLOADS)
    _cell(notebook, "why_sigma_prime_cancels")["source"] = f"\x1b[31m\u202e{text}"
    sigmoid = _cell(notebook, "sigmoid")
    sigmoid["source"] = f"{sigmoid['source']}\n    # </code></pre>{' '.join(PAYLOADS)}\n"
    _cell(notebook, "dC_db")["source"] = f"def dC_db(w, b, X, y):\n    raise ValueError({PAYLOADS[0]!r})"
    notebook["cells"].insert(3, {"cell_type": "code", "id": "code", "metadata": {}, "source": CODE, "outputs": []})


def _cell(notebook: dict[str, Any], grade_id: str) -> dict[str, Any]:
    return next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)
