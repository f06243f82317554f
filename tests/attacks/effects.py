"""What an attack came to in a course, in words, and the course of stock nbgrader that it is tried on for comparison."""

import json
import subprocess
from pathlib import Path
from typing import Any

from scratch import ASSIGNMENT, Course
from submissions import ATTACKS, HONEST, NAME, RIGHT, WRONG, submit

SECONDS = 150  # an honest class of three takes stock nbgrader about ten
MAXIMUM = {"test_sigmoid": 4.0, "test_cost": 6.0, "test_dC_dw": 7.0, "test_dC_db": 3.0}
_CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "stock"\n'
# What stock nbgrader grades with: assertions in the notebook, removed from what students get.
_HIDDEN = """
### BEGIN HIDDEN TESTS
_X = np.arange(12.0).reshape(4, 3) / 10 - 0.5
_y, _w, _b = np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.3, -0.2, 0.5]), 0.1
_z = _X @ _w + _b
_s = 1 / (1 + np.exp(-_z))
{check}
### END HIDDEN TESTS
"""
_CHECKS = {
    "test_sigmoid": "assert np.allclose(sigmoid(_z), _s)",
    "test_cost": "assert np.allclose(cost(_w, _b, _X, _y), -np.mean(_y * np.log(_s) + (1 - _y) * np.log(1 - _s)))",
    "test_dC_dw": "assert np.allclose(dC_dw(_w, _b, _X, _y), _X.T @ (_s - _y) / 4)",
    "test_dC_db": "assert np.allclose(dC_db(_w, _b, _X, _y), np.mean(_s - _y))",
}


def stock_course(folder: Path) -> Course:
    """Make a course as stock nbgrader wants it: hidden assertions, and no setting of ours."""
    course = Course.make(folder)
    (folder / "nbgrader_config.py").write_text(_CONFIG)
    path = folder / "source" / ASSIGNMENT / NAME
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id in _CHECKS:
            cell["source"] = "".join(cell["source"]) + _HIDDEN.format(check=_CHECKS[grade_id])
    path.write_text(json.dumps(notebook))
    (folder / "gradebook.db").unlink()
    assert course.nbgrader("generate_assignment", ASSIGNMENT, "--force").returncode == 0
    return course


def effects(course: Course, attack: str) -> str:
    """Let two honest students and one attacker hand in, grade the class, and say what the attack came to."""
    for student in HONEST:
        (course.submission(student) / NAME).write_text(json.dumps(WRONG))
    submit(course.submission(attack), attack)
    before = _fingerprint(course)
    found = []
    try:
        subprocess.run(
            ["timeout", "--kill-after=5", str(SECONDS), *_autograde()],
            cwd=course.folder,
            env=course.environment,
            capture_output=True,
            check=False,
            timeout=2 * SECONDS,
        )
        course.nbgrader("generate_feedback", ASSIGNMENT, "--student", attack)
        marks = course.marks()
    except Exception as error:  # noqa: BLE001 - whatever an attack did to the course, it is a finding
        return f"the course is gone ({type(error).__name__})"
    if not all(_graded(marks, student) for student in HONEST):
        found.append("students after it get no mark")
    found += _gains(marks.get(attack, {}), WRONG if ATTACKS[attack][1] is WRONG else RIGHT)
    found += _changed(before, _fingerprint(course))
    found += _shown(course, attack)
    return "; ".join(found) or "nothing"


def _autograde() -> list[str]:
    import sys  # noqa: PLC0415 - of whichever interpreter runs this

    return [sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT]


def _graded(marks: dict[str, Any], student: str) -> bool:
    return None not in marks.get(student, {"": None}).values()


def _gains(marks: dict[str, float | None], honest: dict[str, Any]) -> list[str]:
    """Return what marks the attacker has of those that an honest student would not have."""
    worth = MAXIMUM if honest is RIGHT else {**MAXIMUM, "test_dC_dw": 1.5, "test_dC_db": 0.5}
    gained = sum(max(0.0, (points or 0.0) - worth[name]) for name, points in marks.items())
    return [f"{gained:g} points for wrong functions"] if gained else []


def _fingerprint(course: Course) -> dict[str, bytes]:
    kept = [course.folder / "nbgrader_config.py", *(course.folder / "source").rglob("*")]
    kept += [course.folder / "submitted" / student / ASSIGNMENT / NAME for student in HONEST]
    return {str(path.relative_to(course.folder)): path.read_bytes() if path.is_file() else b"" for path in kept}


def _changed(before: dict[str, bytes], after: dict[str, bytes]) -> list[str]:
    changed = [name for name in before if after.get(name) != before[name]]
    return [f"{', '.join(sorted(changed)[:2])} overwritten"] if changed else []


def _shown(course: Course, attack: str) -> list[str]:
    """Return what of others can be read in what the attacker gets back, and what ran or would run where."""
    page = course.folder / "feedback" / attack / ASSIGNMENT / f"{ASSIGNMENT}.html"
    text = page.read_text(errors="replace") if page.is_file() else ""
    found = []
    if any(course.folder.rglob("PLANTED")):
        found.append("its files run as the instructor")
    if "get_config" in text or "CourseDirectory" in text:
        found.append("the feedback shows the configuration")
    if "NEIGHBOUR ../" in text:
        found.append("the feedback shows others' work")
    if "<script>alert('SCRIPT')" in text or "onerror=alert" in text.replace('"', ""):
        found.append("its script runs in the feedback page")
    return found
