"""Which wall is taken: the strongest that stands or the one that is asked for, never a weaker one without a word."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import warm
from contained import in_container
from hand_ins import NEURON, path_of
from scratch import AUTOGRADER, OPEN, ROOT, as_user

from autograder.judge.outcome import NO_WALLS
from autograder.sandbox.walls.bubblewrap import WallError
from autograder.sandbox.walls.standing import ISOLATIONS, WALLS, choose, demand

FEW = ("right_loops", "wrong_no_mean")
# What stands in which container, as measured; the strongest is taken.
STANDS = {
    ("user", "docker"): {"landlock"},
    ("root", "docker"): {"landlock"},
    ("user", "podman"): {"single", "landlock"},
    ("root", "podman"): {"single", "landlock"},
    ("user", "unconfined"): {"single", "landlock"},
    ("root", "unconfined"): {"single", "landlock"},
    ("user", "unmasked"): {"nested", "single", "landlock"},
    ("root", "unmasked"): {"nested", "single", "landlock"},
}


@pytest.mark.parametrize(
    ("isolation", "least"), [("none", "landlock"), ("landlock", "single"), ("single", "nested"), ("none", "nested")]
)
def test_weaker_wall_than_the_course_demands_is_refused(isolation, least):
    """Who asks for less than the course demands is told both."""
    with pytest.raises(WallError, match=f"isolation '{isolation}' is weaker than c.Autograder.least_wall, '{least}'"):
        demand(isolation, least)
    for wall in (*WALLS, "none"):
        assert demand(wall, wall) == wall


@pytest.mark.slow
def test_strongest_that_stands_is_taken_and_never_none():
    """Without a word about it, the wall is one of three."""
    assert choose() in WALLS
    assert choose("none") == "none"
    assert ISOLATIONS[0] == "auto"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("config", "typed", "said"),
    [
        ("c.Autograder.least_wall = 'single'", ("--isolation", "none"), "c.Autograder.least_wall, 'single'"),
        ("c.Autograder.isolation = 'single'", (), None),
    ],
)
def test_course_s_configuration_is_obeyed_by_check(tmp_path, config, typed, said):
    """`autograder check`, too, is behind the wall that the course in its folder asks for, or says why not."""
    (tmp_path / "nbgrader_config.py").write_text(f"c = get_config()\n{config}\n")
    command = ["check", "--json", "--assignment", "neuron", *typed, str(path_of(FEW[0]))]
    result = warm.run("autograder", command, tmp_path, os.environ)
    if said is not None:
        assert (result.returncode, result.stdout) == (3, "")
        assert said in result.stderr
    else:
        assert json.loads(result.stdout)["wall"] == "single"


def judged(prefix: list[str], home: Path, wall: str, names: list[str]) -> list[dict]:
    """Return the outcomes of some solutions of the demo behind a wall."""
    files = [str(path_of(name)) for name in names]
    command = [*prefix, *AUTOGRADER, "check", "--json", "--assignment", "neuron", "--isolation", wall, *files]
    environment = {**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(home), "TMPDIR": str(home)}
    result = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture(scope="module")
def user(slow) -> Iterator[tuple[list[str], Path]]:
    """An ordinary user: what to put before a command that is to be run as them, and their home."""
    with tempfile.TemporaryDirectory(prefix="walls-", dir=OPEN) as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "home"
        home.mkdir()
        prefix = list(as_user(SimpleNamespace(folder=home)))
        readable = [*prefix, sys.executable, "-c", "import autograder"]
        if subprocess.run(readable, capture_output=True, check=False, cwd=home).returncode != 0:
            pytest.skip("another user cannot run this interpreter")
        yield prefix, home


@pytest.mark.parametrize("many", [False, pytest.param(True, marks=pytest.mark.full)], ids=["few", "all"])
def test_outcomes_differ_in_the_wall_s_name_alone(user, many):
    """An ordinary user checks solutions behind each of the walls and behind none: all else is the same."""
    names = list(NEURON.solutions if many else FEW)
    found = {wall: judged(*user, wall, names) for wall in (*WALLS, "none")}
    for wall, outcomes in found.items():
        assert {one.pop("wall") for one in outcomes} == {wall}
    assert all(outcomes == found["none"] for outcomes in found.values())
    assert {one["points"] for one in found["none"]} >= {20.0}


@pytest.mark.full
def test_ordinary_cells_come_to_the_same_behind_each_wall(user):
    """So it is for ordinary cells: their second run with hidden tests, their files, pictures and read-only paths."""
    prefix, home = user
    (home / "shared.csv").write_text("1,2\n")
    environment = {**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(home), "TMPDIR": str(home)}
    command = [*prefix, sys.executable, str(ROOT / "tests" / "ordinary_walls.py"), *WALLS, "none"]
    done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = {one["wall"]: one["found"] for one in map(json.loads, done.stdout.splitlines())}
    assert set(found) == {*WALLS, "none"}
    for wall, judgements in found.items():
        for judgement in judgements.values():
            assert judgement.pop("wall") == wall
            assert (NO_WALLS in judgement["notes"]) is (wall == "none")
            judgement["notes"] = [note for note in judgement["notes"] if note != NO_WALLS]
        points = {name: sum(one["points"] for one in judgements[name]["exercises"]) for name in judgements}
        assert points == {"right": 7.5, "sly": 5.5}
    assert all(judgements == found["none"] for judgements in found.values())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("who", "profile"),
    [
        pytest.param(*place, marks=() if place == ("user", "docker") else pytest.mark.full, id="-".join(place))
        for place in STANDS
    ],
)
def test_doctor_tells_which_walls_stand_in_a_container(who, profile):
    """In a real container the doctor finds the walls that stand, and of the others the step, the error and a remedy."""
    result = in_container(who, profile, "autograder", "doctor", "--json")
    assert result.returncode == 0, result.stdout + result.stderr
    data = json.loads(result.stdout)
    stands = STANDS[who, profile]
    assert {one["wall"] for one in data["walls"] if one["stands"]} == stands
    assert data["wall"] == next(wall for wall in WALLS if wall in stands)
    assert "podman" in data["place"]
    for one in data["walls"]:
        assert one["stands"] or (one["step"].startswith("bubblewrap: ") and one["error"] == "EPERM" and one["remedy"])


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.parametrize(("who", "profile"), list(STANDS), ids=map("-".join, STANDS))
def test_class_has_the_same_marks_in_each_container(who, profile):
    """All solutions of the demo have in each container the marks that they have outside."""
    files = [str(path_of(name)) for name in NEURON.solutions]
    here = warm.run("autograder", ["check", "--json", "--assignment", "neuron", *files], ROOT, os.environ)
    there = in_container(who, profile, "autograder", "check", "--json", "--assignment", "neuron", *files)
    assert there.returncode == 0, there.stderr
    outcomes = [[json.loads(line) for line in text.splitlines()] for text in (here.stdout, there.stdout)]
    assert {one.pop("wall") for one in outcomes[1]} == {next(wall for wall in WALLS if wall in STANDS[who, profile])}
    for one in outcomes[0]:
        one.pop("wall")
    assert outcomes[0] == outcomes[1]


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.parametrize("who", ["user", "root"])
def test_soak_behind_landlock(who):
    """In a container a class of 2,000, one in four hostile, leaves nothing, and the parent's memory stays flat."""
    result = in_container(
        who, "docker", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-m", "full", "tests/test_soak.py"
    )
    assert result.returncode == 0, result.stdout[-5000:] + result.stderr[-2000:]
