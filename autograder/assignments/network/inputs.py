"""The inputs: hidden ones, drawn from a seed that is equal for all students of a run, and public small ones.

Cases that hide mistakes are avoided: n = 1 (but where it is asked for), n equal to a width, equal widths, balanced
targets, weights or biases that are 0 or equal. Two probes have equal widths, one of them equal to n: there a wrong
transpose, or a wrong layer, gives numbers, not an error. But where saturation is asked for, |z| stays below about 4.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Rng = np.random.Generator
Array = np.ndarray[Any, np.dtype[np.float64]]
Arguments = tuple[Any, ...]
Draw = Callable[[Rng], Arguments]
Cases = Mapping[str, Draw]
Probes = Mapping[str, tuple[Arguments, ...]]

_PROBE_SEED = 29
_PLAIN = ("workhorse", "deep", "square", "soft", "flat", "long", "even", "neuron")


def _signed(rng: Rng, low: float, high: float, shape: tuple[int, ...]) -> Array:
    """Draw numbers of both signs that are away from 0."""
    return rng.uniform(low, high, shape) * rng.choice([-1.0, 1.0], shape)


def _network(rng: Rng, n: int, widths: tuple[int, ...], *, soft: bool = False, scale: float = 1.0) -> Arguments:
    """Draw weights and biases of layers of these widths, the inputs' first, with n entries and their targets."""
    sizes = list(zip(widths[1:], widths[:-1], strict=True))
    weights = [_signed(rng, 0.5, 1.8, size) / np.sqrt(size[1]) for size in sizes]
    biases = [_signed(rng, 0.2, 0.8, size[:1]) for size in sizes]
    X = scale * (rng.uniform(-1.5, 1.5, (n, widths[0])) + 0.25)
    return weights, biases, X, _targets(rng, (n, widths[-1]), soft=soft)


def _targets(rng: Rng, shape: tuple[int, int], *, soft: bool = False) -> Array:
    """Draw targets: a third of them 1, the others 0, or all of them between."""
    if soft:
        return rng.uniform(0.05, 0.95, shape)
    count = shape[0] * shape[1]
    ones = np.arange(count) < max(1, round(count / 3))
    return rng.permutation(ones.astype(float)).reshape(shape)


def _drawn(n: int, *widths: int, **options: Any) -> Draw:
    return lambda rng: _network(rng, n, widths, **options)


def _ints(rng: Rng) -> Arguments:
    weights = [np.array([[1, -1], [-1, 2], [1, 1]]), np.array([[1, 2, -1], [-1, 1, 2]])]
    biases = [np.array([1.5, -1, 2]), np.array([-1, 1])]
    X = rng.permutation(np.array([[1, 0], [-1, 1], [2, 1], [0, -1], [1, 2]]))
    return weights, biases, X, np.array([[0, 1], [0, 0], [1, 0], [0, 0], [1, 1]])


def _large(rng: Rng) -> Arguments:
    """Return a layer with large inputs, of which some slope is beyond 1 by far."""
    while True:
        weights, biases, X, Y = _network(rng, 3, (2, 3), scale=6.0)
        errors = 1.0 / (1.0 + np.exp(-X @ weights[0].T - biases[0])) - Y
        if np.max(np.abs(X.T @ errors)) > 1.2 * len(X):
            return weights, biases, X, Y


def _saturated(rng: Rng) -> Arguments:
    """Return a network of two layers whose last z are in the hundreds, each target once right and once wrong."""
    weights = [np.array([[1.0, 0.2], [-0.1, 1.0]]), np.array([[900.0, -700.0], [-600.0, 500.0]])]
    biases = [np.array([0.3, -0.2]), np.array([-50.0, 30.0])]
    X = np.array([[3.0, -3.0], [-3.0, 3.0], [3.5, -2.5], [-2.5, 3.5]]) + rng.uniform(-0.3, 0.3, (4, 2))
    return weights, biases, X, np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 0.0], [0.0, 1.0]])


CASES: Cases = {
    "workhorse": _drawn(5, 4, 3, 2),
    "deep": _drawn(6, 3, 5, 4, 2),
    "long": _drawn(11, 2, 3, 2),
    "flat": _drawn(4, 3, 2, scale=3.0),
    "neuron": _drawn(5, 3, 1),
    "soft": _drawn(5, 2, 4, 3, soft=True),
    "square": _drawn(3, 3, 3, 3),
    "even": _drawn(4, 3, 3, 3, 3),
    "single": _drawn(1, 3, 2, 2),
    "ints": _ints,
    "large": _large,
    "saturated": _saturated,
}


def described(arguments: Arguments) -> str:
    """Return how large an input is, in words."""
    weights, _, X = arguments[:3]
    n, widths = len(X), [np.shape(X)[1], *map(len, weights)]
    entries = "1 entry: X has one row" if n == 1 else f"{n} entries, one per row of X"
    return f"A network of widths {'–'.join(map(str, widths))} (inputs first), and n = {entries}."


def _rng(case: str) -> Rng:
    return np.random.default_rng([_PROBE_SEED, *case.encode()])


PROBES: Probes = {
    "plain": tuple(CASES[case](_rng(case)) for case in _PLAIN),
    "ints": (CASES["ints"](_rng("ints")),),
    "large": (CASES["large"](_rng("large")),),
    "saturated": (CASES["saturated"](_rng("saturated")),),
}


def fresh(seed: int) -> tuple[Arguments, ...]:
    """Return inputs like the plain probes, of other sizes, drawn from a seed."""
    rng = np.random.default_rng([seed, _PROBE_SEED])
    sizes = ((4, (3, 5, 2)), (7, (2, 3, 4, 3)), (2, (2, 2, 2)), (3, (4, 2)))
    return tuple(_network(rng, n, widths, soft=n > 5) for n, widths in sizes)  # noqa: PLR2004 - one of them


def _changed(draw: Draw, change: Callable[[Arguments, Rng], Arguments]) -> Draw:
    return lambda rng: change(draw(rng), rng)


FORWARD_CASES: Cases = {name: _changed(draw, lambda arguments, _: arguments[:3]) for name, draw in CASES.items()}
FORWARD_PROBES: Probes = {group: tuple(given[:3] for given in members) for group, members in PROBES.items()}
# With a rate as their last argument, each another one.
RATED_CASES: Cases = {
    name: _changed(draw, lambda arguments, rng: (*arguments, float(rng.uniform(0.4, 2.5))))
    for name, draw in CASES.items()
}
RATED_PROBES: Probes = {
    group: tuple((*arguments, 0.5 + 0.75 * number) for number, arguments in enumerate(members))
    for group, members in PROBES.items()
}


def _a(rng: Rng, shape: tuple[int, int]) -> Array:
    """Draw activations: some of them near 0, some near 1."""
    return 1 / (1 + np.exp(-rng.uniform(-5.5, 5.5, shape)))


def _outputs(n: int, width: int, *, soft: bool = False) -> Draw:
    """Return what draws outputs a and targets."""
    return lambda rng: (_a(rng, (n, width)), _targets(rng, (n, width), soft=soft))


OUTPUT_ERROR_CASES: Cases = {
    "table": _outputs(5, 3),
    "wide": _outputs(2, 6),
    "single": _outputs(1, 3),
    "column": _outputs(4, 1),
    "square": _outputs(3, 3),
    "soft": _outputs(4, 2, soft=True),
    "ints": lambda rng: (_a(rng, (4, 3)), _targets(rng, (4, 3)).astype(int)),
    "saturated": lambda _: (np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([[0.0, 1.0], [0, 1], [0.5, 1]])),
}
OUTPUT_ERROR_PROBES: Probes = {
    "plain": tuple(OUTPUT_ERROR_CASES[case](_rng(case)) for case in ("table", "square", "soft", "column", "wide")),
    "saturated": (OUTPUT_ERROR_CASES["saturated"](_rng("saturated")),),
}


def _hidden(n: int, above: int, width: int, scale: float = 1.0) -> Draw:
    """Return what draws δ, W and a: n entries, so many neurons in the layer above, and in this one."""
    return lambda rng: (
        _signed(rng, 0.1, 4.0, (n, above)),
        scale * _signed(rng, 0.3, 1.6, (above, width)),
        _a(rng, (n, width)),
    )


HIDDEN_ERROR_CASES: Cases = {
    "table": _hidden(5, 2, 4),
    "narrow": _hidden(4, 5, 2),
    "one": _hidden(5, 1, 3),
    "single": _hidden(1, 2, 3),
    "column": _hidden(4, 2, 1),
    "square": _hidden(3, 3, 3),
    "heavy": _hidden(4, 2, 3, 40.0),
    "ints": lambda rng: (_signed(rng, 0.1, 0.9, (3, 2)), np.array([[2, -1, 1, 3], [1, 2, -2, -1]]), _a(rng, (3, 4))),
}
HIDDEN_ERROR_PROBES: Probes = {
    "plain": tuple(HIDDEN_ERROR_CASES[case](_rng(case)) for case in ("table", "square", "narrow", "one", "column")),
    "ints": (HIDDEN_ERROR_CASES["ints"](_rng("ints")),),
}


def _small(weights: list[Any], biases: list[Any], X: list[Any], Y: list[Any]) -> Arguments:
    return [np.array(W) for W in weights], [np.array(b) for b in biases], np.array(X), np.array(Y)


_ONE = ([[[-1.0]]], [[1.0]])
_TWO_OUTPUTS = ([[[-1.0], [0.5]]], [[1.0, -0.5]])
_BY_HAND = ([[[1.0], [-2.0]], [[2.0, -1.0]]], [[0.5, 1.0], [-0.5]])  # 1–2–1
_SQUARE = ([[[1.0, -0.5], [0.5, 2.0]], [[2.0, -1.0], [-0.5, 1.0]]], [[0.5, -1.0], [-0.5, 1.0]])
_CHAIN = ([[[2.0]], [[-1.5]], [[3.0]]], [[-1.0], [0.5], [-1.0]])
_UNEVEN = (
    [[[1.0, -2.0], [0.5, 1.5], [-1.0, 1.0]], [[2.0, -1.0, 0.5], [-1.5, 1.0, 3.0]]],
    [[0.5, 1.0, -1.0], [-0.5, 1.5]],
)
_WHOLE: tuple[Any, Any] = ([[[1], [-2]], [[2, -1]]], [[1, 0], [-1]])

# Public, the simplest first: what a card works by hand.
SMALLEST = (
    _small(*_ONE, [[2.0]], [[0.0]]),
    _small(*_ONE, [[2.0]], [[1.0]]),
    _small(*_ONE, [[2.0]], [[0.25]]),
    _small(*_ONE, [[2.0], [-1.0]], [[0.0], [1.0]]),
    _small(*_TWO_OUTPUTS, [[2.0]], [[0.0, 1.0]]),
    _small(*_TWO_OUTPUTS, [[2.0], [-1.0], [0.5]], [[0.0, 1.0], [1.0, 1.0], [0.0, 0.0]]),
    _small(*_BY_HAND, [[1.0]], [[0.0]]),
    _small(*_BY_HAND, [[2.0]], [[1.0]]),
    _small(*_BY_HAND, [[1.0], [-2.0], [0.5]], [[0.0], [1.0], [0.0]]),
    _small(*_SQUARE, [[1.0, -1.0], [2.0, 0.5]], [[0.0, 1.0], [1.0, 1.0]]),
    _small(*_CHAIN, [[1.0], [-0.5]], [[0.0], [1.0]]),
    _small(
        *_UNEVEN, [[1.0, -1.0], [2.0, 0.5], [-0.5, 1.5], [0.5, 2.0]], [[0.0, 1.0], [1.0, 1.0], [0.0, 0.0], [1.0, 0.0]]
    ),
    _small(*_WHOLE, [[1], [2]], [[0], [1]]),
)
# What the notebook works by hand: it stays, whatever mistakes are added to the catalogue.
WORKED_FORWARD, WORKED = SMALLEST[9], SMALLEST[11]
# One layer, with z of ±40 and ±800.
SATURATED = tuple(_small([[[z]]], [[0.0]], [[1.0]], [[y]]) for z in (40.0, -40.0, 800.0, -800.0) for y in (0.0, 1.0))
SMALLEST_OUTPUT_ERROR = (
    (np.array([[0.75]]), np.array([[0.0]])),
    (np.array([[0.75]]), np.array([[1.0]])),
    (np.array([[0.75, 0.375]]), np.array([[0.0, 1.0]])),
    (np.array([[0.75], [0.375]]), np.array([[1.0], [0.0]])),
    (np.array([[0.75, 0.375], [0.125, 0.625], [0.5, 0.25]]), np.array([[0.0, 1.0], [1.0, 1.0], [0.25, 0.0]])),
    (np.array([[1.0, 0.0]]), np.array([[0.0, 0.0]])),
    (np.array([[1.0, 0.0]]), np.array([[1.0, 1.0]])),
)
SMALLEST_HIDDEN_ERROR = (
    (np.array([[0.5]]), np.array([[3.0]]), np.array([[0.75]])),
    (np.array([[-0.5]]), np.array([[3.0, -2.0]]), np.array([[0.75, 0.4]])),
    (np.array([[0.5, -0.25]]), np.array([[3.0], [-2.0]]), np.array([[0.75]])),
    (np.array([[0.5, -0.25]]), np.array([[3.0, -2.0], [1.0, 4.0]]), np.array([[0.75, 0.4]])),
    (np.array([[0.5, -0.25], [0.75, 0.1]]), np.array([[3.0, -2.0], [1.0, 4.0]]), np.array([[0.75, 0.4], [0.2, 0.9]])),
    (np.array([[0.5], [-0.25], [0.1]]), np.array([[3.0, -2.0]]), np.array([[0.75, 0.4], [0.2, 0.9], [0.6, 0.3]])),
    (
        np.array([[0.5, -0.25, 0.3], [0.75, 0.1, -0.6]]),
        np.array([[3, -2], [1, 4], [-1, 2]]),
        np.array([[0.75, 0.4], [0.2, 0.9]]),
    ),
    (np.array([[0.5], [-0.25]]), np.array([[3.0]]), np.array([[0.75], [0.98]])),
)
WORKED_OUTPUT_ERROR, WORKED_HIDDEN_ERROR = SMALLEST_OUTPUT_ERROR[4], SMALLEST_HIDDEN_ERROR[4]


def hidden_neurons_moved(weights: list[Array], biases: list[Array], *rest: Any) -> Arguments:
    """Return the same network with the neurons of its first hidden layer in reverse order."""
    first, second, *others = weights
    return [first[::-1].copy(), second[:, ::-1].copy(), *others], [biases[0][::-1].copy(), *biases[1:]], *rest
