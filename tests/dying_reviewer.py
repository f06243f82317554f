"""A reviewer's server that is killed at one member: `python dying_reviewer.py COURSE PREVIEW MEMBER WHEN`.

`WHEN` is `before` the member's rows are written, `after` that but before the transaction ends, or `between` it and the
next member's.
"""

import os
import signal
import sys
from pathlib import Path

from changes import apply

from autograder.review.changing import members
from autograder.review.reading.classroom import Classroom


def main(course: str, preview: str, number: str, when: str) -> None:
    """Apply the preview up to the member of this number, and be killed there."""
    count, write, change = 0, members._write, members.change

    def dying_write(*arguments):
        nonlocal count
        count += 1
        if count == int(number) and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        write(*arguments)
        if count == int(number) and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)

    def dying_change(*arguments):
        change(*arguments)
        if count == int(number):
            os.kill(os.getpid(), signal.SIGKILL)

    members._write, members.change = dying_write, dying_change
    apply(Classroom.load(Path(course), "neuron"), preview, "killed")


if __name__ == "__main__":
    main(*sys.argv[1:])
