"""Formgrader's page of a submission, made in a confined process while the server goes on answering others."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jupyter_server.utils import url_path_join
from nbgrader.coursedir import CourseDirectory
from nbgrader.server_extensions.formgrader import apihandlers, handlers
from nbgrader.server_extensions.formgrader.base import BaseHandler, check_notebook_dir, check_xsrf
from tornado import web

from autograder.confined import ConfinedError
from autograder.course.pages.making import make_page, make_stand_in
from autograder.course.pages.render import Making, PageError
from autograder.sandbox.limits import FORMGRADER

_NOT_THERE = "formgrade_404.tpl"
_MISSING = (
    '{%- extends "base.tpl" -%}{%- block title -%}{{ notebook_id | e }}{%- endblock -%}{%- block body -%}'
    '<div class="panel-body">{{ notebook_id | e }}.ipynb of {{ student | e }} was not handed in, or has not been '
    "graded.</div>{%- endblock -%}"
)
_REMEMBERED = 1000  # pages that could not be made

FileKey = tuple[str, int, int]


class Pages:
    """Makes a server's pages: each once at a time, and one that failed not again until its notebook has changed."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(FORMGRADER.processes)  # each waits for a process
        self._begun: dict[FileKey, asyncio.Task[str]] = {}
        self._failed: OrderedDict[FileKey, str] = OrderedDict()

    async def page(self, making: Making, filename: str, resources: dict[str, Any], gradebook: tuple[str, str]) -> str:
        """Return the page of a graded notebook, or one that says why there is none and takes marks all the same.

        Args:
            making: how pages are made.
            filename: of the notebook.
            resources: what the template is told besides.
            gradebook: its address, and the course's id.
        """
        key = _key(filename)
        if key not in self._failed:
            task = self._begun.get(key)
            if task is None:
                task = self._begun[key] = asyncio.ensure_future(
                    self._made(make_page, making, filename, resources, FORMGRADER)
                )
                task.add_done_callback(lambda _: self._begun.pop(key, None))
            try:
                return await asyncio.shield(task)
            except ConfinedError as error:
                self._failed[key] = str(error)
                while len(self._failed) > _REMEMBERED:
                    self._failed.popitem(last=False)
        place = (*gradebook, resources["assignment_id"], resources["notebook_id"], self._failed[key])
        return await self._made(make_stand_in, making, filename, resources, FORMGRADER, place)

    async def _made(self, make: Callable[..., str], *arguments: Any) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._threads, make, *arguments)


def _key(filename: str) -> FileKey:
    state = Path(filename).stat()
    return filename, state.st_mtime_ns, state.st_size


_pages = Pages()
_feedback = ThreadPoolExecutor(1)  # nbgrader makes feedback in the course's folder: one at a time


class _Noted:
    """Stands where nbgrader's handler expects an exporter, and notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: tuple[str, dict[str, Any]] | None = None

    def from_filename(self, filename: str, resources: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Note the file and what the template is to be told."""
        self.asked = filename, resources
        return "", resources


class SubmissionPage(handlers.SubmissionHandler):
    """nbgrader's page of a submission; all that takes long is done elsewhere."""

    exporter: Any = None  # nbgrader's property reads the settings

    def render(self, name: str, **values: Any) -> str:
        """Return a page made of a template; nbgrader's own for a notebook that is not there cannot be made."""
        if name == _NOT_THERE:
            page: str = self.settings["nbgrader_jinja2_env"].from_string(_MISSING).render(**values["resources"])
        else:
            page = super().render(name, **values)
        return page

    async def get(self, submission_id: str) -> None:
        """Answer with the page."""
        self.exporter = _Noted()
        super().get(submission_id)
        asked: tuple[str, dict[str, Any]] | None = self.exporter.asked
        if asked is None:
            return
        try:
            making = Making.of(self.settings["nbgrader_exporter"].config, [])
        except PageError as error:
            raise web.HTTPError(500, str(error)) from error
        gradebook = (self.db_url, self.coursedir.course_id)
        self.finish(await _pages.page(making, asked[0], asked[1], gradebook))


class NoFiles(BaseHandler):
    """In place of the handler that serves what lies beside a submission: nothing that was handed in is served."""

    @web.authenticated
    @check_xsrf  # type: ignore[untyped-decorator]
    @check_notebook_dir  # type: ignore[untyped-decorator]
    def get(self, *_: str) -> None:
        """Refuse."""
        raise web.HTTPError(404, "files beside a submission are not served: open them in JupyterLab")


class _Feedback(apihandlers.BaseApiHandler):
    """nbgrader's making of feedback, which leaves the server to others meanwhile."""

    @web.authenticated
    @check_xsrf  # type: ignore[untyped-decorator]
    @check_notebook_dir  # type: ignore[untyped-decorator]
    async def post(self, *names: str) -> None:
        """Make the feedback of an assignment, or of one student."""
        api = self.api
        # nbgrader sets the assignment on the course that it is given: this one is of this call alone.
        api.coursedir = CourseDirectory(parent=self.coursedir.parent, root=self.coursedir.root)
        loop = asyncio.get_running_loop()
        self.finish(json.dumps(await loop.run_in_executor(_feedback, api.generate_feedback, *names)))


_IN_PLACE_OF = {
    handlers.SubmissionHandler: SubmissionPage,
    handlers.SubmissionFilesHandler: NoFiles,
    apihandlers.GenerateAllFeedbackHandler: _Feedback,
    apihandlers.GenerateFeedbackHandler: _Feedback,
}


def replace_handlers(web_app: Any) -> None:
    """Answer in place of Formgrader's own handlers; to be called before those are added."""
    base_url = web_app.settings["base_url"]
    known = [*handlers.default_handlers, *apihandlers.default_handlers]
    ours = []
    for path, handler, *rest in known:
        if path.startswith("/formgrader/submissions/") or handler in _IN_PLACE_OF:
            options = {} if handler in _IN_PLACE_OF else dict(*rest)
            ours.append((url_path_join(base_url, path.lstrip("/")), _IN_PLACE_OF.get(handler, handler), options))
    web_app.add_handlers(".*$", ours)
