"""Submissions of an exercise that are alike: by what they do, and within that by how they are written."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.review.alike.behaviours import merged
from autograder.review.alike.compared import Pair, differences, middles
from autograder.review.alike.differences import Difference
from autograder.review.reading.behaviour import NOT_JUDGED, Behaviour, Kind
from autograder.review.reading.classroom import Classroom
from autograder.review.reading.model import Exercise, Named, Result, ReviewError, Target

_LONGEST = 100  # of what a title quotes
_SPELLINGS = 20  # of a group that are shown beside the representative's
_ANSWERS = {
    "None": "returned None",
    "other": "returned no number",
    "generator": "returned a NumPy generator",
    "raised NotImplementedError": "not filled in yet",
}


@dataclass(frozen=True)
class Spelling:
    """Members of a group whose functions are the same tree; `example` is one of them, `source` what that one wrote."""

    id: str
    students: tuple[str, ...]
    example: str
    source: str | None


@dataclass(frozen=True)
class Group:
    """Students whose functions do the same.

    Attributes:
        id: stays the same as long as the group does the same, whoever joins or leaves; fit for an address.
        exercise: whose.
        kind: right, wrong with a name, wrong without, giving no answer, not judged.
        title: the named mistake's, or what fails, in words.
        mistakes: those that were named.
        failed: the criteria that fail.
        messages: what most members read at each of these.
        students: ids, in the order of the class.
        spellings: largest first.
        representative: the student whose spelling is nearest to all others'.
        source: what that student wrote.
        warning: for the reader of that, or nothing.
        points: (lowest, highest) that the criteria earned, None where not judged.
        target: for a comment and an adjustment.
        aliases: ids under which an address may know the group: those of members whose answers differ in rounding.
    """

    id: str
    exercise: str
    kind: Kind
    title: str
    mistakes: tuple[Named, ...]
    failed: tuple[str, ...]
    messages: dict[str, str]
    students: tuple[str, ...]
    spellings: tuple[Spelling, ...]
    representative: str
    source: str | None
    warning: str
    points: tuple[float, float] | None
    target: Target
    aliases: frozenset[str]

    def __len__(self) -> int:
        return len(self.students)


def groups(classroom: Classroom, exercise: str) -> tuple[Group, ...]:
    """Return the groups of an exercise, largest first; computed once for each state of the class.

    Raises:
        ReviewError: there is no such exercise.
    """
    known = classroom.exercise(exercise)
    return classroom.kept(f"groups of {exercise}", lambda: _groups(classroom, known))


def group(classroom: Classroom, exercise: str, group_id: str) -> Group:
    """Return one group by its id.

    Raises:
        ReviewError: there is none any more.
    """
    for found in groups(classroom, exercise):
        if group_id == found.id or group_id in found.aliases:
            return found
    raise ReviewError(f"{exercise} has no group {group_id!r} any more: its members were graded again")


def group_of(classroom: Classroom, exercise: str, student_id: str) -> Group | None:
    """Return the group that a student is in, or None."""
    places = classroom.kept(f"places in {exercise}", lambda: _places(groups(classroom, exercise)))
    return places.get(student_id)


def _places(found: Sequence[Group]) -> dict[str, Group]:
    return {student: one for one in found for student in one.students}


def how_members_differ(classroom: Classroom, found: Group) -> tuple[tuple[Spelling, Difference], ...]:
    """Return the largest spellings of a group, each with its difference from the representative's."""
    name = classroom.student(found.representative).name
    shown = found.spellings[:_SPELLINGS]
    pairs = [Pair(found.source or "", one.source or "", (name, classroom.student(one.example).name)) for one in shown]
    return tuple(zip(shown, differences(pairs), strict=True))


def _groups(classroom: Classroom, exercise: Exercise) -> tuple[Group, ...]:
    behaviours = {
        student.id: classroom.behaviour(student.id, exercise)
        for student in classroom.students
        if student.state != "missing"
    }
    classroom.read()
    leaders = merged(list(behaviours.values()))
    members: dict[Behaviour, list[str]] = {}
    aliases: dict[Behaviour, set[str]] = {}
    for student, one in behaviours.items():
        members.setdefault(leaders[one], []).append(student)
        aliases.setdefault(leaders[one], set()).add(one.id)
    spelled = _spellings(classroom, exercise.name, list(members.values()))
    found = [
        _group(classroom, exercise, one, frozenset(aliases[one]), written)
        for one, written in zip(members, spelled, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: (-len(one), one.id)))


def _group(
    classroom: Classroom, exercise: Exercise, behaviour: Behaviour, aliases: frozenset[str], written: "_Spelled"
) -> Group:
    members, representative = written.students, written.representative
    results = [result for one in members if (result := classroom.student(one).results.get(exercise.name)) is not None]
    points = [result.points for result in results if result.points is not None]
    title = _title(behaviour, results)
    return Group(
        id=behaviour.id,
        exercise=exercise.name,
        kind=behaviour.kind,
        title=title,
        mistakes=results[0].mistakes if behaviour.kind == "named" else (),
        failed=results[0].failed if results else (),
        messages=_usual_messages(results),
        students=members,
        spellings=written.spellings,
        representative=representative,
        source=classroom.source(representative, exercise.name),
        warning=classroom.warning(representative, exercise.name),
        points=(min(points), max(points)) if points else None,
        target=Target(exercise.name, behaviour.id, title, exercise.grade_cell, exercise.solution_cell, members),
        aliases=aliases,
    )


@dataclass(frozen=True)
class _Spelled:
    """The members of a group, how they write their functions, and whose stands for all."""

    students: tuple[str, ...]
    spellings: tuple[Spelling, ...]
    representative: str


def _spellings(classroom: Classroom, exercise: str, groups: Sequence[Sequence[str]]) -> Iterator[_Spelled]:
    """Yield how the members of each group write their functions, the most usual first."""
    written = [_by_tree(classroom, exercise, members) for members in groups]
    trees = [
        ([classroom.tree(students[0], exercise).text for students in one.values()], list(map(len, one.values())))
        for one in written
    ]
    for members, one, middle in zip(groups, written, middles(trees), strict=True):
        spellings = tuple(
            Spelling(tree, tuple(students), students[0], classroom.source(students[0], exercise))
            for tree, students in one.items()
        )
        yield _Spelled(tuple(members), spellings, spellings[middle].example)


def _by_tree(classroom: Classroom, exercise: str, members: Sequence[str]) -> dict[str, list[str]]:
    """Return the members by the id of their function's tree, the most usual first."""
    written: dict[str, list[str]] = {}
    for student in members:
        written.setdefault(classroom.tree(student, exercise).id, []).append(student)
    return {one: written[one] for one in sorted(written, key=lambda one: (-len(written[one]), one))}


def _usual_messages(results: Sequence[Result]) -> dict[str, str]:
    """Return what most of the members read at each criterion that fails, or could not be judged by a fault of ours."""
    said: dict[str, Counter[str]] = {}
    for result in results:
        for criterion, message in result.messages.items():
            if result.verdicts.get(criterion) in ("fail", "error"):
                said.setdefault(criterion, Counter())[message] += 1
    return {criterion: counted.most_common(1)[0][0] for criterion, counted in said.items()}


def _title(behaviour: Behaviour, results: Sequence[Result]) -> str:
    if behaviour.kind == "named":
        return "; ".join(named.title for named in results[0].mistakes)
    if behaviour.kind == "right":
        return "Right: every criterion passes"
    if behaviour == NOT_JUDGED or not results:
        return "Not judged"
    failed = ", ".join(results[0].failed) or ", ".join(
        name for name, verdict in results[0].verdicts.items() if verdict != "pass"
    )
    if behaviour.kind == "no answer":
        return f"Gives no answer; fails {failed}"
    odd = sorted({_ANSWERS.get(answer, answer) for answer in behaviour.answers} - {"number"})
    if len(odd) == 1 and "number" not in behaviour.answers:
        return f"On every input: {odd[0]}; fails {failed}"
    return f"Wrong, without a name; fails {failed}" + (f"; on some inputs: {', '.join(odd)}" if odd else _said(results))


def _said(results: Sequence[Result]) -> str:
    """Return what most members read first, which tells groups apart that fail the same: the layer that is wrong."""
    first = next(iter(_usual_messages(results).values()), "")
    return f": {textwrap.shorten(first, _LONGEST, placeholder='…')}" if first else ""
