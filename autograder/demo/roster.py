"""Who is in the class: numbers, not people, modelled on mistakes that are really made."""

from dataclasses import dataclass, replace

from autograder.demo.submission import Twist, copy_cell, cut_off, delete_grade_cell, hand_in, headline, rename

_ANSWERS = (
    "C's derivative by a has a(1-a) below the line, and that is σ′(z): they cancel. The quadratic cost keeps σ′(z).",
    "Because of the logarithm. With the quadratic cost you keep (a-y)σ′(z)x.",
    "It cancels with the denominator.",
    "",
)


@dataclass(frozen=True)
class Student:
    """One of the class.

    Attributes:
        id: a number.
        solution: a file in `solutions/`, or None for the unfilled stub.
        twist: what happened to the notebook before it was handed in.
        before: a solution that was handed in before this one.
        late: whether it was handed in after the due date.
        note: what is special, in words.
    """

    id: str
    solution: str | None
    twist: Twist = hand_in
    before: str | None = None
    late: bool = False
    note: str = ""

    @property
    def what(self) -> str:
        """What this student did, in words."""
        return self.note or headline(self.solution or "")

    @property
    def answer(self) -> str:
        """The answer to the written question."""
        return _ANSWERS[int(self.id) % len(_ANSWERS)]


_RIGHT = ("naive", "stable", "where", "tanh", "loops", "einsum", "float32", "columns", "minus", "differences")
_WRONG = (
    *("no_mean", "sign", "log2", "column", "no_bias"),
    *("math_exp", "sigma_prime", "no_minus", "brackets", "quadratic"),
)
_SPECIAL = (
    Student("", "noisy"),
    Student("", "right_stable", late=True, note="Right, but handed in late"),
    Student("", "right_naive", before="wrong_sign", note="Wrong at first, then handed in again"),
    Student("", None, note="Handed in the unfilled notebook"),
    Student("", "right_where", cut_off, note="A file that was cut off: no valid notebook"),
    Student("", "endless"),
    Student("", "right_axis", delete_grade_cell, note="Deleted a grade cell"),
    Student("", "right_minus", copy_cell, note="Copied a cell, mark and all"),
    Student("", "right_einsum", rename, note="Renamed the file"),
    Student("", "leaves"),
)
_FIRST = 1001


def the_class() -> list[Student]:
    """Return the 30 students."""
    plain = [f"right_{name}" for name in _RIGHT] + [f"wrong_{name}" for name in _WRONG]
    students = [*(Student("", name) for name in plain), *_SPECIAL]
    return [replace(student, id=str(_FIRST + number)) for number, student in enumerate(students)]
