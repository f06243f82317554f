"""The attacks once more, by an ordinary user: nothing of the walls may need root."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from scratch import OPEN, as_user

HERE = Path(__file__).parent
KNOWN = "bubblewrap's tmpfs has no limit on the number of files"  # what the single wall cannot do: docs/security.md
SOME = (
    "test_host_sees_nobody",
    "test_proc_is_empty",
    "test_signal_to_the_whole_group_reaches_only_the_attacker and SIGSTOP",
    "test_fork_bomb",
    "test_notes_left_by_an_accomplice",
    "test_owner_of_a_shared_file",
)


@pytest.fixture
def open_folder():
    """Return a folder that another user can reach; pytest's own cannot be."""
    with tempfile.TemporaryDirectory(prefix="attacks-", dir=OPEN) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="this is an ordinary user's run already")
@pytest.mark.parametrize(
    "selection",
    [
        pytest.param(["-k", " or ".join(f"({name})" for name in SOME)], id="some"),
        pytest.param(["-m", "full or not full"], id="all", marks=pytest.mark.full),
    ],
)
def test_attacks_fail_against_an_ordinary_user(open_folder, selection):
    """As a user who owns nothing on this machine, with nothing but this user's rights, no attack does better."""
    home = open_folder / "home"
    home.mkdir()
    prefix = as_user(SimpleNamespace(folder=home))
    environment = {**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(home), "TMPDIR": str(home)}
    readable = subprocess.run(
        [*prefix, sys.executable, "-c", "import autograder, pytest"], env=environment, capture_output=True, check=False
    )
    if readable.returncode != 0:
        pytest.skip(f"another user cannot run this interpreter: {readable.stderr.decode(errors='replace')[-200:]}")
    options = ["-q", "-p", "no:cacheprovider", "--basetemp", str(home / "pytest")]
    others = ["--deselect", "tests/attacks/test_ordinary_user.py", "--deselect", "tests/attacks/test_landlock.py"]
    result = subprocess.run(
        [*prefix, sys.executable, "-P", "-m", "pytest", *options, *others, *selection, str(HERE)],
        cwd=HERE.parents[1],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=3600,
    )
    assert result.returncode == 0, result.stdout[-5000:] + result.stderr[-2000:]
    assert " passed" in result.stdout
    skipped = [line for line in result.stdout.splitlines() if line.startswith("SKIPPED")]
    assert all(KNOWN in line for line in skipped), skipped
