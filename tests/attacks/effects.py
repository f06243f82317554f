"""What an attack came to in a course, in words, and the course of stock nbgrader that it is tried on for comparison."""

import json
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

from scratch import ASSIGNMENT, Course
from submissions import HONEST, NAME, WRONG

PAGE_BYTES = 12_000_000
SECONDS = 150  # an honest class of three takes stock nbgrader about ten
Marks = dict[str, float | None]

MAXIMUM: Marks = {"test_sigmoid": 4.0, "test_cost": 6.0, "test_dC_dw": 7.0, "test_dC_db": 3.0}
# What an honest notebook is worth that lacks the mean: here the criteria that it meets, there its sigmoid alone.
WRONG_HERE: Marks = {**MAXIMUM, "test_cost": 1.0, "test_dC_dw": 1.5, "test_dC_db": 0.5}
WRONG_STOCK: Marks = {**dict.fromkeys(MAXIMUM, 0.0), "test_sigmoid": 4.0}

_CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "stock"\n'
# What a course of stock nbgrader grades with: assertions in the notebook, removed from what students get.
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
            cell["source"] = _HIDDEN.format(check=_CHECKS[grade_id])
    path.write_text(json.dumps(notebook))
    (folder / "gradebook.db").unlink()
    assert course.nbgrader("generate_assignment", ASSIGNMENT, "--force").returncode == 0
    return course


def effects(course: Course, attacker: str, hand_in: Callable[[Path], object], honest: Marks, worth: Marks) -> str:
    """Grade two honest students and an attacker between them; say what the attack came to.

    Args:
        course: the class's, with nothing handed in yet.
        attacker: the student who attacks.
        hand_in: puts the attack into the student's folder.
        honest: what the two others get where nobody attacks.
        worth: what the attacker's functions are worth.

    Returns:
        What others lost and what the attacker gained, or, where that is nothing, what the attacker got.
    """
    for student in HONEST:
        (course.submission(student) / NAME).write_text(json.dumps(WRONG))
    hand_in(course.submission(attacker))
    before = _fingerprint(course)
    try:
        in_time = _grade(course)
        marks = course.marks()
        found = [] if in_time else [f"the class is not graded in {SECONDS} s"]
        found += _losses(marks, honest)
        found += _gains(marks.get(attacker, {}), worth)
        found += _changed(before, _fingerprint(course))
        found += _shown(course, attacker)
    except Exception as error:  # noqa: BLE001 - whatever an attack did to the course, it is a finding
        return f"**the course is gone ({type(error).__name__})**"
    return f"**{'; '.join(found)}**" if found else _got(course, attacker, marks.get(attacker, {}), worth)


def _grade(course: Course) -> bool:
    """Grade the class and write the feedback; return whether it took no longer than it may."""
    command = ["timeout", "--kill-after=5", str(SECONDS), sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT]
    run = subprocess.run(command, cwd=course.folder, env=course.environment, capture_output=True, check=False)
    course.nbgrader("generate_feedback", ASSIGNMENT)
    return run.returncode not in (124, 137)


def _losses(marks: dict[str, Marks], honest: Marks) -> list[str]:
    got = [marks.get(student) for student in HONEST]
    if any(not mark or None in mark.values() for mark in got):
        return ["others get no mark"]
    return [] if all(mark == honest for mark in got) else ["others' marks are changed"]


def _gains(marks: Marks, worth: Marks) -> list[str]:
    """Return what marks the attacker has of those that an honest student would not have."""
    gained = sum(max(0.0, (points or 0.0) - (worth[name] or 0.0)) for name, points in marks.items())
    return [f"{gained:g} points that were not earned"] if gained else []


def _got(course: Course, attacker: str, marks: Marks, worth: Marks) -> str:
    outcome = course.folder / "outcomes" / ASSIGNMENT / f"{attacker}.json"
    if outcome.is_file() and json.loads(outcome.read_text())["outcome"] == "needs_review":
        return "no points; a human is told why"
    if marks == worth:
        return "an honest mark"
    points = sum(points or 0.0 for points in marks.values())
    if marks and not points:
        return "no points"
    return f"{points:g} of {sum(points or 0.0 for points in worth.values()):g} honest points" if marks else "no mark"


def _fingerprint(course: Course) -> dict[str, bytes]:
    kept = [course.folder / "nbgrader_config.py", *(course.folder / "source").rglob("*")]
    kept += [course.folder / "submitted" / student / ASSIGNMENT / NAME for student in HONEST]
    return {str(path.relative_to(course.folder)): path.read_bytes() if path.is_file() else b"" for path in kept}


def _changed(before: dict[str, bytes], after: dict[str, bytes]) -> list[str]:
    changed = [name for name in before if after.get(name) != before[name]]
    return [f"{', '.join(sorted(changed)[:2])} overwritten"] if changed else []


def _shown(course: Course, attacker: str) -> list[str]:
    """Return what of others can be read in what the attacker gets back, and what ran or would run where."""
    page = course.folder / "feedback" / attacker / ASSIGNMENT / f"{ASSIGNMENT}.html"
    text = page.read_text(errors="replace") if page.is_file() else ""
    found = []
    if any(course.folder.rglob("PLANTED")):
        found.append("its files run as the instructor")
    if "get_config" in text or "CourseDirectory" in text:
        found.append("the feedback shows the configuration")
    if "SQLite format" in text:
        found.append("the feedback shows the gradebook")
    if "NEIGHBOUR ../" in text:
        found.append("the feedback shows others' work")
    if len(text) > PAGE_BYTES:
        found.append(f"the feedback page has {len(text) // 10**6} MB")
    if any("FORGED" in other.read_text(errors="replace") for other in page.parent.glob("*.html") if other != page):
        found.append("a page of its own lies among the feedback that is released")
    scripts = _Scripts()
    scripts.feed(text[:PAGE_BYTES])
    if scripts.found:
        found.append("its script runs in the feedback page")
    return found


class _Scripts(HTMLParser):
    """Finds what a browser would run of the attacker's: elements and handlers, not text that looks like them."""

    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at the handlers of an element."""
        self.found |= any(name.startswith("on") and "SCRIPT" in (value or "") for name, value in attrs)

    def handle_data(self, data: str) -> None:
        """Look at what stands in a script."""
        self.found |= self.cdata_elem == "script" and data.startswith("alert('SCRIPT')")
