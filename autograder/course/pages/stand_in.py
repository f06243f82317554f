"""The notebook whose page stands in for one that could not be made: nothing in it but what the gradebook knows."""

import nbformat.v4
from nbformat import from_dict
from nbgrader.api import Gradebook

from autograder.course.pages.notebook import said
from autograder.course.records.source_cells import read_source


def stand_in(db_url: str, course_id: str, assignment: str, notebook: str, reason: str) -> str:
    """Return the text of a notebook with the assignment's graded cells, without a word of any student's.

    Raises:
        nbgrader.api.MissingEntry: the gradebook does not know the notebook.
    """
    with Gradebook(db_url, course_id) as gradebook:
        cells = read_source(gradebook, notebook, assignment).cells
    shown = [
        {"cell_type": "markdown", "id": f"cell-{number}", "metadata": cell.metadata(), "source": ""}
        for number, cell in enumerate(cells)
        if cell.grade or cell.solution or cell.task
    ]
    nb = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [said(reason), *shown]}
    return str(nbformat.v4.writes(from_dict(nb)))
