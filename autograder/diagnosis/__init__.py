"""Naming a mistake: the reference's lines, the catalogue, signatures, counterexamples; knows nothing of nbgrader."""
