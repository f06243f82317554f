"""Derivatives by finite differences, with an estimate of their own error."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.grading import parts
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
    from scipy import differentiate  # noqa: PLC0415 - slow to load, and only judging needs it

    result = differentiate.jacobian(function, point, tolerances={"atol": _ABSOLUTE})
    if not np.all(result.success):
        raise GraderFault("the finite differences did not converge")
    return result.df, result.error + _ABSOLUTE


def derivatives(function: Callable[[Any], Any], at: Any) -> tuple[Any, Any]:
    """Differentiate a scalar function by an argument of any plain form.

    Args:
        function: takes the argument and returns one number.
        at: where to differentiate: a number, an array, or lists, tuples and dicts of these.

    Returns:
        The derivatives and a bound on their errors, each in the form of `at`.

    Raises:
        GraderFault: they did not converge.
    """
    paths = [(path, np.asarray(leaf, dtype=np.float64)) for path, leaf in parts.leaves(at)]
    flat = np.concatenate([leaf.ravel() for _, leaf in paths])

    def formed(numbers: Array) -> Any:
        """Return numbers in the form of the argument."""
        ends = np.cumsum([leaf.size for _, leaf in paths])[:-1]
        pieces = iter(np.split(numbers, ends))
        return parts.mapped(lambda leaf: _like(leaf, next(pieces)), at)

    def moved(points: Array) -> Array:
        """Return the function's values at many points."""
        table = np.reshape(points, (flat.size, -1)).T
        return np.reshape([function(formed(place)) for place in table], points.shape[1:])

    found, error = jacobian(moved, flat)
    return formed(found), formed(error)


def _like(leaf: Any, numbers: Array) -> Any:
    """Return numbers in the form of a number or an array."""
    return float(numbers[0]) if np.ndim(leaf) == 0 else numbers.reshape(np.shape(leaf))
