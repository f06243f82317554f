"""The sandboxes of this process: each is started once and then used for every submission."""

import functools
import re
import sys
from collections.abc import Iterable

from autograder.sandbox.kernel import Kernel, KernelSandbox
from autograder.sandbox.launch import Sandbox, wall_of
from autograder.sandbox.limits import Limits

_ALWAYS = "numpy"  # what student code is given and gives back is made of it
_IMPORT = re.compile(r"(?:^|[;:])[ \t]*(?:import[ \t]+([^;\n]+)|from[ \t]+([\w.]+))", re.MULTILINE)
_ALSO = re.compile(r"^[ \t]*%|__import__|importlib", re.MULTILINE)  # magics, and whatever else may import


def needed(preload: tuple[str, ...], sources: Iterable[str]) -> tuple[str, ...]:
    """Return which modules to load before some cells run: without those that none of the cells names.

    What nobody uses makes a process larger, and each copy of it takes longer: Matplotlib takes a sixth of all. Where
    the cells import anything that is neither Python's own nor among these modules, it may need any of them.

    Args:
        preload: what the assignment says.
        sources: of the cells; they are only searched for words.
    """
    found = {_ALWAYS}
    for source in sources:
        if _ALSO.search(source):
            return preload
        for several, one in _IMPORT.findall(source):
            found |= {_top(name) for name in (several or one).split(",")}
    if found - set(map(_top, preload)) - sys.stdlib_module_names - {_ALWAYS}:
        return preload
    return tuple(module for module in preload if _top(module) in found)


def _top(name: str) -> str:
    """Return the package of a module, which may be followed by its other name or a remark."""
    return name.strip().partition(" ")[0].partition(".")[0]


@functools.cache
def sandbox_for(
    wall: str, limits: Limits, preload: tuple[str, ...], known: tuple[str, ...] = (), readable: tuple[str, ...] = ()
) -> Sandbox:
    """Return the sandbox behind a wall, by the wall's name, starting it if need be."""
    sandbox = Sandbox(wall_of(wall, readable), limits, preload, spare=True)
    sandbox.learn(known)
    return sandbox


@functools.cache
def kernel_sandbox_for(isolation: str, limits: Limits, kernel: Kernel, readable: tuple[str, ...] = ()) -> KernelSandbox:
    """Return the sandbox for notebooks that run in a kernel."""
    return KernelSandbox(isolation, limits, kernel, readable)
