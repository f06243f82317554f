"""`nbgrader collect`: each submission arrives whole or not at all, and with a receipt."""

import logging
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import rmtree

from autograder.course.records import receipts
from autograder.course.records.source_cells import read_sources
from autograder.course.settings import Autograder


class Collect(ExchangeCollect):
    """Collects as nbgrader does; a copy that was interrupted is made anew, where nbgrader would take it for whole."""

    def copy_files(self) -> None:
        """Copy what is new, then write a receipt for each submission that has none."""
        super().copy_files()
        root, name = Path(self.coursedir.root), str(self.coursedir.assignment_id)
        try:
            with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
                sources = read_sources(gradebook, name)
        except MissingEntry:  # collected before it was generated here: its receipts are written when it is graded
            return
        settings = Autograder(parent=self)
        limits = settings.find(root, name).limits.override(settings.limits)
        for record in self.src_records:
            student = record["username"]
            folder = Path(self.coursedir.format_path(self.coursedir.submitted_directory, student, name))
            if folder.is_dir():
                receipts.keep(root, student, receipts.received(folder, student, name, sources, limits))

    def do_copy(self, src: str, dest: str, log: logging.Logger | None = None) -> Any:
        """Copy a submission under another name, and give it its own when it is whole."""
        building = Path(dest).with_name(f".{Path(dest).name}.unfinished")
        if building.exists():
            rmtree(str(building))
        super().do_copy(src, str(building), log)
        building.rename(dest)
