"""Each page as HTML: what the model says of it, put into its template."""

from dataclasses import dataclass, field
from typing import Any, get_args

from autograder.review import overview, reference
from autograder.review import queue as queues
from autograder.review.alike import groups
from autograder.review.changing import actions
from autograder.review.pages.links import Links
from autograder.review.pages.render import render
from autograder.review.reading.classroom import Classroom
from autograder.review.reading.model import ReviewError
from autograder.review.story import story


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
        for graded in self.classroom.marked:
            orders.append((graded.name, graded.name))
            criteria = getattr(graded, "criteria", ())  # an ordinary cell has none
            orders += [(f"{graded.name}.{one.name}", f"{graded.name}: {one.label}") for one in criteria]
        return self._page("students.html", "students", page=page, orders=orders)

    def student(self, student_id: str) -> str:
        """Return one submission."""
        student = self.classroom.student(student_id)
        everybody = self.classroom.students
        index = everybody.index(student)
        return self._page(
            "submission.html",
            "students",
            student=student,
            story=story(self.classroom, student_id),
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

    def queue(self) -> str:
        """Return what needs a human."""
        return self._page("queue.html", "queue", queue=queues.queue(self.classroom))

    def reference(self) -> str:
        """Return the reference with the certificate's figures."""
        found = reference.reviewed(self.classroom)
        return self._page("reference.html", "reference", reference=found)

    def log(self) -> str:
        """Return what was done, the newest first."""
        return self._page("log.html", "log", actions=actions.log(self.classroom))

    def _commented(self, about: str) -> frozenset[str]:
        """Return the groups of an exercise to which something was done that stands."""
        return frozenset(
            one.target.group
            for one in actions.log(self.classroom)
            if one.target.about == about and not one.undone_by and not one.undoes
        )
