"""Addresses of pages, for the templates: on the server, or within the one file of the archive."""

import hashlib
from collections.abc import Mapping
from urllib.parse import quote, urlencode

PATH = "autograder/review"


def quoted(text: str) -> str:
    """Return a name as one part of an address."""
    return quote(text, safe="")


def place(*names: str) -> str:
    """Return the id of a place in a page, made of names that may hold anything."""
    return f"{names[0]}-{hashlib.sha256(chr(0).join(names).encode()).hexdigest()[:12]}"


class Served:
    """Addresses on the server.

    Args:
        base_url: of the server; ends with a slash.
        assignment: of which the pages are.
        course: path of the course below the server's root, or None where it lies elsewhere.
    """

    def __init__(self, base_url: str, assignment: str, course: str | None) -> None:
        self._base, self._course = base_url, course
        self._pages = f"{base_url}{PATH}/{quoted(assignment)}"

    def overview(self, order: str = "course") -> str:
        """Return the class at a glance."""
        return self._page("", {} if order == "course" else {"order": order})

    def students(self, number: int = 1, sort: str = "name", *, descending: bool = False) -> str:
        """Return a page of students."""
        query = {"page": str(number)} if number > 1 else {}
        query |= {"sort": sort} if sort != "name" else {}
        return self._page("students", query | ({"descending": "1"} if descending else {}))

    def student(self, student: str) -> str:
        """Return a student's submission."""
        return self._page(f"students/{quoted(student)}")

    def exercise(self, exercise: str) -> str:
        """Return the groups of an exercise."""
        return self._page(f"groups/{quoted(exercise)}")

    def group(self, exercise: str, group: str) -> str:
        """Return one of them."""
        return self._page(f"groups/{quoted(exercise)}/{quoted(group)}")

    def queue(self) -> str:
        """Return what needs a human."""
        return self._page("queue")

    def answers(self, cell: str, group: str) -> str:
        """Return similar answers to a written question."""
        return self._page(f"answers/{quoted(cell)}/{quoted(group)}")

    def reference(self) -> str:
        """Return the reference."""
        return self._page("reference")

    def log(self) -> str:
        """Return what was done."""
        return self._page("log")

    def action(self, action: str) -> str:
        """Return one thing that was done."""
        return self._page(f"log/{quoted(action)}")

    def do(self, what: str) -> str:
        """Return where `apply`, `undo` and `resume` are sent."""
        return self._page(what)

    def formgrader(self, path: str | None) -> str | None:
        """Return a page of Formgrader's."""
        return f"{self._base}{quote(path)}" if path else None

    def notebook(self, path: str | None) -> str | None:
        """Return where JupyterLab opens a notebook."""
        if path is None or self._course is None:
            return None
        return f"{self._base}lab/tree/{quote(f'{self._course}/{path}'.removeprefix('./'))}"

    def _page(self, path: str, query: Mapping[str, str] | None = None) -> str:
        return f"{self._pages}/{path}" + (f"?{urlencode(query)}" if query else "")


class Archived:
    """Places in the one file of the archive, where nothing is done."""

    def overview(self, order: str = "course") -> str | None:
        """Return the class at a glance, as the course orders it."""
        return "#overview" if order == "course" else None

    def students(self, number: int = 1, sort: str = "name", *, descending: bool = False) -> str | None:
        """Return the students, all on one page."""
        return "#students" if number == 1 and sort == "name" and not descending else None

    def student(self, student: str) -> str:
        """Return a student's submission."""
        return f"#{place('student', student)}"

    def exercise(self, exercise: str) -> str:
        """Return the groups of an exercise."""
        return f"#{place('exercise', exercise)}"

    def group(self, exercise: str, group: str) -> str:
        """Return one of them."""
        return f"#{place('group', exercise, group)}"

    def queue(self) -> str:
        """Return what needs a human."""
        return "#queue"

    def answers(self, cell: str, group: str) -> str:
        """Return similar answers to a written question."""
        return f"#{place('answers', cell, group)}"

    def reference(self) -> str:
        """Return the reference."""
        return "#reference"

    def log(self) -> str:
        """Return what was done."""
        return "#log"

    def action(self, action: str) -> str:
        """Return one thing that was done."""
        return f"#{place('action', action)}"

    def do(self, what: str) -> None:
        """Return nothing."""

    def formgrader(self, path: str | None) -> None:
        """Return nothing: there is no server."""

    def notebook(self, path: str | None) -> None:
        """Return nothing."""


Links = Served | Archived  # where each page is; None where there is none
