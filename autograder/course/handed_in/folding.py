"""What of a cell its notebook hides, by the marks that Jupyter's editors, Colab and nbconvert know."""

from typing import Any

HIDES = "autograder_hides"  # in a cell's metadata: which of its parts the notebook hides
CELL, INPUT, OUTPUT = "cell", "input", "output"
_TAGS = {f"{verb}{sign}{part}": part for verb in ("hide", "remove") for sign in "-_" for part in (CELL, INPUT, OUTPUT)}


def hides(metadata: Any) -> list[str]:
    """Return which of "cell", "input" and "output" a notebook hides of a cell.

    Args:
        metadata: of the cell, as it was handed in; nothing of it is sure.
    """
    given = _entries(metadata)
    jupyter, tags = _entries(given.get("jupyter")), given.get("tags")
    found = {_TAGS[tag] for tag in tags if isinstance(tag, str) and tag in _TAGS} if isinstance(tags, list) else set()
    removed = _entries(given.get("transient")).get("remove_source")
    if True in (jupyter.get("source_hidden"), given.get("hide_input"), removed) or given.get("cellView") == "form":
        found.add(INPUT)
    if True in (jupyter.get("outputs_hidden"), given.get("collapsed")):
        found.add(OUTPUT)
    return sorted(found)


def _entries(given: Any) -> dict[str, Any]:
    return given if isinstance(given, dict) else {}
