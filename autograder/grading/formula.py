"""A formula step by step: the right function, and every wrong one that is an edit of it.

A mistake is written as an edit of some of the steps, so that two mistakes at different places can be made together, and
a card can work an example by hand with the numbers of each step.
"""

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

import numpy as np

RETURN = "return"  # the place of what is returned, where an edit changes that alone

Edit = Mapping[str, str]


@dataclass(frozen=True)
class Formula:
    """How an exercise's right answer is computed.

    Attributes:
        name: of the function.
        parameters: their names, in order.
        steps: each step's name and the expression that gives it, from parameters and steps above; the last is returned.
        shown: the steps that a student sees worked by hand, each in the notation of the text.
        names: what the expressions may use besides `np` and `math`.
    """

    name: str
    parameters: tuple[str, ...]
    steps: Mapping[str, str]
    shown: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, Any] = field(default_factory=dict)

    def places(self) -> tuple[str, ...]:
        """Return where an edit may be: every step, and what is returned."""
        return (*self.steps, RETURN)

    def source(self, edit: Edit | None = None) -> str:
        """Return the function's source, with some steps replaced.

        Raises:
            ValueError: the edit names a place that there is not.
        """
        edit = self._checked(edit)
        lines = [f"    {step} = {edit.get(step, expression)}" for step, expression in self.steps.items()]
        head = f"def {self.name}({', '.join(self.parameters)}):"
        return "\n".join([head, *lines, f"    return {edit.get(RETURN, list(self.steps)[-1])}", ""])

    def function(self, edit: Edit | None = None) -> Callable[..., Any]:
        """Return the function itself; it runs in this process, and none of it is a student's.

        Raises:
            ValueError: as `source`.
        """
        edit = self._checked(edit)
        steps = [(step, _compiled(edit.get(step, expression))) for step, expression in self.steps.items()]
        result = _compiled(edit.get(RETURN, list(self.steps)[-1]))

        def function(*arguments: Any) -> Any:
            values = self._names(arguments)
            for step, code in steps:
                values[step] = eval(code, values)  # noqa: S307 - our own catalogue
            return eval(result, values)  # noqa: S307 - as above

        return function

    def _checked(self, edit: Edit | None) -> Edit:
        edit = edit or {}
        if unknown := set(edit) - set(self.places()):
            msg = f"{self.name} has no step {', '.join(sorted(unknown))}; there are {', '.join(self.places())}"
            raise ValueError(msg)
        return edit

    def _names(self, arguments: tuple[Any, ...]) -> dict[str, Any]:
        return {"np": np, "math": math, **self.names, **dict(zip(self.parameters, arguments, strict=True))}

    def work(self, arguments: tuple[Any, ...]) -> list[tuple[str, Any]]:
        """Return each shown step's notation and its value for these arguments."""
        values = self._names(arguments)
        with np.errstate(all="ignore"):
            for step, expression in self.steps.items():
                values[step] = eval(_compiled(expression), values)  # noqa: S307 - our own formula
        return [(notation, values[step]) for step, notation in self.shown.items()]


@functools.cache
def _compiled(expression: str) -> CodeType:
    """Return an expression's code; thousands of pairs of mistakes are made of a hundred expressions."""
    return compile(expression, "<formula>", "eval")
