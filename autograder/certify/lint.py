"""Checks of an assignment while it is written: reference, graders and catalogue agree; a message says where not."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.certify.local import Local
from autograder.certify.solutions import first_source
from autograder.checks.inputs import Checks
from autograder.diagnosis.catalogue import MISTAKES, VARIANTS, CatalogueError, Mistake, Variant, mistakes, variants
from autograder.diagnosis.counterexample import call_of
from autograder.diagnosis.exercise import PLAIN, Arguments, Exercise, exercises
from autograder.diagnosis.lines import LineError
from autograder.diagnosis.naming import edits_of, wrong_function
from autograder.diagnosis.signature import Signature, of_function
from autograder.grading.assignment import Assignment
from autograder.grading.criteria import GraderFault
from autograder.grading.hidden import grader_files
from autograder.judge.collected import collected
from autograder.judge.judge import DEFAULT_SEED
from autograder.sandbox.inside.codec import unsendable

_CHUNK = 16
_GIVEN = {"np", "math"}  # what an adapter has besides the student's functions
_AGREE = 1e-6  # of the plain function and its stable twin, where the plain one is exact

Entry = Mistake | Variant
Task = tuple[Assignment, Entry]


@dataclass(frozen=True)
class Problem:
    """What is wrong, where: a file of the assignment, a line in it, and the entry that begins there, if it is one."""

    file: str
    line: int
    entry: str
    message: str

    def __str__(self) -> str:
        name = f"[{self.entry}]: " if self.entry else ""
        return f"{self.file}:{self.line}: {name}{self.message}"


def lint(assignment: Assignment, pool: Executor) -> list[Problem]:
    """Return everything that is wrong with an assignment; nothing of it is judged behind walls.

    Args:
        assignment: what is looked at.
        pool: judges the entries of the catalogue.
    """
    try:
        known = exercises(assignment)
    except Exception as error:  # noqa: BLE001 - whatever an author's module raises is what is wrong with it
        return [Problem("reference.py", 1, "", " ".join(f"{type(error).__name__}: {error}".split()))]
    try:
        found = [*_reference(assignment), *_stand_ins(assignment), *_names(assignment), *_graders(assignment)]
        catalogue: list[Entry] = [*mistakes(assignment.folder), *variants(assignment.folder)]
    except CatalogueError as error:
        return [_of_catalogue(error)]
    if found:
        return found
    tasks = [(assignment, entry) for entry in catalogue if entry.exercise in known]
    for problems in pool.map(_entry, tasks, chunksize=_CHUNK):
        found += problems
    return found or [*_twins(assignment), *_usual(assignment)]


def _of_catalogue(error: CatalogueError) -> Problem:
    path, _, message = str(error).partition(": ")
    return Problem(f"{Path(path).parent.name}/{Path(path).name}", 1, "", message)


def _reference(assignment: Assignment) -> Iterator[Problem]:
    """Yield what is wrong with the right answers themselves."""
    graders = collected(assignment, DEFAULT_SEED).graders
    for name in assignment.exercises:
        exercise = exercises(assignment).get(name)
        if exercise is None:
            if graders.asks_for_reference(name):
                grader = grader_files(assignment.folder)[name].relative_to(assignment.folder)
                yield Problem("reference.py", 1, "", f"EXERCISES has no {name!r}, by which {grader} judges")
            continue
        line = exercise.text.reference.lines(exercise.name).definition.lineno
        inputs = [
            *exercise.probes[PLAIN],
            *exercise.smallest,
            *(exercise.draw(one, DEFAULT_SEED) for one in exercise.cases),
        ]
        if odd := [*_adapter(assignment, exercise), *_unsendable(exercise, inputs)]:
            yield from (Problem("reference.py", line, "", f"{name}: {message}") for message in odd)
            continue
        try:
            for arguments in inputs:
                exercise.expect(*arguments).check_judges()
        except GraderFault as error:
            yield Problem("reference.py", line, "", f"{name}: {error}")
        except Exception as error:  # noqa: BLE001 - as above
            yield Problem("reference.py", line, "", f"{name} raises {type(error).__name__}: {error}")
        else:
            yield from _twin(exercise, line)


def _adapter(assignment: Assignment, exercise: Exercise) -> Iterator[str]:
    """Yield what is wrong with how a class is used: an adapter runs in the student's process and must say nothing."""
    if exercise.adapter is None:
        if isinstance(exercise.function, type):
            yield "it is a class: name in adapter= the function that makes one and returns plain values"
        return
    text, theirs = exercise.text, exercises(assignment)
    nodes = list(ast.walk(text.reference.lines(text.entry).definition))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    own = {node.arg for node in nodes if isinstance(node, ast.arg)}
    own |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
    asked = {node.id for node in names} - own
    if odd := sorted(asked & text.reference.names().keys() - theirs.keys() - _GIVEN):
        there = ", ".join([*theirs, *sorted(_GIVEN)])
        yield f"the adapter {text.entry} uses {', '.join(odd)}; in the student's process it has only {there}"
    if exercise.name not in asked:
        yield f"the adapter {text.entry} does not use it"


def _unsendable(exercise: Exercise, inputs: Iterable[Arguments]) -> Iterator[str]:
    """Yield what is wrong with inputs that are no plain data, or that a card cannot write in Python."""
    if found := next(filter(None, map(unsendable, inputs)), None):
        yield f"an argument is a value of type {found}, which cannot be sent to a student's process"
    elif not all(call_of(exercise, arguments) for arguments in exercise.smallest):
        yield "a small input has a generator that was drawn from; make each by np.random.default_rng(57) or so"


def _twin(exercise: Exercise, line: int) -> Iterator[Problem]:
    plain, right = exercise.text.function(), exercise.text.right
    for arguments in exercise.probes[PLAIN]:
        one, other = (of_function(function, arguments) for function in (plain, right))
        if not replace(one, precision=_AGREE).agrees(other):
            yield Problem("reference.py", line, "", f"{exercise.name} and its stable twin disagree on {arguments}")
            return


def _stand_ins(assignment: Assignment) -> Iterator[Problem]:
    """Yield functions that cannot stand in, or would be answers to an exercise that is still to be judged."""
    for place, name in enumerate(assignment.exercises):
        exercise = exercises(assignment).get(name)
        if exercise is None:
            continue
        reference = exercise.text.reference
        for other in exercise.stand_in_names:
            message = ""
            if other not in reference:
                message = f"{other!r} of stand_ins is no function of this module"
            elif other in assignment.exercises[place:]:
                message = (
                    f"{other!r} of stand_ins has to come before {name!r} in assignment.toml: it could be asked for"
                )
            if message:
                yield Problem("reference.py", reference.lines(name).definition.lineno, "", f"{name}: {message}")


def _names(assignment: Assignment) -> Iterator[Problem]:
    """Yield names in the catalogue that nothing has: exercises, criteria, groups of inputs, lines of the reference."""
    for folder in (MISTAKES, VARIANTS):
        for path in sorted((assignment.folder / folder).glob("*.toml")):
            if path.stem not in assignment.exercises:
                yield Problem(f"{folder}/{path.name}", 1, "", f"there is no exercise {path.stem!r}")
    known = exercises(assignment)
    graders = collected(assignment, DEFAULT_SEED).graders
    for mistake in mistakes(assignment.folder):
        if mistake.exercise not in known:
            yield _at(assignment, mistake, "also", f"there is no exercise {mistake.exercise!r}")
            continue
        criteria = {criterion.name for criterion in graders.criteria(mistake.exercise)}
        for key, named in (("fails", mistake.fails), ("sometimes", mistake.sometimes)):
            if odd := sorted(set(named) - criteria):
                yield _at(assignment, mistake, key, f"{mistake.exercise} has no criterion {', '.join(odd)}")
        if odd := sorted(set(mistake.on) - known[mistake.exercise].probes.keys()):
            yield _at(assignment, mistake, "on", f"{mistake.exercise} has no probe inputs {', '.join(odd)}")
        yield from _changes(assignment, known[mistake.exercise], mistake)


def _changes(assignment: Assignment, exercise: Exercise, mistake: Mistake) -> Iterator[Problem]:
    try:
        edits = edits_of(exercise, mistake)
    except CatalogueError as error:
        yield _at(assignment, mistake, "change", str(error).partition(": ")[2])
        return
    for (function, number), edit in edits.items():
        old = exercise.text.reference.lines(function).texts[number]
        new = "\n".join(map(ast.unparse, edit.statements))
        if edit.header is None and old == new:
            yield _at(assignment, mistake, "change", f"the line {old!r} is changed into itself")
    if not (mistake.known or mistake.unnamed):
        yield _at(assignment, mistake, "", "it has neither change nor source; say why in 'unnamed' where it needs none")


def _graders(assignment: Assignment) -> Iterator[Problem]:
    """Yield the criteria that the right answers themselves fail."""
    for name in (one for one in assignment.exercises if one in exercises(assignment)):
        source = exercises(assignment)[name].text.right_source()
        try:
            failed = Local(assignment, name, source).finding(DEFAULT_SEED).failed
        except (GraderFault, LineError) as error:
            yield Problem(f"test_{name}.py", 1, "", str(error))
            continue
        if failed:
            yield Problem(f"test_{name}.py", 1, "", f"the reference itself fails {', '.join(failed)}")


def _entry(task: Task) -> list[Problem]:
    """Judge one entry of a catalogue in each of its spellings; runs in a worker."""
    assignment, entry = task
    if isinstance(entry, Variant):
        return list(_judged(assignment, entry, "source", entry.source, entry.loses))
    found = list(_judged(assignment, entry, "second", entry.second, entry.fails)) if entry.second else []
    if entry.known:
        found += _judged(assignment, entry, "change", first_source(assignment, entry), entry.fails)
        found += [*_unshown(assignment, entry), *_blindness(assignment, entry)]
    return found


def _judged(
    assignment: Assignment, entry: Entry, key: str, source: str, declared: tuple[str, ...]
) -> Iterator[Problem]:
    text = exercises(assignment)[entry.exercise].text
    try:
        failed = Local(assignment, entry.exercise, text.whole(source)).finding(DEFAULT_SEED).failed
    except Exception as error:  # noqa: BLE001 - what an entry's source raises when it is read
        yield _at(assignment, entry, key, f"it cannot be run: {type(error).__name__}: {error}")
        return
    if set(failed) != set(declared):
        words = ", ".join(failed) or "nothing"
        yield _at(
            assignment, entry, key, f"it fails {words}, and is declared to fail {', '.join(declared) or 'nothing'}"
        )


def _unshown(assignment: Assignment, mistake: Mistake) -> Iterator[Problem]:
    exercise = exercises(assignment)[mistake.exercise]
    wrong, right = wrong_function(exercise, (mistake,)), exercise.text.right
    if all(of_function(wrong, given).agrees(of_function(right, given)) for given in exercise.smallest):
        yield _at(assignment, mistake, "", "no small input shows it: add one to the exercise's `smallest`")


def _blindness(assignment: Assignment, mistake: Mistake) -> Iterator[Problem]:
    """Yield a mistake that hands an argument back, and is not marked as blind."""
    if mistake.blind:
        return
    exercise = exercises(assignment)[mistake.exercise]
    wrong, inputs = wrong_function(exercise, (mistake,)), exercise.probes[PLAIN]
    for place, name in enumerate(exercise.parameters):
        back = all(of_function(wrong, given).agrees(_handed_back(place, given)) for given in inputs)
        if back:
            yield _at(assignment, mistake, "", f"it hands {name} back: say blind = true")


def _handed_back(place: int, given: Arguments) -> Signature:
    return of_function(lambda *arguments: arguments[place], given)


def _twins(assignment: Assignment) -> Iterator[Problem]:
    """Yield mistakes that are one function under two names."""
    for exercise in exercises(assignment).values():
        seen: list[tuple[Mistake, list[Signature]]] = []
        for mistake in mistakes(assignment.folder):
            if mistake.exercise != exercise.name or not mistake.known:
                continue
            answers = _answers(exercise, wrong_function(exercise, (mistake,)))
            for other, known in seen:
                if all(one.agrees(two) and one.kind == two.kind for one, two in zip(answers, known, strict=True)):
                    yield _at(assignment, mistake, "", f"it is the same function as [{other.id}]")
            seen.append((mistake, answers))


def _usual(assignment: Assignment) -> Iterator[Problem]:
    """Yield mistakes that the notebook's visible checks should name, and cannot tell from another."""
    for name in (one for one in assignment.exercises if one in exercises(assignment)):
        for mistake in Checks(assignment, name, ()).mixed_up():
            yield _at(assignment, mistake, "usual", "the worked input does not tell it from another, or from right")


def _answers(exercise: Exercise, function: Callable[..., object]) -> list[Signature]:
    inputs = [arguments for group in exercise.probes.values() for arguments in group]
    return [of_function(function, arguments) for arguments in (*inputs, *exercise.fresh_inputs(DEFAULT_SEED))]


def _at(assignment: Assignment, entry: Entry, key: str, message: str) -> Problem:
    """Return a problem with the place of an entry's key, or of the entry itself."""
    folder = VARIANTS if isinstance(entry, Variant) else MISTAKES
    files = [entry.exercise, *(path.stem for path in sorted((assignment.folder / folder).glob("*.toml")))]
    for stem in dict.fromkeys(files):
        path = assignment.folder / folder / f"{stem}.toml"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        if f"[{entry.id}]" in lines:
            start = lines.index(f"[{entry.id}]")
            return Problem(f"{folder}/{path.name}", _line(lines, start, key), entry.id, message)
    return Problem(f"{folder}/{entry.exercise}.toml", 1, entry.id, message)


def _line(lines: list[str], start: int, key: str) -> int:
    """Return the number of the line on which a key of the entry stands, from 1."""
    for number in range(start + 1, len(lines)):
        if re.match(r"\[[^\[]", lines[number]):
            break
        if key and re.match(rf"{key}\b", lines[number]):
            return number + 1
    return start + 1
