"""docs/architecture.md: what it names is there, and it leaves no room out."""

import re
from pathlib import Path

import commands_page
import modules_page
from scratch import ROOT

TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
OURS = ROOT / "autograder"


def test_every_path_is_there():
    """Each file and folder that the page names exists."""
    paths = re.findall(r"`(autograder/[\w./-]*)`", TEXT)
    assert len(paths) > 40
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_room_is_named():
    """Each package has a place in the table, and each room of the course and the review in its line."""
    rooms = {path.parent.name for path in OURS.glob("*/__init__.py")} | {"assignments"}
    assert [room for room in sorted(rooms) if f"`autograder/{room}/`" not in TEXT] == []
    for floor in ("course", "review", "judge"):
        inner = {path.parent.name for path in (OURS / floor).glob("*/__init__.py")}
        (line,) = re.findall(rf"^\| `autograder/{floor}/` \|.*$", TEXT, re.MULTILINE)
        assert [room for room in sorted(inner) if f"`{room}/`" not in line] == []


def test_no_folder_is_crowded():
    """No folder has more than about fifteen modules: a newcomer looks through it at one glance.

    But for `commands`, with one per command, and `inside`, which a student process loads as a whole.
    """
    counts = {folder: len(list(Path(folder).glob("*.py"))) for folder in {path.parent for path in OURS.rglob("*.py")}}
    crowded = {
        str(folder.relative_to(ROOT)): count
        for folder, count in counts.items()
        if count > 17 and not {"commands", "inside", "solutions"} & {*folder.parts}
    }
    assert crowded == {}


def test_every_command_option_and_setting_is_documented():
    """docs/commands.md is what the commands and settings say of themselves, each with a sentence."""
    assert commands_page.PATH.read_text(encoding="utf-8") == commands_page.page()
    assert not re.findall(r"^\| .* \|  \|$", commands_page.page(), re.MULTILINE)


def test_every_module_is_listed_with_what_it_is():
    """docs/modules.md has the first line of each module's docstring."""
    assert modules_page.PATH.read_text(encoding="utf-8") == modules_page.page()
    modules = [path for path in OURS.rglob("*.py") if "assignments" not in path.parts]
    assert len(re.findall(r"^- `", modules_page.page(), re.MULTILINE)) == len(modules)
