"""Who is in the class: numbers, not people. `classes/<assignment>.toml` says who did what."""

from dataclasses import dataclass
from typing import Any

from autograder.demo.hand_ins import HandIns

_FIRST = 1001


@dataclass(frozen=True)
class Student:
    """One of the class.

    Attributes:
        id: a number.
        what: what this student did, in words.
        solution: one of the assignment's, or None for the unfilled stub.
        answer: to the written question.
        twist: what happened to the notebook before it was handed in; see `hand_ins.TWISTS`.
        before: a solution that was handed in before this one.
        late: whether it was handed in after the due date.
        note: what is special, in words.
    """

    id: str
    what: str
    solution: str | None
    answer: str
    twist: str = "hand_in"
    before: str | None = None
    late: bool = False
    note: str = ""


def the_class(assignment: str) -> list[Student]:
    """Return the students of an assignment: the right ones, the wrong ones, and those with something special."""
    hand_ins = HandIns(assignment)
    people = hand_ins.people
    plain = [{"solution": f"{kind}_{name}"} for kind in ("right", "wrong") for name in people[kind]]
    entries: list[dict[str, Any]] = [*plain, *people["special"]]
    answers = people.get("answers", [""])
    return [_student(hand_ins, _FIRST + n, answers, entry) for n, entry in enumerate(entries)]


def _student(hand_ins: HandIns, number: int, answers: list[str], entry: dict[str, Any]) -> Student:
    rest = {"solution": None, **entry}
    what = rest.get("note") or hand_ins.headline(rest["solution"])
    return Student(str(number), what, answer=answers[number % len(answers)], **rest)
