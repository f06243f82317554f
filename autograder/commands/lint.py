"""`autograder lint`: an assignment while it is written, checked in seconds; each message says file, line and entry."""

import sys
from argparse import Namespace

from autograder.certify.lint import lint
from autograder.certify.local import workers
from autograder.grading.assignment import find


def run(options: Namespace) -> int:
    """Print a line per problem; returns 1 where there is any, else 0.

    Raises:
        AssignmentError: there is no such assignment.
    """
    assignment = find(options.assignment, options.graders)
    with workers() as pool:
        problems = lint(assignment, pool)
    for problem in problems:
        print(problem)
    words = "nothing is wrong" if not problems else f"{len(problems)} to mend"
    print(f"{options.assignment}: {words}", file=sys.stderr)
    return 1 if problems else 0
