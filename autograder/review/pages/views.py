"""Each page as HTML: what the model says of it, put into its template."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from autograder.review import actions, groups, overview, reference, submission
from autograder.review import queue as queues
from autograder.review.classroom import Classroom
from autograder.review.model import ReviewError, Target
from autograder.review.pages.links import Archived, Links
from autograder.review.pages.render import render
from autograder.review.queue import AnswerGroup

_LOG = 1000  # actions
_SPELLINGS = 20  # of a group that are shown beside the representative's


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


@dataclass(frozen=True)
class View:
    """What every page is made of: the class, the addresses, and the field that each form has to send back."""

    classroom: Classroom
    link: Links
    xsrf: Any = field(default="", repr=False)

    def _page(self, template: str, current: str, **values: Any) -> str:
        return render(
            template,
            classroom=self.classroom,
            link=self.link,
            xsrf=self.xsrf,
            current=current,
            archived=False,
            **values,
        )

    def overview(self, order: str) -> str:
        """Return the class at a glance.

        Raises:
            ReviewError: there is no such order.
        """
        if order not in get_args(overview.Order):
            raise ReviewError(f"there is no order {order!r}: take one of {', '.join(get_args(overview.Order))}")
        found = overview.overview(self.classroom, order)  # type: ignore[arg-type] # one of them, as was just seen
        return self._page("overview.html", "overview", overview=found, order=order)

    def students(self, number: int, sort: str, *, descending: bool) -> str:
        """Return a page of students."""
        page = self.classroom.page(number, sort=sort, descending=descending)
        orders = [("name", "name"), ("id", "id"), ("state", "state"), ("score", "score")]
        for exercise in self.classroom.exercises:
            orders.append((exercise.name, exercise.name))
            orders += [(f"{exercise.name}.{one.name}", f"{exercise.name}: {one.label}") for one in exercise.criteria]
        return self._page("students.html", "students", page=page, orders=orders)

    def student(self, student_id: str) -> str:
        """Return one submission."""
        student = self.classroom.student(student_id)
        story = submission.story(self.classroom, student_id)
        everybody = self.classroom.students
        index = everybody.index(student)
        return self._page(
            "submission.html",
            "students",
            student=student,
            story=story,
            number=index + 1,
            before=everybody[index - 1] if index else None,
            after=everybody[index + 1] if index + 1 < len(everybody) else None,
        )

    def exercise(self, name: str) -> str:
        """Return the groups of an exercise."""
        exercise = self.classroom.exercise(name)
        found = groups.groups(self.classroom, name)
        return self._page(
            "exercise.html", f"exercise {name}", exercise=exercise, groups=found, commented=self._commented(name)
        )

    def group(self, name: str, group_id: str, entered: Entered | None = None, problem: str = "") -> str:
        """Return one group, with what was entered and could not be done."""
        exercise = self.classroom.exercise(name)
        group = groups.group(self.classroom, name, group_id)
        return self._page(
            "group.html",
            f"exercise {name}",
            exercise=exercise,
            group=group,
            differing=groups.how_members_differ(self.classroom, group, _SPELLINGS),
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
            **self._steps(queues.queue(self.classroom).answers[cell], group.id),
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

    def queue(self) -> str:
        """Return what needs a human."""
        return self._page("queue.html", "queue", queue=queues.queue(self.classroom))

    def reference(self) -> str:
        """Return the reference with the certificate's figures."""
        found = reference.reviewed(self.classroom.root, self.classroom.assignment)
        return self._page("reference.html", "reference", reference=found)

    def log(self) -> str:
        """Return what was done, the newest first."""
        done, unfinished = actions.log(self.classroom, _LOG), actions.unfinished(self.classroom)
        return self._page("log.html", "log", actions=done, unfinished=unfinished)

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

    def archive(self) -> str:
        """Return the whole review as one page that needs no server."""
        classroom = self.classroom
        exercises = []
        for exercise in classroom.exercises:
            found = groups.groups(classroom, exercise.name)
            differing = {one.id: groups.how_members_differ(classroom, one, _SPELLINGS) for one in found}
            exercises.append((exercise, found, differing))
        return render(
            "archive.html",
            classroom=classroom,
            link=Archived(),
            archived=True,
            when=dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M"),
            overview=overview.overview(classroom),
            order="course",
            page=classroom.page(1, size=max(len(classroom.students), 1)),
            exercises=exercises,
            commented=frozenset[str](),
            queue=queues.queue(classroom),
            reference=reference.reviewed(classroom.root, classroom.assignment),
            actions=actions.log(classroom, _LOG),
        )

    def _commented(self, about: str) -> frozenset[str]:
        """Return the groups of an exercise to which something was done that stands."""
        return frozenset(
            one.target.group
            for one in actions.log(self.classroom, _LOG)
            if one.target.about == about and not one.undone_by and not one.undoes
        )

    def _steps(self, steps: Sequence[Any], group_id: str) -> dict[str, Any]:
        return {"steps": steps, "number": next(i for i, one in enumerate(steps, 1) if one.id == group_id)}

    def _change(self, target: Target, action: str | None, entered: Entered | None, problem: str) -> dict[str, Any]:
        done = [
            one
            for one in actions.log(self.classroom, _LOG)
            if (one.target.about, one.target.group) == (target.about, target.group) and not one.undoes
        ]
        return {"action": action, "entered": entered or Entered(), "problem": problem, "done": done}

    def _written(self, target: Target) -> bool:
        return any(one.cell == target.about for one in self.classroom.written)

    def _current(self, target: Target) -> str:
        return "queue" if self._written(target) else f"exercise {target.about}"

    def _back(self, target: Target) -> str | None:
        """Return where the group is."""
        if self._written(target):
            return self.link.answers(target.about, target.group)
        return self.link.group(target.about, target.group)

    def _onward(self, target: Target) -> str | None:
        """Return where the next smaller group is."""
        written = self._written(target)
        steps: Sequence[Any] = (
            queues.queue(self.classroom).answers.get(target.about, ())
            if written
            else groups.groups(self.classroom, target.about)
        )
        ids = [one.id for one in steps]
        place = ids.index(target.group) + 1 if target.group in ids else len(ids)
        if place >= len(ids):
            return None
        return self.link.answers(target.about, ids[place]) if written else self.link.group(target.about, ids[place])


def _by_text(group: AnswerGroup) -> dict[str, list[str]]:
    """Return the students by what they answered, the representative's answer first."""
    found: dict[str, list[str]] = {}
    for student, answer in zip(group.students, group.answers, strict=True):
        found.setdefault(answer, []).append(student)
    return found
