"""What to mend first in an exercise, in one sentence: for a list of exercises."""

from autograder.card.content import Card, rendered
from autograder.diagnosis.unnamed.remarks import SHOWN, UNNAMED
from autograder.grading.results import ExerciseResult


def mend(result: ExerciseResult) -> str:
    """Return what to mend first in an exercise; nothing where all of it passed."""
    return rendered(_mend, result)


def _mend(card: Card) -> str:
    if card.verdict == "pass":
        return ""
    if card.verdict == "error":
        return "Your teacher will look at it."
    if card.mistakes:
        return card.mistakes[0][0]
    told = card.told.removeprefix(UNNAMED).removesuffix(SHOWN).strip()
    return told or next((f"{line.label} {line.message}".strip() for line in card.open_lines), "")
