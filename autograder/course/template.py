"""What workers are forked from: multiprocessing's fork server imports it, so that all is loaded once."""

import gc
import os

from autograder.course.start import ASSIGNMENT, get_ready, leave_interrupts
from autograder.sandbox.collecting import uncollected

leave_interrupts()
with uncollected():
    get_ready(os.environ[ASSIGNMENT])
    gc.freeze()  # the collector of a fork would look through all of it, and so copy it
