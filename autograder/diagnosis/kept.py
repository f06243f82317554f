"""Tables of answers that take a second to compute, kept on disk from one run to the next."""

import contextlib
import hashlib
import json
import os
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
from platformdirs import user_cache_dir

from autograder.diagnosis.signature import Form, Signature, values_of
from autograder.grading.assignment import digest_of
from autograder.grading.compare import Array

Table = Mapping[Form, tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Array]]  # whose answers, and a row of each

_KEY = "key"
_KEPT_SECONDS = 90 * 24 * 3600.0


def tabulated(answers: Iterable[tuple[int, Signature]]) -> Table:
    """Return a table of answers, each of which comes with the number of whose it is."""
    found: dict[Form, tuple[list[int], list[Array]]] = {}
    for number, answer in answers:
        whose, rows = found.setdefault(answer.form, ([], []))
        whose.append(number)
        rows.append(values_of(answer))
    return {form: (np.array(whose), np.array(rows)) for form, (whose, rows) in found.items()}


def kept(name: str, folder: Path, make: Callable[[], Table]) -> Table:
    """Return a table as it was kept, or make it and keep it; where nothing can be written, it is made each time.

    Args:
        name: of the table.
        folder: of the assignment whose table it is; another content of its files, of our own or another NumPy makes it
            anew. Where the folder is does not matter, so a copy of an assignment has its tables at once.
        make: computes it.
    """
    versions = (sys.version, np.__version__, digest_of(Path(__file__).parent), digest_of(folder))
    key = hashlib.sha256(repr(versions).encode()).hexdigest()
    path = Path(user_cache_dir("autograder")) / "answers" / f"{name}-{key[:16]}.npz"
    with contextlib.suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return _read(path, key)
    table = make()
    with contextlib.suppress(OSError):
        _forget_old(path.parent)
        _write(path, key, table)
    return table


def _forget_old(folder: Path) -> None:
    """Remove the tables of versions that are gone; one that is still in use is made anew once in a season."""
    for path in folder.glob("*.npz"):
        if time.time() - path.stat().st_mtime > _KEPT_SECONDS:
            path.unlink(missing_ok=True)


def _read(path: Path, key: str) -> Table:
    with np.load(path, allow_pickle=False) as data:
        if data[_KEY].item() != key:
            raise KeyError(key)
        forms = json.loads(data["forms"].item())
        return {
            (kind, tuple(shape), tuple(changed)): (data[f"whose{n}"], data[f"answers{n}"])
            for n, (kind, shape, changed) in enumerate(forms)
        }


def _write(path: Path, key: str, table: Table) -> None:
    arrays = {_KEY: np.array(key), "forms": np.array(json.dumps(list(table)))}
    for n, (whose, answers) in enumerate(table.values()):
        arrays |= {f"whose{n}": whose, f"answers{n}": answers}
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, scratch = tempfile.mkstemp(dir=path.parent, suffix=".npz")
    try:
        with os.fdopen(descriptor, "wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
        Path(scratch).replace(path)
    finally:
        Path(scratch).unlink(missing_ok=True)
