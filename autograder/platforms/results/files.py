"""The result files of other platforms by their names, as `autograder check --format` knows them."""

from collections.abc import Sequence

from autograder.platforms.results import gradescope, junit, prairielearn
from autograder.platforms.results.checked import Checked, dump
from autograder.platforms.results.gradescope import Visibility

MANY = ("junit",)  # those that can tell of several files


def result_file(name: str, checked: Sequence[Checked], visibility: Visibility = "visible") -> str:
    """Return the text of a result file.

    Args:
        name: of the format.
        checked: the files that were judged: one, or several where the format can tell of them.
        visibility: when students see it, where the format says so.
    """
    if name == "gradescope":
        return dump(gradescope.result(checked[0], visibility))
    if name == "prairielearn":
        return dump(prairielearn.result(checked[0]))
    return junit.document(checked)
