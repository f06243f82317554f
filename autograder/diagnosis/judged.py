"""What an exercise judges: one function of the reference, or one class that an adapter uses."""

import ast
import contextlib
import textwrap
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.diagnosis.lines import Edit
from autograder.diagnosis.reference import Changes, Place, Reference
from autograder.diagnosis.trees import bound, undocumented


@dataclass(frozen=True)
class ReferenceFunction:
    """One function or class of a reference, with what an exercise needs of it; see `Reference` for each.

    Attributes:
        reference: where it stands.
        name: its own.
        adapter: of a class, the function that is called with the arguments and uses it.
    """

    reference: Reference
    name: str
    adapter: str = ""

    @property
    def entry(self) -> str:
        """The name of what is called with the arguments."""
        return self.adapter or self.name

    def adapter_source(self) -> str:
        """Return the source of the adapter, which is no secret."""
        return ast.unparse(undocumented(self.reference.lines(self.adapter).changed({})))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its parameters, in order."""
        return self.reference.parameters(self.entry)

    @property
    def helpers(self) -> tuple[str, ...]:
        """The other functions of one argument that it leads to."""
        reached = (name for name in self.reference.reached(self.name) if name not in (self.name, self.adapter))
        return tuple(name for name in reached if len(self.reference.parameters(name)) == 1)

    @property
    def quantity(self) -> str:
        """What it gives, in the notation of its last marked line."""
        return self.reference.quantity(self.name)

    @property
    def right(self) -> Callable[..., Any]:
        """The function that gives right answers."""
        return self.reference.right(self.entry)

    def edits(self, changes: Changes) -> dict[Place, Edit]:
        """Return what changes make of which lines.

        Changes of a function that this one does not lead to are meant for its own lines: it has written them out.

        Raises:
            LineError: a change names no function, no line or several.
        """
        reached = self.reference.reached(self.name)
        return self.reference.edits(
            {one if one.partition(".")[0] in reached else self.name: own for one, own in changes.items()}
        )

    def assignments(self) -> dict[str, tuple[str, ast.expr]]:
        """Return the lines that give a name to a value: the name and the value of each."""
        return self.reference.lines(self.name).assignments()

    def function(self, edits: Mapping[Place, Edit] | None = None) -> Callable[..., Any]:
        """Return it with some lines changed."""
        return self.reference.function(self.entry, edits)

    def right_source(self, change: Mapping[str, str] | None = None) -> str:
        """Return the source of the function that gives right answers, with some lines changed, under this name.

        Raises:
            LineError: a change names no line of it, or several.
        """
        return self.reference.right_source(self.name, change)

    def wrong(self, changes: Changes, source: str) -> Callable[..., Any]:
        """Return the function of a mistake: with changed lines or, where there is one, of its own source.

        Raises:
            LineError: a change names no function, no line or several.
        """
        return self.from_source(source) if source else self.function(self.edits(changes))

    def from_source(self, source: str) -> Callable[..., Any]:
        """Return the function that a source of ours defines; the reference's other functions are there for it."""
        return self.reference.from_source(self.entry, self.whole(source))

    def whole(self, source: str) -> str:
        """Return the source of a whole function, of which only the body may have been given; a class is whole."""
        source = textwrap.dedent(source).strip("\n")
        with contextlib.suppress(SyntaxError):
            if any(self.name in bound(node) for node in ast.parse(source).body):
                return source + "\n"
        return f"def {self.name}({', '.join(self.parameters)}):\n{textwrap.indent(source, '    ')}\n"

    def source(self, edits: Mapping[Place, Edit] | None = None, given: Collection[str] = ()) -> str:
        """Return its source with some lines changed, and what it needs."""
        return self.reference.source(self.name, edits, given)

    def work(self, arguments: Sequence[Any]) -> list[tuple[str, Any]]:
        """Return its marked lines with their values for these arguments."""
        return self.reference.work(self.name, arguments, self.adapter)
