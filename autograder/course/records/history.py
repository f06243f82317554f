"""What a submission came to before it was graded again: one line for each grading in the past.

`outcomes/` holds what counts now, and nothing else. A line is written before the outcome that it tells of is replaced,
so none is lost; one that was written twice, as after a kill, is read once.
"""

import datetime as dt
import hashlib
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

from autograder.course.records.private import file_mode, own_folder
from autograder.sandbox.limits import INTAKE

FOLDER = "history"
_DIGEST = 32
_TOP = ("outcome", "reason", "points", "max_points", "timestamp", "digest", "versions")


def path_of(root: Path, assignment: str, student: str) -> Path:
    """Return where the history of a submission lies."""
    return root / FOLDER / assignment / f"{file_name(student)}.jsonl"


def file_name(student: str) -> str:
    """Return a student's id as the start of a file's name: the id itself, or its digest where that cannot be one.

    No id that is graded begins with a dot (see `ids.refusal`), so no digest is anybody's id.
    """
    data = student.encode("utf-8", "surrogateescape")
    if (
        len(data) <= INTAKE.file_name_bytes
        and not student.startswith(".")
        and data.decode("utf-8", "replace") == student
    ):
        return student
    return f".{hashlib.sha256(data).hexdigest()[:_DIGEST]}"


def keep(root: Path, outcome: dict[str, Any], student: str, graded: float) -> None:
    """Add an outcome that is about to be replaced; `graded` is when it was written, in seconds since 1970."""
    path = path_of(root, str(outcome["assignment"]), student)
    line = json.dumps(brief(outcome, graded), ensure_ascii=False)
    if not path.parent.is_dir():
        own_folder(root / FOLDER)
        path.parent.mkdir(exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, file_mode(root / FOLDER))
    try:
        os.write(file, f"\n{line}\n".encode())  # at once; the first newline ends what a kill may have cut off
    finally:
        os.close(file)


def brief(outcome: dict[str, Any], graded: float) -> dict[str, Any]:
    """Return what a line says of an outcome."""
    judged = [exercise for exercise in outcome.get("exercises") or () if exercise["criteria"]]
    times = Counter(exercise["exercise"] for exercise in judged)
    verdicts = {}
    for exercise in judged:
        name = exercise["exercise"]
        key = name if times[name] == 1 else f"{exercise['notebook']}/{name}"
        verdicts[key] = {one["criterion"]: [one["verdict"], one["points"]] for one in exercise["criteria"]}
    when = dt.datetime.fromtimestamp(graded, dt.UTC).isoformat(timespec="seconds")
    return {"graded": when, **{name: outcome.get(name) for name in _TOP}, "verdicts": verdicts}


def read(root: Path, assignment: str, student: str) -> list[dict[str, Any]]:
    """Return the gradings of the past, the oldest first; a line that was cut off is left out."""
    try:
        text = path_of(root, assignment, student).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    found: list[dict[str, Any]] = []
    for line in filter(None, text.split("\n")):
        try:
            data = json.loads(line)
        except ValueError:
            continue
        if isinstance(data, dict) and data not in found[-1:]:
            found.append(data)
    return found
