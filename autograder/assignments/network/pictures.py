"""Which layers of the worked example are wrong, where others are right."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograder.grading.drawings import Drawing, Labels, Layers

_WIDEST = 6  # neurons of a layer that can be told apart

Path = tuple[Any, ...]


def activations(arguments: tuple[Any, ...], right: Mapping[Path, bool]) -> tuple[Drawing, ...]:
    """Draw of which layers the activations are right."""
    widths = _widths(arguments)
    neurons = tuple(right.get((layer,)) for layer in range(len(widths)))
    told = {f"A, layer {layer}": one for layer, one in enumerate(neurons)}
    labels = Labels("The activations that you returned", "circles: A", "", "right", "wrong")
    return _drawn(labels, widths, neurons, (None,) * (len(widths) - 1), told)


def by_layer(
    what: Sequence[str], title: str, arguments: tuple[Any, ...], right: Mapping[Path, bool]
) -> tuple[Drawing, ...]:
    """Draw in which layers the answers for weights and for biases are right.

    Args:
        what: the two items of the answer: one for the weights, one for the biases.
        title: of the picture.
        arguments: of the function.
        right: by path, whether a part of the answer is right.
    """
    widths = _widths(arguments)
    weights, biases = (tuple(right.get((item, layer)) for layer in range(len(widths) - 1)) for item in (0, 1))
    told = {
        f"{name}, layer {layer + 1}": one
        for name, item in zip(what, (weights, biases), strict=True)
        for layer, one in enumerate(item)
    }
    labels = Labels(title, f"lines: {what[0]}; circles: {what[1]}", "", "right", "wrong")
    return _drawn(labels, widths, (None, *biases), weights, told)


def _widths(arguments: tuple[Any, ...]) -> tuple[int, ...]:
    weights, _, X = arguments[:3]
    return (np.shape(X)[1], *map(len, weights))


def _drawn(
    labels: Labels,
    widths: tuple[int, ...],
    neurons: tuple[bool | None, ...],
    weights: tuple[bool | None, ...],
    told: Mapping[str, bool | None],
) -> tuple[Drawing, ...]:
    """Draw a network where some of an answer is right, and some is not."""
    if max(widths) > _WIDEST or set(told.values()) != {True, False}:
        return ()
    right, wrong = ("; ".join(name for name, one in told.items() if one is kind) for kind in (True, False))
    shape = "–".join(map(str, widths))
    alt = f"The network of the example, of widths {shape} (inputs first). Right: {right}. Wrong: {wrong}."
    return (Layers(alt, labels, widths, neurons, weights),)
