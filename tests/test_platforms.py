"""The result files of Gradescope, PrairieLearn and JUnit, and the archive with which our graders run there."""

import base64
import csv
import hashlib
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import jsonschema
import pytest
import warm
import xmlschema
from contained import in_container
from hand_ins import NEURON, path_of
from scratch import ROOT

from autograder.cli import main
from autograder.grading.assignment import find
from autograder.grading.results import CriterionResult, Evidence, ExerciseResult, Picture, exercise_result
from autograder.judge.judge import DEFAULT_SEED
from autograder.judge.notebook import NotebookError
from autograder.judge.outcome import Judgement, engine_failed, refused
from autograder.platforms.bundle import wheel
from autograder.platforms.bundle.contents import PROGRAMS
from autograder.platforms.bundle.pins import pins
from autograder.platforms.bundle.submitted import the_file
from autograder.platforms.results import gradescope, prairielearn
from autograder.platforms.results.checked import CUT, LIMIT, Checked, dump
from autograder.platforms.results.files import result_file

PROGRAMS_HERE = Path(sys.executable).parent
SCHEMAS = Path(__file__).parent / "schemas"
DRAFT = {name: json.loads((SCHEMAS / f"{name}.json").read_text()) for name in ("gradescope", "prairielearn")}
XSD = xmlschema.XMLSchema(SCHEMAS / "junit.xsd")
PNG = "data:image/png;base64," + base64.b64encode(bytes(range(256)) * 40).decode()


def exercise(name: str = "cost", **changes) -> ExerciseResult:
    """Return a result in which one criterion passed, one failed and one waits, with a mistake and a picture."""
    criteria = [
        CriterionResult("value", "Gives the right number.", "fail", 0.0, 4.0, "you returned 2, 1 is right"),
        CriterionResult("order", "Does not depend on the order.", "skip", 0.0, 1.0, "runs once “value” passes"),
        CriterionResult("shape", "Is one number.", "pass", 1.0, 1.0),
    ]
    mistakes = ({"mistake": "no-mean", "title": "The mean is missing", "hint": "Divide by n."},)
    full = {"mistakes": mistakes, "evidence": Evidence(pictures=(Picture("Two lines.", PNG),))} | changes
    result = exercise_result(name, criteria)
    return ExerciseResult(name, result.points, result.max_points, result.criteria, **full)


def broken() -> ExerciseResult:
    """Return a result that the grader itself failed to judge."""
    return exercise_result("sigmoid", [CriterionResult("value", "Is right.", "error", None, 4.0, "the grader failed")])


def checked(*exercises: ExerciseResult) -> Checked:
    """Return a file that was judged so."""
    return Checked("work.py", Judgement("neuron", "graded", None, exercises), 1.25)


HELD = {
    "unusable": Checked("damaged.ipynb", refused("neuron", "the file is not JSON \x07\x1b[31m\ud800 & <b>"), 0.0),
    "our fault": Checked("work.py", engine_failed("neuron", OSError("no space left")), 0.5),
    "a grader that failed": checked(broken(), exercise()),
}
KINDS = HELD | {
    "marked": checked(exercise()),
    "several": checked(*(exercise(name) for name in ("sigmoid", "cost", "dC_dw"))),
    "odd": Checked("\udcff\x00.py", Judgement("neuron", "graded", None, (exercise("x\x0b\ufffe<&>'\""),)), 0.0),
}


def result(platform: str, kind: Checked) -> dict:
    """Return the object of a platform's result file, which has to be what that platform documents."""
    data = json.loads(result_file(platform, [kind]))
    jsonschema.Draft202012Validator(DRAFT[platform]).validate(data)
    return data


@pytest.mark.parametrize("kind", KINDS)
def test_every_result_is_as_the_platform_documents(kind):
    """Whatever a file is judged as, the three result files are what their readers take."""
    result("gradescope", KINDS[kind])
    result("prairielearn", KINDS[kind])
    XSD.validate(result_file("junit", [KINDS[kind]]))


def test_the_schemas_refuse_what_is_wrong():
    """A score above one, an unknown field and a score beside `gradable: false` are refused; so is a bare test."""
    for wrong in ({"score": 1.5}, {"score": 1, "grade": 1}, {"gradable": False, "score": 0.0, "format_errors": "x"}):
        assert not jsonschema.Draft202012Validator(DRAFT["prairielearn"]).is_valid(wrong)
    for wrong in ({"tests": [{"name": "a"}]}, {"output": "x"}, {"score": "4"}, {"score": 4, "visibility": "seen"}):
        assert not jsonschema.Draft202012Validator(DRAFT["gradescope"]).is_valid(wrong)
    assert not XSD.is_valid('<testsuites><testsuite name="a" tests="one" failures="0" errors="0"/></testsuites>')


@pytest.mark.full
@pytest.mark.slow
def test_pytests_own_file_fits_the_schema(tmp_path):
    """What pytest writes of a pass, a failure, a skip and an error in a fixture is what our schema describes."""
    (tmp_path / "test_it.py").write_text(
        "import pytest\n@pytest.fixture\ndef broken(): raise OSError\ndef test_a(): pass\ndef test_b(): assert 0\n"
        "def test_c(): pytest.skip('later')\ndef test_d(broken): pass\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-o", "junit_family=xunit2", "--junitxml=it.xml"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    text = (tmp_path / "it.xml").read_text()
    XSD.validate(text)
    assert all(f"<{tag}" in text for tag in ("failure", "skipped", "error"))


@pytest.mark.parametrize("kind", HELD)
def test_what_is_held_back_costs_nothing(kind):
    """Where anything could not be judged there is no score, no attempt is taken, and the reason is said."""
    data = result("gradescope", HELD[kind])
    assert "score" not in data
    assert data["tests"] == []
    assert "costs no points" in data["output"]
    data = result("prairielearn", HELD[kind])
    assert data["gradable"] is False
    assert "costs no points" in data["format_errors"][0]
    suite = XSD.to_dict(result_file("junit", [HELD[kind]]))["testsuite"][0]
    assert suite["@errors"] == 1
    assert not suite["@failures"] or kind == "a grader that failed"


def test_the_card_comes_as_each_platform_shows_it():
    """Gradescope gets the card as HTML, PrairieLearn as text with its picture, JUnit as text in the first failure."""
    (test,) = result("gradescope", KINDS["marked"])["tests"]
    assert (test["output_format"], test["score"], test["max_score"], test["status"]) == ("html", 1.0, 6.0, "failed")
    assert "<h3" in test["output"]
    assert test["extra_data"]["criteria"] == {"value": "fail", "order": "skip", "shape": "pass"}
    data = result("prairielearn", KINDS["marked"])
    (test,) = data["tests"]
    assert data["score"] == pytest.approx(1 / 6)
    assert test["images"] == [{"label": "Two lines.", "url": PNG}]
    assert "What is wrong: The mean is missing" in test["message"]
    assert "Two lines." not in test["message"]  # it is said beside the picture
    first, second, third = XSD.to_dict(result_file("junit", [KINDS["marked"]]))["testsuite"][0]["testcase"]
    assert "What is wrong: The mean is missing" in first["failure"][0]["$"]
    assert "What is wrong" not in second["skipped"][0]["$"]
    assert set(third) == {"@classname", "@name"}


def test_students_read_what_happened_while_their_code_ran():
    """Why the rest is as it is stands above it; what is for the instructor does not."""
    said = {"notes": ("it was stopped", "our explanation failed"), "events": ("it was stopped",)}
    kind = Checked("work.py", Judgement("neuron", "graded", None, (exercise(),), **said), 0.0)
    assert result("gradescope", kind)["output"] == "Note: it was stopped."
    assert result("prairielearn", kind)["message"] == "1 of 6 points\nNote: it was stopped."
    text = result_file("junit", [kind])
    assert '<property name="note" value="it was stopped" />' in text
    assert "our explanation failed" not in text


def test_a_result_that_is_too_large_is_cut_and_says_so():
    """However large the cards are, a result stays below the limit, pictures go first, and what was cut is said."""
    huge = Picture("A line.", "data:image/png;base64," + "A" * 700_000)
    many = checked(*(exercise(name, evidence=Evidence(pictures=(huge,))) for name in ("a", "b")))
    data = result("prairielearn", many)
    assert len(dump(data).encode()) <= LIMIT
    assert [len(test["images"]) for test in data["tests"]] in ([0, 1], [1, 0])
    (bare,) = [test["message"] for test in data["tests"] if not test["images"]]
    assert "A picture was left out here" in bare
    assert "A line." in bare
    long = CriterionResult("value", "ä" * 20_000, "fail", 0.0, 1.0)
    wide = checked(*(exercise_result(f"x{n}", [long]) for n in range(20)))
    for platform, told in ((gradescope, "output"), (prairielearn, "message")):
        data = result(platform.__name__.rpartition(".")[2], wide)
        assert len(dump(data).encode()) <= LIMIT
        assert CUT in data["tests"][0][told]


def test_a_result_file_tells_of_one_file(capsys):
    """Several files for a platform that takes one are wrong usage; both kinds of output at once are, too."""
    assert main(["check", "--format", "gradescope", "a.py", "b.py"]) == 2
    assert "a result file of gradescope tells of one file; 2 were given" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["check", "--json", "--format", "junit", "a.py"])


@pytest.mark.slow
@pytest.mark.xdist_group("check")
def test_check_prints_a_suite_per_file(tmp_path):
    """`check --format junit` tells of all files, and ends with 1 where one could not be used."""
    files = [path_of("wrong_sign"), tmp_path / "absent.py"]
    command = [PROGRAMS_HERE / "autograder", "check", "--format", "junit", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    suites = XSD.to_dict(done.stdout)["testsuite"]
    assert [(one["@name"], one["@failures"], one["@errors"]) for one in suites] == [
        (str(files[0]), 3, 0),
        (str(files[1]), 0, 1),
    ]
    assert (done.returncode, done.stderr) == (1, f"autograder: {files[1]}: no such file\n")


def columns(heading: str) -> set[str]:
    """Return the fields that the documentation's table under a heading lists."""
    page = (ROOT / "docs" / "other-platforms.md").read_text()
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    assert section, heading
    return {name for row in re.findall(r"^\| (`.+?`) \|", section, re.MULTILINE) for name in re.findall("`(.+?)`", row)}


@pytest.mark.parametrize("platform", ["gradescope", "prairielearn"])
def test_the_documentation_has_every_field(platform):
    """The page's tables have each field of the schemas, and no other."""
    schema = DRAFT[platform]
    fields = {*schema["properties"], *(f"tests[].{name}" for name in schema["$defs"]["test"]["properties"])}
    assert columns({"gradescope": "Gradescope", "prairielearn": "PrairieLearn"}[platform]) == fields


# The archive.


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Return an archive of the neuron's graders, as the command writes it in an empty folder."""
    folder = tmp_path_factory.mktemp("bundle")
    path = folder / "out.zip"
    assert main(["bundle", "neuron", "--graders", str(folder), "--seconds", "60", "-o", str(path)]) == 0
    return path


def test_the_archive_has_what_the_platforms_ask_for(archive):
    """Set-up and entry points are programs at its root; graders, data, wheel and versions are there; it is private."""
    with zipfile.ZipFile(archive) as opened:
        infos = {info.filename: info for info in opened.infolist()}
        settings = json.loads(opened.read("settings.json"))
        scripts = [opened.read(name).decode() for name in PROGRAMS]
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    for name in PROGRAMS:
        assert stat.S_IMODE(infos[name].external_attr >> 16) == 0o755, name
    assert not [text for text in scripts if re.search("@[A-Z]+@", text)]
    assert {"graders/neuron/test_cost.py", "graders/neuron/reference.py", "source/neuron/breast_cancer.csv"} <= {*infos}
    assert {wheel.name(), "requirements.txt"} <= {*infos}
    wanted = {"assignment": "neuron", "seed": DEFAULT_SEED, "seconds": 60, "visibility": "visible"}
    assert settings == wanted


@pytest.mark.full  # computing ahead takes ten seconds
@pytest.mark.slow
def test_an_image_computes_ahead_what_a_wrong_answer_needs(archive, tmp_path):
    """After what set-up runs last, a submission with unknown mistakes finds all tables, wherever the graders lie."""
    built, moved, cache = tmp_path / "source", tmp_path / "moved", tmp_path / "cache"
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(built)
        assert "-m autograder.platforms.bundle.building" in opened.read("setup.sh").decode()
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    command = [sys.executable, "-I", "-m", "autograder.platforms.bundle.building", str(built)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    tables = {path.name for path in cache.rglob("*.npz")}
    shutil.copytree(built, moved)
    wrong = tmp_path / "wrong.py"
    wrong.write_text("".join(f"def {name}(*given):\n    return 0.25\n" for name in find("neuron").exercises))
    arguments = ["check", "--assignment", "neuron", "--graders", str(moved / "graders"), str(wrong)]
    assert warm.run("autograder", arguments, tmp_path, environment).returncode == 0
    assert {path.name for path in cache.rglob("*.npz")} == tables
    assert len(tables) > 2 * len(find("neuron").exercises)


def test_what_is_written_first_is_a_result(archive):
    """The results that stand where everything else fails are what the platforms document, and hold the work back."""
    with zipfile.ZipFile(archive) as opened:
        for script, platform in (("run_autograder", "gradescope"), ("run.sh", "prairielearn")):
            (text,) = re.findall(r"printf '%s\\n' '(.*)'", opened.read(script).decode())
            jsonschema.Draft202012Validator(DRAFT[platform]).validate(json.loads(text))
            assert "costs no points" in text


def test_a_course_is_told_what_is_not_judged_there(tmp_path, monkeypatch, capsys):
    """Grade cells without a grader are named, and so is a seed that everybody knows."""
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "source" / "neuron"
    source.mkdir(parents=True)
    cells = [
        {"cell_type": "markdown", "source": "", "metadata": {"nbgrader": {"grade": True, "grade_id": grade_id}}}
        for grade_id in ("why", "test_cost")
    ]
    (source / "neuron.ipynb").write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})
    )
    assert main(["bundle", "neuron"]) == 0
    said = capsys.readouterr().err
    assert "neuron.ipynb: not judged there, since no grader does it: why\n" in said
    assert f"the seed {DEFAULT_SEED} can be read by anybody" in said
    assert main(["bundle", "neuron", "-o", str(tmp_path / "none" / "x.zip")]) == 2


def test_our_wheel_is_a_wheel():
    """Each file in it stands in its RECORD with its digest and size, and the command with its entry point."""
    data = wheel.build()
    assert data == wheel.build()
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        (record,) = [name for name in opened.namelist() if name.endswith(".dist-info/RECORD")]
        rows = {path: (digest, size) for path, digest, size in csv.reader(opened.read(record).decode().splitlines())}
        assert rows.keys() == {*opened.namelist()}
        for name in {*rows} - {record}:
            digest = base64.urlsafe_b64encode(hashlib.sha256(opened.read(name)).digest()).decode().rstrip("=")
            assert rows[name] == (f"sha256={digest}", str(opened.getinfo(name).file_size)), name
        assert "autograder = autograder.cli:main" in opened.read(record.replace("RECORD", "entry_points.txt")).decode()
    own = {path.relative_to(ROOT).as_posix() for path in (ROOT / "autograder").rglob("*.py")}
    assert own <= rows.keys()


def test_what_judging_needs_is_pinned():
    """Versions are those that are installed; what a course's server needs is left out."""
    found = dict(line.split("==") for line in pins())
    assert {"numpy", "scipy", "pytest", "ipython", "msgpack"} <= found.keys()
    assert found.keys().isdisjoint({"jupyterlab", "nbgrader", "nbconvert", "notebook", "nbgrader-autograder", "mypy"})


# What is handed in.


def handed_in(folder: Path, *names: str) -> Path:
    """Put files of these names into a folder, and return it."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x = 1\n")
    return folder


@pytest.mark.parametrize(
    ("names", "taken"),
    [
        (["anything.py"], "anything.py"),
        (["a.py", "neuron.py"], "neuron.py"),
        (["work.ipynb", "neuron.py"], "work.ipynb"),
        (["a.ipynb", "sub/neuron.ipynb"], "sub/neuron.ipynb"),
        (["__MACOSX/neuron.ipynb", ".ipynb_checkpoints/b.ipynb", "c.ipynb", "data.csv"], "c.ipynb"),
    ],
)
def test_the_file_to_judge_is_found(tmp_path, names, taken):
    """The assignment's own name comes first, notebooks before .py files, what archives add is passed over."""
    assert the_file(handed_in(tmp_path, *names), find("neuron")) == tmp_path / taken


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["data.csv"], "there is no notebook in it: hand in neuron.ipynb or neuron.py"),
        (["a.py", "b.py", "c.py", "d.py"], r"there are 4 \.py files \(a\.py, b\.py, c\.py, …\): name the one"),
        (["1/2/3/4/5/neuron.py"], "there is no notebook in it"),
    ],
)
def test_what_is_not_clear_is_said(tmp_path, names, said):
    """Where it is not clear what to judge, the student is told what to hand in."""
    with pytest.raises(NotebookError, match=said):
        the_file(handed_in(tmp_path, *names), find("neuron"))


def test_a_link_to_the_graders_is_not_followed(tmp_path):
    """A link that was handed in, itself or as a folder, leads nowhere."""
    secret = handed_in(tmp_path / "secret", "neuron.py")
    work = tmp_path / "work"
    work.mkdir()
    (work / "neuron.py").symlink_to(secret / "neuron.py")
    (work / "folder").symlink_to(secret)
    with pytest.raises(NotebookError, match="there is no notebook"):
        the_file(work, find("neuron"))


@pytest.mark.slow
def test_a_result_is_written_in_time(archive, tmp_path):
    """Work that takes longer than the bundle allows is held back with that reason, whatever stood there before."""
    source, work, written = tmp_path / "source", handed_in(tmp_path / "work", "neuron.py"), tmp_path / "results.json"
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(source)
    settings = json.loads((source / "settings.json").read_text())
    (source / "settings.json").write_text(json.dumps(settings | {"seconds": 1}))
    (work / "neuron.py").write_text("while True:\n    pass\n")
    written.write_text('{"score": 20.0}')
    command = [sys.executable, "-I", "-m", "autograder.platforms.bundle.entry", "gradescope", source, work, written]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    data = json.loads(written.read_text())
    jsonschema.Draft202012Validator(DRAFT["gradescope"]).validate(data)
    assert "the marking took longer than 1 seconds" in data["output"]
    assert (done.returncode, done.stdout, done.stderr) == (0, "the marking took longer than 1 seconds\n", "")


HOSTILE = '''"""Writes the result itself, wherever it may be, prints it to whoever reads, and ends whatever it can."""
import os, signal
FORGED = b'{"score": 20.0, "gradable": true, "tests": []}\\n'
for path in ("/autograder/results/results.json", "/autograder/results/.results.json", "/grade/results/results.json"):
    try:
        with open(path, "wb") as file:
            file.write(FORGED)
    except OSError:
        pass
for descriptor in range(64):
    try:
        os.write(descriptor, FORGED)
    except OSError:
        pass
for pid in (-1, os.getppid(), 1):
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        pass
os._exit(0)
'''
SUBMISSIONS = {
    "damaged.ipynb": b'{"cells": [',
    "endless.py": b"while True:\n    pass\n",
    "hostile.py": HOSTILE.encode(),
    "right.py": NEURON.script("right_stable").encode(),
    "wrong.py": NEURON.script("wrong_sign").encode(),
}


@pytest.mark.full
@pytest.mark.slow
@pytest.mark.parametrize("profile", ["docker", "podman"])
def test_the_archive_runs_in_a_real_container(archive, tmp_path, profile):
    """Laid out as theirs, as root, from an empty folder: each submission gets its result, with its reason, in time."""
    work = tmp_path / "submissions"
    work.mkdir()
    for name, data in SUBMISSIONS.items():
        (work / name).write_bytes(data)
    script = ROOT / "tests" / "containers" / "bundle.sh"
    done = in_container("root", profile, "/bin/bash", str(script), str(archive), str(PROGRAMS_HERE), str(work))
    assert done.returncode == 0, done.stderr
    lines = [line.split("\t", 2) for line in done.stdout.splitlines()]
    found = {name: json.loads(text) for _, name, text in lines}
    for name, data in found.items():
        kind = "prairielearn" if name == "prairielearn" else "gradescope"
        jsonschema.Draft202012Validator(DRAFT[kind]).validate(data)
    assert max(int(seconds) for seconds, _, _ in lines) < 60  # the bundle's own limit
    assert {name: data.get("score") for name, data in found.items()} == {
        "damaged.ipynb": None,
        "endless.py": 0.0,
        "hostile.py": 0.0,
        "right.py": 20.0,
        "wrong.py": 12.75,
        "prairielearn": 1.0,
    }
    assert "the file is not JSON" in found["damaged.ipynb"]["output"]
    assert "the file was stopped: it took too long" in found["endless.py"]["output"]
    assert "the file ended its process" in found["hostile.py"]["output"]
