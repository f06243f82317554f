"""Kernels that are not our interpreter: Bash, and the Python of a second virtual environment with another NumPy."""

import json
import sys
from pathlib import Path

import ordinary as course

from autograder.judge.judge import Job, judge_notebooks
from autograder.judge.outcome import Judgement

OTHER = Path(__file__).parent.parent / ".venv-other" / "bin" / "python"
STUBS = '\nc.ClearSolutions.code_stub = {"python": "raise NotImplementedError()", "bash": "# YOUR CODE HERE"}\n'
_LANGUAGES = {"bash": "bash", "other": "python", "ir": "R"}


def install(folder: Path, name: str, *argv: str, language: str = "python", env: dict[str, str] | None = None) -> None:
    """Write a kernelspec into a folder that JUPYTER_PATH names."""
    place = folder / "kernels" / name
    place.mkdir(parents=True)
    spec = {"argv": [*argv, "-f", "{connection_file}"], "display_name": name, "language": language, "env": env or {}}
    (place / "kernel.json").write_text(json.dumps(spec))


def install_both(folder: Path) -> None:
    """Write the kernelspecs of `bash` and `other`."""
    assert OTHER.exists(), "make test-packages makes the second virtual environment"
    install(folder, "bash", sys.executable, "-m", "bash_kernel", language="bash", env={"PS1": "$"})
    install(folder, "other", str(OTHER), "-m", "ipykernel_launcher")


def notebook(kernel: str, *cells: dict) -> str:
    """Return a notebook of a kernel."""
    content = json.loads(course.notebook(*cells))
    language = _LANGUAGES.get(kernel, "python")
    content["metadata"] = {"kernelspec": {"name": kernel, "display_name": kernel, "language": language}}
    return json.dumps(content)


def judged(kernel: str, *cells: dict, isolation: str = "auto", **limits: float) -> Judgement:
    """Judge one notebook by what its cells do; it belongs to no course."""
    job = Job("hw", Path("no graders"), isolation=isolation, ordinary=True, keep_files=True, limits=limits)
    return judge_notebooks({"hw": json.loads(notebook(kernel, *cells))}, job, job.hidden())


def text(judgement: Judgement, index: int = 0) -> str:
    """Return what a cell wrote on stdout."""
    return "".join(one["text"] for one in judgement.outputs["hw"][index] if one["output_type"] == "stream")
