"""The demo's hand-ins of the neuron, as the tests use them."""

from autograder.demo.submission import HandIns

NEURON = HandIns("neuron")
SOLUTIONS, fill, solution_cells = NEURON.folder, NEURON.fill, NEURON.cells
