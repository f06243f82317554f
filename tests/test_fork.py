"""The processes in which an exercise is judged: asked for everything at once, and made anew when that was too much."""

import textwrap
import time
from dataclasses import replace

import pytest

from autograder.certify.solutions import solution
from autograder.diagnosis.naming import diagnosis_for
from autograder.diagnosis.reference import Reference
from autograder.grading.assignment import find
from autograder.grading.graders import Graders
from autograder.judge import explaining
from autograder.judge.collected import collected
from autograder.judge.judge import DEFAULT_SEED, Job, judge_notebooks
from autograder.judge.notebook import from_script
from autograder.judge.running.sandboxes import sandbox_for

pytestmark = pytest.mark.slow

ASSIGNMENT = find("neuron")
JOB = Job("neuron", run_checks=False, pictures="none", preload=False)
RIGHT_COST = "np.mean(np.logaddexp(0.0, z) - y * z)"


def judged(assignment=ASSIGNMENT, *, late="", **changed):
    """Judge a solution with some functions of its own; return what did not pass of each exercise, by criterion.

    What is `late` comes in a cell of its own before the last check.
    """
    source = solution(assignment, {name: textwrap.dedent(text) for name, text in changed.items()})
    notebook = from_script(source, assignment.exercises)
    notebook["cells"].insert(-1, {"cell_type": "code", "metadata": {}, "source": late})
    judgement = judge_notebooks({"neuron": notebook}, JOB, assignment)
    if assignment is not ASSIGNMENT:  # nobody else asks for this sandbox, whose processes would count as this user's
        sandbox_for(JOB.wall(), assignment.limits, ("numpy",), JOB.known).close()
    assert judgement.outcome == "graded"
    verdicts = {
        result.exercise: {entry.criterion: entry.verdict for entry in result.criteria if entry.verdict != "pass"}
        for result in judgement.exercises
    }
    return {exercise: failed for exercise, failed in verdicts.items() if failed}


def cost(*lines):
    """Return a right cost with more lines above the last one."""
    body = ["z = X @ w + b", *lines, f"return {RIGHT_COST}"]
    return "def cost(w, b, X, y):\n" + textwrap.indent("\n".join(body), "    ")


@pytest.mark.parametrize("end", ["__import__('os')._exit(0)", "__import__('ctypes').string_at(0)"])
def test_a_call_that_ends_its_process_costs_its_criterion(end):
    """Where one of the calls ends the process, the others are made all the same, of what the cells left."""
    assert judged(cost=cost(f"if abs(z).max() > 100: {end}")) == {"cost": {"saturation": "fail"}}


def test_a_call_that_hangs_costs_what_comes_after_it():
    """The first call that takes too long is found among all, and only what would come after it is not judged."""
    quick = replace(ASSIGNMENT, limits=ASSIGNMENT.limits.override({"call_seconds": 0.5}))
    assert judged(quick, cost=cost("while abs(z).max() > 100: pass")) == {"cost": {"saturation": "fail"}}


def test_slow_functions_have_their_time_for_each_call():
    """Calls that together take longer than one may are made one by one, and are right."""
    slow = replace(ASSIGNMENT, limits=ASSIGNMENT.limits.override({"call_seconds": 0.6}))
    assert judged(slow, cost=cost("__import__('time').sleep(0.06)")) == {}


def test_our_own_work_takes_none_of_the_time_for_calls(monkeypatch):
    """What is told of a mistake is the same where finding it out takes us longer than calls may: a machine is busy."""
    source = solution(ASSIGNMENT, {"cost": cost("z = np.clip(z, -5, 5)")})
    notebook = {"neuron": from_script(source, ASSIGNMENT.exercises)}

    def explained():
        (told,) = (one for one in judge_notebooks(notebook, JOB, ASSIGNMENT).exercises if one.exercise == "cost")
        assert told.counterexample is not None
        return told.to_json(), told.notes

    def slowly(*arguments):
        time.sleep(1.1)
        return diagnosis_for(*arguments)

    quick = explained()
    monkeypatch.setattr(explaining, "EXPLAINING", replace(explaining.EXPLAINING, seconds=1.0))
    monkeypatch.setattr(explaining, "diagnosis_for", slowly)
    assert explained() == quick


def test_a_right_sigmoid_stands_in_where_nothing_was_asked():
    """A right cost that remembers answers of a wrong sigmoid is judged in a process in which it remembers none."""
    remembers = """
    known = {}
    def cost(w, b, X, y):
        z = X @ w + b
        if z.tobytes() not in known:
            known[z.tobytes()] = sigmoid(z)
        return np.mean(-y * np.log(known[z.tobytes()]) - (1 - y) * np.log(1 - known[z.tobytes()]))
    """
    results = judged(sigmoid="def sigmoid(z):\n    return 0.4 + 0.1 * np.tanh(z)\n", cost=remembers)
    assert results["cost"] == {"saturation": "fail"}


def test_right_functions_that_cannot_be_asked_cost_no_point(monkeypatch):
    """Where the reference does not run behind the walls, what fails by a wrong sigmoid is an error, for a human."""
    wrong = "def sigmoid(z):\n    return 0.4 + 0.1 * np.tanh(z)\n"
    slope = "def dC_db(w, b, X, y):\n    return np.mean(sigmoid(X @ w + b) - y)\n"
    assert "dC_db" not in judged(sigmoid=wrong, dC_db=slope)
    monkeypatch.setattr(Reference, "right_sources", lambda *_: "import nosuch")
    results = judged(sigmoid=wrong, dC_db=slope)
    assert results["dC_db"]["value"] == "error"
    assert "fail" not in results["dC_db"].values()
    assert "error" not in results["sigmoid"].values()


def test_a_sigmoid_made_wrong_after_its_check_is_stood_in_for():
    """What counts is the sigmoid at the check of the exercise that calls it, not the one that had passed."""
    assert judged(late="sigmoid = np.tanh") == {}


def test_everything_that_a_right_solution_is_asked_is_foreseen():
    """The rehearsal has as many calls as the graders make, of every exercise."""
    counts = {name: len(calls) for name, calls in collected(ASSIGNMENT, DEFAULT_SEED).calls.items()}
    assert list(counts) == sorted(ASSIGNMENT.exercises)
    assert min(counts.values()) > 8


def counted(monkeypatch, *, fails=0):
    """Return a list that grows with each criterion that is judged; the first `fails` of them meet a fault of ours."""
    asked = []
    run = Graders._called

    def called(graders, case):
        asked.append(case.criterion.name)
        return MemoryError() if len(asked) <= fails else run(graders, case)

    monkeypatch.setattr(Graders, "_called", called)
    return asked


def test_answers_that_came_before_to_the_bit_are_judged_once(monkeypatch):
    """The second of two students with the same answers is told the same; one other bit is judged by itself."""
    wrong = cost("z = -z")
    first, asked = judged(cost=wrong), counted(monkeypatch)
    assert judged(cost=f"{wrong}  # of another student\n") == first
    assert asked == []
    assert judged(cost=cost("z = z * (1 + 1e-9 * (abs(z).max() > 100))")) == {}
    assert asked


def test_a_fault_of_ours_is_not_remembered(monkeypatch):
    """What could not be judged is judged the next time, though the answers are the same."""
    mine = cost("z = z * (1 + 1e-9)")
    judged()  # so that of the next one nothing but the cost is judged
    counted(monkeypatch, fails=1)
    assert "error" in judged(cost=mine)["cost"].values()
    assert judged(cost=mine) == {}
