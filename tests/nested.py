"""Assignments whose answers are no single arrays, as an author writes them: lists of arrays, dicts, generators."""

from pathlib import Path

LAYERS = {
    "assignment.toml": 'exercises = ["forward", "slopes"]\n',
    "reference.py": """
import numpy as np

from autograder.diagnosis import Exercise


def sigma(z):
    return 1 / (1 + np.exp(-z))


def forward(weights, X):
    found = [X]
    for W in weights:
        z = found[-1] @ W.T  #: z, of the layer below
        found.append(sigma(z))  #: the outputs of this layer
    return found


def loss(weights, X, Y):
    outputs = forward(weights, X)
    return np.sum((outputs[-1] - Y) ** 2) / (2 * len(X))  #: C


def slopes(weights, X, Y):
    outputs = forward(weights, X)
    a = outputs[-1]
    delta = (a - Y) * a * (1 - a) / len(X)  #: δ of the last layer
    found = []
    for number in reversed(range(len(weights))):
        below = outputs[number]
        found.insert(0, delta.T @ below)  #: ∂C/∂W of this layer
        delta = delta @ weights[number] * below * (1 - below)
    return found


def _case(n, sizes):
    def draw(rng):
        weights = [rng.normal(size=(after, before)) for before, after in zip(sizes, sizes[1:])]
        return weights, rng.normal(size=(n, sizes[0])), rng.uniform(0.1, 0.9, (n, sizes[-1]))

    return draw


CASES = {"deep": _case(5, (3, 4, 2)), "wide": _case(4, (2, 5, 3, 1))}
SMALL = (
    ([np.array([[1.0]])], np.array([[1.0]]), np.array([[0.0]])),
    ([np.array([[1.0], [2.0]]), np.array([[1.0, -1.0]])], np.array([[1.0], [-2.0]]), np.array([[0.0], [1.0]])),
    ([np.array([[1.0, 2.0]]), np.array([[2.0]]), np.array([[-1.0]])], np.array([[1.0, -1.0]]), np.array([[1.0]])),
)
EXERCISES = {
    "forward": Exercise(
        forward,
        called="the outputs",
        each="layer",
        cases={name: (lambda draw: lambda rng: draw(rng)[:2])(draw) for name, draw in CASES.items()},
        smallest=tuple(small[:2] for small in SMALL),
    ),
    "slopes": Exercise(
        slopes,
        called="∂C/∂W",
        each="layer",
        cases=CASES,
        smallest=SMALL,
        stand_ins=(forward,),
        derivative=(loss, "weights"),
    ),
}
""",
    "test_forward.py": """
from autograder.grading.box import shape, unchanged, value

test_value = value("Gives the outputs of every layer.", points=3, cases=("deep", "wide"))
test_shape = shape(points=1, cases="wide")
test_unchanged = unchanged(points=1, cases="deep")
""",
    "test_slopes.py": """
from autograder.grading.box import order, shape, unchanged, value

test_value = value("Gives ∂C/∂W of every layer.", points=3, cases=("deep", "wide"))
test_shape = shape(points=1, cases="wide")
test_order = order(points=1, cases="deep", along=("X", "Y"))
test_unchanged = unchanged(points=1, cases="deep")
""",
    "mistakes/forward.toml": '''
[last-layer-linear]
title = "No σ in the last layer"
hint = "Your last outputs are any numbers; outputs of σ stay between 0 and 1."
fails = ["value"]
change."return found" = "return found[:-1] + [found[-2] @ weights[-1].T]"
second = """
a = X
outputs = [a]
for number, W in enumerate(weights):
    a = a @ W.T
    if number < len(weights) - 1:
        a = 1 / (1 + np.exp(-a))
    outputs.append(a)
return outputs
"""

[inputs-missing]
title = "The inputs are missing as the first item"
hint = "The list begins with X itself."
fails = ["value", "shape"]
change."return found" = "return found[1:]"
second = """
outputs = []
for W in weights:
    X = 1 / (1 + np.exp(-(X @ W.T)))
    outputs.append(X)
return tuple(outputs)
"""
''',
    "mistakes/slopes.toml": '''
[no-mean]
title = "Added up over the entries, not averaged"
hint = "All layers are n times too large."
fails = ["value"]
change."delta = (a - Y) * a * (1 - a) / len(X)" = "delta = (a - Y) * a * (1 - a)"
second = """
A = forward(weights, X)
d = (A[-1] - Y) * A[-1] * (1 - A[-1])
out = [None] * len(weights)
for k in range(len(weights) - 1, -1, -1):
    out[k] = np.einsum("ni,nj->ij", d, A[k])
    d = (d @ weights[k]) * A[k] * (1 - A[k])
return out
"""

[no-sigma-prime-below]
title = "The factor a(1 − a) is missing below the last layer"
hint = "The last layer is right; every layer below it is too large."
fails = ["value"]
change."delta = delta @ weights[number] * below * (1 - below)" = "delta = delta @ weights[number]"
second = """
A = forward(weights, X)
d = (A[-1] - Y) * A[-1] * (1 - A[-1]) / len(X)
out = []
for W, a in zip(weights[::-1], A[-2::-1]):
    out.append(d.T @ a)
    d = d @ W
return out[::-1]
"""

[turned-round]
title = "The layers stand in the order of the way back"
hint = "The first item is the last layer's."
fails = ["value", "shape", "order"]
change."found.insert(0, delta.T @ below)" = "found.append(delta.T @ below)"
second = """
A = forward(weights, X)
d = (A[-1] - Y) * A[-1] * (1 - A[-1]) / len(X)
out = []
for W, a in zip(weights[::-1], A[-2::-1]):
    out.append(d.T @ a)
    d = d @ W * a * (1 - a)
return out
"""

[linear-last-layer]
title = "Made with outputs whose last layer has no σ"
hint = "Your forward pass is wrong in the last layer."
fails = ["value"]
change_in.forward."return found" = "return found[:-1] + [found[-2] @ weights[-1].T]"
''',
    "variants/slopes.toml": '''
[one-entry-at-a-time]
title = "a loop over the entries, in single precision"
source = """
found = [np.zeros(W.shape, np.float32) for W in weights]
weights = [np.asarray(W, np.float32) for W in weights]
for x, y in zip(np.asarray(X, np.float32), np.asarray(Y, np.float32)):
    A = [x]
    for W in weights:
        A.append(1 / (1 + np.exp(-(W @ A[-1]))))
    d = (A[-1] - y) * A[-1] * (1 - A[-1])
    for k in range(len(weights) - 1, -1, -1):
        found[k] += np.outer(d, A[k]) / len(X)
        d = weights[k].T @ d * A[k] * (1 - A[k])
return tuple(found)
"""
''',
}


def write(folder: Path, name: str, files: dict[str, str]) -> Path:
    """Write an assignment into a folder for assignments; return that folder."""
    for file, text in files.items():
        path = folder / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
