"""When a criterion is suspect: nearly everyone or nobody fails it, or strong students fail and weak ones pass.

The index is the corrected item-total correlation: the point-biserial correlation of passing a criterion with the points
that the student earns in all others. Left in the total, a criterion would correlate with itself (S. Henrysson,
"Correction of item-total correlations in item analysis", Psychometrika 28, 1963). Above 0.3 it separates well; below 0
the weak pass it more often than the strong.
"""

from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]

_LEAST = 10  # students who must have been asked before anything is called suspect
_NEARLY_EVERYONE = 0.95
_BACKWARDS = -0.1
_DIGITS = 6  # beyond these, it is the order of the students that decides
_NOTHING = 1e-6  # points by which nobody differs


def discrimination(passed: Floats, rest: Floats) -> float | None:
    """Return the index, −1 to 1, or None where there is nothing to tell apart.

    Args:
        passed: 1 or 0 for each student who was judged in the criterion.
        rest: the points of the same students in all other criteria.
    """
    if len(passed) < 2 or np.ptp(passed) == 0 or np.ptp(rest) < _NOTHING:  # noqa: PLR2004 - one is no comparison
        return None
    return round(float(np.corrcoef(passed, rest)[0, 1]), _DIGITS)


def warning(passed: int, failed: int, index: float | None) -> str:
    """Return why a criterion, or the test of an ordinary cell, is suspect, in words, or nothing."""
    asked = passed + failed
    if asked < _LEAST:
        return ""
    if failed >= _NEARLY_EVERYONE * asked:
        return f"fails for nearly everyone ({failed} of {asked}): look at the test and at the text of the exercise"
    if failed == 0:
        return f"fails for nobody ({asked} pass): it tells nobody apart"
    if index is not None and index < _BACKWARDS:
        return f"those who pass it do worse in the rest (discrimination {index:.2f}): look at the grader"
    return ""
