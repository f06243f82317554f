"""The sandboxes of this process: each is started once and then used for every submission."""

import functools

from autograder.sandbox.kernel import Kernel, KernelSandbox
from autograder.sandbox.launch import Sandbox, wall_of
from autograder.sandbox.limits import Limits


@functools.cache
def sandbox_for(
    wall: str,
    limits: Limits,
    preload: tuple[str, ...],
    known: tuple[str, ...] = (),
    readable: tuple[str, ...] = (),
) -> Sandbox:
    """Return the sandbox behind a wall, by the wall's name, starting it if need be."""
    sandbox = Sandbox(wall_of(wall, readable), limits, preload, spare=True)
    sandbox.learn(known)
    return sandbox


@functools.cache
def kernel_sandbox_for(isolation: str, limits: Limits, kernel: Kernel, readable: tuple[str, ...] = ()) -> KernelSandbox:
    """Return the sandbox for notebooks that run in a kernel."""
    return KernelSandbox(isolation, limits, kernel, readable)
