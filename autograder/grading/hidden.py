"""The Python modules of an assignment's hidden folder, imported whatever the folder is called.

An assignment's name is nbgrader's and need be no Python name (`ps-1`, `hw 2.1`): its folder becomes a package under a
name of ours, so that its modules import their neighbours relatively. A change of any file gives it another name, and so
its modules anew.
"""

import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Hashable
from pathlib import Path
from types import ModuleType

from autograder import assignments
from autograder.names import PREFIX

_BROUGHT = Path(str(assignments.__file__)).parent
_LENGTH = 16
_INIT = "__init__.py"


def grader_files(folder: Path) -> dict[str, Path]:
    """Return the graders in a hidden folder, by exercise: `x`, or `notebook/x` in the folder of one notebook."""
    own = {path.stem.removeprefix(PREFIX): path for path in sorted(folder.glob(f"{PREFIX}*.py"))}
    within = sorted(folder.glob(f"*/{PREFIX}*.py"))
    return own | {f"{path.parent.name}/{path.stem.removeprefix(PREFIX)}": path for path in within}


def module_of(folder: Path, name: str, fingerprint: Hashable, within: str = "") -> ModuleType:
    """Return a module of a hidden folder.

    Args:
        folder: the assignment's.
        name: of the module's file, without its ending.
        fingerprint: what changes when a file of the assignment does.
        within: the folder of one notebook in it, where the module is there.

    Raises:
        Exception: whatever the module raises when it is imported.
    """
    package = _package(folder, fingerprint)
    if within:
        package = _made(f"{package}.notebook_{_digest(within)}", folder / within)
    return importlib.import_module(f"{package}.{name}")


def _package(folder: Path, fingerprint: Hashable) -> str:
    """Return the name of the package that a folder is; made where there is none yet."""
    if folder.parent == _BROUGHT:
        return f"{assignments.__name__}.{folder.name}"
    return _made("graders_" + _digest(f"{folder}\0{fingerprint}"), folder)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]


def _made(name: str, folder: Path) -> str:
    """Make a folder the package of this name, where it is not one yet; return the name."""
    if name not in sys.modules:
        _import_folder(name, folder)
    return name


def _import_folder(name: str, folder: Path) -> None:
    init = folder / _INIT
    spec = importlib.util.spec_from_file_location(name, init, submodule_search_locations=[str(folder)])
    if spec is None or spec.loader is None:
        raise ImportError(f"{init}: cannot be imported")
    package = importlib.util.module_from_spec(spec)
    sys.modules[name] = package
    if init.is_file():
        spec.loader.exec_module(package)
