"""A class of any size as the batch leaves it: outcomes, gradebook rows and graded notebooks, made instead of graded.

Each exercise of each student is an entry of the catalogues, judged once in this process, in a spelling of the student's
own; some are wrong in a way that has no name.
"""

import base64
import copy
import json
import random
import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from nbformat import from_dict
from nbgrader.api import Comment, Grade, Gradebook, Student, SubmittedAssignment, SubmittedNotebook, new_uuid
from scratch import ASSIGNMENT, COURSE, Course
from sqlalchemy import insert

from autograder.certify.local import Local
from autograder.certify.solutions import first_source
from autograder.course.pages.grade_cells import show
from autograder.course.records.entering import Entries, read_entries
from autograder.course.records.outcomes import Outcome
from autograder.diagnosis.catalogue import mistakes, variants
from autograder.diagnosis.exercise import exercises
from autograder.grading.assignment import find
from autograder.grading.results import ExerciseResult
from autograder.grading.student import Student as Judged
from autograder.judge.collected import collected
from autograder.judge.judge import DEFAULT_SEED
from autograder.judge.outcome import Judgement

WRITTEN = "why_sigma_prime_cancels"
_RIGHT, _UNNAMED = 0.45, 0.1  # shares of a class
_PICTURE = 12_000  # bytes, as the card of what is wrong has one
_FIRST, _LAST = (
    ("Ada", "Ben", "Chloé", "Đorđe", "Emre", "Fatima", "Gō"),
    ("Ångström", "Bauer", "Çelik", "Diaz", "O'Hara"),
)
_EXTRA = (
    "n = len(np.atleast_1d(np.asarray(1.0)))",
    "eps = 1e-12",
    "one = 1.0",
    "half = 1 / 2",
    "checked = True",
    "steps = [1, 2, 3]",
    "total = 0.0",
    "if checked_input := True:\n        pass",
    "for _ in range(0):\n        pass",
    "zero = np.zeros(1)",
    "name = 'neuron'",
    "pair = (0, 1)",
)
_SENTENCES = (
    "The derivative of C by a has a(1-a) in its denominator.",
    "That is exactly the derivative of the sigmoid, so the two cancel.",
    "With the quadratic cost nothing cancels and σ′(z) stays.",
    "Because of the logarithm the neuron learns fast while it is wrong.",
    "I do not know.",
    "The chain rule gives three factors.",
    "σ′ is small where |z| is large.",
    "It goes away.",
    "So the slope is the error times the input.",
)


@dataclass(frozen=True)
class Entry:
    """A function and what it came to."""

    source: str
    result: ExerciseResult


@cache
def entries(exercise: str, most: int) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """Return right and wrong functions of an exercise, at most so many of each."""
    assignment = find(ASSIGNMENT)
    right = [one.source for one in variants(assignment.folder) if one.exercise == exercise]
    wrong = [one for one in mistakes(assignment.folder) if one.exercise == exercise and one.known]
    known = exercises(assignment)[exercise].text.right_source()
    rights = [_judged(exercise, source) for source in [known, *right][:most]]
    wrongs = [_judged(exercise, first_source(find(ASSIGNMENT), one)) for one in wrong[:: max(1, len(wrong) // most)]]
    return tuple(rights), tuple(wrongs)


def _judged(exercise: str, source: str) -> Entry:
    assignment = find(ASSIGNMENT)
    local = Local(assignment, exercise, source)
    result = collected(assignment, DEFAULT_SEED).graders.judge(exercise, Judged(local))
    probes = {
        group: [local.answer(arguments).to_json() for arguments in inputs]
        for group, inputs in local.exercise.probes.items()
    }
    named = () if result.passed else tuple(one.to_json() for one in local.named(DEFAULT_SEED))
    return Entry(source, replace(result, probes=probes, mistakes=named))


def graded_class(course: Course, number: int, most: int = 60, seed: int = 1) -> Course:
    """Let so many have handed in and been graded; `most` is of how many functions of a kind they choose."""
    rng = random.Random(seed)
    assignment = find(ASSIGNMENT)
    released = json.loads((course.folder / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text())
    known = {exercise: entries(exercise, most) for exercise in assignment.exercises}
    versions = Outcome(assignment, "", Judgement(ASSIGNMENT, "graded", None), None).to_json()["versions"]
    marks: dict[str, list[ExerciseResult]] = {}
    for place in range(number):
        student = f"s{place:05}"
        chosen = {exercise: _choose(rng, *known[exercise]) for exercise in known}
        marks[student] = [replace(one.result, notebook=ASSIGNMENT) for one in chosen.values()]
        judgement = Judgement(ASSIGNMENT, "graded", None, tuple(marks[student]))
        _write(course, student, judgement, versions)
        _notebook(course, student, judgement, _filled(released, rng, chosen))
    with Gradebook(course.db_url, COURSE) as gradebook:
        _enter(gradebook, read_entries(gradebook, ASSIGNMENT), marks)
    return course


def _choose(rng: random.Random, right: tuple[Entry, ...], wrong: tuple[Entry, ...]) -> Entry:
    lot = rng.random()
    if lot < _RIGHT:
        found = rng.choice(right)
    elif lot < 1 - _UNNAMED:
        found = wrong[int(len(wrong) * rng.random() ** 2)]  # some mistakes are made more often than others
    else:
        found = _unnamed(rng, rng.choice(wrong))
    return replace(found, source=_own_spelling(rng, found.source))


def _unnamed(rng: random.Random, entry: Entry) -> Entry:
    """Return a function as if it were wrong in one of many ways that nobody has catalogued."""
    factor = 1 + rng.randrange(1, 60) / 100
    probes = copy.deepcopy(entry.result.probes)
    for call in (call for calls in probes.values() for call in calls):
        numbers = call.get("values", [])
        call["values"] = [float(f"{factor * one:.5g}") if isinstance(one, float) else one for one in numbers]
    source = entry.source.replace("return ", f"return {factor} * ", 1)
    return Entry(source, replace(entry.result, mistakes=(), probes=probes))


def _own_spelling(rng: random.Random, source: str) -> str:
    """Return a function with other names, a comment, and some lines that do nothing, as only this student has it."""
    names = {name: f"{name}_{rng.choice('abcdefgh')}{rng.randrange(100)}" for name in ("z", "a", "error", "total")}
    head, _, body = source.partition(":\n")
    for old, new in names.items():
        if not re.search(rf"\b{old}\b", head) and re.search(rf"^\s*{old} = ", body, re.MULTILINE):
            body = re.sub(rf"\b{old}\b", new, body)
    extra = "".join(f"    {line}\n" for line in rng.sample(_EXTRA, rng.randrange(4)))
    if not re.match(r"    \S", body):  # what begins otherwise, as with a nested function, is left as it is
        return source
    return f"{head}:\n    # {rng.randrange(10**6)}\n{extra}{body}"


def _filled(released: dict[str, Any], rng: random.Random, chosen: dict[str, Entry]) -> dict[str, Any]:
    filled = copy.deepcopy(released)
    for cell in filled["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in chosen:
            cell["source"] = chosen[name].source
        elif name == WRITTEN and rng.random() > 0.1:
            cell["source"] = " ".join(rng.sample(_SENTENCES, rng.randrange(1, 4)))
    return filled


def _write(course: Course, student: str, judgement: Judgement, versions: dict[str, str]) -> None:
    """Write an outcome, without waiting for the disk."""
    data = judgement.to_json(student) | {
        "student": student,
        "timestamp": "2026-11-20 10:00:00 UTC",
        "notes": [],
        "probes": {result.exercise: result.probes for result in judgement.exercises},
        "digest": f"{random.Random(student).getrandbits(256):064x}",
        "versions": versions,
    }
    path = course.folder / "outcomes" / ASSIGNMENT / f"{student}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")


def _notebook(course: Course, student: str, judgement: Judgement, filled: dict[str, Any]) -> None:
    nb = from_dict(filled)
    show(nb, ASSIGNMENT, judgement)
    wrong = {f"test_{result.exercise}" for result in judgement.exercises if not result.passed}
    image = base64.b64encode(random.Random(student).randbytes(_PICTURE)).decode()
    for cell in nb.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") in wrong:
            cell.outputs.append({"output_type": "display_data", "data": {"image/png": image}, "metadata": {}})
    path = course.folder / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(nb), encoding="utf-8")


def _enter(gradebook: Gradebook, known: Entries, marks: dict[str, list[ExerciseResult]]) -> None:
    """Enter all submissions and their marks at once."""
    (notebook,) = known.notebooks.values()
    rows: dict[Any, list[dict[str, Any]]] = {
        kind: [] for kind in (Student, SubmittedAssignment, SubmittedNotebook, Grade, Comment)
    }
    rng = random.Random(2)
    for student, results in marks.items():
        points = {f"test_{result.exercise}": result.points for result in results}
        submission, submitted = new_uuid(), new_uuid()
        person = {"first_name": rng.choice(_FIRST), "last_name": rng.choice(_LAST)}
        rows[Student].append({"id": student, **person})
        rows[SubmittedAssignment].append({"id": submission, "assignment_id": known.assignment, "student_id": student})
        rows[SubmittedNotebook].append({"id": submitted, "notebook_id": notebook.id, "assignment_id": submission})
        for name, cell in notebook.graded.items():
            auto = points.get(name)
            row = {"id": new_uuid(), "cell_id": cell, "notebook_id": submitted, "auto_score": auto}
            rows[Grade].append(row | {"needs_manual_grade": auto is None})
        for cell in notebook.commented.values():
            rows[Comment].append({"id": new_uuid(), "cell_id": cell, "notebook_id": submitted})
    for kind, values in rows.items():
        gradebook.db.execute(insert(kind), values)
    gradebook.db.commit()
