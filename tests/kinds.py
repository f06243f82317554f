"""Five assignments whose answers or arguments are no single arrays, each with the class that hands in.

A class of the student's, a dict, rows of different length, a NumPy generator, a loop over layers.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nested
from nbformat import v4

# Students: two make the first mistake, each in another spelling; one returns something of the wrong type.
RIGHT, FIRST, AGAIN, SECOND, ODD, UNFILLED = "1001", "1002", "1003", "1004", "1005", "1006"
_HEAD = "import numpy as np\n\nfrom autograder.diagnosis import Exercise\n\n\n"
_GRADER = """
from autograder.grading.box import shape, unchanged, value

test_value = value("Gives the right numbers.", points=2, cases=("one", "two"))
test_shape = shape(points=1, cases="one")
test_unchanged = unchanged(points=1, cases="one")
"""


@dataclass(frozen=True)
class Kind:
    """An assignment with one exercise, and what its class hands in.

    Attributes:
        exercise: its name.
        reference: the reference's text below its imports.
        catalogue: the mistakes' text.
        source: the instructor's cell, with the marks around the solution.
        students: what each hands in.
        mistakes: the names of the first mistake and of the second, which may be in no catalogue.
        part: what the card compares for the first mistake.
        odd: what the student reads whose answer is of the wrong type.
    """

    exercise: str
    reference: str
    catalogue: str
    source: str
    students: dict[str, str]
    mistakes: tuple[str, str]
    part: str
    odd: str

    @property
    def assignment(self) -> str:
        """The name of its assignment."""
        return f"kind-{self.exercise.lower()}"

    @property
    def points(self) -> float:
        """What its exercise is worth."""
        return 4.0

    @property
    def named(self) -> dict[str, list[str]]:
        """The mistakes that are named, by student; of the unfilled notebook there is none."""
        first, second = self.mistakes
        last = [second] if second else []
        return {RIGHT: [], FIRST: [first], AGAIN: [first], SECOND: last, ODD: [], UNFILLED: []}

    def write_hidden(self, folder: Path) -> None:
        """Write the assignment's hidden files into a folder for assignments."""
        files = {
            "assignment.toml": f'exercises = ["{self.exercise}"]\n',
            "reference.py": _HEAD + self.reference.lstrip("\n"),
            f"test_{self.exercise}.py": _GRADER,
            f"mistakes/{self.exercise}.toml": self.catalogue,
        }
        nested.write(folder, self.assignment, files)

    def write_source(self, course: Path) -> None:
        """Write the instructor's notebook into a course."""
        path = course / "source" / self.assignment / f"{self.assignment}.ipynb"
        path.parent.mkdir(parents=True)
        about = {"locked": True, "grade": True, "points": self.points, "solution": False}
        cells = [
            v4.new_code_cell("import numpy as np", id="imports"),
            _cell(self.exercise, self.source.strip(), locked=False, grade=False, solution=True),
            _cell(f"test_{self.exercise}", f"assert callable({self.exercise})", **about),
        ]
        path.write_text(json.dumps(v4.new_notebook(cells=cells)))

    def hand_in(self, course: Path) -> None:
        """Let the class hand in: the released notebook, filled in."""
        released = course / "release" / self.assignment / f"{self.assignment}.ipynb"
        for student in (*self.students, UNFILLED):
            notebook = json.loads(released.read_text())
            for cell in notebook["cells"]:
                if cell["metadata"].get("nbgrader", {}).get("grade_id") == self.exercise and student != UNFILLED:
                    cell["source"] = self.students[student].strip()
            path = course / "submitted" / student / self.assignment / released.name
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(notebook))


class Example(Kind):
    """The assignment that stands on docs/authoring.md, to the letter."""

    @property
    def assignment(self) -> str:
        """The name of its assignment."""
        return "bend"

    @property
    def points(self) -> float:
        """What its exercise is worth."""
        return 3.0

    def write_hidden(self, folder: Path) -> None:
        """Write the page's files into a folder for assignments."""
        page = (Path(__file__).parent.parent / "docs" / "authoring.md").read_text(encoding="utf-8")
        nested.write(
            folder, self.assignment, {name.removeprefix("graders/bend/"): text for name, text in on_page(page).items()}
        )


def on_page(page: str) -> dict[str, str]:
    """Return the files that stand on a page: each is named in backquotes above its code."""
    return dict(re.findall(r"`(graders/bend/[\w./]+)`(?:(?!```).)*?```\w+\n(.*?)```", page, re.DOTALL))


def _cell(grade_id: str, source: str, **about: Any) -> Any:
    nbgrader = {"grade_id": grade_id, "schema_version": 3, "task": False, **about}
    return v4.new_code_cell(source, id=grade_id, metadata={"nbgrader": nbgrader})


LEARNER = Kind(
    exercise="Learner",
    reference='''
class Learner:
    def __init__(self, rate):
        self.rate = rate
        self.w = 0.0

    def step(self, x, y):
        error = self.answer(x) - y  #: error = w x − y
        self.w = self.w - self.rate * error * x  #: w = w − η · error · x

    def answer(self, x):
        return self.w * x


def learned(rate, xs, ys):
    """Let one learn from a few entries; return w after each, and an answer."""
    learner = Learner(rate)
    path = []
    for x, y in zip(xs, ys):
        learner.step(x, y)
        path.append(learner.w)
    return {"w": path, "answer": learner.answer(2.0)}


def _case(n):
    return lambda rng: (0.1, rng.normal(size=n), rng.normal(size=n))


EXERCISES = {
    "Learner": Exercise(
        Learner,
        adapter=learned,
        called="the learner",
        cases={"one": _case(3), "two": _case(6)},
        smallest=((0.5, np.array([2.0]), np.array([1.0])), (0.5, np.array([2.0, 1.0]), np.array([1.0, 3.0]))),
    )
}
''',
    catalogue='''
[no-rate]
title = "The learning rate is missing"
hint = "Your w moves too far with each step. Look at what the step is multiplied by."
fails = ["value"]
change."self.w = self.w - self.rate * error * x" = "self.w = self.w - error * x"
second = """
class Learner:
    def __init__(self, rate):
        self.rate, self.w = rate, 0.0
    def step(self, x, y):
        self.w += x * (y - self.w * x)
    def answer(self, x):
        return x * self.w
"""

[upwards]
title = "The step goes uphill"
hint = "The error grows from step to step. Look at the sign."
fails = ["value"]
change_in."Learner.step"."error = self.answer(x) - y" = "error = y - self.answer(x)"
second = """
class Learner:
    def __init__(self, rate):
        self.rate, self.w = rate, 0.0
    def step(self, x, y):
        self.w += self.rate * x * (x * self.w - y)
    def answer(self, x):
        return x * self.w
"""
''',
    source="""
class Learner:
    def __init__(self, rate):
        self.rate = rate
        self.w = 0.0

    def step(self, x, y):
        ### BEGIN SOLUTION
        error = self.answer(x) - y
        self.w = self.w - self.rate * error * x
        ### END SOLUTION

    def answer(self, x):
        ### BEGIN SOLUTION
        return self.w * x
        ### END SOLUTION
""",
    students={
        RIGHT: """
class Learner:
    def __init__(self, rate):
        self.eta, self.w = rate, 0

    def step(self, x, y):
        self.w += self.eta * x * (y - self.answer(x))

    def answer(self, x):
        return x * self.w


np, zip = None, None  # whatever else the notebook calls so
""",
        FIRST: """
class Learner:
    def __init__(self, rate):
        self.rate = rate
        self.w = 0.0

    def step(self, x, y):
        error = self.answer(x) - y
        self.w = self.w - error * x

    def answer(self, x):
        return self.w * x
""",
        AGAIN: """
class Learner:
    def __init__(self, eta):
        self.eta = eta
        self.w = 0.0

    def step(self, x, y):
        self.w -= (self.answer(x) - y) * x

    def answer(self, x):
        return self.w * x
""",
        SECOND: """
class Learner:
    def __init__(self, rate):
        self.rate, self.w = rate, 0.0

    def step(self, x, y):
        self.w = self.w + self.rate * (self.answer(x) - y) * x

    def answer(self, x):
        return self.w * x
""",
        ODD: """
class Learner:
    def __init__(self, rate):
        self.w = "none yet"

    def step(self, x, y):
        pass

    def answer(self, x):
        return 1.0
""",
    },
    mistakes=("no-rate", "upwards"),
    part="the learner['w']",
    odd="the learner['w'] should be made of real numbers; you returned a list of 3",
)

SUMMARY = Kind(
    exercise="summary",
    reference="""
def summary(x):
    mean = np.sum(x) / len(x)  #: the mean
    spread = np.sqrt(np.sum((x - mean) ** 2) / len(x))  #: the spread
    return {"mean": mean, "spread": spread, "range": (np.min(x), np.max(x))}


EXERCISES = {
    "summary": Exercise(
        summary,
        called="the summary",
        cases={"one": lambda rng: (rng.normal(size=5),), "two": lambda rng: (rng.normal(size=8),)},
        smallest=((np.array([1.0, 3.0]),), (np.array([1.0, 2.0, 6.0]),)),
    )
}
""",
    catalogue="""
[one-less]
title = "Divided by n − 1, not by n"
hint = "Your spread is a little too large, more so for few entries."
fails = ["value"]
change."spread = np.sqrt(np.sum((x - mean) ** 2) / len(x))" = "spread = np.sqrt(np.sum((x - mean) ** 2) / (len(x) - 1))"
second = "return {'mean': np.mean(x), 'spread': np.std(x, ddof=1), 'range': (min(x), max(x))}"

[squared]
title = "The spread is squared"
hint = "Yours is the variance. Look at the last step."
fails = ["value"]
change."spread = np.sqrt(np.sum((x - mean) ** 2) / len(x))" = "spread = np.sum((x - mean) ** 2) / len(x)"
second = "return {'mean': np.mean(x), 'spread': np.var(x), 'range': (min(x), max(x))}"
""",
    source="""
def summary(x):
    ### BEGIN SOLUTION
    mean = np.sum(x) / len(x)
    spread = np.sqrt(np.sum((x - mean) ** 2) / len(x))
    return {"mean": mean, "spread": spread, "range": (np.min(x), np.max(x))}
    ### END SOLUTION
""",
    students={
        RIGHT: "def summary(x):\n    return dict(range=[min(x), max(x)], mean=np.mean(x), spread=np.std(x))",
        FIRST: """
def summary(x):
    mean = np.sum(x) / len(x)
    spread = np.sqrt(np.sum((x - mean) ** 2) / (len(x) - 1))
    return {"mean": mean, "spread": spread, "range": (np.min(x), np.max(x))}
""",
        AGAIN: "def summary(x):\n    return dict(range=[min(x), max(x)], mean=np.mean(x), spread=np.std(x, ddof=1))",
        SECOND: "def summary(x):\n    return dict(range=[min(x), max(x)], mean=np.mean(x), spread=np.var(x))",
        ODD: "def summary(x):\n    return {'mean': np.mean(x), 'range': {min(x), max(x)}}",
    },
    mistakes=("one-less", "squared"),
    part="the summary['spread']",
    odd="summary returned a value of type set, which cannot be graded",
)

PYRAMID = Kind(
    exercise="pyramid",
    reference="""
def pyramid(x):
    found = [x]
    while len(found[-1]) > 1:
        found.append(found[-1][1:] - found[-1][:-1])  #: differences of the row above
    return found


EXERCISES = {
    "pyramid": Exercise(
        pyramid,
        called="the pyramid",
        each="row",
        cases={"one": lambda rng: (rng.normal(size=4),), "two": lambda rng: (rng.normal(size=6),)},
        smallest=((np.array([1.0, 3.0]),), (np.array([1.0, 3.0, 4.0]),)),
    )
}
""",
    catalogue='''
[turned]
title = "Each difference has the wrong sign"
hint = "Where the numbers grow, your differences are negative."
fails = ["value"]
change."found.append(found[-1][1:] - found[-1][:-1])" = "found.append(found[-1][:-1] - found[-1][1:])"
second = """
out = [np.array(x)]
while out[-1].size > 1:
    out.append(-np.diff(out[-1]))
return out
"""

[no-first-row]
title = "The numbers themselves are missing as the first row"
hint = "Your first row is one shorter than x."
fails = ["value", "shape"]
change."return found" = "return found[1:]"
second = "return [np.diff(x, n) for n in range(1, len(x))]"
''',
    source="""
def pyramid(x):
    ### BEGIN SOLUTION
    found = [x]
    while len(found[-1]) > 1:
        found.append(found[-1][1:] - found[-1][:-1])
    return found
    ### END SOLUTION
""",
    students={
        RIGHT: "def pyramid(x):\n    return tuple(np.diff(x, n).tolist() for n in range(len(x)))",
        FIRST: """
def pyramid(x):
    found = [x]
    while len(found[-1]) > 1:
        found.append(found[-1][:-1] - found[-1][1:])
    return found
""",
        AGAIN: "def pyramid(x):\n    return [(-1) ** n * np.diff(x, n) for n in range(len(x))]",
        SECOND: "def pyramid(x):\n    return [np.diff(x, n) for n in range(1, len(x))]",
        ODD: "def pyramid(x):\n    return len(x)",
    },
    mistakes=("turned", "no-first-row"),
    part="the pyramid, row 2",
    odd="the pyramid: expected a list of 4, one per row, got a single number",
)

DROPPED = Kind(
    exercise="dropped",
    reference="""
def dropped(a, keep, rng):
    kept = rng.random(a.shape) < keep  #: which outputs are kept
    return a * kept / keep  #: the outputs = a · kept / keep


EXERCISES = {
    "dropped": Exercise(
        dropped,
        cases={
            "one": lambda rng: (rng.normal(size=(3, 4)), 0.6, np.random.default_rng(rng.integers(1000))),
            "two": lambda rng: (rng.normal(size=20), 0.3, rng),
        },
        smallest=((np.array([1.0, 2.0, 3.0]), 0.5, np.random.default_rng(57)),),
    )
}
""",
    catalogue="""
[not-scaled]
title = "The outputs that are kept are not scaled up"
hint = "On the whole yours are too small."
fails = ["value"]
change."return a * kept / keep" = "return a * kept"
second = "return np.where(rng.random(a.shape) < keep, a, 0)"

[other-generator]
title = "Drawn from a generator of your own"
hint = "Each call drops the same outputs, whatever rng is."
fails = ["value", "shape", "unchanged"]
change."kept = rng.random(a.shape) < keep" = "kept = np.random.default_rng(0).random(a.shape) < keep"
second = "return np.where(np.random.default_rng(0).uniform(size=a.shape) < keep, a / keep, 0)"
""",
    source="""
def dropped(a, keep, rng):
    ### BEGIN SOLUTION
    kept = rng.random(a.shape) < keep
    return a * kept / keep
    ### END SOLUTION
""",
    students={
        RIGHT: "def dropped(a, keep, rng):\n    return np.where(rng.uniform(size=a.shape) < keep, a / keep, 0.0)",
        FIRST: "def dropped(a, keep, rng):\n    kept = rng.random(a.shape) < keep\n    return a * kept",
        AGAIN: "def dropped(a, keep, rng):\n    return np.where(rng.uniform(size=a.shape) < keep, a, 0.0)",
        SECOND: """
def dropped(a, keep, rng):
    rng = np.random.default_rng(0)
    return np.where(rng.uniform(size=a.shape) < keep, a / keep, 0.0)
""",
        ODD: "def dropped(a, keep, rng):\n    return rng",
    },
    mistakes=("not-scaled", "other-generator"),
    part="the outputs, number 1",
    odd="the outputs should be made of real numbers; you returned a value of type Generator",
)

FORWARD = Kind(
    exercise="forward",
    reference="""
def forward(weights, X):
    found = [X]
    for W in weights:
        z = found[-1] @ W.T  #: z, of the layer below
        found.append(1 / (1 + np.exp(-z)))  #: the outputs of this layer
    return found


def _case(n, *sizes):
    return lambda rng: (
        [rng.normal(size=(after, before)) for before, after in zip(sizes, sizes[1:])],
        rng.normal(size=(n, sizes[0])),
    )


EXERCISES = {
    "forward": Exercise(
        forward,
        called="the outputs",
        each="layer",
        cases={"one": _case(5, 3, 4, 2), "two": _case(4, 2, 5, 3, 1)},
        smallest=(([np.array([[1.0]]), np.array([[2.0]])], np.array([[1.0]])),),
    )
}
""",
    catalogue=nested.LAYERS["mistakes/forward.toml"],
    source="""
def forward(weights, X):
    ### BEGIN SOLUTION
    found = [X]
    for W in weights:
        z = found[-1] @ W.T
        found.append(1 / (1 + np.exp(-z)))
    return found
    ### END SOLUTION
""",
    students={
        RIGHT: """
def forward(weights, X):
    A = (X,)
    for W in weights:
        A += (1 / (1 + np.exp(-np.einsum("ni,oi->no", A[-1], W))),)
    return A
""",
        FIRST: """
def forward(weights, X):
    found = [X]
    for W in weights:
        z = found[-1] @ W.T
        found.append(1 / (1 + np.exp(-z)))
    found[-1] = z
    return found
""",
        AGAIN: """
def forward(weights, X):
    outputs = [X]
    for W in weights[:-1]:
        outputs += [1 / (1 + np.exp(-(outputs[-1] @ W.T)))]
    return [*outputs, outputs[-1] @ weights[-1].T]
""",
        SECOND: """
def forward(weights, X):
    found = []
    for W in weights:
        X = 1 / (1 + np.exp(-(X @ W.T)))
        found.append(X)
    return found
""",
        ODD: "def forward(weights, X):\n    return {'outputs': X}",
    },
    mistakes=("last-layer-linear", "inputs-missing"),
    part="the outputs, layer 3",
    odd="the outputs: expected a list of 3, one per layer, got a dict with outputs",
)

EXAMPLE = Example(
    exercise="tanh",
    reference="",
    catalogue="",
    source="""
def tanh(x):
    ### BEGIN SOLUTION
    return np.tanh(x)
    ### END SOLUTION
""",
    students={
        RIGHT: "def tanh(x):\n    return 1 - 2 / (np.exp(2 * x) + 1)",
        FIRST: "def tanh(x):\n    return 1 / (1 + np.exp(-2 * x))",
        AGAIN: "def tanh(x):\n    up = np.exp(x)\n    return up / (up + np.exp(-x))",
        SECOND: "def tanh(x):\n    return 3 * np.tanh(x)",
        ODD: "def tanh(x):\n    return 'a number'",
    },
    mistakes=("half", ""),
    part="tanh x",
    odd="tanh x should be made of real numbers",
)

KINDS = (EXAMPLE, LEARNER, SUMMARY, PYRAMID, DROPPED, FORWARD)
