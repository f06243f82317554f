"""The review shows what was found of an answer elsewhere, in the place of a cell that was put back."""

import json

from styles import ANSWER, WRITTEN

from autograder.judge.notebook import DOUBTFUL, FOUND
from autograder.review.reading.notebooks import Sought, code


def answer_in(tmp_path, *cells):
    """Return what the review takes for the answer in a graded notebook."""
    path = tmp_path / "neuron.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "cells": [{"cell_type": "markdown", **cell} for cell in cells]}))
    return code(Sought(path, (), (WRITTEN,), {})).answers[WRITTEN]


def question(source, **more):
    """Return the cell of the question."""
    return {"metadata": {"nbgrader": {"grade_id": WRITTEN}, **more}, "source": source}


def test_what_was_found_stands_for_the_answer(tmp_path):
    """Of a doubtful cell, the texts that were found count, and not the placeholder."""
    found = [{"metadata": {FOUND: WRITTEN}, "source": text} for text in (ANSWER, "and more")]
    assert answer_in(tmp_path, question("YOUR ANSWER", **{DOUBTFUL: True}), *found) == f"{ANSWER}\n\nand more"


def test_an_answer_in_its_place_is_itself(tmp_path):
    """Of any other cell its own text counts."""
    assert answer_in(tmp_path, question(ANSWER)) == ANSWER
    assert answer_in(tmp_path, question("YOUR ANSWER", **{DOUBTFUL: True})) == "YOUR ANSWER"
