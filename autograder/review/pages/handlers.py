"""The pages' addresses: what is asked for, and the answer; what is slow runs beside the server's loop."""

import asyncio
from collections.abc import Callable
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from autograder.course.records.outcomes import FOLDER as OUTCOMES
from autograder.review.changing import actions
from autograder.review.pages.changing import ChangingView, Entered
from autograder.review.pages.links import PATH, Served, quoted
from autograder.review.pages.page import NOT_FOUND, Page, in_thread
from autograder.review.pages.render import render
from autograder.review.pages.views import View
from autograder.review.reading.classroom import Classroom
from autograder.review.reading.model import ReviewError, Target

_SEE_OTHER, _REFUSED = 303, 400
_MOMENT = 1.5  # seconds
_DIGITS = 9  # of a page's number: there are not so many pages
_working: dict[str, asyncio.Task[actions.Action]] = {}  # actions that this server is at, by their ids


class Assignments(Page):
    """The assignments of which something has been graded."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Show them."""
        await self.show_soon(self._page)

    def _page(self) -> str:
        found = sorted(path.name for path in (self.course / OUTCOMES).glob("*/") if any(path.glob("*.json")))
        links = [(name, f"{self.base_url}{PATH}/{quoted(name)}/") for name in found]
        formgrader = f"{self.base_url}formgrader"
        return render("assignments.html", assignments=links, root=str(self.course), formgrader=formgrader)


class Shown(Page):
    """A page that is only shown."""

    def initialize(self, make: Callable[..., str]) -> None:
        """Set what makes the page: of the view, of the query, and of the names in the address."""
        self.make = make

    @web.authenticated
    @authorized
    async def get(self, assignment: str, *names: str) -> None:
        """Show it."""
        await self.show_soon(lambda: self.make(self.view(assignment), self.get_query_argument, *names))


class Change(Page):
    """A group, and the form for a comment and an adjustment: sent, it shows what would be done."""

    def initialize(self, form: Callable[..., str], target: Callable[..., Target]) -> None:
        """Set what makes the group's page, and who is in it: of the view and of the names in the address."""
        self.form, self.target = form, target

    @web.authenticated
    @authorized
    async def get(self, assignment: str, about: str, group: str) -> None:
        """Show the group."""
        await self.show_soon(lambda: self.form(self.view(assignment), about, group))

    @web.authenticated
    @authorized
    async def post(self, assignment: str, about: str, group: str) -> None:
        """Show the preview, or the form again with what is wrong."""
        entered = Entered(
            self.get_body_argument("comment", ""),
            self.get_body_argument("kind", ""),
            self.get_body_argument("points", ""),
            tuple(self.get_body_arguments("without")),
        )
        await self.show(lambda: self._previewed(assignment, about, group, entered))

    def _previewed(self, assignment: str, about: str, group: str, entered: Entered) -> str:
        view = self.view(assignment)
        target = self.target(view, about, group)
        try:
            return view.preview(target, entered)
        except ReviewError as error:
            self.set_status(_REFUSED)
            return self.form(view, about, group, entered, str(error))


class Do(Page):
    """What writes: applies a preview, finishes what was cut short, takes back; then shows what came of it."""

    @web.authenticated
    @authorized
    async def get(self, assignment: str, _what: str) -> None:
        """Show the log: nothing is done by a mere look."""
        self.redirect(Served(self.base_url, assignment, None).log())

    @web.authenticated
    @authorized
    async def post(self, assignment: str, what: str) -> None:
        """Do it; what takes longer than a moment goes on beside, and the page says how far it is."""
        try:
            action_id = await self._do(assignment, what, self.get_body_argument("id", ""))
        except ReviewError as error:
            await self.refuse(_REFUSED, error)
        else:
            self.redirect(Served(self.base_url, assignment, None).action(action_id), status=_SEE_OTHER)

    async def _do(self, assignment: str, what: str, action_id: str) -> str:
        classroom = await in_thread(Classroom.load, self.course, assignment)
        if what == "undo":
            action_id = (await in_thread(actions.begin_undo, classroom, action_id, self.who)).id
        elif what == "apply":
            await in_thread(actions.begin, classroom, action_id, self.who)
        task = _working.get(action_id)
        if task is None:
            task = _working[action_id] = asyncio.create_task(in_thread(actions.resume, classroom, action_id))
            task.add_done_callback(lambda _: _working.pop(action_id, None))
        done, _ = await asyncio.wait({task}, timeout=_MOMENT)
        for one in done:
            one.result()
        return action_id


class Submission(Page):
    """The way from Formgrader's page of a submission to ours."""

    @web.authenticated
    @authorized
    async def get(self, assignment: str, submission: str) -> None:
        """Go there, or to the students where that submission is no more."""
        try:
            students = (await in_thread(Classroom.load, self.course, assignment)).students
        except ReviewError as error:
            await self.refuse(NOT_FOUND, error)
            return
        found = next((student for student in students if submission in student.submissions.values()), None)
        link = Served(self.base_url, assignment, None)
        self.redirect(link.students() if found is None else link.student(found.id))


class Missing(Page):
    """Any other address below ours."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Say so."""
        raise web.HTTPError(NOT_FOUND)


def _students(view: View, asked: Callable[..., str]) -> str:
    number = asked("page", "1")
    return view.students(
        int(number[:_DIGITS]) if number.isdecimal() else 1,
        asked("sort", "name"),
        descending=bool(asked("descending", "")),
    )


_SHOWN: dict[str, Callable[..., str]] = {
    "": lambda view, asked: view.overview(asked("order", "course")),
    "students": _students,
    "students/NAME": lambda view, _asked, student: view.student(student),
    "groups/NAME": lambda view, _asked, exercise: view.exercise(exercise),
    "queue": lambda view, _asked: view.queue(),
    "reference": lambda view, _asked: view.reference(),
    "log": lambda view, _asked: view.log(),
    "log/NAME": lambda view, _asked, action: view.action(action, busy=action in _working),
}
_CHANGES: dict[str, dict[str, Callable[..., Any]]] = {
    "groups/NAME/NAME": {"form": ChangingView.group, "target": ChangingView.members},
    "answers/NAME/NAME": {"form": ChangingView.answers, "target": ChangingView.answerers},
}


def _address(path: str) -> str:
    return f"{PATH}/NAME/{path}".replace("NAME", "([^/]+)")


ADDRESSES: list[tuple[Any, ...]] = [
    (f"{PATH}/?", Assignments),
    *((_address(path), Shown, {"make": make}) for path, make in _SHOWN.items()),
    *((_address(path), Change, parts) for path, parts in _CHANGES.items()),
    (_address("of/NAME"), Submission),
    (_address("(apply|undo|resume)"), Do),
    (f"{PATH}/.*", Missing),
]
