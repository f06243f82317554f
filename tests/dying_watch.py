"""A watch that is killed at one step: `python dying_watch.py STEP WHEN`, in the course's folder.

`STEP` is one of `STEPS`; it is killed `before` or `after` that is done for the first time.
"""

import os
import signal
import sys

from autograder import cli
from autograder.course import submission
from autograder.course.handed_in.collecting import Collect
from autograder.course.pages.release import ReleaseFeedback
from autograder.course.records import outcomes, receipts
from autograder.course.submission import Submissions
from autograder.course.watching.feedback import Feedback
from autograder.course.watching.watcher import Watched

STEPS = {
    "copied": (Collect, "_build"),
    "brought in": (Collect, "do_copy"),
    "receipt": (receipts, "write"),
    "begun": (outcomes, "begin"),
    "in the gradebook": (Submissions, "_marked_together"),
    "in autograded": (submission, "publish"),
    "graded": (Submissions, "finish"),
    "page made": (Feedback, "_make"),
    "page released": (ReleaseFeedback, "_write"),
    "released": (Feedback, "_release"),
    "answered": (Watched, "_give"),
}


def main(step: str, when: str) -> None:
    """Look once, and be killed at a step."""
    owner, name = STEPS[step]
    do = getattr(owner, name)

    def dying(*arguments, **options):
        if when == "after":
            result = do(*arguments, **options)
            if step == "graded":
                list(result)  # it yields what it has written
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, dying)
    sys.exit(cli.main(["watch", "neuron", "--once"]))


if __name__ == "__main__":
    main(*sys.argv[1:])
