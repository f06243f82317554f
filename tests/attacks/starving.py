"""Submissions that starve: each runs here within the limits, and never on stock nbgrader, where it would not end."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Starving:
    """A cell that uses something up, in an honest notebook.

    Attributes:
        what: it does, in words.
        source: of the cell.
        stock: what is known of stock nbgrader without running it there.
        copies: how many of these cells stand before all others; 0 puts one before each check.
    """

    what: str
    source: str
    stock: str
    copies: int = 1


_SERIAL = "not run: interrupted after 30 s a cell, while all later submissions wait"
_MEMORY = "not run: memory has no limit (asked for in issue 1429)"
_MACHINE = "not run: no limit but the machine's (a sandbox is asked for in issues 483 and 1386)"

STARVING = {
    "endless-loop": Starving("Loop for ever", "while True:\n    pass", _SERIAL),
    "deaf-loop": Starving(
        "Loop for ever and ignore every interrupt",
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass",
        "not run: an interrupt is all that a cell gets, and every later cell waits 30 s as well",
    ),
    "hundred-sleeps": Starving(
        "Sleep for ten minutes in each of a hundred cells",
        "import time\ntime.sleep(600)",
        "not run: 30 s for each cell, so all later submissions wait for 50 minutes",
        copies=100,
    ),
    "fork-bomb": Starving(
        "Start processes until no more can be started, and keep them",
        "import os, time\nwhile True:\n    if os.fork() == 0:\n        time.sleep(600)\n        os._exit(0)",
        _MACHINE,
    ),
    "thread-bomb": Starving(
        "Start threads until no more can be started, and keep them",
        "from threading import Thread\nimport time\nwhile True:\n    Thread(target=time.sleep, args=(600,)).start()",
        _MACHINE,
    ),
    "memory": Starving(
        "Take memory until there is no more", "taken = []\nwhile True:\n    taken.append(b'x' * (1 << 26))", _MEMORY
    ),
    "huge-answer": Starving(
        "Return an array of two gigabytes from every judged function",
        "sigmoid = cost = dC_dw = dC_db = lambda *arguments: np.zeros(1 << 28)",
        _MEMORY,
        copies=0,
    ),
    "full-disk": Starving(
        "Write files until the disk is full",
        "number = 0\nwhile True:\n    number += 1\n    open(f'full-{number}', 'wb').write(b'x' * (16 << 20))",
        _MACHINE,
    ),
    "open-files": Starving(
        "Open files until no more can be opened, and keep them",
        "import os\nheld = []\nwhile True:\n    held.append(os.open('/dev/null', os.O_RDONLY))",
        _MACHINE,
    ),
    "output-flood": Starving(
        "Print for ever",
        "while True:\n    print('x' * 1000)",
        "not run: all is kept in memory, and cut to 1,000 lines only when the notebook has run",
    ),
    "spinning-children": Starving(
        "Leave processes behind that keep every core busy",
        "import os\nfor _ in range(4):\n    if os.fork() == 0:\n        while os.setsid:\n            pass",
        "not run: nbgrader ends the kernel, not what the kernel has started",
    ),
    "dead-process": Starving(
        "End the process that runs the cells",
        "import os\nos._exit(1)",
        "not run: the kernel is dead, and the grade stays empty",
    ),
}
