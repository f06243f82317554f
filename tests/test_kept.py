"""Tables of answers that are kept on disk: the same ones come back, and none that are out of date."""

import os
import shutil
import time

import numpy as np
import pytest

from autograder.diagnosis import kept
from autograder.grading import assignment

TABLE = {
    ("number", (2,), (1,)): (np.array([0, 2]), np.array([[1.0, 2.0], [np.nan, -np.inf]])),
    ("raised TypeError", (), ()): (np.array([1]), np.zeros((1, 0))),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return an assignment's folder, with a cache that nobody else uses and files looked at anew each time."""
    monkeypatch.setattr(kept, "user_cache_dir", lambda _name: str(tmp_path / "cache"))
    monkeypatch.setattr(assignment, "_MOMENT", -1.0)
    folder = tmp_path / "assignment"
    folder.mkdir()
    (folder / "reference.py").write_text("x = 1\n")
    return folder


class Maker:
    """Counts how often the table is computed."""

    def __init__(self):
        self.times = 0

    def __call__(self):
        """Compute it."""
        self.times += 1
        return TABLE


def same(one, other):
    """Say whether two tables are equal, to the bit."""
    return list(one) == list(other) and all(
        left.dtype == right.dtype and np.array_equal(left, right, equal_nan=left.dtype.kind == "f")
        for form in one
        for left, right in zip(one[form], other[form], strict=True)
    )


def test_what_was_made_is_kept(folder):
    """The second time the table comes from the disk, equal to the first; tables of other names are others."""
    make = Maker()
    assert same(kept.kept("pairs-cost", folder, make), TABLE)
    assert same(kept.kept("pairs-cost", folder, make), TABLE)
    assert make.times == 1
    kept.kept("pairs-sigmoid", folder, make)
    assert make.times == 2


def test_a_change_of_the_assignment_makes_it_anew(folder):
    """A table of other mistakes than those that there are now would name wrongly."""
    make = Maker()
    kept.kept("pairs-cost", folder, make)
    (folder / "reference.py").write_text("x = 22\n")
    kept.kept("pairs-cost", folder, make)
    kept.kept("pairs-cost", folder, make)
    assert make.times == 2


def test_a_copy_has_the_tables_at_once(folder):
    """Equal files in another folder, of another time, have equal tables: another clone makes none anew."""
    make = Maker()
    kept.kept("pairs-cost", folder, make)
    other = folder.parent / "elsewhere"
    shutil.copytree(folder, other, copy_function=shutil.copyfile)
    os.utime(other / "reference.py", (1.0, 1.0))
    assert same(kept.kept("pairs-cost", other, make), TABLE)
    assert make.times == 1


def test_what_nobody_has_made_for_a_season_is_removed(folder):
    """Tables of versions that are gone do not pile up."""
    kept.kept("pairs-cost", folder, Maker())
    cache = folder.parent / "cache" / "answers"
    (old,) = cache.iterdir()
    os.utime(old, (time.time() - 100 * 24 * 3600,) * 2)
    (folder / "reference.py").write_text("x = 22\n")
    kept.kept("pairs-cost", folder, Maker())
    assert old not in {*cache.iterdir()}


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 no archive", None])
def test_a_damaged_file_is_made_anew(folder, damage):
    """A file that is empty, garbage or cut short costs a second, nothing else."""
    make = Maker()
    kept.kept("pairs-cost", folder, make)
    (file,) = (folder.parent / "cache" / "answers").iterdir()
    file.write_bytes(file.read_bytes()[:-30] if damage is None else damage)
    assert same(kept.kept("pairs-cost", folder, make), TABLE)
    assert same(kept.kept("pairs-cost", folder, make), TABLE)
    assert make.times == 2


def test_a_cache_that_cannot_be_written_is_done_without(folder):
    """Where there is no place for it, the table is made each time."""
    make = Maker()
    (folder.parent / "cache").write_text("no folder")
    assert same(kept.kept("pairs-cost", folder, make), TABLE)
    assert same(kept.kept("pairs-cost", folder, make), TABLE)
    assert make.times == 2
