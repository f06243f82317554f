"""The wheel: it has what a user needs, and nothing that only developers need."""

import re
import subprocess
import tomllib
import zipfile
from email.parser import Parser
from importlib.metadata import version
from pathlib import Path

import pytest
import wheel
from packaging.requirements import Requirement

from autograder.grading.assignment import names
from autograder.shipped import NOTEBOOKS, located, shipped

ROOT = wheel.ROOT


@pytest.fixture(scope="module")
def package(slow):
    """Return the wheel, opened."""
    with zipfile.ZipFile(wheel.built()[0]) as opened:
        yield opened


@pytest.fixture(scope="module")
def metadata(package):
    """Return the wheel's metadata."""
    (name,) = [name for name in package.namelist() if name.endswith(".dist-info/METADATA")]
    return Parser().parsestr(package.read(name).decode())


def test_it_has_a_name_of_our_own(metadata):
    """The distribution is `nbgrader-autograder`; no text tells anybody to install `autograder`, which is strangers'."""
    assert metadata["Name"] == "nbgrader-autograder"
    texts = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("autograder/**/*.py")]
    assert len(texts) > 100
    for path in texts:
        assert not re.search(r"pip install '?autograder\b", path.read_text()), path


def test_the_notebooks_are_in_it(package):
    """The notebooks of every assignment that the package brings are in it, with their data, byte by byte."""
    assert sorted(NOTEBOOKS) == names()
    for name in NOTEBOOKS:
        found = {one for one in package.namelist() if one.startswith(f"autograder/source/{name}/")}
        own = [path for path in (ROOT / "source" / name).iterdir() if path.is_file()]
        assert found == {f"autograder/source/{name}/{path.name}" for path in own}
        for path in own:
            assert package.read(f"autograder/source/{name}/{path.name}") == path.read_bytes()
            assert (shipped("source") / name / path.name).read_bytes() == path.read_bytes()


def test_the_pages_that_commands_point_to_are_in_it(package):
    """Every page of docs/ that the code mentions is in it, and pictures and certificates are not."""
    inside = set(package.namelist())
    for path in ROOT.glob("autograder/**/*.py"):
        for page in re.findall(r"docs/([\w-]+\.md)", path.read_text()):
            assert f"autograder/docs/{page}" in inside, path
    assert not [name for name in inside if name.startswith("autograder/docs/") and not name.endswith(".md")]


def test_a_message_names_pages_by_where_they_are():
    """A page that a refusal points to can be opened from wherever the command was typed."""
    said = located("refused; see docs/set-up.md, or docs/security.md. my/docs/set-up.md is another")
    first, second = re.findall(r"(/\S+\.md)", said)[:2]
    assert (Path(first), Path(second)) == (ROOT / "docs" / "set-up.md", ROOT / "docs" / "security.md")
    assert said.endswith("my/docs/set-up.md is another")


def test_what_only_developers_need_is_not_in_it(package, metadata):
    """No test, benchmark or development tool comes with it; what few need is an extra."""
    assert {name.split("/")[0].partition("-")[0] for name in package.namelist()} == {
        "autograder",
        "nbgrader_autograder",
    }
    asked = [Requirement(text) for text in metadata.get_all("Requires-Dist")]
    always = {one.name for one in asked if one.marker is None}
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["dev"]
    assert always.isdisjoint({Requirement(text).name for text in groups})
    assert {one.name for one in asked} - always == {"cosmic-ray", "distributed", "psycopg"}


def test_its_constraints_are_metadata(metadata):
    """A user's pip knows the versions that marks and speed depend on; those of the lock are among them."""
    asked = {one.name: one for one in map(Requirement, metadata.get_all("Requires-Dist")) if one.marker is None}
    assert "4.25" not in asked["jsonschema"].specifier
    assert "3.0" not in asked["numpy"].specifier
    for name, one in asked.items():
        assert version(name) in one.specifier


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("from autograder.cli import main; main(['certify', 'neuron'])", "nbgrader-autograder[authoring]"),
        (
            "from autograder.course.configure import _check_driver; _check_driver('postgresql://nobody@nowhere/none')",
            "nbgrader-autograder[postgres]",
        ),
    ],
)
@pytest.mark.slow
def test_a_missing_extra_is_named_in_one_line(tmp_path, code, said):
    """Whoever asks for what needs an extra is told which, in one line."""
    for module in ("cosmic_ray", "psycopg", "psycopg2", "distributed", "dask"):
        text = f'raise ModuleNotFoundError("No module named {module}", name="{module}")'
        (tmp_path / f"{module}.py").write_text(text + "\n")
    python = [wheel.PROGRAMS / "python", "-c", code]
    done = subprocess.run(
        python, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_missing_library_is_named_in_one_line():
    """Where a library of the package's own is not there, the command names it and says what to do."""
    python = [wheel.PROGRAMS / "python", "-S", "-c", "from autograder.cli import main; main(['autograde', 'neuron'])"]
    done = subprocess.run(python, cwd=ROOT, capture_output=True, text=True, check=False)
    (line,) = done.stderr.splitlines()
    assert re.search("No module named .*: install the package anew", line)
