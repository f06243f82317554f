"""The pages on which something is done to many: a group with its form, the preview, and what came of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.review import queue as queues
from autograder.review.alike import groups
from autograder.review.changing import actions
from autograder.review.pages.views import View
from autograder.review.queue import AnswerGroup
from autograder.review.reading.model import ReviewError, Target


@dataclass(frozen=True)
class Entered:
    """What somebody has entered for a group: kept when it cannot be done, and shown again."""

    comment: str = ""
    kind: str = ""
    points: str = ""
    without: tuple[str, ...] = ()

    def adjustment(self) -> actions.Adjustment | None:
        """Return the change of marks.

        Raises:
            ReviewError: the points are missing, or no number.
        """
        if self.kind not in ("set", "add", "clear"):
            return None
        if self.kind == "clear":
            return actions.Adjustment("clear")
        try:
            return actions.Adjustment("set" if self.kind == "set" else "add", float(self.points.replace(",", ".")))
        except ValueError:
            raise ReviewError(f"points are a number, as 2.5, not {self.points!r}: enter them below the marks") from None


class ChangingView(View):
    """As `View`, and what changes marks and comments."""

    def group(self, name: str, group_id: str, entered: Entered | None = None, problem: str = "") -> str:
        """Return one group, with what was entered and could not be done."""
        exercise = self.classroom.exercise(name)
        group = groups.group(self.classroom, name, group_id)
        return self._page(
            "group.html",
            f"exercise {name}",
            exercise=exercise,
            group=group,
            differing=groups.how_members_differ(self.classroom, group),
            max_points=exercise.max_points,
            to_step=lambda one: self.link.group(name, one.id),
            **self._steps(groups.groups(self.classroom, name), group.id),
            **self._change(group.target, self.link.group(name, group.id), entered, problem),
        )

    def answers(self, cell: str, group_id: str, entered: Entered | None = None, problem: str = "") -> str:
        """Return similar answers to a written question."""
        group = queues.answer_group(self.classroom, cell, group_id)
        return self._page(
            "answers.html",
            "queue",
            group=group,
            answers=_by_text(group),
            max_points=next((one.max_points for one in self.classroom.written if one.cell == cell), None),
            to_step=lambda one: self.link.answers(cell, one.id),
            **self._steps(queues.answer_groups(self.classroom, cell), group.id),
            **self._change(group.target, self.link.answers(cell, group.id), entered, problem),
        )

    def members(self, name: str, group_id: str) -> Target:
        """Return who is in a group."""
        return groups.group(self.classroom, name, group_id).target

    def answerers(self, cell: str, group_id: str) -> Target:
        """Return who gave similar answers."""
        return queues.answer_group(self.classroom, cell, group_id).target

    def preview(self, target: Target, entered: Entered) -> str:
        """Keep what would be done to each member, and return it.

        Raises:
            ReviewError: nothing would be done, or it cannot be.
        """
        found = actions.preview(self.classroom, target, entered.comment.strip(), entered.adjustment(), entered.without)
        return self._page("preview.html", self._current(target), preview=found, back=self._back(target))

    def action(self, action_id: str, *, busy: bool = False) -> str:
        """Return one thing that was done, and what came of it for each; or that it is being done right now."""
        found = actions.action(self.classroom, action_id)
        return self._page(
            "action.html",
            "log",
            action=found,
            busy=busy and not found.finished,
            back=self._back(found.target),
            onward=self._onward(found.target),
        )

    def _steps(self, steps: Sequence[Any], group_id: str) -> dict[str, Any]:
        return {"steps": steps, "number": next(i for i, one in enumerate(steps, 1) if one.id == group_id)}

    def _change(self, target: Target, action: str | None, entered: Entered | None, problem: str) -> dict[str, Any]:
        done = [
            one
            for one in actions.log(self.classroom)
            if (one.target.about, one.target.group) == (target.about, target.group) and not one.undoes
        ]
        return {"action": action, "entered": entered or Entered(), "problem": problem, "done": done}

    def _written(self, target: Target) -> bool:
        return any(one.cell == target.about for one in self.classroom.written)

    def _current(self, target: Target) -> str:
        return "queue" if self._written(target) else f"exercise {target.about}"

    def _back(self, target: Target) -> str | None:
        """Return where the group is."""
        return self._address(target, target.group)

    def _onward(self, target: Target) -> str | None:
        """Return where the next smaller group is."""
        steps: Callable[..., Sequence[Any]] = queues.answer_groups if self._written(target) else groups.groups
        ids = [one.id for one in steps(self.classroom, target.about)]
        place = ids.index(target.group) + 1 if target.group in ids else len(ids)
        return self._address(target, ids[place]) if place < len(ids) else None

    def _address(self, target: Target, group_id: str) -> str | None:
        return (self.link.answers if self._written(target) else self.link.group)(target.about, group_id)


def _by_text(group: AnswerGroup) -> dict[str, list[str]]:
    """Return the students by what they answered, the representative's answer first."""
    found: dict[str, list[str]] = {}
    for student, answer in zip(group.students, group.answers, strict=True):
        found.setdefault(answer, []).append(student)
    return found
