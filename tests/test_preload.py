"""What a student process has loaded before its first cell: what its cells import, and no more."""

import pytest

from autograder.grading.assignment import find
from autograder.judge.judge import Job, judge_notebooks
from autograder.judge.notebook import from_script
from autograder.judge.running.sandboxes import needed

BOTH, LEAN = ("numpy", "matplotlib.pyplot"), ("numpy",)


@pytest.mark.parametrize(
    ("source", "loaded"),
    [
        ("import numpy as np", LEAN),
        ("import os, sys as s, copy", LEAN),
        ("def f():\n    import math  # for e\n    return math.e", LEAN),
        ("try:\n  from numpy.linalg import norm\nexcept ImportError: pass", LEAN),
        ("print('matplotlib')", LEAN),
        ("import matplotlib.pyplot as plt", BOTH),
        ("import os, matplotlib", BOTH),
        ("x = 1; from matplotlib import pyplot", BOTH),
        ("import seaborn as sns", BOTH),
        ("from . import helper", BOTH),
        ("%matplotlib inline", BOTH),
        ("__import__('pylab')", BOTH),
    ],
)
def test_what_no_cell_may_need_is_not_loaded(source, loaded):
    """Python's own modules need nothing more; any other may need whatever the assignment names."""
    assert needed(BOTH, ["x = 0", source]) == loaded


@pytest.mark.slow
@pytest.mark.parametrize("imports", ["", "import matplotlib.pyplot as plt\n"])
def test_a_submission_gets_what_it_imports(imports):
    """Whether Matplotlib is there before the first cell depends on the submission, and the marks do not."""
    neuron = find("neuron")
    check = f"import sys\nassert ('matplotlib.pyplot' in sys.modules) == {bool(imports)}\n"
    function = "import numpy as np\ndef sigmoid(z):\n    return np.tanh(np.divide(z, 2)) / 2 + 0.5\n"
    notebook = from_script(f"{check}{imports}{function}", ("sigmoid",))
    result = judge_notebooks({"neuron": notebook}, Job("neuron", pictures="none"), neuron).exercises[0]
    assert result.passed
