"""Names of assignments: what nbgrader takes is graded, whatever is in it; everything else is refused in one line."""

import shutil

import pytest
from ordinary import code, notebook, run

from autograder import cli
from autograder.course.ids import refusal_of_assignment
from autograder.course.records import outcomes
from autograder.course.setup.config_file import CONFIG

OURS = "from autograder.course.configure import configure\nc = get_config()\nc.Autograder.seed = 3\nconfigure(c)\n"
TAKEN = (
    *(
        "ps-1",
        "hw 2.1",
        "übung",
        "u\u0308bung",
        "hw 1 (abc)",
        "a&b",
        "o'brien",
        'half "quoted"',
        "$HOME",
        "{x}",
        "%41",
        "-dash",
    ),
    *("a#b", "<b>", "a,b", "a~b", "a:b", "back\\slash", "🙂", "👩\u200d🏫", "n" * 128, "ü" * 120),
)
REFUSED = {
    "hw[1]": "for a pattern",
    "hw*": "for a pattern",
    "hw?": "for a pattern",
    "hw+1": "+ or /",
    "week/1": "+ or /",
    "..": "begins with a dot",
    ".hidden": "begins with a dot",
    '"quoted"': "take the quotes off",
    "'quoted'": "take the quotes off",
    "trailing ": "blank",
    " leading": "blank",
    "new\nline": "line end",
    "line\n": "line end",
    "n" * 129: "128 characters",
    "🙂" * 61: "240 bytes",
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_nbgrader_takes_is_taken(name):
    """No name that nbgrader can deal with is refused."""
    assert refusal_of_assignment(name) is None


@pytest.mark.parametrize(("name", "said"), REFUSED.items())
def test_what_nbgrader_cannot_deal_with_is_refused(tmp_path, monkeypatch, capsys, name, said):
    """The batch says in one line what is wrong with a name, and what to do."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter"))
    (tmp_path / CONFIG).write_text(OURS)
    assert cli.main(["autograde", "--scheduler", "tcp://nowhere:1", "--", name]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "rename" in err
    assert err.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "in_full"),
    [("hw 1 (abc) {x} 🙂", False), *(pytest.param(name, True, marks=pytest.mark.full) for name in TAKEN)],
)
def test_any_name_goes_from_source_to_feedback(tmp_path, name, in_full):
    """An assignment of a name that is taken is released and graded; all are by either command, and have feedback."""
    (tmp_path / CONFIG).write_text(OURS)
    (tmp_path / "source" / name).mkdir(parents=True)
    cells = code("### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "x", solution=True), code("assert x == 1", "t", 2)
    (tmp_path / "source" / name / "p1.ipynb").write_text(notebook(*cells))
    run(tmp_path, "nbgrader", "generate_assignment", f"--assignment={name}")
    shutil.copytree(tmp_path / "source" / name, tmp_path / "submitted" / "ann" / name)
    run(tmp_path, "autograder", "autograde", "--", name)
    assert outcomes.read(tmp_path, name, "ann")["points"] == 2
    if in_full:
        run(tmp_path, "nbgrader", "autograde", f"--assignment={name}", "--force")
        assert outcomes.read(tmp_path, name, "ann")["points"] == 2
        run(tmp_path, "nbgrader", "generate_feedback", f"--assignment={name}")
        assert (tmp_path / "feedback" / "ann" / name / "p1.html").is_file()


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.parametrize("name", ["hw[1]", "hw*", ".hid"])
def test_nbgraders_own_commands_refuse_it_in_one_line_too(tmp_path, name):
    """So does every command of nbgrader, before it does anything."""
    (tmp_path / CONFIG).write_text(OURS)
    (tmp_path / "source" / name).mkdir(parents=True)
    done = run(tmp_path, "nbgrader", "generate_assignment", f"--assignment={name}", fails=True)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "rename" in done.stderr
