"""The certificate in words and tables, as Markdown."""

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median

from autograder.certify import holds
from autograder.certify.catalogue import Judged
from autograder.certify.measure import Certificate
from autograder.diagnosis.catalogue import Mistake

_HEAD = """\
# Certificate: {title}

What the graders make of every solution that is known to be right or wrong. Written by `make certify`; the tests fail
where it is not up to date or a promise is broken. Every entry of the catalogues is judged as a submission is, behind
the walls: {mistakes} mistakes in two spellings each, of which diagnosis has seen the first alone, and {variants} right
variants. Pairs, mutants and drawn functions are judged in one process, by the same graders and the same diagnosis.

A name counts as wrong when the solution and the named mistake differ on inputs that neither has seen. Right variants
are compared on random inputs of every kind, too: 3,000,000 calls in `make test-full`
(`tests/test_right_variants.py`).
"""
_MATRIX = """\
## Kill matrix

✘ the criterion refuses the mistake, · it passes it, – it was not judged, for it needs one that failed. Where the two
spellings differ, both are shown.

![The kill matrix as a picture: mistakes by criteria]({picture})
"""
_ALONE = """\
## Criteria that never decide alone

A criterion decides alone where a mistake fails it and no other: without it, that mistake would pass.
"""
_COSTS = """\
## What a fault costs

A fault costs every criterion that it breaks, and what waits for one of these. A mistake that leaves the first three
digits right loses `digits`, not `value`.
"""
_PAIRS = """\
## Pairs of mistakes

Two mistakes at different places of one formula, made together. Where one hides the other, the function does exactly
what is named, on new inputs and on those by which either is known: no output could tell more. Where one is named and
the other shows elsewhere, what is told is true, and the rest is told when it is mended: these others lose
`saturation` alone, or differ from right in the tenth digit.
"""
_MUTANTS = """\
## Mutants

The right functions, changed in one place at a time: by the operators of Cosmic Ray, and by our own for names, calls,
their arguments and axes. A mutant that is a catalogued mistake is counted there. Those that pass are as right as the
original, each for the reason given.
"""
_BLIND = """\
## Blind programs

Constants, arguments handed back and, where there are several arguments, functions of one alone: none looks at what the
answer depends on, so none may earn more than a tenth of an exercise, though most laws hold for many of them.
"""
_DRAWN = """\
## Drawn wrong functions

One step of a right function, or two, replaced by expressions drawn from a seed over its own variables. All differ from
the right function and give numbers; a name is true where the drawn function does exactly what the mistake does.
"""


def render(certificate: Certificate, picture: str) -> str:
    """Return the whole certificate; `picture` is the address of the kill matrix."""
    head = _HEAD.format(
        title=certificate.assignment.name, mistakes=len(certificate.mistakes), variants=len(certificate.variants)
    )
    parts = [head, _summary(certificate), _MATRIX.format(picture=picture), *_matrices(certificate)]
    parts += [_ALONE + "\n" + _alone(certificate), _COSTS + "\n" + _costs(certificate), _false(certificate)]
    parts.append(_pairs(certificate))
    return "\n".join([*parts, _mutants(certificate), _blind(certificate), _drawn(certificate)])


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(_plain, line))} |\n" for line in lines)


def _plain(cell: str) -> str:
    """Return text for one cell of a table: on one line, and without the sign that ends a cell."""
    return " ".join(cell.replace("|", r"\|").split())


def _summary(certificate: Certificate) -> str:
    rows = [(line.what, line.found, line.asked, "✔" if not line.culprits else "✘") for line in holds.lines(certificate)]
    return "## Summary\n\n" + _table(("What is counted", "Found", "Asked for", "Holds"), rows)


def _matrices(certificate: Certificate) -> list[str]:
    return [f"### `{exercise}`\n\n{_matrix(certificate, exercise)}" for exercise in certificate.criteria]


def _matrix(certificate: Certificate, exercise: str) -> str:
    names = [criterion.name for criterion in certificate.criteria[exercise]]
    own = certificate.mistakes_of(exercise)
    rows = [(f"`{mistake.id}`", *(_cell(certificate, mistake, name) for name in names)) for mistake in own]
    total = [str(sum(name in mistake.fails for mistake in own)) for name in names]
    return _table(("Mistake", *names), [*rows, ("*refused by it*", *total)])


def _cell(certificate: Certificate, mistake: Mistake, criterion: str) -> str:
    marks = [mark(judged, criterion) for judged in certificate.of(mistake)]
    return marks[0] if len(set(marks)) == 1 else "/".join(marks)


def mark(judged: Judged, criterion: str) -> str:
    """Return how a criterion judged a solution, as one character."""
    if criterion in judged.finding.failed:
        return "✘"
    return "–" if criterion in judged.finding.skipped else "·"


def _alone(certificate: Certificate) -> str:
    rows = [
        (f"`{exercise}`", criterion, str(len(ids)) if ids else "**never**", ", ".join(f"`{one}`" for one in ids[:3]))
        for exercise, criteria in holds.alone(certificate).items()
        for criterion, ids in criteria.items()
    ]
    return _table(("Exercise", "Criterion", "Decides alone for", "Such as"), rows)


def _costs(certificate: Certificate) -> str:
    """Return a table of how many mistakes break how many criteria, and what share of the points they lose."""
    rows = [_cost(certificate, exercise) for exercise in certificate.criteria]
    head = ("Exercise", "Mistakes", "Break one criterion", "two", "more", "Keep `value`", "The middle one loses")
    return _table(head, rows)


def _cost(certificate: Certificate, exercise: str) -> tuple[str, ...]:
    own = [one for one in certificate.judged if one.exercise == exercise and one.spelling == "second"]
    broken = [len(one.finding.failed) for one in own]
    whole = sum(criterion.points for criterion in certificate.criteria[exercise])
    lost = [1.0 - (one.finding.points or 0.0) / whole for one in own]
    kept = sum("value" not in one.finding.failed for one in own)
    counts = (len(own), broken.count(1), broken.count(2), sum(count > 2 for count in broken), kept)  # noqa: PLR2004
    return f"`{exercise}`", *map(str, counts), f"{100 * median(lost):.0f} %" if lost else "–"


def _false(certificate: Certificate) -> str:
    refusals = next(line for line in holds.lines(certificate) if line.what.startswith("Right variants")).culprits
    misnamed = [
        (f"`{judged.id}`", judged.spelling, ", ".join(judged.finding.named))
        for judged in certificate.judged
        if judged.false_names or (judged.spelling != "variant" and judged.finding.named not in {(), (judged.id,)})
    ]
    reasons = [(f"`{entry.id}`", entry.unnamed) for entry in certificate.mistakes if entry.unnamed]
    lose = [(f"`{entry.id}`", ", ".join(entry.loses), entry.reason) for entry in certificate.variants if entry.loses]
    parts = [f"## False refusals\n\n{', '.join(refusals) or 'None.'}\n"]
    if lose:
        parts.append(
            "Right variants that lose `saturation`, and why:\n\n" + _table(("Variant", "Loses", "Reason"), lose)
        )
    names = _table(("Solution", "Spelling", "Named as"), misnamed) if misnamed else "None.\n"
    nameless = _table(("Mistake", "Why it cannot be recognized"), reasons) if reasons else "None.\n"
    return "\n".join([*parts, f"## False names\n\n{names}", f"## Mistakes without a name\n\n{nameless}"])


def _pairs(certificate: Certificate) -> str:
    words = {
        "together": "named together",
        "as one": "named as what does the same everywhere",
        "in part": "one named, which ordinary inputs show",
        "unnamed": "not named",
        "right": "right again: one undoes the other",
        "misnamed": "misnamed",
    }
    fates = [(pair.exercise, pair.fate) for pair in certificate.pairs]
    return _PAIRS + "\n" + _counts(certificate, words, fates)


def _mutants(certificate: Certificate) -> str:
    words = {"killed": "refused", "equivalent": "as right as the original", "survived": "survive"}
    fates = [(mutant.exercise, mutant.fate) for mutant in certificate.mutants]
    rows = [
        (f"`{entry.exercise}`", entry.reason, "<br>".join(f"`{line}`" for line in entry.lines))
        for entry in certificate.equivalents
    ]
    listed = "\n" + _table(("Exercise", "Why it is right", "What is new in it"), rows) if rows else ""
    return _MUTANTS + "\n" + _counts(certificate, words, fates) + listed


def _blind(certificate: Certificate) -> str:
    rows = []
    for exercise in certificate.criteria:
        own = [program for program in certificate.blind if program.exercise == exercise]
        best = max(own, key=lambda program: program.share)
        rows.append((f"`{exercise}`", str(len(own)), f"{100 * best.share:.1f} %", f"`{best.expression}`"))
    return _BLIND + "\n" + _table(("Exercise", "Programs", "Best share", "Earned by"), rows)


def _drawn(certificate: Certificate) -> str:
    words = {"unnamed": "without a name", "named": "truly named", "misnamed": "misnamed"}
    fates = [(drawn.exercise, drawn.fate) for drawn in certificate.expressions]
    return _DRAWN + "\n" + _counts(certificate, words, fates)


def _counts(certificate: Certificate, words: dict[str, str], fates: Sequence[tuple[str, str]]) -> str:
    """Return a table of how many ended how, by exercise."""
    counted = Counter(fates)
    rows = [(f"`{exercise}`", *(str(counted[exercise, fate]) for fate in words)) for exercise in certificate.criteria]
    total = ("*all*", *(str(sum(fate == one for _, one in fates)) for fate in words))
    return _table(("Exercise", *words.values()), [*rows, total])
