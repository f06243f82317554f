"""Rebuilding a submission's metadata: nothing that a student can edit there decides what is graded.

Stock nbgrader fails, stops the batch or gives full marks on forged flags, foreign ids, tags and copied cells.
"""

import difflib
import re
from collections.abc import Collection
from typing import Any

from autograder.course.handed_in.folding import HIDES, hides
from autograder.course.handed_in.texts import composed, same, same_words
from autograder.course.records.source_cells import SourceCell
from autograder.judge.notebook import HIDDEN_TESTS, SKIPPED, HiddenTests, clean, inside, is_skipped, source_of

_TYPES = ("code", "markdown", "raw")
_FLAT = (bool, int, float, str)
_TELLING = frozenset(("skip-execution", "raises-exception"))  # tags that Jupyter's own tools obey
_ID = re.compile(r"^[a-zA-Z0-9-_]{1,64}$")
_ID_LENGTH = 60  # of a cell's id, to which more is added
PRINTED = "autograder_printed"  # in a cell's metadata: its saved output, where it asks for `input()`
_DEFINES = re.compile(r"(?:import|from|def|class)\s|@\w|\w{1,80}[ \t]{0,8}(?::[^=]{1,80})?=(?!=)")
_MOST_PRINTED = 50_000  # characters of a saved output
_MOST_LINES = 200  # of a cell that is compared with its original line by line, which takes time that grows fast

JsonCell = dict[str, Any]


def normalize(cells: list[Any]) -> list[JsonCell]:
    """Return cells in nbformat's form, whatever was in them: type, source, metadata, unique id; no outputs."""
    seen: set[str] = set()
    return [_normal_cell(cell, number, seen) for number, cell in enumerate(cells)]


def _normal_cell(cell: JsonCell, number: int, seen: set[str]) -> JsonCell:
    kind = cell.get("cell_type")
    normal: JsonCell = {
        "cell_type": kind if kind in _TYPES else "raw",
        "id": _normal_id(cell.get("id"), number, seen),
        "metadata": _metadata(cell.get("metadata")),
        "source": source_of(cell),
    }
    if normal["cell_type"] == "code":
        if "input(" in normal["source"]:
            normal["metadata"][PRINTED] = _printed(cell.get("outputs"))
        normal |= {"outputs": [], "execution_count": None}
    elif attachments := _attachments(cell.get("attachments")):
        normal["attachments"] = attachments
    return normal


def _printed(outputs: Any) -> str:
    """Return what a cell printed when it was saved."""
    streams = [one.get("text") for one in outputs if isinstance(one, dict)] if isinstance(outputs, list) else []
    return "".join(source_of({"source": text}) for text in streams)[:_MOST_PRINTED]


def _metadata(given: Any) -> dict[str, Any]:
    """Return what may be looked at of a cell's metadata: nbgrader's flat entries, tags, and what its editor hides.

    Everything else is the student's: nbformat refuses some of it, and what is nested deeply no copy survives.
    """
    if not isinstance(given, dict):
        return {}
    tags = given.get("tags")
    listed = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    kept: dict[str, Any] = {"tags": ["dropped"]} if _TELLING.intersection(listed) else {}
    if is_skipped({"metadata": given}):
        kept["tags"] = [SKIPPED]
    if hidden_parts := hides(given):
        kept[HIDES] = hidden_parts
    nbgrader = given.get("nbgrader")
    if isinstance(nbgrader, dict):
        flat = {clean(key): value for key, value in nbgrader.items() if value is None or isinstance(value, _FLAT)}
        kept["nbgrader"] = {key: clean(value) if isinstance(value, str) else value for key, value in flat.items()}
    return kept


def _normal_id(given: Any, number: int, taken: set[str]) -> str:
    fits = isinstance(given, str) and _ID.match(given) and given not in taken
    return unique_id(given if fits else f"cell-{number}", taken)


def unique_id(wanted: str, taken: set[str]) -> str:
    """Return an id that no cell has yet, the wanted one if possible; from now on it is taken."""
    while wanted in taken:
        wanted += "x"
    taken.add(wanted)
    return wanted


def _attachments(given: Any) -> dict[str, dict[str, str]]:
    if not isinstance(given, dict):
        return {}
    kept: dict[str, dict[str, str]] = {}
    for name, bundle in given.items():
        if isinstance(bundle, dict):
            kept[clean(name)] = {clean(mime): clean(data) for mime, data in bundle.items() if isinstance(data, str)}
    return kept


def rebuild(
    cells: list[JsonCell], source: list[SourceCell], hidden: HiddenTests = HIDDEN_TESTS
) -> tuple[list[JsonCell], list[str]]:
    """Give every cell the metadata that the gradebook says it has, and none besides.

    Args:
        cells: of the submission, normalized.
        source: the managed cells, in the order of the assignment.
        hidden: what marks hidden tests, which students' cells do not hold.

    Returns:
        The cells, with missing ones put back and locked ones as they were handed out, and a note of each change.
    """
    known = {cell.grade_id: cell for cell in source}
    cells = _with_known_ids(cells, known)
    real = _real_positions(cells, known)
    notes: list[str] = []
    rebuilt: list[JsonCell] = []
    ids = {cell["id"] for cell in cells}
    for position, cell in enumerate(cells):
        grade_id = grade_id_of(cell)
        if grade_id is not None and real.get(grade_id) == position:
            original = known[grade_id]
            own = _own_code(cell, original, hidden, ids)
            managed = _managed(cell, original, hidden, notes, kept=bool(own))
            rebuilt += [*own, managed] if original.grade else [managed, *own]
        else:
            rebuilt.append(_unmanaged(cell, grade_id, known, notes))
    return _put_back(rebuilt, source, notes), notes


def _with_known_ids(cells: list[JsonCell], known: Collection[str]) -> list[JsonCell]:
    """Return the cells with grade_ids spelled as the assignment spells them: some editors decompose accents."""
    spelled = {composed(grade_id): grade_id for grade_id in known}
    for cell in cells:
        grade_id = grade_id_of(cell)
        if grade_id is not None and grade_id not in known and (meant := spelled.get(composed(grade_id))):
            cell["metadata"]["nbgrader"]["grade_id"] = meant
    return cells


def _real_positions(cells: list[JsonCell], known: dict[str, SourceCell]) -> dict[str, int]:
    """Return where each managed cell stands; of several copies the last counts, as in nbgrader."""
    return {grade_id: i for i, cell in enumerate(cells) if (grade_id := grade_id_of(cell)) in known and grade_id}


def grade_id_of(cell: JsonCell) -> str | None:
    """Return the id that a cell claims to have in nbgrader."""
    grade_id = inside(cell, "metadata", "nbgrader", "grade_id")
    return grade_id if isinstance(grade_id, str) else None


def _is_edited(cell: JsonCell, source: SourceCell, hidden: HiddenTests) -> bool:
    return source.locked and not any(
        same(cell["source"], text) for text in (source.source, hidden.removed(source.source))
    )


def _own_code(cell: JsonCell, source: SourceCell, hidden: HiddenTests, ids: set[str]) -> list[JsonCell]:
    """Return a cell with what was added to a locked one, where it may define something: an import, a whole function.

    Of a cell with a check it runs before, and else after. What was changed in the middle of our own code is left out.
    """
    if not _is_edited(cell, source, hidden) or cell["cell_type"] != source.cell_type or source.cell_type != "code":
        return []
    theirs, ours = (text.split("\n") for text in (cell["source"], source.source))
    if max(len(theirs), len(ours)) > _MOST_LINES:
        return []
    before, after = ([line.rstrip() for line in text] for text in (ours, theirs))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    blocks = [theirs[begin:end] for tag, _, _, begin, end in matcher.get_opcodes() if tag in ("insert", "replace")]
    kept = ["\n".join(block) for block in blocks if any(map(_DEFINES.match, block))]
    if not kept:
        return []
    own: JsonCell = {"cell_type": "code", "id": _normal_id(f"{cell['id'][:_ID_LENGTH]}-own", 0, ids), "metadata": {}}
    return [{**own, "source": "\n\n".join(kept), "outputs": [], "execution_count": None}]


def _managed(
    cell: JsonCell, source: SourceCell, hidden: HiddenTests, notes: list[str], *, kept: bool = False
) -> JsonCell:
    if _is_edited(cell, source, hidden):
        more = ", and what was added to it runs in a cell of its own" if kept else ""
        notes.append(f"cell {source.grade_id} had been edited; the original was used{more}")
    if cell["metadata"].get("tags"):
        notes.append(f"tags of cell {source.grade_id} were dropped")
    if cell["cell_type"] != source.cell_type:
        notes.append(f"cell {source.grade_id} had become a {cell['cell_type']} cell; it was changed back")
    fresh: JsonCell = {"cell_type": source.cell_type, "id": cell["id"], "metadata": source.metadata()}
    alike = same if source.cell_type == "code" else same_words
    fresh["source"] = source.source if source.locked or alike(cell["source"], source.source) else cell["source"]
    if source.cell_type == "code":
        fresh |= {"outputs": [], "execution_count": None}
    elif "attachments" in cell:
        fresh["attachments"] = cell["attachments"]
    return fresh


def _unmanaged(cell: JsonCell, grade_id: str | None, known: dict[str, SourceCell], notes: list[str]) -> JsonCell:
    if grade_id in known:
        notes.append(f"an extra copy of cell {grade_id} lost its metadata; its content was kept")
    elif cell["metadata"].get("nbgrader"):
        notes.append(f"foreign nbgrader metadata was dropped from a cell ({str(grade_id)[:60]})")
    kept = {HIDES: cell["metadata"][HIDES]} if HIDES in cell["metadata"] else {}
    return {**cell, "metadata": kept | ({"tags": [SKIPPED]} if is_skipped(cell) else {})}


def _put_back(cells: list[JsonCell], source: list[SourceCell], notes: list[str]) -> list[JsonCell]:
    """Insert each missing managed cell before the next one that is there, so that all code above it has run.

    Text comes right after the one before it, where its question is looked for.
    """
    present = {grade_id_of(cell) for cell in cells}
    ids = {cell["id"] for cell in cells}
    for number, missing in enumerate(source):
        if missing.grade_id in present:
            continue
        notes.append(f"cell {missing.grade_id} was missing; it was put back")
        following = {later.grade_id for later in source[number + 1 :]}
        place = next((i for i, cell in enumerate(cells) if grade_id_of(cell) in following), len(cells))
        if missing.cell_type != "code" and number:
            place = next(i for i, cell in enumerate(cells, start=1) if grade_id_of(cell) == source[number - 1].grade_id)
        wanted = missing.grade_id if _ID.match(missing.grade_id) else f"restored-{number}"
        cells.insert(place, {**missing.restored(), "id": unique_id(wanted, ids)})
    return cells
