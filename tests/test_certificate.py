"""The certificate: every promise holds, the document says what is measured, and a broken promise would be seen."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.progress import Progress

from autograder.certify import catalogue, expressions, figures, holds, mutants, operators, picture, report
from autograder.certify.blind import Blind
from autograder.certify.catalogue import Judged
from autograder.certify.expressions import Expression
from autograder.certify.local import Local
from autograder.certify.measure import Certificate, measure
from autograder.certify.mutants import Mutant
from autograder.certify.pairs import Pair
from autograder.certify.solutions import Finding, solution
from autograder.diagnosis.catalogue import Equivalent, Mistake, Variant
from autograder.diagnosis.exercise import exercises
from autograder.grading.assignment import find, names
from autograder.grading.criteria import Criterion
from autograder.judge.judge import DEFAULT_SEED, Job, judge_notebooks
from autograder.judge.notebook import from_script

DOCS = Path(__file__).parent.parent / "docs"
NEURON = find("neuron")
EVERY = 48  # th entry, pair and submission behind the walls; all of them in the full run


@pytest.fixture(scope="module")
def certificate(slow):
    """Measure, but not every pair, nor every submission behind the walls."""
    return measure(NEURON, Progress(disable=True), every=EVERY)


def without_pairs(text):
    """Return the lines of a certificate that do not count pairs of mistakes."""
    head, rest = text.split("## Pairs of mistakes")
    tail = rest[rest.index("## Mutants") :]
    return [line for line in (head + tail).splitlines() if not line.startswith("| Pairs of mistakes")]


def written(name="neuron"):
    """Return an assignment's certificate as it was written."""
    return (DOCS / f"certificate-{name}.md").read_text(encoding="utf-8")


@pytest.mark.full
@pytest.mark.xdist_group("certificate")
def test_every_promise_holds(certificate):
    """Nothing right is refused, nothing wrong passes, and no name is false."""
    assert holds.broken(certificate) == []


@pytest.mark.full
@pytest.mark.xdist_group("certificate")
def test_the_document_says_what_is_measured(certificate):
    """`make certify` would write what docs/certificate-neuron.md says already."""
    assert without_pairs(report.render(certificate, "certificate-neuron.png")) == without_pairs(written())


@pytest.mark.full
@pytest.mark.xdist_group("certificate")
def test_the_picture_shows_what_is_measured(certificate):
    """The picture was drawn of this very matrix."""
    with Image.open(DOCS / "certificate-neuron.png") as image:
        assert image.info[picture.KEY] == picture.digest(certificate)


def without_pairs_counted(data):
    """Return the figures without the line that counts pairs of mistakes."""
    return data | {"summary": [line for line in data["summary"] if not line["what"].startswith("Pairs of mistakes")]}


@pytest.mark.full
@pytest.mark.xdist_group("certificate")
def test_the_figures_say_what_is_measured(certificate):
    """`make certify` would write the figures that the review shows beside each criterion."""
    found = json.loads(figures.path_of(NEURON).read_text(encoding="utf-8"))
    assert without_pairs_counted(figures.figures(certificate)) == without_pairs_counted(found)


@pytest.mark.full
@pytest.mark.parametrize("name", names())
def test_the_whole_certificate(name):
    """With every pair made, and every submission behind the walls, document and figures are the same to the byte."""
    whole = measure(find(name), Progress(disable=True))
    assert holds.broken(whole) == []
    assert figures.render(whole) == figures.path_of(find(name)).read_text(encoding="utf-8")
    assert report.render(whole, f"certificate-{name}.png") == written(name)


@pytest.mark.full
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", names())
def test_every_promise_holds_with_other_hidden_inputs(name, seed):
    """A course sets a seed of its own: no verdict and no name may hang on it."""
    assert holds.broken(measure(find(name), Progress(disable=True), every=EVERY, seed=seed)) == []


@pytest.mark.full
def test_a_mutant_that_is_a_catalogued_mistake_is_counted_once():
    """No mutant has the text of a mistake, though the operators make some; one that no mistake is stays."""
    judged = {(exercise, source) for _, exercise, source, _ in mutants.tasks(NEURON, DEFAULT_SEED)}
    for exercise in NEURON.exercises:
        made = set(mutants.sources(exercises(NEURON)[exercise].text.right_source()))
        known = mutants.catalogued(NEURON, exercise)
        assert made & known
        assert {source for name, source in judged if name == exercise} == made - known


RIGHT, WRONG, BOTH = Finding(2.0, (), (), ()), Finding(0.0, ("value",), (), ("m",)), ("value", "shape")
CRITERIA = {"f": [Criterion("value", "Right.", 1.0), Criterion("shape", "One.", 1.0)]}


def small():
    """Return a certificate of little, in which all is well."""
    judged = tuple(Judged("m", "f", spelling, WRONG, false_names=False) for spelling in ("first", "second"))
    return Certificate(
        NEURON,
        CRITERIA,
        (Mistake("m", "f", "It is wrong", "Look", ("value",), "", {"x": "y"}),),
        (Variant("v", "f", "It is right", ""),),
        (Judged("v", "f", "variant", RIGHT, false_names=False), *judged),
        (Pair(("m", "o"), "f", "unnamed"),),
        (Mutant("f", "x = 1", "killed", false_names=False),),
        (Expression("f", "x = 2", "unnamed"),),
        (Blind("f", "0.0", 0.0),),
        (),
    )


def with_finding(place, finding, **others):
    """Return the small certificate with another finding at a place."""
    judged = list(small().judged)
    judged[place] = replace(judged[place], finding=finding, **others)
    return replace(small(), judged=tuple(judged))


def test_a_small_certificate_holds():
    """Where all is well, nothing is broken."""
    assert holds.broken(small()) == []


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (with_finding(0, replace(RIGHT, failed=("value",))), "Right variants that are refused: v"),
        (with_finding(0, replace(RIGHT, failed=("saturation",))), "Right variants that are refused: v"),
        (with_finding(1, RIGHT), "in two spellings, that pass: m (first: fails nothing)"),
        (with_finding(2, replace(WRONG, failed=BOTH)), "other criteria than is declared: m (second"),
        (with_finding(1, replace(WRONG, lost=("g",))), "other exercises lose points: m (first"),
        (with_finding(2, replace(WRONG, named=())), "Mistakes named by their second spelling: m"),
        (with_finding(1, replace(WRONG, named=())), "without a name, though none is declared: m (first"),
        (with_finding(1, replace(WRONG, named=("o",))), "Mistakes named as another: m (first"),
        (with_finding(1, WRONG, false_names=True), "do not hold on fresh inputs: m (first"),
        (replace(small(), mistakes=(replace(small().mistakes[0], unnamed="why"),)), "declared to have no name: m"),
        (replace(small(), pairs=(Pair(("m", "o"), "f", "misnamed"),)), "Pairs of mistakes misnamed: m + o"),
        (replace(small(), mutants=(Mutant("f", "x = 1", "survived", false_names=False),)), "that survive: f: x = 1"),
        (replace(small(), mutants=(Mutant("f", "x = 1", "killed", false_names=True),)), "Mutants misnamed: f: x = 1"),
        (replace(small(), equivalents=(Equivalent("f", "why", ("x = 1",)),)), "or are none: f: x = 1"),
        (replace(small(), blind=(Blind("f", "1.0", 0.11),)), "among 1 blind programs: f: 1.0"),
        (replace(small(), expressions=(Expression("f", "x = 2", "misnamed"),)), "functions misnamed: f: x = 2"),
    ],
)
def test_a_broken_promise_is_told(bad, said):
    """Each promise, broken alone, is among what does not hold, with the culprit."""
    assert any(said in line for line in holds.broken(bad))


def test_other_inputs_may_decide_what_a_nearly_right_answer_fails():
    """What an entry names as failed only sometimes may be failed or not; all else it fails as declared."""
    shifted = with_finding(1, replace(WRONG, failed=BOTH))
    for named, broken in (("shape", False), ("value", True)):
        mistake = replace(shifted.mistakes[0], sometimes=(named,))
        assert any("than is declared" in one for one in holds.broken(replace(shifted, mistakes=(mistake,)))) is broken


def test_a_variant_may_lose_saturation_where_it_says_so():
    """What is declared, and only that, may be lost; other criteria may not be declared away."""
    losing = with_finding(0, replace(RIGHT, failed=("saturation",)))
    declared = replace(losing, variants=(replace(losing.variants[0], loses=("saturation",)),))
    assert holds.broken(declared) == []
    losing = with_finding(0, replace(RIGHT, failed=("value",)))
    declared = replace(losing, variants=(replace(losing.variants[0], loses=("value",)),))
    assert holds.broken(declared) == ["Right variants that are refused: v"]


def test_the_document_has_every_part():
    """Summary, matrix, what never decides alone, pairs, mutants and drawn functions are in the document."""
    text = report.render(small(), "p.png")
    assert "| Mistakes, in two spellings, that pass | 0 of 2 (0.0 %) | 0 | ✔ |" in text
    assert "| `m` | ✘ | · |" in text
    assert "| `f` | shape | **never** |  |" in text
    assert "| `f` | value | 1 | `m` |" in text
    assert report.render(small(), "p.png") == text


def test_the_picture_is_the_same_each_time():
    """The same matrix gives the same bytes, and another matrix another digest."""
    assert picture.draw(small()) == picture.draw(small())
    assert picture.digest(small()) != picture.digest(with_finding(2, replace(WRONG, failed=BOTH)))


SQUARES = "def f(x, y):\n    s = np.sum(x * y, axis=0)\n    t = s.T\n    return t\n"


@pytest.mark.parametrize(
    "line",
    [
        "s = -np.sum(x * y, axis=0)",
        "s = np.sum(y * y, axis=0)",
        "s = np.sum(x, axis=0)",
        "s = np.sum(x * y)",
        "s = x * y",
        "t = s",
        "t = x.T",
        "return s",
        "return -t",
        # these are Cosmic Ray's
        "s = np.sum(x + y, axis=0)",
        "s = np.sum(x * y, axis=1)",
    ],
)
def test_a_formula_is_changed_in_every_way(line):
    """Names, calls, arguments, axes, operators and numbers are changed, one at a time."""
    assert any(f"    {line}\n" in mutant + "\n" for mutant in mutants.sources(SQUARES))


@pytest.mark.parametrize(
    ("formula", "turned"),
    [
        ("x - y", "y - x"),
        ("x @ y", "y @ x"),
        ("[x] + y", "y + [x]"),
        ("'a' + y", "y + 'a'"),
        ("x + y", ""),
        ("x * y", ""),
        ("1 + x", ""),
    ],
)
def test_only_what_may_differ_is_turned_round(formula, turned):
    """A sum or a product of numbers is the same in the other order: such a mutant could be killed by nothing."""
    left, _, right = formula.partition(f" {formula.split(' ')[-2]} ")
    swapped = f"{right} {formula.split(' ')[-2]} {left}"
    found = {mutant.split("return ")[1] for mutant in operators.mutate(f"def f(x, y):\n    return {formula}")}
    assert (swapped in found) == bool(turned)
    assert turned in (swapped, "")


def test_a_mutant_differs_in_one_line():
    """Each mutant is another function than the right one, and all are different."""
    found = mutants.sources(SQUARES)
    assert len(found) == len(set(found))
    lines = Counter(len(set(mutant.splitlines()) - set(SQUARES.splitlines())) for mutant in found)
    assert set(lines) == {0, 1}  # none where a line is left out
    assert set(operators.mutate(SQUARES)) < set(found)


def test_a_drawn_function_is_the_same_each_time():
    """The same number gives the same wrong function, which is not the right one."""
    task = (NEURON, "dC_dw", 7, DEFAULT_SEED)
    assert expressions.judge_expression(task) == expressions.judge_expression(task)
    text = exercises(NEURON)["cost"].text
    drawn = [expressions.draw(text, np.random.default_rng(seed)) for seed in range(50)]
    assert all(set(changes) <= set(text.assignments()) for changes in drawn)
    assert len({str(edit) for edit in drawn}) > 45


@pytest.mark.slow
@pytest.mark.parametrize("entry", [("first", "dC_dw", "dw-no-mean"), ("second", "dC_dw", "dw-sign")])
def test_in_this_process_it_is_as_behind_the_walls(entry):
    """A solution of ours gets the same verdicts and the same name in both."""
    known = [one for _, entries, *_ in catalogue.tasks(NEURON, DEFAULT_SEED) for one in entries]
    entries = tuple(one for one in known if one[:3] == entry)
    behind, here = (catalogue.judge_entries((NEURON, entries, DEFAULT_SEED, walls))[0] for walls in (True, False))
    assert behind == here
    assert here.finding.named == (entry[2],)


def test_a_name_that_does_not_hold_is_seen():
    """A function is like the mistake that it makes, and like no other."""
    known = {mistake.id: mistake for mistake in catalogue.mistakes(NEURON.folder)}
    local = Local(NEURON, "dC_dw", known["dw-sign"].second)
    assert local.is_like((known["dw-sign"],))
    assert not local.is_like((known["dw-no-mean"],))
    assert not local.is_like(())


@pytest.mark.slow
@pytest.mark.parametrize("mistake", ["dw-sign", "dw-no-mean"])
def test_the_same_solution_judged_twice_gives_the_same_bytes(mistake):
    """Points, messages, names and counterexample are equal to the byte."""
    known = {entry.id: entry for entry in catalogue.mistakes(NEURON.folder)}
    source = solution(NEURON, {"dC_dw": known[mistake].second})
    content = from_script(source, NEURON.exercises)
    first, second = (
        json.dumps(judge_notebooks({"neuron": content}, Job("neuron"), NEURON).to_json("a.py")) for _ in range(2)
    )
    assert first == second


def test_what_loops_and_ifs_hold_is_changed_too():
    """Each line inside is taken out, and each expression there is changed, with the names that are known by then."""
    source = "def f(a):\n    for b in a:\n        if b:\n            c = b + 1\n            a.append(c)\n    return a"
    found = set(operators.mutate(source))
    inside = "def f(a):\n    for b in a:\n        if b:\n            {}\n    return a"
    for lines in ("a.append(c)", "c = b + 1", *(f"c = {new}\n            a.append(c)" for new in ("a + 1", "b"))):
        assert inside.format(lines) in found
