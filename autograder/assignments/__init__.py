"""Everything hidden, a folder an assignment: reference, graders, mistakes, variants, and its settings.

Folders named in the environment variable AUTOGRADER_ASSIGNMENTS, separated by colons, are searched as well.
"""

import os

__path__ += [path for path in os.environ.get("AUTOGRADER_ASSIGNMENTS", "").split(os.pathsep) if path]
