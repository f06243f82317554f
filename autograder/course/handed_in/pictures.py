"""Pictures that a notebook's text shows: those beside it, and those that an editor has dropped, become attachments.

Pages show attachments alone, through an allow-list; no file that was handed in is served or released as itself.
"""

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from autograder.course.handed_in.handed_out import HandedOut
from autograder.course.handed_in.rebuild import JsonCell
from autograder.judge.files import read_regular
from autograder.judge.notebook import NotebookError
from autograder.sandbox.limits import PICTURES
from autograder.sandbox.printable import printable

_MARKDOWN = re.compile(r"!\[[^\]\n]{0,500}\]\(\s*<?([^\s<>()]{1,300}(?:\([^\s<>()]{0,100}\))?)")
_HTML = re.compile(r"<img\b[^<>]{0,2000}?\bsrc\s*=\s*[\"']?([^\"'<>\s]{1,300})", re.IGNORECASE)
_SPACED = re.compile(r"!\[[^\]\n]{0,500}\]\(\s*<([^<>\n]{1,300})>")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//|#", re.IGNORECASE)
_QUERY = re.compile(r"[?#].*")
_ATTACHMENT = "attachment:"
_KINDS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"RIFF": "image/webp"}


def add_pictures(cells: Iterable[JsonCell], folder: Path | None, handed: HandedOut) -> list[str]:
    """Attach to each cell of text the pictures that it shows and does not hold.

    Args:
        cells: of a notebook; they are changed.
        folder: of the submission, whose pictures come before those that were handed out.
        handed: what students were handed.

    Returns:
        Notes of pictures that are not shown.
    """
    beside = _Beside([one for one in (folder, handed.folder) if one is not None])
    for cell in cells:
        if cell["cell_type"] == "code":
            continue
        own: dict[str, Mapping[str, str]] = cell.get("attachments", {})
        for address in shown_by(cell["source"]):
            name = unquote(address.removeprefix(_ATTACHMENT))
            if name in own or address in own:
                continue
            found = handed.pictures.get(name) if address.startswith(_ATTACHMENT) else beside.picture(address)
            if found is not None:
                own = {**own, name if address.startswith(_ATTACHMENT) else address: found}
        if own:
            cell["attachments"] = dict(own)
    return beside.notes


def shown_by(text: str) -> Iterator[str]:
    """Yield the addresses of the pictures that a cell's text shows, each once."""
    found = dict.fromkeys(one for form in (_MARKDOWN, _SPACED, _HTML) for one in form.findall(text[: PICTURES.text]))
    yield from list(found)[: PICTURES.most]


def shown_attachments(text: str) -> set[str]:
    """Return the names of the attachments that a cell's text shows."""
    return {unquote(one.removeprefix(_ATTACHMENT)) for one in shown_by(text) if one.startswith(_ATTACHMENT)}


def shown_files(notebooks: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the names of the files beside notebooks whose pictures are attached to their cells."""
    names = (name for nb in notebooks for cell in nb["cells"] for name in cell.get("attachments", {}))
    return {_path(name).as_posix() for name in names}


def _path(address: str) -> PurePosixPath:
    return PurePosixPath(unquote(_QUERY.sub("", address)))


class _Beside:
    """The pictures that lie beside a notebook, within limits."""

    def __init__(self, folders: list[Path]) -> None:
        self._folders = folders
        self._known: dict[str, dict[str, str] | None] = {}
        self._left = PICTURES.bytes
        self.notes: list[str] = []

    def picture(self, address: str) -> dict[str, str] | None:
        """Return a picture as an attachment, or None where there is none of this address."""
        if _SCHEME.match(address):
            return None
        if address not in self._known and len(self._known) < PICTURES.most:
            self._known[address] = self._read(address)
        return self._known.get(address)

    def _read(self, address: str) -> dict[str, str] | None:
        path = _path(address)
        if path.is_absolute() or ".." in path.parts or "\0" in str(path):
            return None
        for folder in self._folders:
            try:
                if not (folder / path).parent.resolve().is_relative_to(folder.resolve()):
                    continue
                data = read_regular(folder / path, PICTURES.bytes)
            except (NotebookError, OSError):
                if (folder / path).is_file():
                    self._leave_out(path, f"cannot be read, or is larger than {PICTURES.bytes // 1_000_000} MB")
                continue
            return self._attached(path, data)
        return None

    def _attached(self, path: PurePosixPath, data: bytes) -> dict[str, str] | None:
        kind = next((kind for first, kind in _KINDS.items() if data.startswith(first)), None)
        if kind is None:
            self._leave_out(path, "is no PNG, JPEG, GIF or WebP")
            return None
        if len(data) > self._left:
            self._leave_out(path, f"is more than the {PICTURES.bytes // 1_000_000} MB that all pictures may have")
            return None
        self._left -= len(data)
        return {kind: base64.b64encode(data).decode("ascii")}

    def _leave_out(self, path: PurePosixPath, why: str) -> None:
        self.notes.append(f"the picture {printable(str(path))!r} {why}; feedback shows a line in its place")
