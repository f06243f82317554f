"""Tables of answers that take a second to compute, kept on disk from one run to the next."""

import contextlib
import hashlib
import json
import os
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from platformdirs import user_cache_dir

from autograder.diagnosis import reference
from autograder.diagnosis.signature import Form
from autograder.grading.assignment import fingerprint_of
from autograder.grading.compare import Array

Table = Mapping[Form, tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Array]]  # whose answers, and a row of each

_KEY = "key"


def kept(name: str, folder: Path, make: Callable[[], Table]) -> Table:
    """Return a table as it was kept, or make it and keep it; where nothing can be written, it is made each time.

    Args:
        name: of the table.
        folder: of the assignment whose table it is; a change of any of its files, of our own or of NumPy makes it anew.
        make: computes it.
    """
    where = f"{name}-{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}.npz"
    path = Path(user_cache_dir("autograder")) / "answers" / where
    sources = (Path(__file__).parent, Path(reference.__file__).parent, folder)
    versions = (sys.version, np.__version__, *(fingerprint_of(str(source)) for source in sources))
    key = hashlib.sha256(repr(versions).encode()).hexdigest()
    with contextlib.suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return _read(path, key)
    table = make()
    with contextlib.suppress(OSError):
        _write(path, key, table)
    return table


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
