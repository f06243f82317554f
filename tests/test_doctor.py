"""What `autograder doctor` warns of in a course, though it keeps nothing from being graded."""

import tempfile
from pathlib import Path

import pytest
from scratch import OPEN

from autograder.commands import doctor

CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'course'\n"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("", ["seed: 57 is the one that anybody can read in this package"]),
        ("c.Autograder.seed = 57", ["seed: 57 is the one that anybody can read in this package"]),
        ("c.Autograder.seed = 58", []),
        ("c.Autograder.seed = 58\nc.Autograder.isolation = 'none'", ["students' code runs with your rights"]),
        ("nonsense", ["nbgrader_config.py: NameError"]),
        (None, []),
    ],
)
def test_public_seed_and_missing_walls_are_told(tmp_path, monkeypatch, settings, said):
    """The doctor says so where the hidden inputs are those that anybody can draw, or where no wall is asked for."""
    if settings is not None:
        (tmp_path / "nbgrader_config.py").write_text(CONFIG + settings)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter"))
    warnings = doctor._warnings()
    assert len(warnings) == len(said)
    assert all(text in warning for text, warning in zip(said, warnings, strict=True))


def test_what_everybody_can_read_is_told(monkeypatch):
    """The doctor names what is open, in a course and its exchange, and nothing that a closed folder above it hides."""
    with tempfile.TemporaryDirectory(dir=OPEN) as name:
        root = Path(name) / "course"
        inbound = Path(name) / "exchange" / "course" / "inbound"
        for folder in (root / "source", root / "submitted", root / "outcomes", inbound):
            folder.mkdir(parents=True)
        (root / "nbgrader_config.py").write_text(
            f"{CONFIG}c.Autograder.seed = 58\nc.Exchange.root = {str(inbound.parent.parent)!r}\n"
        )
        for file in ("gradebook.db", "grades.csv", "marks-ps1.csv"):
            (root / file).touch()
        for path in (root / "nbgrader_config.py", root / "outcomes", root / "grades.csv"):
            path.chmod(0o700)
        monkeypatch.chdir(root)
        monkeypatch.setenv("JUPYTER_CONFIG_DIR", f"{name}/jupyter")
        assert doctor._warnings() == []  # the folder above is closed
        Path(name).chmod(0o755)
        names = "gradebook.db, marks-ps1.csv, source, submitted"
        course, exchange = doctor._warnings()
        assert f"can read {names}: marks" in course
        assert course.endswith(f"chmod -R o-rwx {names.replace(',', '')}")
        assert f"can list {inbound}" in exchange
        inbound.chmod(0o733)
        root.chmod(0o700)
        assert doctor._warnings() == []
