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
from autograder.review import actions, groups, queue
from autograder.review.classroom import Classroom
from autograder.review.model import ReviewError, Target
from autograder.review.pages.links import PATH, Served, quoted
from autograder.review.pages.render import POLICY, render
from autograder.review.pages.views import Entered, View

_SEE_OTHER, _REFUSED, _NOT_FOUND = 303, 400, 404


class Page(JupyterHandler):  # type: ignore[misc] # not annotated
    """One kind of page: `get` shows it."""

    auth_resource = "nbgrader"

    @property
    def content_security_policy(self) -> str:
        """What browsers let these pages do: no script, nothing from elsewhere."""
        return POLICY

    def set_default_headers(self) -> None:
        """Let nobody keep pages with names and marks."""
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "same-origin")

    @property
    def course(self) -> Path:
        """The course's root: Formgrader's, which knows nbgrader's settings, or where the server was started."""
        formgrader = self.settings.get("nbgrader_formgrader")
        return Path(formgrader.coursedir.root if formgrader is not None else Path.cwd())

    def view(self, assignment: str) -> View:
        """Return what the pages of an assignment are made of."""
        below = os.path.relpath(self.course, self.settings["server_root_dir"])
        link = Served(self.base_url, assignment, None if below.startswith("..") else below)
        return View(Classroom.load(self.course, assignment), link, self.xsrf)

    @property
    def who(self) -> str:
        """Who is asking, for the log: the name under JupyterHub and the like; else this machine's user, too."""
        user = self.current_user
        name = user.display_name or user.name or user.username
        return f"{getpass.getuser()} ({name})" if name.startswith("Anonymous") else name

    async def prepare(self) -> None:
        """Have the field ready that every form sends back: it sets a cookie, and so is made before anything is sent."""
        await super().prepare()
        self.xsrf = Markup(self.xsrf_form_html())  # noqa: S704 - Tornado's own

    @web.authenticated
    @authorized
    async def get(self, *names: str) -> None:
        """Show the page."""
        await self.show(lambda: self.page(*names), _NOT_FOUND)

    def page(self, *names: str) -> str:
        """Return the page; runs in a thread.

        Raises:
            ReviewError: it cannot be made.
        """
        raise NotImplementedError

    async def show(self, make: Callable[[], str], status: int) -> None:
        """Answer with a page; where it cannot be made, with one that says why."""
        try:
            html = await asyncio.to_thread(make)
        except ReviewError as error:
            self.set_status(status)
            html = self._problem(responses[status], str(error))
        self.set_header("Content-Type", "text/html; charset=utf-8")
        await self.finish(html)

    def _problem(self, title: str, text: str) -> str:
        return render("problem.html", title=title, text=text, home=f"{self.base_url}{PATH}/")

    def write_error(self, status_code: int, **_more: Any) -> None:
        """Answer with a page that says in one line what is wrong; the traceback is in the server's log."""
        text = {403: "You may not do this here: log in to this server, and send the form from its own page."}.get(
            status_code, "This did not work; the server's log says why."
        )
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(self._problem(responses.get(status_code, "Error"), text))


class Assignments(Page):
    """The assignments of which something has been graded."""

    def page(self) -> str:
        """Return the page."""
        found = sorted(path.name for path in (self.course / OUTCOMES).glob("*/") if any(path.glob("*.json")))
        links = [(name, f"{self.base_url}{PATH}/{quoted(name)}/") for name in found]
        formgrader = f"{self.base_url}formgrader"
        return render("assignments.html", assignments=links, root=str(self.course), formgrader=formgrader)


class Overview(Page):
    """The class at a glance."""

    def page(self, assignment: str) -> str:
        """Return the page."""
        return self.view(assignment).overview(self.get_query_argument("order", "course"))


class Students(Page):
    """A hundred students."""

    def page(self, assignment: str) -> str:
        """Return the page."""
        number = self.get_query_argument("page", "1")
        sort = self.get_query_argument("sort", "name")
        descending = bool(self.get_query_argument("descending", ""))
        return self.view(assignment).students(int(number) if number.isdecimal() else 1, sort, descending=descending)


class Student(Page):
    """One submission."""

    def page(self, assignment: str, student: str) -> str:
        """Return the page."""
        return self.view(assignment).student(student)


class Exercise(Page):
    """The groups of an exercise."""

    def page(self, assignment: str, exercise: str) -> str:
        """Return the page."""
        return self.view(assignment).exercise(exercise)


class Queue(Page):
    """What needs a human."""

    def page(self, assignment: str) -> str:
        """Return the page."""
        return self.view(assignment).queue()


class Reference(Page):
    """The reference."""

    def page(self, assignment: str) -> str:
        """Return the page."""
        return self.view(assignment).reference()


class Log(Page):
    """What was done."""

    def page(self, assignment: str) -> str:
        """Return the page."""
        return self.view(assignment).log()


class Action(Page):
    """One thing that was done."""

    def page(self, assignment: str, action: str) -> str:
        """Return the page."""
        return self.view(assignment).action(action)


class Change(Page):
    """A group, and the form for a comment and an adjustment: sent, it shows what would be done."""

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
        await self.show(lambda: self._previewed(assignment, about, group, entered), _NOT_FOUND)

    def _previewed(self, assignment: str, about: str, group: str, entered: Entered) -> str:
        view = self.view(assignment)
        try:
            return view.preview(self.target(view, about, group), entered)
        except ReviewError as error:
            html = self.form(view, about, group, entered, str(error))
            self.set_status(_REFUSED)
            return html

    def page(self, assignment: str, about: str, group: str) -> str:
        """Return the page."""
        return self.form(self.view(assignment), about, group, Entered(), "")

    def target(self, view: View, about: str, group: str) -> Target:
        """Return whom a change is for."""
        raise NotImplementedError

    def form(self, view: View, about: str, group: str, entered: Entered, problem: str) -> str:
        """Return the group's page with what was entered, and what is wrong with it."""
        raise NotImplementedError


class Group(Change):
    """One group of an exercise."""

    def target(self, view: View, about: str, group: str) -> Target:
        """Return its members."""
        return groups.group(view.classroom, about, group).target

    def form(self, view: View, about: str, group: str, entered: Entered, problem: str) -> str:
        """Return its page."""
        return view.group(about, group, entered, problem)


class Answers(Change):
    """Similar answers to a written question."""

    def target(self, view: View, about: str, group: str) -> Target:
        """Return who gave them."""
        return queue.answer_group(view.classroom, about, group).target

    def form(self, view: View, about: str, group: str, entered: Entered, problem: str) -> str:
        """Return their page."""
        return view.answers(about, group, entered, problem)


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
        """Do it."""
        action_id, who = self.get_body_argument("id", ""), self.who
        try:
            done = await asyncio.to_thread(self._do, assignment, what, action_id, who)
        except ReviewError as error:
            self.set_status(_REFUSED)
            await self.finish(self._problem(responses[_REFUSED], str(error)))
            return
        self.redirect(Served(self.base_url, assignment, None).action(done.id), status=_SEE_OTHER)

    def _do(self, assignment: str, what: str, action_id: str, who: str) -> actions.Action:
        classroom = Classroom.load(self.course, assignment)
        if what == "apply":
            return actions.apply(classroom, action_id, who)
        if what == "undo":
            return actions.undo(classroom, action_id, who)
        return actions.resume(classroom, action_id)


class Submission(Page):
    """The way from Formgrader's page of a submission to ours."""

    @web.authenticated
    @authorized
    async def get(self, assignment: str, submission: str) -> None:
        """Go there."""
        students = (await asyncio.to_thread(Classroom.load, self.course, assignment)).students
        found = next((student for student in students if student.submission == submission), None)
        link = Served(self.base_url, assignment, None)
        self.redirect(link.students() if found is None else link.student(found.id))


_NAME = "([^/]+)"
ADDRESSES: list[tuple[str, type[Page]]] = [
    (rf"{PATH}/?", Assignments),
    (rf"{PATH}/{_NAME}/", Overview),
    (rf"{PATH}/{_NAME}/students", Students),
    (rf"{PATH}/{_NAME}/students/{_NAME}", Student),
    (rf"{PATH}/{_NAME}/groups/{_NAME}", Exercise),
    (rf"{PATH}/{_NAME}/groups/{_NAME}/{_NAME}", Group),
    (rf"{PATH}/{_NAME}/of/{_NAME}", Submission),
    (rf"{PATH}/{_NAME}/queue", Queue),
    (rf"{PATH}/{_NAME}/answers/{_NAME}/{_NAME}", Answers),
    (rf"{PATH}/{_NAME}/reference", Reference),
    (rf"{PATH}/{_NAME}/log", Log),
    (rf"{PATH}/{_NAME}/log/{_NAME}", Action),
    (rf"{PATH}/{_NAME}/(apply|undo|resume)", Do),
]
