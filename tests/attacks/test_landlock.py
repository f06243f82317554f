"""The attacks once more, in a real container that refuses namespaces, where the landlock wall alone stands."""

import pytest
from contained import in_container

# Of what the other walls stop by namespaces and mounts, and this one by rules, a filter and its supervisor.
SOME = (
    "test_host_sees_nobody",
    "test_proc_is_empty",
    "test_memory_of_other_processes",
    "test_double_forked_daemon",
    "test_full_disk",
    "test_no_note_is_found",
    "test_less_of_landlock",
)
_BEHIND = {"AUTOGRADER_TEST_WALL": "landlock"}
_ELSEWHERE = ("tests/attacks/test_ordinary_user.py", "tests/attacks/test_landlock.py")


@pytest.mark.parametrize("user", ["user", pytest.param("root", marks=pytest.mark.full)])
@pytest.mark.parametrize(
    "selection",
    [
        pytest.param(["-k", " or ".join(f"({name})" for name in SOME)], id="some"),
        pytest.param(["-m", "full or not full"], id="all", marks=pytest.mark.full),
    ],
)
def test_attacks_fail_behind_landlock(user, selection):
    """In a container with Docker's restrictions, as root and as an ordinary user, no attack does better."""
    others = [option for path in _ELSEWHERE for option in ("--deselect", path)]
    options = ["-q", "-n", "0", "-p", "no:cacheprovider", *others, *selection, "tests/attacks"]
    result = in_container(user, "docker", "pytest", *options, environment=_BEHIND)
    assert result.returncode == 0, result.stdout[-5000:] + result.stderr[-2000:]
    assert " passed" in result.stdout
