"""Computes, while an image is built, what each submission in it would otherwise wait for.

python -m autograder.platforms.bundle.building SOURCE
"""

import sys
from pathlib import Path

from autograder.judge.ready import keep_tables
from autograder.platforms.bundle.contents import read_settings


def main(source: Path) -> None:
    """Keep the tables of the assignment whose bundle was unpacked into a folder."""
    keep_tables(read_settings(source).assignment, source / "graders")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
