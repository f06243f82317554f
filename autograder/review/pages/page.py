"""What all pages have in common: who may ask, what browsers let a page do, and how it is answered."""

import asyncio
import contextvars
import functools
import getpass
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import responses
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from jupyter_server.base.handlers import JupyterHandler
from markupsafe import Markup
from tornado.web import HTTPError

from autograder.review.pages.changing import ChangingView
from autograder.review.pages.links import PATH, Served
from autograder.review.pages.render import POLICY, render
from autograder.review.reading.classroom import Classroom
from autograder.review.reading.model import ReviewError

P = ParamSpec("P")
T = TypeVar("T")

_BAD, FORBIDDEN, NOT_FOUND, _ACCEPTED = 400, 403, 404, 202
_PATIENCE, _AGAIN = 1.2, "1"  # seconds
_LONGEST = 1_000  # characters of an argument; a comment may have more
_COMMENT = "comment"
# Of our own: pages that wait for a class to be read must not keep the server's from anybody else.
_THREADS = ThreadPoolExecutor(32, "review")
_WAIT = "The class is being read and grouped. The first time this may take half a minute; the page comes by itself."
_making: dict[tuple[str, str], asyncio.Task[str]] = {}  # pages that are being made, by address and form field
_SAID = {
    _BAD: "This address, or what was entered, is no text, or too long.",
    FORBIDDEN: "You may not do this here: log in to this server, and send the form from its own page.",
    NOT_FOUND: "There is no such page.",
}


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function beside the server's loop."""
    call = functools.partial(function, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_THREADS, contextvars.copy_context().run, call)


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

    def decode_argument(self, value: bytes, name: str | None = None) -> str:
        """Return a part of an address or a field of a form as text.

        Raises:
            HTTPError: it is no text, or longer than any name.
        """
        text = super().decode_argument(value, name)
        if "\0" in text or (len(text) > _LONGEST and name != _COMMENT):
            raise HTTPError(_BAD)
        return text

    @property
    def course(self) -> Path:
        """The course's root: Formgrader's, which knows nbgrader's settings, or where the server was started."""
        formgrader = self.settings.get("nbgrader_formgrader")
        return Path(formgrader.coursedir.root if formgrader is not None else Path.cwd())

    def view(self, assignment: str) -> ChangingView:
        """Return what the pages of an assignment are made of.

        Raises:
            ReviewError: there is no such assignment, or nothing of it has been graded.
        """
        below = os.path.relpath(self.course, self.settings["server_root_dir"])
        link = Served(self.base_url, assignment, None if below.startswith("..") else below)
        return ChangingView(Classroom.load(self.course, assignment), link, self.xsrf)

    @property
    def who(self) -> str:
        """Who is asking, for the log; where Jupyter knows no name, this machine's user besides."""
        user = self.current_user
        name: str = user.display_name or user.name or user.username
        return f"{getpass.getuser()} ({name})" if name.startswith("Anonymous") else name

    async def show(self, make: Callable[[], str]) -> None:
        """Answer with a page, made in a thread; where it cannot be made, with one that says why."""
        await self._answer(in_thread(make))

    async def show_soon(self, make: Callable[[], str]) -> None:
        """Answer with a page, or, where making it takes a while, with one that asks for it again by itself."""
        asked = (self.request.uri or "", str(self.xsrf))
        if asked not in _making:
            _making[asked] = asyncio.create_task(in_thread(make))
            _making[asked].add_done_callback(lambda _: _making.pop(asked))
        task = _making[asked]
        await asyncio.wait({task}, timeout=_PATIENCE)
        if task.done():
            await self._answer(task)
            return
        self.set_status(_ACCEPTED)
        self.set_header("Refresh", _AGAIN)
        await self.finish(self._problem(_ACCEPTED, _WAIT))

    async def _answer(self, made: Awaitable[str]) -> None:
        try:
            html = await made
        except ReviewError as error:
            await self.refuse(NOT_FOUND, error)
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
