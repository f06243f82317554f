"""A network of layers: feedforward, cost, errors sent backward, gradient, and one step down."""
