"""The outcomes of an assignment, one file a student, each read once and again when it has changed."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.review.reading.behaviour import NOT_JUDGED, Behaviour, behaviour
from autograder.review.reading.model import Named, Result, State
from autograder.sandbox.answers import Place, Places, read_places

_SUFFIX = ".json"
_BROKEN = "its outcome cannot be read ({}): grade it again with --force"
_VERDICTS = {"pass", "fail", "skip", "error"}

_UNTOLD = Place("its process did not tell where it was defined")

Where = tuple[str, str]  # a notebook, and an exercise or an ordinary cell in it
Print = tuple[int, int, int]  # a file's: inode, time of its last change, size


@dataclass(frozen=True)
class Outcome:
    """What an outcome says, without what only the judge needs.

    `stamp` is another one whenever the file is. `labels` are of the criteria; `places` by exercise alone.
    """

    student: str
    stamp: Print
    state: State
    reason: str | None
    results: Mapping[Where, Result] = field(default_factory=dict)
    behaviours: Mapping[Where, Behaviour] = field(default_factory=dict)
    labels: Mapping[tuple[Where, str], tuple[str, float]] = field(default_factory=dict)
    places: Mapping[str, Places] = field(default_factory=dict)
    timestamp: str | None = None
    digest: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def scan(folder: Path) -> dict[str, Print]:
    """Return the students who have an outcome, each with what tells this version of the file from others."""
    found = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(_SUFFIX):
                    stat = entry.stat(follow_symlinks=False)
                    found[entry.name.removesuffix(_SUFFIX)] = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
    except FileNotFoundError:
        return {}
    return found


def read(folder: Path, student: str, stamp: Print) -> Outcome:
    """Return a student's outcome; one that cannot be read is `broken`, and costs nobody else anything."""
    try:
        data = json.loads((folder / f"{student}{_SUFFIX}").read_bytes())
        return _parse(student, stamp, data)
    except (OSError, RecursionError) as error:
        return Outcome(student, stamp, "broken", _BROKEN.format(type(error).__name__))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        return Outcome(student, stamp, "broken", _BROKEN.format(said[:100]))


def _parse(student: str, stamp: Print, data: dict[str, Any]) -> Outcome:
    results: dict[Where, Result] = {}
    behaviours: dict[Where, Behaviour] = {}
    labels: dict[tuple[Where, str], tuple[str, float]] = {}
    judged: dict[str, Result] = {}
    for exercise in data["exercises"]:
        name = str(exercise["exercise"])
        where = (str(exercise.get("notebook", "")), name)
        own = "/".join(where)  # what the judge calls it where the grader is its notebook's own
        probes = data.get("probes", {})
        results[where], behaviours[where] = _result(exercise, probes.get(own) or probes.get(name) or {})
        labels |= {
            (where, one["criterion"]): (str(one["label"]), float(one["max_points"])) for one in exercise["criteria"]
        }
        if exercise["criteria"]:
            judged[own if own in (data.get("places") or {}) else name] = results[where]
    return Outcome(
        student,
        stamp,
        "graded" if data["outcome"] == "graded" else "needs_review",
        None if data["reason"] is None else str(data["reason"]),
        results,
        behaviours,
        labels,
        _places(data.get("places") or {}, judged),
        data.get("timestamp"),
        data.get("digest"),
        dict(data.get("versions") or {}),
        tuple(map(str, data.get("notes") or ())),
    )


def _places(raw: dict[str, Any], results: Mapping[str, Result]) -> dict[str, Places]:
    """Return the places of judged functions, by exercise; points without any tell of a process that hides its own."""
    found = {name: read_places(raw.get(name)) for name in results} if raw else {}
    hidden = [name for name, places in found.items() if name not in places and results[name].points]
    return found | {name: {name: _UNTOLD, **found[name]} for name in hidden}


def _result(exercise: dict[str, Any], probes: dict[str, Any]) -> tuple[Result, Behaviour]:
    mistakes = tuple(Named(one["mistake"], one["title"], one["hint"]) for one in exercise["mistakes"])
    criteria = exercise["criteria"]
    if odd := {one["verdict"] for one in criteria} - _VERDICTS:
        raise ValueError(f"there is no verdict {min(map(str, odd))}")
    found = behaviour(exercise, probes, [one.mistake for one in mistakes]) if criteria else NOT_JUDGED
    result = Result(
        points=None if exercise["points"] is None else float(exercise["points"]),
        max_points=float(exercise["max_points"]),
        verdicts={str(one["criterion"]): one["verdict"] for one in criteria},
        messages={str(one["criterion"]): str(one["message"]) for one in criteria if one.get("message")},
        mistakes=mistakes,
        message=str(exercise.get("message") or ""),
    )
    return result, found
