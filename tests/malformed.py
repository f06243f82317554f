"""Submissions as no program should hand them in, drawn from a seed: what `test_malformed` grades as one class.

Every case starts from one right solution, worth 20 points, and breaks one thing. What it says to expect:
`whole` keeps all its points (what was broken decides nothing), `refused` needs a human, `either` is one of the two.
"""

import copy
import json
import os
import random
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from hand_ins import fill

SEED = 57
POINTS = 20.0
NOTEBOOK = "neuron.ipynb"
_RELEASED = json.loads((Path(__file__).parent.parent / "release" / "neuron" / NOTEBOOK).read_text())
_HERE = "@here@"  # stands in a notebook where raw JSON is to be put
_LONE = "half \ud800 a pair"  # json.dumps escapes it: valid JSON that no UTF-8 file can hold decoded
_VALUES = {
    "null": None,
    "true": True,
    "zero": 0,
    "negative": -1,
    "float": 4.9,
    "vast": 1e308,
    "nan": float("nan"),
    "infinity": float("inf"),
    "text": "many",
    "empty-text": "",
    "surrogate": _LONE,
    "list": [],
    "list-of-ints": [1, 2],
    "nested-list": [[["x"]], ["y"]],
    "object": {"a": {"b": []}},
    "huge-int": 10**400,
}


@dataclass(frozen=True)
class Case:
    """One submission: its kind, which one of that kind, what to expect, and what puts it into a folder."""

    kind: str
    what: str
    expect: str
    put: Callable[[Path], None]


def honest() -> dict[str, Any]:
    """Return the notebook that every case breaks, a right solution."""
    return fill(_RELEASED, "right_stable", "They cancel.")


def hand_in(folder: Path, notebook: dict[str, Any]) -> None:
    """Put a notebook into a submission's folder."""
    (folder / NOTEBOOK).write_text(json.dumps(notebook))


def corpus(*, full: bool) -> list[Case]:
    """Return all cases in an order drawn from the seed, or one of each kind."""
    rng = random.Random(SEED)
    cases = [case for draw in _DRAWS for case in draw(rng)]
    rng.shuffle(cases)
    return cases if full else list({case.kind: case for case in cases}.values())


def _data(kind: str, what: str, expect: str, data: bytes | Callable[[], bytes]) -> Case:
    """Return a case that is one file's bytes; vast ones are made only where they are put."""
    return Case(
        kind, what, expect, lambda folder: (folder / NOTEBOOK).write_bytes(data() if callable(data) else data) and None
    )


def _notebook(
    kind: str, what: str, expect: str, change: Callable[[dict[str, Any]], object], raw: str | None = None
) -> Case:
    """Return a case that is the honest notebook after a change, with raw JSON in place of `_HERE`."""
    notebook = honest()
    change(notebook)
    return _data(kind, what, expect, _dumped(notebook, raw))


def _dumped(notebook: Any, raw: str | None = None) -> bytes:
    text = json.dumps(notebook)
    return (text if raw is None else text.replace(f'"{_HERE}"', raw)).encode()


def _cell(notebook: dict[str, Any], grade_id: str) -> dict[str, Any]:
    return next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def _nbgrader(notebook: dict[str, Any], grade_id: str = "test_cost") -> dict[str, Any]:
    return _cell(notebook, grade_id)["metadata"]["nbgrader"]


def _code(source: Any, **others: Any) -> dict[str, Any]:
    """Return a code cell of the student's own."""
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None, **others}


def _damaged(rng: random.Random) -> Iterator[Case]:
    """Bytes flipped, lost, added and overwritten, and files cut off at every kind of place."""
    whole = _dumped(honest())
    for count in (1, 2, 8, 64, 512, 4096) * 3:
        data = bytearray(whole)
        for _ in range(count):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        yield _data("flipped", f"{count} bits", "either", bytes(data))
    for size in (1, 10, 1000) * 3:
        place = rng.randrange(len(whole) - size)
        before, after = whole[:place], whole[place:]
        yield _data("lost", f"{size} bytes at {place}", "either", before + after[size:])
        yield _data("added", f"{size} bytes at {place}", "either", before + rng.randbytes(size) + after)
        yield _data("zeros", f"{size} bytes at {place}", "either", before + bytes(size) + after[size:])
    places = {
        f"after {mark}": whole.index(mark.encode()) + len(mark) for mark in ('{"', '"cells": [', "\\n", "\\u", ": ")
    }
    places |= {"the first byte": 1, "a quarter": len(whole) // 4, "a half": len(whole) // 2, "the last": len(whole) - 1}
    for what, place in places.items():
        yield _data("cut-off", what, "refused", whole[:place])
    yield _data("twice", "two notebooks in one file", "refused", whole * 2)


def _encoded(_rng: random.Random) -> Iterator[Case]:
    """What is no UTF-8, or is it with more than JSON allows."""
    text = json.dumps(honest(), ensure_ascii=False)
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        yield _data("encoding", encoding, "either", text.encode(encoding))
    raw = text.encode()
    latin = text.encode("latin-1", "replace")
    yield _data("not-utf8", "latin-1", "refused", latin.replace(b"def sigmoid", "# é\\ndef sigmoid".encode("latin-1")))
    for what, junk in {"stray": b"\xff\xfe", "overlong": b"\xc0\x80", "raw surrogate": b"\xed\xa0\x80"}.items():
        yield _data("not-utf8", what, "either", raw.replace(b"def sigmoid", b"# " + junk + b"\\ndef sigmoid"))
    yield _data("null-bytes", "after the end", "refused", raw + bytes(512))
    yield _data("null-bytes", "only", "refused", bytes(4096))
    yield _data("null-bytes", "escaped, in a source", "either", raw.replace(b"def cost", b"\\u0000\\ndef cost"))


def _json(_rng: random.Random) -> Iterator[Case]:
    """JSON that is none, or as no notebook has it."""
    for what in (
        "[]",
        '"text"',
        "4",
        "null",
        "true",
        "NaN",
        "{}",
        '{"nbformat": 4}',
        '{"cells": []}',
        "'neuron'",
        "{,}",
    ):
        yield _data("no-notebook", what, "refused", what.encode())
    for what in ("NaN", "Infinity", "-Infinity", "1e999", "-0", "9" * 4000, "9" * 5000):
        name = what if len(what) < 20 else f"{len(what)} digits"
        yield _notebook("number", name, "either", lambda nb: nb["metadata"].update(x=_HERE), what)
        yield _notebook("number-in-cell", name, "either", lambda nb: _nbgrader(nb).update(points=_HERE), what)
    for depth in (50, 250, 400, 480, 700, 900, 990, 5_000, 100_000):
        expect = "whole" if depth < 100 else "either"
        for what, raw in {"[": "[" * depth + "]" * depth, '{"a":': '{"a":' * depth + "1" + "}" * depth}.items():
            name = f"{depth} of {what}"
            yield _data("nested", name, "refused", raw.encode())
            yield _notebook("nested-metadata", name, expect, lambda nb: nb["metadata"].update(deep=_HERE), raw)
            yield _notebook(
                "nested-cell", name, expect, lambda nb: _cell(nb, "cost")["metadata"].update(deep=_HERE), raw
            )
            yield _notebook("nested-flag", name, expect, lambda nb: _nbgrader(nb).update(grade_id=_HERE), raw)
            yield _notebook("nested-source", name, "either", lambda nb: _cell(nb, "cost").update(source=_HERE), raw)
    twice = '{"nbformat": 3, "cells": 7, '
    yield _data("twice-the-key", "top", "whole", twice.encode() + _dumped(honest())[1:])
    yield _notebook(
        "twice-the-key", "grade_id", "either", lambda nb: _nbgrader(nb).update(x=_HERE), '1, "grade_id": "foreign"'
    )
    yield _data("trailing-comma", "", "refused", _dumped(honest())[:-1] + b",}")


def _formats(_rng: random.Random) -> Iterator[Case]:
    """Versions of the notebook format that are not ours, and one that is."""
    for value in (1, 2, 3, 5, "4", 4.9, None, True, -4, [4], 10**400):
        shown = str(value)[:20]
        yield _notebook("nbformat", shown, "refused", lambda nb, value=value: nb.update(nbformat=value))
    yield _notebook("nbformat", "4.0", "whole", lambda nb: nb.update(nbformat=4.0))
    yield _notebook("nbformat", "none", "refused", lambda nb: nb.pop("nbformat"))
    for value in (-1, 0, 99, "5", None, [], 10**400):
        shown = str(value)[:20]
        yield _notebook("nbformat-minor", shown, "whole", lambda nb, value=value: nb.update(nbformat_minor=value))
    old = nbformat.convert(nbformat.reads(json.dumps(honest()), as_version=4), 3)
    yield _data("nbformat", "a real one of version 3", "whole", _dumped(old))


def _types(rng: random.Random) -> Iterator[Case]:
    """Each field of the notebook, of a cell and of its metadata with a value of each wrong type."""
    own = {"source": "either", "outputs": "whole", "execution_count": "whole", "id": "whole"}
    managed = {"metadata": "whole", "attachments": "whole", "cell_type": "whole"}
    metadata = ("metadata", "tags", "nbgrader", "jupyter", "name", "collapsed")
    flags = ("grade_id", "grade", "solution", "locked", "task", "points", "schema_version", "checksum", "cell_type")
    ids = ("test_cost", "cost", "setup", "why_sigma_prime_cancels")
    for what, value in _VALUES.items():
        yield _notebook("type-of-notebook", what, "refused", lambda nb, v=value: (nb.clear(), nb.update(cells=v)))
        yield _notebook("type-of-cells", what, "either", lambda nb, v=value: nb.update(cells=v))
        yield _notebook("type-of-cell", what, "either", lambda nb, v=value: nb["cells"].insert(3, v))
        yield _notebook("type-of-metadata", what, "whole", lambda nb, v=value: nb.update(metadata=v))
        for field, expect in own.items():
            yield _typed("type-of-field", ("cost", field), what, expect, _cell)
        for field, expect in managed.items():
            where = rng.choice(ids[:2])
            yield _typed("type-of-managed", (where, field), what, expect, _cell)
        for field in (*((name,) for name in metadata), metadata):
            kind = "type-in-metadata" if len(field) == 1 else "type-of-all-metadata"
            yield _typed(kind, (rng.choice(ids), *field), what, "whole", lambda nb, where: _cell(nb, where)["metadata"])
        for field in (*((name,) for name in flags), flags):
            kind = "type-of-flag" if len(field) == 1 else "type-of-all-flags"
            yield _typed(kind, (rng.choice(ids), *field), what, "whole", _nbgrader)


def _typed(
    kind: str, place: tuple[str, ...], what: str, expect: str, find: Callable[[Any, str], dict[str, Any]]
) -> Case:
    """Return a case with the value called `what` at a place: what `find` finds in a cell, and some fields of that."""
    where, *fields = place
    values = dict.fromkeys(fields, _VALUES[what])
    return _notebook(
        kind, f"{what} as {fields[0]} in {where}", expect, lambda nb: find(nb, where).update(copy.deepcopy(values))
    )


def _forged(_rng: random.Random) -> Iterator[Case]:
    """Metadata that a student could write to get marks, and cells where none belong."""
    changes: dict[str, Callable[[dict[str, Any]], object]] = {
        "solution": lambda nb: _nbgrader(nb).update(solution=True),
        "task": lambda nb: _nbgrader(nb).update(task=True, grade=False),
        "unlocked": lambda nb: _nbgrader(nb).update(locked=False),
        "no grade": lambda nb: _nbgrader(nb).update(grade=False),
        "foreign id": lambda nb: _nbgrader(nb).update(grade_id="ps9_question_1"),
        "id of the future": lambda nb: _nbgrader(nb).update(schema_version=99),
        "id of the past": lambda nb: _nbgrader(nb).update(schema_version=1),
        "no metadata": lambda nb: _cell(nb, "test_cost").pop("metadata"),
        "no metadata at all": lambda nb: [cell.pop("metadata") for cell in nb["cells"]] and nb.pop("metadata"),
        "edited check": lambda nb: _cell(nb, "test_cost").update(source="7.0"),
        "swapped ids": lambda nb: _nbgrader(nb).update(grade_id="test_sigmoid"),
        "the same id everywhere": lambda nb: [
            cell["metadata"].update(nbgrader=dict(_nbgrader(nb))) for cell in nb["cells"][:3]
        ],
        "skip-execution": lambda nb: [cell["metadata"].update(tags=["skip-execution"]) for cell in nb["cells"]],
        "two checks": lambda nb: nb["cells"].append(copy.deepcopy(_cell(nb, "test_cost"))),
        "everything twice": lambda nb: nb["cells"].extend(copy.deepcopy(nb["cells"])),
        "the same cell id": lambda nb: [cell.update(id="same") for cell in nb["cells"]],
        "no cell ids": lambda nb: [cell.pop("id") for cell in nb["cells"]],
        "no check": lambda nb: nb["cells"].remove(_cell(nb, "test_cost")),
        "forged result": lambda nb: _cell(nb, "test_cost").update(
            outputs=[
                {"output_type": "execute_result", "data": {"text/plain": "6"}, "metadata": {}, "execution_count": 1}
            ]
        ),
        "our own notes": lambda nb: nb["metadata"].update(autograder={"refused": "yes", "notes": 7}),
        "a kernel of its own": lambda nb: nb["metadata"].update(kernelspec={"name": "../../bin/sh", "display_name": 1}),
    }
    for what, change in changes.items():
        yield _notebook("forged", what, "whole", change)
    for text in ("many", "20", -1, 1e308, float("nan"), 10**30):
        yield _notebook("points", str(text), "whole", lambda nb, t=text: _nbgrader(nb).update(points=t))
    yield _notebook("no-cells", "an empty list", "either", lambda nb: nb.update(cells=[]))
    yield _notebook("cells-as-dict", "", "refused", lambda nb: nb.update(cells=dict(enumerate(nb["cells"]))))
    yield _notebook("backwards", "", "either", lambda nb: nb["cells"].reverse())
    yield _notebook("raw", "", "either", lambda nb: [cell.update(cell_type="raw") for cell in nb["cells"]])
    for kind in ("heading", "html", "Code", "code ", "⚙", "\x00"):
        yield _notebook("cell-type", kind, "whole", lambda nb, k=kind: _cell(nb, "test_cost").update(cell_type=k))
        yield _notebook(
            "own-cell-type", kind, "whole", lambda nb, k=kind: nb["cells"].insert(2, _code("x", cell_type=k))
        )


def _texts(_rng: random.Random) -> Iterator[Case]:
    """Lone surrogates and attachments wherever a notebook can hold them, and sources of every form."""
    places: dict[str, Callable[[dict[str, Any]], object]] = {
        "source": lambda nb: nb["cells"].insert(4, _code(f"'{_LONE}'")),
        "markdown": lambda nb: nb["cells"].insert(1, {"cell_type": "markdown", "metadata": {}, "source": [_LONE]}),
        "answer": lambda nb: _cell(nb, "why_sigma_prime_cancels").update(source=_LONE),
        "id": lambda nb: nb["cells"][2].update(id=_LONE),
        "key": lambda nb: nb["cells"][2]["metadata"].update({_LONE: 1}),
        "grade_id": lambda nb: nb["cells"].append(_code("1", metadata={"nbgrader": {"grade_id": _LONE}})),
        "metadata": lambda nb: nb["metadata"].update({_LONE: _LONE}),
        "attachment": lambda nb: _attach(nb, {_LONE: {"image/png": "AAAA"}}),
        "attached": lambda nb: _attach(nb, {"a.png": {"image/png": _LONE}}),
        "tag": lambda nb: _cell(nb, "test_cost")["metadata"].update(tags=[_LONE]),
        "top": lambda nb: nb.update({_LONE: _LONE}),
    }
    for what, change in places.items():
        yield _notebook("surrogate", what, "whole", change)
    bundles = (7, "x", [], {"a.png": 7}, {"a.png": {"image/png": 7}}, {"a.png": {"": ""}}, {"": {"image/png": "AAAA"}})
    for bundle in (*bundles, {"a.png": {"application/json": {"a": 1}}}, {"a/../b": {"text/html": "<script>"}}):
        yield _notebook("attachments", str(bundle), "whole", lambda nb, b=bundle: _attach(nb, b))
    for source in (
        7,
        [1, 2],
        [["x = 1"]],
        ["x", None, "= 1"],
        {"a": "b"},
        "\r\n",
        "\ufeffx = 1",
        "x = 1\x00",
        "\x1b[2J",
    ):
        yield _notebook("source", repr(source), "either", lambda nb, s=source: nb["cells"].insert(4, _code(s)))


def _attach(notebook: dict[str, Any], attachments: Any) -> None:
    _cell(notebook, "why_sigma_prime_cancels")["attachments"] = attachments


def _vast(_rng: random.Random) -> Iterator[Case]:
    """More of it than there may be: cells, outputs, lines."""

    def outputs(count: int, size: int) -> Callable[[], bytes]:
        text = {"output_type": "stream", "name": "stdout", "text": "x" * size}
        notebook = honest()
        notebook["cells"].insert(0, _code("1", outputs=[text] * count))
        return lambda: _dumped(notebook)

    yield _data("50-MB-output", "one output", "refused", outputs(1, 50 << 20))
    yield _data("50-MB-output", "many outputs", "refused", outputs(5000, 10 << 10))
    yield _data("8-MB-output", "within the limit", "whole", outputs(1, 8 << 20))
    for count, expect in ((400, "whole"), (501, "refused"), (100_000, "refused")):
        yield _data(f"{count}-cells", "", expect, lambda c=count: _dumped(_with_cells(c)))
    yield _data("11-MB", "spaces", "refused", lambda: _dumped(honest()) + b" " * (11 << 20))
    yield _data("long-line", "5 MB of comment", "whole", lambda: _dumped(_with_source("#" + "x" * (5 << 20))))
    yield _data("many-lines", "a million", "whole", lambda: _dumped(_with_source("\n" * 1_000_000)))
    yield _data("deep-code", "brackets", "whole", lambda: _dumped(_with_source("(" * 100_000)))
    yield _data("long-list", "of lines", "whole", lambda: _dumped(_with_source(["\n"] * 300_000)))


def _with_cells(count: int) -> dict[str, Any]:
    notebook = honest()
    own = [{"cell_type": "markdown", "metadata": {}, "source": ""}] * (count - len(notebook["cells"]))
    return {**notebook, "cells": [*own, *notebook["cells"]]}


def _with_source(source: Any) -> dict[str, Any]:
    notebook = honest()
    notebook["cells"].insert(0, _code(source))
    return notebook


def _files(_rng: random.Random) -> Iterator[Case]:
    """What is no file of that name."""
    yield _data("empty-file", "", "refused", b"")
    yield _data("blank-file", "", "refused", b" \r\n\t")
    yield Case("folder", "", "refused", lambda folder: (folder / NOTEBOOK).mkdir())
    yield Case("folder", "full", "refused", lambda folder: (folder / NOTEBOOK / NOTEBOOK).mkdir(parents=True))
    yield Case("fifo", "", "refused", lambda folder: os.mkfifo(folder / NOTEBOOK))
    yield Case("socket", "", "refused", _socket)
    yield Case("sparse", "5 GB", "refused", _sparse)
    yield Case("hard-link", "", "whole", _hard_link)
    for target in (
        "/etc/passwd",
        "/dev/zero",
        NOTEBOOK,
        "nowhere",
        "..",
        "/proc/self/mem",
        "../../s0000-honest/neuron/neuron.ipynb",
    ):
        yield Case("link", target, "refused", lambda folder, t=target: (folder / NOTEBOOK).symlink_to(t))
    yield Case("no-notebook-file", "", "refused", lambda folder: (folder / "neuron.txt").write_text("x") and None)


def _beside(_rng: random.Random) -> Iterator[Case]:
    """Notebooks of other names, and files that have no business there."""
    names = (
        "a\nb.ipynb",
        "🧠.ipynb",
        b"\xff\xfe.ipynb",
        "-rf.ipynb",
        "n" * 240 + ".ipynb",
        " .ipynb",
        "Neuron.IPYNB.ipynb",
    )
    for name in names:
        yield Case("renamed", repr(name)[:40], "whole", _named(name))
    yield Case("two-others", "", "refused", _named("a\nb.ipynb", b"\xff\xfe.ipynb"))
    for name in ("numpy.py", "nbgrader_config.py", b"\xff\xfe.txt", "a\nb.txt", "e\u0301🧠.csv", "breast_cancer.csv"):
        yield Case("beside", repr(name), "whole", _hand_in_with(name))
    for text in (b"", b"yesterday", b"\xff\xfe", b"9999-99-99", b"0001-01-01 00:00:00 UTC", b"x" * 100_000, b"\x00"):
        yield Case("timestamp", repr(text)[:30], "whole", _hand_in_with("timestamp.txt", text))
    yield Case("deep-folder", "", "whole", _deep)


def _hand_in_with(name: str | bytes, content: bytes = b"x") -> Callable[[Path], None]:
    def put(folder: Path) -> None:
        hand_in(folder, honest())
        Path(os.fsdecode(os.fsencode(folder) + b"/" + os.fsencode(name))).write_bytes(content)

    return put


def _named(*names: str | bytes) -> Callable[[Path], None]:
    def put(folder: Path) -> None:
        for name in names:
            _hand_in_with(name, _dumped(honest()))(folder)
        (folder / NOTEBOOK).unlink()

    return put


def _socket(folder: Path) -> None:
    here = os.open(folder, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(f"/proc/self/fd/{here}/{NOTEBOOK}")  # a socket's path may not be long
    os.close(here)


def _sparse(folder: Path) -> None:
    with (folder / NOTEBOOK).open("wb") as file:
        file.truncate(5 << 30)


def _hard_link(folder: Path) -> None:
    hand_in(folder, honest())
    (folder / "copy.txt").hardlink_to(folder / NOTEBOOK)


def _deep(folder: Path) -> None:
    hand_in(folder, honest())
    (folder / Path(*["d" * 50] * 30)).mkdir(parents=True)
    (folder / Path(*["d" * 50] * 30) / "x.txt").write_text("x")


_DRAWS = (_damaged, _encoded, _json, _formats, _types, _forged, _texts, _vast, _files, _beside)
