"""Judges one submission where another platform runs us.

    python -m autograder.platforms.bundle.entry PLATFORM SOURCE WORK RESULT

Whatever happens, a result is written in time: what `autograder check` says of the file, or why nothing could be said.
What only the instructor is to read goes to standard output; it is one line.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.grading.assignment import find
from autograder.judge.notebook import NotebookError
from autograder.judge.outcome import Judgement, refused
from autograder.platforms.bundle.contents import Settings, read_settings
from autograder.platforms.bundle.submitted import the_file
from autograder.platforms.results.checked import LIMIT, Checked
from autograder.platforms.results.files import result_file
from autograder.sandbox.printable import printable

_ENGINE = 3  # the exit status of `check` where no wall stands, or the engine failed
_LINE = 2000  # characters for the instructor


def main(platform: str, source: Path, work: Path, result: Path) -> int:
    """Judge what was handed in and write the platform's result; returns 0, since it is always written.

    Args:
        platform: `gradescope` or `prairielearn`.
        source: where the bundle was unpacked.
        work: the folder with what the student handed in.
        result: the file to write.
    """
    began = time.monotonic()
    settings = None
    try:
        settings = read_settings(source)
        assignment = find(settings.assignment, source / "graders")
        text = _judged(platform, source, the_file(work, assignment), settings)
    except NotebookError as error:
        text = _told(platform, settings, refused(_name(settings), str(error)), began)
    except Exception as error:  # noqa: BLE001 - the student gets a result, the instructor the reason
        _say("" if isinstance(error, _HeldError) else f"{type(error).__name__}: {error}")
        told = str(error) if isinstance(error, _HeldError) else "the marking failed"
        text = _told(platform, settings, refused(_name(settings), told, fault=True), began)
    _write(result, text)
    return 0


class _HeldError(RuntimeError):
    """The submission is left to the instructor; the text is for the student."""


def _judged(platform: str, source: Path, file: Path, settings: Settings) -> str:
    """Return what `autograder check` prints of a file.

    Raises:
        _HeldError: it printed nothing, or not in time.
    """
    command = [sys.executable, "-I", "-m", "autograder.cli", "check", "--format", platform]
    command += ["--assignment", settings.assignment, "--graders", str(source / "graders")]
    command += ["--seed", str(settings.seed), "--visibility", settings.visibility, "--", str(file)]
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, cwd=source, stdin=subprocess.DEVNULL, stdout=printed, stderr=said, start_new_session=True
        )
        try:
            status = process.wait(settings.seconds)
        except subprocess.TimeoutExpired as error:
            raise _HeldError(f"the marking took longer than {settings.seconds} seconds") from error
        finally:
            _end(process)
            said.seek(0)
            _say(said.read(_LINE).decode(errors="replace"))
        printed.seek(0)
        text = printed.read(2 * LIMIT).decode()
    if status in (0, 1) and isinstance(json.loads(text), dict):
        return text
    raise _HeldError(_why(status))


def _why(status: int) -> str:
    """Return in words for the student why there is no result."""
    if status < 0:
        return f"the marking was ended from outside ({signal.Signals(-status).name}), perhaps for want of memory"
    if status == _ENGINE:
        return "the marking could not begin here, as where student code cannot be walled off"
    return "the marking failed"


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the program and what it started: the walls end with it."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def _told(platform: str, settings: Settings | None, judgement: Judgement, began: float) -> str:
    _say(judgement.reason or "")
    visibility = settings.visibility if settings else "visible"
    return result_file(platform, [Checked("the submission", judgement, time.monotonic() - began)], visibility)


def _name(settings: Settings | None) -> str:
    return settings.assignment if settings else "unknown"


def _say(text: str) -> None:
    """Tell the instructor, who alone sees what is printed."""
    if text.strip():
        print(printable(text.strip())[:_LINE], flush=True)  # noqa: T201 - that is where it is read


def _write(path: Path, text: str) -> None:
    """Put the result in the place of what stood there, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    building = path.with_name(f".{path.name}")
    building.write_text(text, encoding="utf-8")
    building.replace(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(Path, sys.argv[2:])))
