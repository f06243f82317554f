"""Submissions that are little to hand in and much to explain, show or read; for the table of attacks alone.

What each does to a class, to Formgrader and to the review is in the test files of its kind.
"""

from handing_in import RIGHT, before_each_check, hands_in, with_code
from page_class import EVIL, html


@hands_in("ragged-answers", RIGHT)
def ragged_answers(_folder, notebook):
    """Return lists of arrays that fit no table from every judged function."""
    answer = "lambda *_: [np.zeros((2, 3)), np.zeros((2, 4))]"
    source = "import numpy as np\n" + "".join(f"{name} = {answer}\n" for name in ("sigmoid", "cost", "dC_dw", "dC_db"))
    return before_each_check(notebook, source)


@hands_in("heavy-page", RIGHT)
def heavy_page(_folder, notebook):
    """Display 35 KB of HTML that a parser repeats over and over."""
    return html(notebook)


@hands_in("own-page", RIGHT)
def own_page(folder, notebook):
    """Hand in a page of one's own, to be released as feedback."""
    (folder / "evil.html").write_text(EVIL)
    return notebook


@hands_in("heavy-answer", RIGHT)
def heavy_answer(_folder, notebook):
    """Answer the written question in 60,000 combining marks."""
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "why_sigma_prime_cancels":
            cell["source"] = "a" + "\u0301\u0323" * 30_000
    return notebook


@hands_in("heavy-source", RIGHT)
def heavy_source(_folder, notebook):
    """Write an f-string of 200,000 fields and a list of two million numbers into a cell that is read."""
    return with_code(notebook, f"def unused(z):\n    return f'{'{z}' * 200_000}', [{'1,' * 2_000_000}]\n")
