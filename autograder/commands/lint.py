"""`autograder lint`: an assignment while it is written, checked in seconds; each message says file, line and entry."""

import multiprocessing
import os
import sys
from argparse import Namespace
from concurrent.futures import ProcessPoolExecutor

from autograder.certify.lint import lint
from autograder.certify.local import quiet
from autograder.grading.assignment import find


def run(options: Namespace) -> int:
    """Print a line per problem; returns 1 where there is any, else 0.

    Raises:
        AssignmentError: there is no such assignment.
    """
    assignment = find(options.assignment, options.graders)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context, initializer=quiet) as pool:
        problems = lint(assignment, pool)
    for problem in problems:
        print(problem)
    words = "nothing is wrong" if not problems else f"{len(problems)} to mend"
    print(f"{options.assignment}: {words}", file=sys.stderr)
    return 1 if problems else 0
