"""The course's own preprocessors, in the places of nbgrader's two passes that they have in `nbgrader_config.py`.

Of nbgrader's own preprocessors, ours do what Execute, SaveAutoGrades, AssignLatePenalties and the whole sanitizing pass
do; all others stay in force.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    Execute,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)

from autograder.course.errors import UsageError

_REBUILT = (ClearOutput, DeduplicateIds, OverwriteKernelspec, OverwriteCells, CheckCellMetadata)
_SAVED = (SaveAutoGrades, AssignLatePenalties, CheckCellMetadata)

Resources = dict[str, Any]


@dataclass
class Stages:
    """Preprocessors of the course.

    Attributes:
        sanitize: run when the cells' metadata has been rebuilt.
        before: run before the notebook is executed.
        after: run when it has been judged, before the marks are saved.
        last: run when the marks have been saved.
    """

    sanitize: list[Any] = field(default_factory=list)
    before: list[Any] = field(default_factory=list)
    after: list[Any] = field(default_factory=list)
    last: list[Any] = field(default_factory=list)


def stages_of(converter: Autograde, exporter: Exporter) -> Stages:
    """Return the course's own preprocessors.

    Raises:
        UsageError: one of them executes the notebook, which is what the walls are for.
    """
    sanitize = [one for one in converter.sanitize_preprocessors if one not in _REBUILT]
    found = Stages(sanitize=_instances(exporter, sanitize))
    place = found.before if Execute in converter.autograde_preprocessors else found.after
    for one in converter.autograde_preprocessors:
        if one is Execute:
            place = found.after
        elif one is SaveAutoGrades:
            place = found.last
        elif isinstance(one, type) and issubclass(one, Execute):
            raise UsageError(
                f"c.Autograde.autograde_preprocessors lists {one.__name__}, which executes notebooks itself, and "
                "configure(c) executes them behind the walls: leave one of the two out"
            )
        elif one not in _SAVED:
            place += _instances(exporter, [one])
    return found


def run(stage: Iterable[Any], nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
    """Let a notebook pass some preprocessors."""
    for preprocessor in stage:
        nb, resources = preprocessor(nb, resources)
    return nb, resources


def _instances(exporter: Exporter, classes: Iterable[Any]) -> list[Any]:
    before = len(exporter._preprocessors)  # noqa: SLF001 - registering returns nothing
    for one in classes:
        exporter.register_preprocessor(one)
    return list(exporter._preprocessors[before:])  # noqa: SLF001
