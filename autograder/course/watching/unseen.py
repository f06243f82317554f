"""nbgrader's own lines, which nobody sees: the watch says the same in one line per submission."""

import logging

from autograder.course.course import one_line


class _Last(logging.Handler):
    """Keeps the last line that tells of an error; of a traceback, the one that names it."""

    line = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line that says what is wrong."""
        is_traceback = record.getMessage().startswith("Traceback")
        one_line(record)
        if is_traceback or not self.line:
            self.line = " ".join(record.getMessage().split())


_LAST = _Last(logging.ERROR)
LOG = logging.getLogger("autograder.watch")
LOG.propagate = False
LOG.addHandler(_LAST)


def forget() -> None:
    """Begin anew."""
    _LAST.line = ""


def last_error() -> str:
    """Return what nbgrader said of an error since then; nothing where there was none."""
    return _LAST.line
