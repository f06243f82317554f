"""What is uploaded to Gradescope, or laid beside a question of PrairieLearn's, so that it runs an assignment's graders.

setup.sh                      installs the rest, once
run_autograder, run.sh        judge one submission: Gradescope's entry point, and PrairieLearn's
settings.json                 assignment, seed, time, visibility
nbgrader_autograder-….whl     this package, as it is installed here
requirements.txt              what it needs to judge, at the versions that are installed here
requirements-assignment.txt   what the course adds, where its hidden folder has a requirements.txt
graders/<assignment>/         its hidden folder
source/<assignment>/          the data files that students got
"""

import json
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.grading.assignment import Assignment
from autograder.platforms.bundle import wheel
from autograder.platforms.bundle.pins import pins
from autograder.platforms.results.checked import HELD, WAITS
from autograder.platforms.results.gradescope import Visibility

SETTINGS = "settings.json"
PROGRAMS = frozenset({"setup.sh", "run_autograder", "run.sh"})
EXTRA = "requirements.txt"  # of a hidden folder: what its assignment needs besides
_SCRIPTS = Path(__file__).parent / "container"
_UV = "0.13.9"  # the version that the set-up script was tried with


@dataclass(frozen=True)
class Settings:
    """What the entry point has to know.

    Attributes:
        assignment: its name.
        seed: of the hidden inputs.
        seconds: after which a submission is left to the instructor.
        visibility: when students see their result on Gradescope.
    """

    assignment: str
    seed: int
    seconds: int
    visibility: Visibility


def read_settings(folder: Path) -> Settings:
    """Return the settings of a bundle that was unpacked into a folder."""
    return Settings(**json.loads((folder / SETTINGS).read_text(encoding="utf-8")))


def bundle(assignment: Assignment, settings: Settings, files: dict[str, bytes]) -> bytes:
    """Return the archive.

    Args:
        assignment: whose graders are to be run.
        settings: what the entry point has to know.
        files: that students got with the notebook, by name.

    Raises:
        PackageNotFoundError: something that judging needs is not installed here.
    """
    return wheel.archive(dict(_contents(assignment, settings, files)), PROGRAMS)


def _contents(assignment: Assignment, settings: Settings, files: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    for name in sorted(PROGRAMS):
        yield name, _script(name).encode()
    yield SETTINGS, (json.dumps(asdict(settings), indent=1) + "\n").encode()
    yield wheel.name(), wheel.build()
    yield "requirements.txt", "".join(line + "\n" for line in pins()).encode()
    for path, data in wheel.tree(assignment.folder):
        if path == EXTRA:
            yield "requirements-assignment.txt", data
        else:
            yield f"graders/{assignment.name}/{path}", data
    for name, data in files.items():
        yield f"source/{assignment.name}/{name}", data


def _script(name: str) -> str:
    """Return one of the programs, with what is known only here."""
    text = (_SCRIPTS / name).read_text(encoding="utf-8")
    python = ".".join(platform.python_version_tuple()[:2])  # another one may need other packages
    held = f"{WAITS}: the marking did not end. {HELD}"
    return text.replace("@UV@", _UV).replace("@PYTHON@", python).replace("@HELD@", held)
