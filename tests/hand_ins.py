"""The demo's hand-ins of the neuron, as the tests use them."""

import functools
import tempfile
from pathlib import Path

from autograder.demo.hand_ins import HandIns

NEURON = HandIns("neuron")
fill, solution_cells = NEURON.fill, NEURON.cells
RIGHT = NEURON.script("right_stable")


@functools.cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    folder = tempfile.TemporaryDirectory(prefix="solutions-")
    Path(folder.name).chmod(0o755)  # another user reads them, too
    return folder


def path_of(solution: str, assignment: str = "neuron") -> Path:
    """Return the path of one of the demo's solutions as a script; it is gone when the tests end."""
    path = Path(_folder().name) / f"{solution}.py"
    path.write_text(HandIns(assignment).script(solution), encoding="utf-8")
    return path
