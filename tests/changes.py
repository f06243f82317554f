"""A change to many that is begun and finished at once, where the pages do so in two steps."""

from autograder.review.changing import actions
from autograder.review.reading.classroom import Classroom


def apply(classroom: Classroom, preview_id: str, who: str) -> actions.Action:
    """Do what a preview showed."""
    return actions.resume(classroom, actions.begin(classroom, preview_id, who).id)


def undo(classroom: Classroom, action_id: str, who: str) -> actions.Action:
    """Take an action back."""
    return actions.resume(classroom, actions.begin_undo(classroom, action_id, who).id)
