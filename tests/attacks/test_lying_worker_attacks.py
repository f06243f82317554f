"""Attacks of a worker on who asked it: a pickle that runs code, a forged mark, text for the terminal."""

import json
import pickle
from pathlib import Path

import lying_worker
import msgpack
import pytest
from classes import hand_in_class, make
from dask_cluster import cluster
from scratch import ASSIGNMENT, Course

from autograder.course.batch import inert
from autograder.grading.assignment import find
from autograder.judge.judge import Job, judge_notebooks
from autograder.judge.notebook import from_script
from autograder.judge.sending.encoding import judgement_from, to_bytes
from autograder.judge.sending.typed import MalformedError
from autograder.judge.sending.worker import read_judgement

pytestmark = pytest.mark.xdist_group("batch-elsewhere")

CLASS = ("1001", "1003", "1004", "1007", "1009", "1011", "1012", "1014", "1016")
PRELOAD = ("--preload", str(Path(lying_worker.__file__)))
NEURON = find(ASSIGNMENT)
SAID = {"output_type": "stream", "name": "stdout", "text": "a"}


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    """Let as many hand in as the worker has lies."""
    course = make(tmp_path_factory.mktemp("lies") / "course")
    hand_in_class(course, set(CLASS))
    return course


def judged_by_liar(course: Course, folder: Path, lie: str = "") -> tuple[int, str, str]:
    """Let the batch ask a lying worker; return the status, what was printed, and who ran code out of a pickle."""
    folder.mkdir(exist_ok=True)
    planted = folder / "planted"
    environment = {lying_worker.PLANTED: str(planted), "AUTOGRADER_TEST_LIE": lie}
    course.environment.update(environment)
    with cluster(folder / "dask", 1, environment, *PRELOAD) as address:
        result = course.batch("--scheduler", address)
    ran = planted.read_text() if planted.is_file() else ""
    return result.returncode, result.stdout + result.stderr, ran


def test_lying_worker_runs_nothing_and_forges_nothing(course, tmp_path):
    """Each lie is a fault that a human looks at; what was honest counts; none of its pickles ran where it was asked."""
    found = course.copy(tmp_path / "course")
    status, printed, ran = judged_by_liar(found, tmp_path / "lies")
    assert "autograde" not in ran
    assert (status, "Traceback" in printed, "printed by a worker" in printed) == (0, False, False)
    outcomes = found.outcomes()
    assert set(outcomes) == set(CLASS)
    honest = [name for name, outcome in outcomes.items() if outcome["outcome"] == "graded"]
    assert len(honest) == len(CLASS) - len(lying_worker.LIES) + 1
    for name in set(CLASS) - set(honest):
        assert (
            "the worker gave an answer that is none" in outcomes[name]["reason"] or "Unread" in outcomes[name]["reason"]
        )
        assert set(found.marks()[name].values()) == {None}


@pytest.mark.full
def test_lying_report_ends_the_run(course, tmp_path):
    """A worker that says nothing readable of itself is not asked for anything, and nothing is run or written."""
    found = course.copy(tmp_path / "course")
    status, printed, ran = judged_by_liar(found, tmp_path / "lies", "report")
    assert "autograde" not in ran
    assert (status, found.files()) == (3, {})
    assert "1 of 1 workers cannot judge" in printed


@pytest.fixture(scope="module")
def honest() -> dict:
    """Return an honest judgement of something wrong, as plain data."""
    source = "".join(f"def {name}(*arguments):\n    return 0.25\n" for name in NEURON.exercises)
    judgement = judge_notebooks(
        {"neuron": from_script(source, NEURON.exercises)}, Job(ASSIGNMENT, pictures="drawn"), NEURON
    )
    raw = msgpack.unpackb(to_bytes(judgement), strict_map_key=False)
    assert judgement_from(raw, NEURON) == read_judgement(to_bytes(judgement), NEURON)
    assert json.dumps(judgement_from(raw, NEURON).to_json("")) == json.dumps(judgement.to_json(""))
    return raw


FORGED = {
    "nan": lambda raw: raw["exercises"][0]["criteria"][0].update(points=float("nan")),
    "points": lambda raw: raw["exercises"][0]["criteria"][0].update(points=4.0),
    "negative": lambda raw: raw["exercises"][0]["criteria"][0].update(points=-1.0, max_points=-1.0, verdict="pass"),
    "sum": lambda raw: raw["exercises"][0].update(points=4.0),
    "verdict": lambda raw: raw["exercises"][0]["criteria"][0].update(verdict="excellent"),
    "type": lambda raw: raw["exercises"][0]["criteria"][0].update(message=["no text"]),
    "missing": lambda raw: raw["exercises"][0].pop("criteria"),
    "more": lambda raw: raw["exercises"][0].update(more=1),
    "twice": lambda raw: raw["exercises"].append(raw["exercises"][0]),
    "other": lambda raw: raw.update(assignment="another"),
    "reason": lambda raw: raw.update(reason="graded all the same"),
    "fault": lambda raw: raw.update(fault=True),
    "picture": lambda raw: raw["exercises"][0]["evidence"].update(pictures=[{"alt": "", "uri": "https://a.example"}]),
    "mistake": lambda raw: raw["exercises"][0].update(mistakes=[{"mistake": "x"}]),
    "example": lambda raw: raw["exercises"][0].update(counterexample={"got": 1}),
    "infinite": lambda raw: raw["exercises"][0].update(probes={"plain": [{"kind": float("inf")}]}),
    "outputs": lambda raw: raw.update(outputs={"neuron": {0: "no list"}}),
    "places": lambda raw: raw.update(outputs={"neuron": {"0": []}}),
}


@pytest.mark.parametrize("forgery", FORGED)
def test_malformed_judgement_is_refused(honest, forgery):
    """A field of another type, or a number that the grader does not give, makes no judgement."""
    raw = msgpack.unpackb(msgpack.packb(honest), strict_map_key=False)
    FORGED[forgery](raw)
    with pytest.raises(MalformedError):
        judgement_from(raw, NEURON)


def test_output_of_a_forged_form_is_left_out(honest):
    """Outputs are those that a student process may give, whoever has written them."""
    raw = {**honest, "outputs": {"neuron": {0: [{"output_type": "stream"}, SAID]}}}
    assert judgement_from(raw, NEURON).outputs["neuron"] == {0: [SAID]}


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x91" * 2000, 7, None, "text", b"\xdd\xff\xff\xff\xff"])
def test_bytes_that_are_no_judgement_are_refused(data):
    """Whatever came, it is a judgement or an error that says so."""
    with pytest.raises(MalformedError):
        read_judgement(data, NEURON)


@pytest.mark.parametrize("number", range(6))
def test_pickle_runs_nothing_where_it_is_read(tmp_path, monkeypatch, number):
    """What Dask's client would unpickle names functions in vain, and an index takes no memory."""
    planted = tmp_path / "planted"
    monkeypatch.setenv(lying_worker.PLANTED, str(planted))
    found = (
        pickle.dumps(lying_worker.Evil()),
        pickle.dumps(lying_worker.EvilError()),
        pickle.dumps([lying_worker.Evil(), {"a": lying_worker.Evil()}], protocol=0),
        b"cbuiltins\nbytes\n(J\xff\xff\xff\x7ftR.",
        b"N" + b"r\xff\xff\xff\x7f" + b".",
        b"cos\nsystem\n(S'touch " + str(planted).encode() + b"'\ntR.",
    )[number]
    inert.loads(found)
    assert inert.loads(pickle.dumps(bytes)) is bytes
    assert not planted.exists()
    kind, error, trace = inert.clean_exception(found, found, exception_text="x" * 10_000)
    assert (isinstance(error, kind), trace, len(str(error)) < 1000) == (True, None, True)
