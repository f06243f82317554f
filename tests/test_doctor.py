"""What `autograder doctor` warns of in a course, though it keeps nothing from being graded."""

import pytest

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
