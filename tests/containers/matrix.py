"""Print which walls stand in which container: `.venv/bin/python tests/containers/matrix.py`.

The table is that of docs/set-up.md. Each row is what `autograder doctor --json` said in a real container over this
machine's files; it needs root, podman and runc.
"""

import datetime as dt
import json
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PROFILES = {
    "docker": "Docker's or Kubernetes' restrictions",
    "podman": "podman's own",
    "unconfined": "`seccomp=unconfined`",
    "unmasked": "podman's own, with all of `/proc`",
}
USERS = {"user": "a user", "root": "root"}


def main() -> None:
    """Ask in each container, and print the table with its date."""
    day = dt.datetime.now(tz=dt.UTC).date().isoformat()
    print(f"Measured on {day}, Linux {platform.release()}, by `tests/containers/matrix.py`.\n")
    print("| container | as | nested | single | landlock | taken |")
    print("|---|---|---|---|---|---|")
    for profile, words in PROFILES.items():
        for user, name in USERS.items():
            data = asked(user, profile)
            cells = [cell(one) for one in data["walls"]]
            print(f"| {words} | {name} | {' | '.join(cells)} | {data['wall']} |")


def asked(user: str, profile: str) -> dict:
    """Return what the doctor says in a container."""
    command = [HERE / "run", user, profile, Path(sys.executable).parent / "autograder", "doctor", "--json"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(result.stderr or result.stdout)
    return json.loads(result.stdout)


def cell(wall: dict) -> str:
    """Return how a wall fared, in a cell of the table."""
    return "stands" if wall["stands"] else f"{wall['step'].removeprefix('bubblewrap: ')} ({wall['error']})"


if __name__ == "__main__":
    main()
