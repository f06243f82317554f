"""Root locks the uids of student code on its own machine; a container beside it knows nothing of these locks."""

import os
import tempfile
from contextlib import AbstractContextManager
from itertools import count

import pytest
from contained import in_container
from hand_ins import RIGHT
from processes import held

from autograder.grading.assignment import find
from autograder.judge.judge import Job, judge_notebooks
from autograder.judge.notebook import from_script
from autograder.sandbox.launch import Sandbox, wall_of
from autograder.sandbox.limits import Limits
from autograder.sandbox.refusals import MachineError
from autograder.sandbox.session import Session, Setup
from autograder.sandbox.walls import bubblewrap, landlock, users
from autograder.sandbox.walls.standing import attempt

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.getuid() != 0, reason="only root chooses a uid"),
    pytest.mark.xdist_group("uids"),  # two workers would count from the same one
]

uids = count(users.FIRST_UID + users.UIDS)  # which nobody else here takes


def others(uid: int) -> AbstractContextManager[None]:
    """Keep as many processes of a uid running as a submission may have, in another container on this machine."""
    prefix = ["setpriv", "--reuid", str(uid), "--regid", str(uid), "--clear-groups"]
    return held(prefix, Limits().processes)


@pytest.fixture
def that_uid(monkeypatch) -> int:
    """Let every wall take one uid: its lock is free here."""
    uid = next(uids)

    def claim(*_: object) -> users.Claim:
        return users.Claim(uid, tempfile.TemporaryFile())

    monkeypatch.setattr(landlock, "claim", claim)
    monkeypatch.setattr(bubblewrap, "claim", claim)
    return uid


def points(isolation: str) -> list[float]:
    """Return what a right solution earns behind a wall, per exercise."""
    assignment = find("neuron")
    job = Job("neuron", isolation=isolation, module="solution", pictures="none", ordinary=False)
    judged = judge_notebooks({"solution": from_script(RIGHT, assignment.exercises)}, job, assignment)
    return [result.points for result in judged.exercises]


@pytest.mark.parametrize("isolation", ["nested", "single", "landlock"])
def test_who_has_the_same_uid_elsewhere_costs_nobody_points(that_uid, isolation):
    """Where others have a submission's uid, and as many processes as it may have, its marks are the same."""
    if not (tried := attempt(isolation)).stands:
        pytest.skip(tried.explain())
    with others(that_uid):
        assert points(isolation) == [4.0, 6.0, 7.0, 3.0]


def test_who_comes_later_is_the_machine_s_fault(that_uid):
    """A submission is not blamed for a copy that it cannot have because others have come since its limit was set."""
    if not (tried := attempt("single")).stands:
        pytest.skip(tried.explain())
    with Sandbox(wall_of("single"), Limits(), ("numpy",)) as sandbox, Session(sandbox, Limits(), Setup()) as session:
        session.prepare()
        with others(that_uid), pytest.raises(MachineError, match="processes"):
            session.snapshot()


def test_in_a_container_where_landlock_alone_stands(request):
    """The same holds in a container with Docker's restrictions, as root."""
    if "landlock" in os.environ.get("AUTOGRADER_TEST_WALL", ""):
        pytest.skip("this is that container")
    options = ["-q", "-n", "0", "-p", "no:cacheprovider", str(request.path)]
    result = in_container("root", "docker", "pytest", *options, environment={"AUTOGRADER_TEST_WALL": "landlock"})
    assert result.returncode == 0, result.stdout[-5000:] + result.stderr[-2000:]
    assert "1 passed" in result.stdout
