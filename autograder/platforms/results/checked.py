"""One file that was judged, as the result files of other platforms tell of it."""

import json
from dataclasses import dataclass
from typing import Any

from autograder.judge.outcome import Judgement
from autograder.sandbox.printable import printable

LIMIT = 1_000_000  # bytes of a result file: what PrairieLearn documents; Gradescope documents nothing
CUT = "… (cut here: the rest would make the result larger than the platform takes)"
_EVENTS = 5_000  # characters
UNUSABLE = "This file could not be marked"
WAITS = "Not marked yet"
HELD = "This is no fault of yours and costs no points. Your teacher will look at it."
AGAIN = "It costs no points: mend that, and hand in again."


@dataclass(frozen=True)
class Checked:
    """One file that was judged.

    Attributes:
        name: of the file, as it was given.
        judgement: what it was judged as.
        seconds: of wall-clock time that this took.
    """

    name: str
    judgement: Judgement
    seconds: float

    @property
    def held(self) -> str:
        """Why there are no points, in a sentence for the student; empty where there are."""
        reason = self.judgement.held
        if reason is None:
            return ""
        if self.judgement.fault or self.judgement.exercises:
            return f"{WAITS}: {printable(reason)}. {HELD}"
        return f"{UNUSABLE}: {printable(reason)}. {AGAIN}"

    @property
    def events(self) -> str:
        """What happened while the student's code ran, a line each: why the rest is as it is."""
        return cut("\n".join(f"Note: {printable(event)}." for event in self.judgement.events), _EVENTS)


def dump(data: dict[str, Any]) -> str:
    """Return a result as the text of `results.json`."""
    return json.dumps(data, allow_nan=False)


def cut(text: str, room: int) -> str:
    """Return a text of at most `room` characters; what was cut is said."""
    return text if len(text) <= room else text[: max(room - len(CUT), 0)] + CUT
