"""The pages' addresses: who may ask, what is asked for, and the answer; what is slow runs beside the server's loop."""

import asyncio
import getpass
import os
from collections.abc import Callable
from http.client import responses
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from markupsafe import Markup
from tornado import web

from autograder.course.outcomes import FOLDER as OUTCOMES
from autograder.review import actions
from autograder.review.classroom import Classroom
from autograder.review.model import ReviewError, Target
from autograder.review.pages.links import PATH, Served, quoted
from autograder.review.pages.render import POLICY, render
from autograder.review.pages.views import Entered, View

_SEE_OTHER, _REFUSED, _FORBIDDEN, _NOT_FOUND = 303, 400, 403, 404
_SAID = {
    _FORBIDDEN: "You may not do this here: log in to this server, and send the form from its own page.",
    _NOT_FOUND: "There is no such page.",
}


_MOMENT = 2.0  # seconds
_working: dict[str, asyncio.Task[actions.Action]] = {}  # actions that this server is at, by their ids


class Page(JupyterHandler):
    """What all pages have in common."""

    auth_resource = "nbgrader"

    @property
    def content_security_policy(self) -> str:
        """What browsers let these pages do: no script, nothing from elsewhere."""
        return POLICY

    def set_default_headers(self) -> None:
        """Let nobody keep pages with names and marks."""
        super().set_default_headers()
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "same-origin")

    async def prepare(self, **options: Any) -> None:
        """Have the field ready that every form sends back: it sets a cookie, and so is made before anything is sent."""
        await super().prepare(**options)
        self.xsrf = Markup(self.xsrf_form_html())  # noqa: S704 - Tornado's own

    @property
    def course(self) -> Path:
        """The course's root: Formgrader's, which knows nbgrader's settings, or where the server was started."""
        formgrader = self.settings.get("nbgrader_formgrader")
        return Path(formgrader.coursedir.root if formgrader is not None else Path.cwd())

    def view(self, assignment: str) -> View:
        """Return what the pages of an assignment are made of.

        Raises:
            ReviewError: there is no such assignment, or nothing of it has been graded.
        """
        below = os.path.relpath(self.course, self.settings["server_root_dir"])
        link = Served(self.base_url, assignment, None if below.startswith("..") else below)
        return View(Classroom.load(self.course, assignment), link, self.xsrf)

    @property
    def who(self) -> str:
        """Who is asking, for the log; where Jupyter knows no name, this machine's user besides."""
        user = self.current_user
        name: str = user.display_name or user.name or user.username
        return f"{getpass.getuser()} ({name})" if name.startswith("Anonymous") else name

    async def show(self, make: Callable[[], str]) -> None:
        """Answer with a page, made in a thread; where it cannot be made, with one that says why."""
        try:
            html = await asyncio.to_thread(make)
        except ReviewError as error:
            await self.refuse(_NOT_FOUND, error)
        else:
            await self.finish(html)

    async def refuse(self, status: int, error: ReviewError) -> None:
        """Say what is wrong, where, and what to do."""
        self.set_status(status)
        await self.finish(self._problem(status, str(error)))

    def write_error(self, status_code: int, **_more: Any) -> None:
        """Answer with a page that says in one line what is wrong; the traceback is in the server's log."""
        self.finish(self._problem(status_code, _SAID.get(status_code, "This did not work; the server's log says why.")))

    def _problem(self, status: int, text: str) -> str:
        return render("problem.html", title=responses.get(status, "Error"), text=text, home=f"{self.base_url}{PATH}/")


class Assignments(Page):
    """The assignments of which something has been graded."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Show them."""
        await self.show(self._page)

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
        await self.show(lambda: self.make(self.view(assignment), self.get_query_argument, *names))


class Change(Page):
    """A group, and the form for a comment and an adjustment: sent, it shows what would be done."""

    def initialize(self, form: Callable[..., str], target: Callable[..., Target]) -> None:
        """Set what makes the group's page, and who is in it: of the view and of the names in the address."""
        self.form, self.target = form, target

    @web.authenticated
    @authorized
    async def get(self, assignment: str, about: str, group: str) -> None:
        """Show the group."""
        await self.show(lambda: self.form(self.view(assignment), about, group))

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
        classroom = await asyncio.to_thread(Classroom.load, self.course, assignment)
        if what == "undo":
            return (await asyncio.to_thread(actions.undo, classroom, action_id, self.who)).id
        if what == "apply":
            await asyncio.to_thread(actions.begin, classroom, action_id, self.who)
        task = _working.get(action_id)
        if task is None:
            task = _working[action_id] = asyncio.create_task(asyncio.to_thread(actions.resume, classroom, action_id))
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
            students = (await asyncio.to_thread(Classroom.load, self.course, assignment)).students
        except ReviewError as error:
            await self.refuse(_NOT_FOUND, error)
            return
        found = next((student for student in students if student.submission == submission), None)
        link = Served(self.base_url, assignment, None)
        self.redirect(link.students() if found is None else link.student(found.id))


class Missing(Page):
    """Any other address below ours."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Say so."""
        raise web.HTTPError(_NOT_FOUND)


def _students(view: View, asked: Callable[..., str]) -> str:
    number = asked("page", "1")
    return view.students(
        int(number) if number.isdecimal() else 1, asked("sort", "name"), descending=bool(asked("descending", ""))
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
    "groups/NAME/NAME": {"form": View.group, "target": View.members},
    "answers/NAME/NAME": {"form": View.answers, "target": View.answerers},
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
