"""What must hold, counted: each line is a promise, what was found, and whether that is good enough."""

from dataclasses import dataclass

from autograder.certify.blind import BLIND_SHARE
from autograder.certify.catalogue import Judged
from autograder.certify.measure import Certificate
from autograder.diagnosis.catalogue import Mistake, Variant

# Per cent of the mistakes: named in a spelling that diagnosis has never seen, at least; without a name, at most.
_NAMED, _NAMELESS = 95, 5
_MAY_LOSE = {"saturation", "shape"}  # by a right variant that says so: numbers are right, range or form is not


@dataclass(frozen=True)
class Line:
    """One promise.

    Attributes:
        what: is counted.
        found: how many, in words.
        asked: what is asked for.
        culprits: those that break it, or nothing.
    """

    what: str
    found: str
    asked: str
    culprits: tuple[str, ...]


def lines(certificate: Certificate) -> list[Line]:
    """Return every promise."""
    return [*_catalogue(certificate), *_mechanical(certificate)]


def broken(certificate: Certificate) -> list[str]:
    """Return in words what does not hold."""
    return [f"{line.what}: {', '.join(line.culprits)}" for line in lines(certificate) if line.culprits]


def declared(certificate: Certificate, judged: Judged) -> tuple[str, ...]:
    """Return the criteria that a solution is declared to fail."""
    entry = _entry(certificate, judged)
    return entry.loses if isinstance(entry, Variant) else entry.fails


def _entry(certificate: Certificate, judged: Judged) -> Mistake | Variant:
    """Return what a solution is made of: entries of two exercises may have one id."""
    entries = certificate.variants if judged.spelling == "variant" else certificate.mistakes
    return next(one for one in entries if (one.exercise, one.id) == (judged.exercise, judged.id))


def alone(certificate: Certificate) -> dict[str, dict[str, list[str]]]:
    """Return, by exercise and criterion, the mistakes that this criterion alone refuses."""
    found: dict[str, dict[str, list[str]]] = {
        exercise: {criterion.name: [] for criterion in criteria} for exercise, criteria in certificate.criteria.items()
    }
    for mistake in certificate.mistakes:
        if len(mistake.fails) == 1 and mistake.fails[0] in found[mistake.exercise]:
            found[mistake.exercise][mistake.fails[0]].append(mistake.id)
    return found


def percent(part: int, whole: int) -> str:
    """Return a share in words."""
    return f"{part} of {whole}" + (f" ({100 * part / whole:.1f} %)" if whole else "")


def _catalogue(certificate: Certificate) -> list[Line]:
    right = [judged for judged in certificate.judged if judged.spelling == "variant"]
    wrong = [judged for judged in certificate.judged if judged.spelling != "variant"]
    second = [judged for judged in wrong if judged.spelling == "second"]
    refused = [judged.id for judged in right if judged.finding.failed != () and not _may_lose(certificate, judged)]
    passed = [_text(judged) for judged in wrong if not judged.finding.failed]
    other = [_text(judged) for judged in certificate.judged if not _as_declared(certificate, judged)]
    lost = [_text(judged) for judged in certificate.judged if judged.finding.lost]
    misnamed = [_text(judged) for judged in wrong if judged.finding.named not in {(), (judged.id,)}]
    false = [_text(judged) for judged in certificate.judged if judged.false_names]
    nameless = [mistake.id for mistake in certificate.mistakes if mistake.unnamed]
    known = {(mistake.exercise, mistake.id) for mistake in certificate.mistakes if mistake.unnamed}
    undeclared = [
        _text(judged) for judged in wrong if not judged.finding.named and (judged.exercise, judged.id) not in known
    ]
    without = [judged.id for judged in second if not judged.finding.named]
    named = len(second) - len(without)
    few = () if 100 * named >= _NAMED * len(second) else tuple(without)
    many = () if 100 * len(nameless) <= _NAMELESS * len(second) else tuple(nameless)
    return [
        Line("Right variants that are refused", percent(len(refused), len(right)), "0", tuple(refused)),
        Line("Mistakes, in two spellings, that pass", percent(len(passed), len(wrong)), "0", tuple(passed)),
        Line("Solutions that fail other criteria than is declared", str(len(other)), "0", tuple(other)),
        Line("Solutions by which other exercises lose points", str(len(lost)), "0", tuple(lost)),
        Line("Mistakes named by their second spelling", percent(named, len(second)), f"at least {_NAMED} %", few),
        Line("Mistakes declared to have no name", percent(len(nameless), len(second)), f"at most {_NAMELESS} %", many),
        Line("Solutions without a name, though none is declared", str(len(undeclared)), "0", tuple(undeclared)),
        Line("Mistakes named as another", percent(len(misnamed), len(wrong)), "0", tuple(misnamed)),
        Line("Names that do not hold on fresh inputs", str(len(false)), "0", tuple(false)),
    ]


def _mechanical(certificate: Certificate) -> list[Line]:
    pairs = [" + ".join(pair.mistakes) for pair in certificate.pairs if pair.fate == "misnamed"]
    survived = [f"{mutant.exercise}: {mutant.change}" for mutant in certificate.mutants if mutant.fate == "survived"]
    false = [f"{mutant.exercise}: {mutant.change}" for mutant in certificate.mutants if mutant.false_names]
    drawn = [f"{drawn.exercise}: {drawn.change}" for drawn in certificate.expressions if drawn.fate == "misnamed"]
    stale = _stale(certificate)
    best = max((program.share for program in certificate.blind), default=0.0)
    seeing = [f"{one.exercise}: {one.expression}" for one in certificate.blind if one.share > BLIND_SHARE]
    what = f"Best share of an exercise among {len(certificate.blind)} blind programs"
    return [
        Line("Pairs of mistakes misnamed", percent(len(pairs), len(certificate.pairs)), "0", tuple(pairs)),
        Line("Mutants that survive", percent(len(survived), len(certificate.mutants)), "0", tuple(survived)),
        Line("Mutants listed as equivalent that are refused, or are none", str(len(stale)), "0", tuple(stale)),
        Line("Mutants misnamed", percent(len(false), len(certificate.mutants)), "0", tuple(false)),
        Line(what, f"{100 * best:.1f} %", f"at most {100 * BLIND_SHARE:.0f} %", tuple(seeing)),
        Line("Drawn wrong functions misnamed", percent(len(drawn), len(certificate.expressions)), "0", tuple(drawn)),
    ]


def _stale(certificate: Certificate) -> list[str]:
    alive = {(mutant.exercise, mutant.change) for mutant in certificate.mutants if mutant.fate == "equivalent"}
    listed = [(entry.exercise, line) for entry in certificate.equivalents for line in entry.lines]
    return [f"{exercise}: {line}" for exercise, line in listed if (exercise, line) not in alive]


def _may_lose(certificate: Certificate, judged: Judged) -> bool:
    return set(judged.finding.failed) <= set(declared(certificate, judged)) & _MAY_LOSE


def _as_declared(certificate: Certificate, judged: Judged) -> bool:
    odd = set(judged.finding.failed) ^ set(declared(certificate, judged))
    entry = _entry(certificate, judged)
    return odd <= set(() if isinstance(entry, Variant) else entry.sometimes)


def _text(judged: Judged) -> str:
    return f"{judged.id} ({judged.spelling}: fails {', '.join(judged.finding.failed) or 'nothing'})"
