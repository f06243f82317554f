"""All submissions that attack, each with the name of the student who hands it in."""

import cell_submissions  # noqa: F401 - each registers its attacks
import file_submissions  # noqa: F401
from handing_in import ATTACKS, HONEST, NAME, RIGHT, WRONG, Attack, Notebook, grade_cells, submit, with_code

__all__ = ["ATTACKS", "HONEST", "NAME", "RIGHT", "WRONG", "Attack", "Notebook", "grade_cells", "submit", "with_code"]
