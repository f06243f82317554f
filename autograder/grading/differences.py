"""Derivatives by finite differences, with an estimate of their own error."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import differentiate

from autograder.grading.criteria import GraderFault

Array = np.ndarray[Any, np.dtype[np.float64]]

_ABSOLUTE = 1e-10  # a derivative may be 0, which is never reached to a relative tolerance


def jacobian(function: Callable[[Array], Array], point: Array) -> tuple[Array, Array]:
    """Differentiate a scalar function of a vector by adaptive central differences.

    Args:
        function: takes an array (m, …) of points, m coordinates each, and returns the values (…).
        point: where to differentiate, shape (m,).

    Returns:
        The m partial derivatives and a bound on their errors, by `scipy.differentiate.jacobian` (central differences
        of rising order on shrinking steps; the error is the change of the last refinement, and what was taken for 0:
        of a derivative that is 0 only rounding is left, which no refinement shows).

    Raises:
        GraderFault: it did not converge.
    """
    result = differentiate.jacobian(function, point, tolerances={"atol": _ABSOLUTE})
    if not np.all(result.success):
        msg = "the finite differences did not converge"
        raise GraderFault(msg)
    return result.df, result.error + _ABSOLUTE
