"""What of a cell its notebook hides, by the marks that Jupyter's editors, Colab and nbconvert know."""

from typing import Any

from autograder.judge.notebook import inside

HIDES = "autograder_hides"  # in a cell's metadata: which of its parts the notebook hides
CELL, INPUT, OUTPUT = "cell", "input", "output"
_TAGS = {f"{verb}{sign}{part}": part for verb in ("hide", "remove") for sign in "-_" for part in (CELL, INPUT, OUTPUT)}


def hides(metadata: Any) -> list[str]:
    """Return which of "cell", "input" and "output" a notebook hides of a cell.

    Args:
        metadata: of the cell, as it was handed in; nothing of it is sure.
    """
    tags = inside(metadata, "tags")
    found = {_TAGS[tag] for tag in tags if isinstance(tag, str) and tag in _TAGS} if isinstance(tags, list) else set()
    marks = (("jupyter", "source_hidden"), ("hide_input",), ("transient", "remove_source"))
    if True in [inside(metadata, *keys) for keys in marks] or inside(metadata, "cellView") == "form":
        found.add(INPUT)
    if True in (inside(metadata, "jupyter", "outputs_hidden"), inside(metadata, "collapsed")):
        found.add(OUTPUT)
    return sorted(found)
