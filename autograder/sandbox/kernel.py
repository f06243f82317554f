"""The bubblewrap of a kernel that is not this interpreter, one per run; `inside/kernel` starts the kernel.

The kernel and nbclient, which sends it the cells, are together behind that wall. They talk over its own loopback: the
wall has a network of its own in which there is nothing else.
"""

import dataclasses
import json
import os
from dataclasses import dataclass

from autograder.sandbox.channel import Channel
from autograder.sandbox.launch import Launched
from autograder.sandbox.limits import KERNELS, Limits
from autograder.sandbox.started import Started
from autograder.sandbox.walls.bubblewrap import Wall
from autograder.sandbox.zygote import CONTROL_BYTES


@dataclass(frozen=True)
class Kernel:
    """A kernel that is installed on this machine.

    Attributes:
        name: of its kernelspec.
        argv: how it is started; the first is the path of its program.
        env: what it wants in its environment.
        interrupt: how it is interrupted, `signal` or `message`.
        resources: its kernelspec's folder.
        shown: folders and files that it needs, besides the system's, to be read alone.
    """

    name: str
    argv: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = ()
    interrupt: str = "signal"
    resources: str = ""
    shown: tuple[str, ...] = ()

    def to_json(self, seconds: float) -> str:
        """Return what the process inside has to know to start it within some seconds."""
        return json.dumps({**vars(self), "env": dict(self.env), "seconds": seconds})


class KernelSandbox:
    """Where processes with a kernel come from.

    Args:
        isolation: a wall's name: a kernel has a bubblewrap of its own behind each, or `none`.
        limits: of the assignment; a kernel has its own ones on what it needs more of.
        kernel: which.
        readable: absolute paths that student code may read besides.
    """

    def __init__(self, isolation: str, limits: Limits, kernel: Kernel, readable: tuple[str, ...] = ()) -> None:
        outer = "none" if isolation == "none" else "single"
        self._wall = Wall(outer, kernel.shown, real=True, readable=readable)
        self._kernel = kernel
        self.limits = dataclasses.replace(
            limits,
            processes=max(limits.processes, KERNELS.processes),
            address_space=max(limits.address_space, KERNELS.address_space),
            interrupt_seconds=max(limits.interrupt_seconds, KERNELS.interrupt_seconds),
            start_seconds=limits.start_seconds + KERNELS.start_seconds,
        )

    def start(self, message_bytes: int) -> Launched:
        """Start a submission's processes.

        Args:
            message_bytes: how large a message from them may be.

        Raises:
            WallError: they cannot be started.
        """
        control, channel = Channel(CONTROL_BYTES), Channel(message_bytes)
        told = self._kernel.to_json(KERNELS.start_seconds)
        process = Started(self._wall, self.limits, "kernel", (control, channel), (told,))
        alone = self._wall.walled and os.getuid() == 0
        return Launched(control, channel, process, self._wall.counted(self.limits, apart=alone))
