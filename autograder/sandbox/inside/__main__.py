"""Inside the walls. The whole contract with the outside stands on this page.

Started as ``python __main__.py single PRELOAD "" CONTROL CHANNEL`` for one submission, as
``python __main__.py nested PRELOAD FILTER ZYGOTE`` or ``… landlock …`` for many, or as
``python __main__.py kernel KERNEL "" CONTROL CHANNEL`` for one submission in a kernel that is not this interpreter:
inherited sockets, the modules to load first (separated by commas), a descriptor with the seccomp filter of the wall
that each of the many gets, and as JSON how the kernel is started (`autograder.sandbox.kernel`). As ``try-nested`` and
``try-landlock`` nothing is loaded, and all else is the same. Every message is a 4-byte big-endian length
and that many bytes of MessagePack: a dict of plain data. Values of calls are tagged lists (`codec`). The outside
asks, the inside answers; nothing here is trusted there.

On ZYGOTE, read by the process that all submissions are forked from (`zygote`), which runs no student code:

    -> {"folder": path, "readable": [path, ...], "roots": [path, ...], "devices": [path, ...], "abi": n}   once, and
                                         only for the landlock wall: see `walls.confining.Rules`
    <- {"ready": True, "stands": bool, "apart": bool, "failed": text, "errno": n}   once, at the start: whether the
                                         kernel allows the wall (`walls`), and counts the processes
                                         behind it by themselves (`walls.rlimits`); `failed`, `errno` where it does not
    {"op": "start", "scratch_bytes": n, "uid": n | None, "trial": bool} + CONTROL, CHANNEL[, lock on the uid]
                                         of a trial, CHANNEL says {"stands": bool[, "failed": text, "errno": n]}
    {"op": "ping"}                       -> {"ready": True}
    {"op": "learn", "cells": [text, ...]} -> {"ready": True}; compiles what every submission has: the instructor's

On CONTROL, read by the reaper (`reaper`), which holds no student code:

    <- {"refused": text}             the inner wall could not be raised; nothing was run
    {"op": "watch", "processes": n, "scratch_bytes": n}   limits that it enforces itself, behind the landlock wall
    {"op": "room"[, "count": True]}  -> {"refused": [name of a limit, ...][, "used": n]}: what the machine itself
                                         refuses now, and how many processes are counted with these
    {"op": "interrupt"}              SIGINT to the process that runs the cells
    {"op": "kill"[, "pid": n]}       SIGKILL to it, or to a snapshot
    <- {"ended": status[, "why": text]}   it has ended: exit code, or minus the signal's number; `why` if by the watch
    end of stream                    everything of this submission ends

On CHANNEL, read by the process that runs the cells (`student`), or that has a kernel run them (`kernel`), which knows
no more than `setup`, `run`, `written` and `read`, and answers {"failed": text} where the kernel does not do its part:

    {"op": "setup", "files": {name: bytes}, "names": {name: value}, "rlimits": {name: n}, "max_value_bytes": n,
     "counted": None | {"neighbours": n, "shared": bool}}   not None: processes count with others (`walls.rlimits`)
                                     -> {"ready": True, "lowered": [name of a limit that the machine sets lower, ...],
                                         "first": the number of the first process, as this one sees it,
                                         "processes": the limit on them}
                                      | {"refused": text, "errno": n}; the landlock wall could not be raised
    {"op": "run", "cell": n, "source": text, "brief": bool}   brief: of an error no traceback is shown
                                     -> {"output": nbformat output}*, then {"done": "ok" | "error", "error": E | None}
    {"op": "snapshot"} + a socket    -> {"pid": n}; a copy of the process now serves that socket
                                      | {"refused": text}; there are too many processes
    {"op": "written", "most": n}     -> {"files": {path: bytes, ...}}; the sizes of what cells wrote
    {"op": "read", "path": text, "offset": n, "size": n}
                                     -> {"data": bytes}
    {"op": "answer", "source": text, "functions": [name, ...], "longest": n, "most": n} + a socket
                                     -> {"ready": True}, then {"answered": n} once nobody can ask there any more
                                      | {"failed": text}; the source does not run here

On a snapshot's socket:

    {"op": "calls", "calls": [[function, value of the arguments], ...]}
                                     -> {"answers": [{"value": value[, "arguments": value after the call, if another]}
                                                     | {"raised": E} | {"missing": True}, ...],
                                         "places": {name: P, ...}}; with the first answers, of the functions
                                            and of all that they lead to
    {"op": "stand_in", "functions": [name, ...], "longest": n} + a socket
                                     -> {"ready": True}; these functions of the student's now ask on that socket
    {"op": "adapt", "adapters": {name: {"function": name, "source": text, "names": [name, ...]}, ...}}
                                     -> {"ready": True}; what is called in the place of classes of the student's
    {"op": "snapshot"} + a socket    -> {"pid": n}

Between these two sockets, from a student's process to one of the reference's and back (`stand_ins`), `longest` bytes
each, at the most `most` times:

    {"ask": name, "given": value of [arguments, {name: argument}]}
                                     -> {"value": value} | {"raised": name of a type, "message": text}

where E = {"type": name, "kind": name of the type of Python's own that it is or is derived from, "message": text,
           "where": {"cell": n, "line": n, "text": text, "inside": text, "shapes": text} | None}
and P = {"kind": text, "bound": n | None[, "cell": n, "line": n]}, where a function was defined (`places`).
"""

import contextlib
import gc
import importlib
import os
import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_FONTS = "/fonts"


def main(mode: str, preload: str, program: str, *sockets: str) -> None:
    """Load what student code will need, then serve."""
    first, *rest = [socket.socket(fileno=int(number)) for number in sockets]
    for sock in (first, *rest):
        os.set_inheritable(sock.fileno(), False)  # noqa: FBT003 - the library's signature
    if mode.startswith("try-"):
        _fork_behind(mode.removeprefix("try-"), first, program, lambda _channel: None, lambda _cells: None)
        return
    if mode == "kernel":
        _serve_kernel(first, rest[0], preload)
        return
    # By its own name inside: the package that it belongs to outside is not there.
    from inside import locks, shell, student, times  # type: ignore[import-not-found] # noqa: PLC0415
    from inside.walls import reaper  # type: ignore[import-not-found] # noqa: PLC0415

    if mode != "nested":
        times.raise_as_before()
    _copy_font_lists()
    locks.install()
    gc.disable()  # nothing of what is loaded is garbage
    ready = shell.make_shell(has_terminals=mode != "landlock")
    draws = _load(preload, ready)
    gc.freeze()
    gc.enable()

    def serve(channel: socket.socket) -> None:
        """Let one student's process answer."""
        if "matplotlib.font_manager" not in sys.modules:
            _copy_font_lists()
        student.run(channel, ready)

    if mode == "single":
        reaper.supervise(first, lambda: serve(rest[0]))
        return
    shell.warm_up(ready)
    if draws:
        from inside import figures  # noqa: PLC0415 - loads Matplotlib

        figures.warm_up()
    _fork_behind(mode, first, program, serve, ready.learn)


def _load(preload: str, shell: Any) -> bool:
    """Load modules by their names; return whether there are figures among them, which then are shown."""
    for module in filter(None, preload.split(",")):
        importlib.import_module(module)
    if "matplotlib.pyplot" not in sys.modules:
        return False
    from inside import figures  # noqa: PLC0415 - loads Matplotlib

    figures.register(shell)
    return True


def _serve_kernel(control: socket.socket, channel: socket.socket, told: str) -> None:
    """Start a kernel and let it run the cells."""
    from inside import kernel  # noqa: PLC0415
    from inside.walls import reaper, steps  # noqa: PLC0415

    with contextlib.suppress(OSError):  # without walls it may be another user's to say
        steps.die_first()
    reaper.supervise(control, lambda: kernel.run(channel, told))
    reaper.end_others()


def _fork_behind(
    mode: str,
    sock: socket.socket,
    program: str,
    serve: Callable[[socket.socket], None],
    learn: Callable[[list[str]], None],
) -> None:
    """Fork submissions behind a wall, as the worker asks for them."""
    from inside import wire  # noqa: PLC0415
    from inside.walls import zygote  # noqa: PLC0415

    control = wire.Wire(sock)
    with open(int(program), "rb") as file:  # noqa: PTH123 - a descriptor
        rules = file.read()
    if mode == "nested":
        from inside.walls import nesting  # noqa: PLC0415

        door = nesting.NestedDoor(serve, rules)
    else:
        from inside.walls import confining  # noqa: PLC0415

        door = confining.LandlockDoor(serve, rules, confining.Rules(**control.receive()))
    zygote.run(control, learn, door)


def _copy_font_lists() -> None:
    """Put Matplotlib's lists of fonts where it looks for them, and writes; without them it searches for seconds."""
    if Path(_FONTS).is_dir():
        shutil.copytree(_FONTS, os.environ["MPLCONFIGDIR"], dirs_exist_ok=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
