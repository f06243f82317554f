"""Finding the kernel of a notebook: ours, where its kernelspec is of this interpreter, or one that is installed here.

The instructor's notebook says which; what a student's file says of it does not count.
"""

import functools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.judge.notebook import inside
from autograder.sandbox.kernel import Kernel
from autograder.sandbox.printable import printable
from autograder.sandbox.session import KernelError

_NATIVE = ("python3", "python")  # what a notebook says that means whichever Python there is
_PLAIN = {"python", f"python{sys.version_info[0]}", f"python{sys.version_info[0]}.{sys.version_info[1]}"}
_IPYTHON = (("-m", "ipykernel_launcher"), ("-m", "ipykernel"))
_PREFIXES = "import json, sys; print(json.dumps(sorted({sys.prefix, sys.exec_prefix, sys.base_prefix})))"
_SECONDS = 30.0  # for another interpreter to say where it is
_MAX_TEXT = 200


def kernel_of(notebook: dict[str, Any], name: str = "") -> Kernel | None:
    """Return a notebook's kernel, or None where it is ours.

    Args:
        notebook: the instructor's, or one with the instructor's metadata.
        name: of the kernel that the course says all notebooks run in: `c.Execute.kernel_name`.

    Raises:
        KernelError: it is not installed on this machine.
    """
    name = name or _name(notebook)
    return _installed(name, str(Path.cwd())) if name else None


def _name(notebook: dict[str, Any]) -> str:
    name = inside(notebook, "metadata", "kernelspec", "name")
    return printable(name[:_MAX_TEXT]) if isinstance(name, str) else ""


@functools.cache
def _installed(name: str, folder: str) -> Kernel | None:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel  # noqa: PLC0415 - loads slowly

    try:
        spec = KernelSpecManager().get_kernel_spec(name)
        if _is_ours(name, spec):
            return None
        return _kernel(name, spec, Path(folder))
    except NoSuchKernel as error:
        if name in _NATIVE:
            return None
        raise KernelError(f"the kernel {name!r} is not installed on the machine that grades") from error
    except (OSError, ValueError, TypeError) as error:  # of what its file says
        raise KernelError(f"the kernel {name!r} cannot be used: {error}") from error


def _is_ours(name: str, spec: Any) -> bool:
    """Say whether a kernelspec starts IPython in this interpreter, or is for any Python and its program is gone."""
    if spec.env and name not in _NATIVE:
        return False
    if tuple(spec.argv[1:3]) not in _IPYTHON:
        return False
    program = shutil.which(spec.argv[0])
    if spec.argv[0] in _PLAIN or (program is None and name in _NATIVE):
        return True
    return program is not None and _same(Path(program), Path(sys.executable))


def _same(one: Path, other: Path) -> bool:
    """Say whether two names are of one interpreter: of one folder, for virtual environments link to one program."""
    return one.parent.resolve() == other.parent.resolve() and one.resolve() == other.resolve()


def _kernel(name: str, spec: Any, folder: Path) -> Kernel:
    argv = [str(part) for part in spec.argv]
    program = sys.executable if argv[0] in _PLAIN else shutil.which(argv[0])
    if program is None:
        raise KernelError(f"the kernel {name!r} is installed, but its program {argv[0]!r} is not there")
    program = os.path.abspath(program)  # noqa: PTH100 - a link stays one: a virtual environment is where its link is
    shown = sorted({path for one in _folders(program, spec.resource_dir) for path in (one, os.path.realpath(one))})
    kept = [Path.home(), folder]  # what must not be seen
    for path in shown:
        if any(one.is_relative_to(path) for one in kept):
            raise KernelError(
                f"the kernel {name!r} lies in {path}, which holds the course or a home and would be shown to student "
                "code: install it in a folder of its own"
            )
    return Kernel(
        name,
        (program, *argv[1:]),
        tuple((str(key), str(value)) for key, value in spec.env.items()),
        spec.interrupt_mode,
        str(spec.resource_dir),
        tuple(shown),
    )


def _folders(program: str, resources: str) -> Iterator[str]:
    """Yield the folders that a kernel needs: what its program was installed with, and its kernelspec's own."""
    if resources:
        yield resources
    if Path(program).name.startswith("python"):
        yield from _prefixes(program)
        return
    for one in (program, os.path.realpath(program)):
        above = Path(one).parent
        if above.name == "bin" and above.parent not in {Path("/"), Path("/usr"), Path("/usr/local"), Path.home()}:
            above = above.parent
        yield str(above)


def _prefixes(program: str) -> list[str]:
    command = [program, "-I", "-c", _PREFIXES]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_SECONDS).stdout
    except subprocess.SubprocessError as error:
        raise KernelError(f"{program}, a kernel's interpreter, does not run") from error
    return [path for path in json.loads(said) if path not in {"/usr", "/usr/local"}]
