"""One neuron: sigmoid, cross-entropy cost and its gradient."""
