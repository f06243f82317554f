"""Outputs of a cell as they may be kept: of the four kinds nbformat knows, of known types, and not too many."""

from typing import Any

from autograder.sandbox.limits import Limits
from autograder.sandbox.printable import printable

_MIMES = ("text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/jpeg")
_KEPT = "\n\t\r"  # a progress bar goes back to the start of its line
_STREAMS = ("stdout", "stderr")
_MAX_TRACEBACK_LINES = 200
_MAX_COUNT = 1 << 31
_NOTICE = "\n[output cut here: it was too long]\n"
_DECIDES = ("error", "execute_result")  # the first of these says by nbgrader's rule what a grade cell earns
_MAX_DECIDING = 300  # characters of each text of it that are kept beyond all limits


class OutputLog:
    """Gathers the outputs of one submission's cells within its limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = limits.output_bytes
        self.outputs: list[dict[str, Any]] = []
        self._cell_left = 0
        self._decided = False

    def start_cell(self) -> None:
        """Begin the next cell."""
        self.outputs = []
        self._cell_left = min(self._left, self._limits.cell_output_bytes)
        self._decided = False

    def add(self, raw: Any) -> None:
        """Take an output as it came over the pipe; what is malformed or too much is left out.

        What decides on a mark is cut, but never left out: whoever prints much would change their mark by it.
        """
        decides = not self._decided and isinstance(raw, dict) and raw.get("output_type") in _DECIDES
        full = self._cell_left <= 0 or len(self.outputs) >= self._limits.cell_outputs
        if full and not decides:
            return
        output = checked(raw, max(self._cell_left, _MAX_DECIDING) + 1)
        if output is None:
            return
        self._decided |= decides
        size = _size(output)
        if full or size > self._cell_left:
            output = _shortened(output) if decides else _cut(output, self._cell_left)
            size = max(self._cell_left, 0)
        self._cell_left -= size
        self._left -= size
        self._append(output)

    def _append(self, output: dict[str, Any]) -> None:
        last = self.outputs[-1] if self.outputs else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] += output["text"]
        else:
            self.outputs.append(output)


def stream(text: str) -> dict[str, Any]:
    """Return text as an output on stdout."""
    return {"output_type": "stream", "name": "stdout", "text": text}


def error(name: str, text: str) -> dict[str, Any]:
    """Return an error output of ours."""
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}"]}


def checked(raw: Any, most: int) -> dict[str, Any] | None:
    """Return an output that anybody may have written in nbformat's form, its texts cut, or None where it has none.

    Args:
        raw: the output as it came.
        most: characters of each text that are looked at.
    """
    if not isinstance(raw, dict):
        return None
    kind = raw.get("output_type")
    if kind == "stream" and raw.get("name") in _STREAMS and isinstance(raw.get("text"), str):
        return {"output_type": "stream", "name": raw["name"], "text": printable(raw["text"][:most], _KEPT)}
    if kind in ("display_data", "execute_result"):
        return _display(raw, most)
    if kind == "error":
        lines = raw.get("traceback")
        shown = [_text(line, most) for line in lines[:_MAX_TRACEBACK_LINES]] if isinstance(lines, list) else []
        name, said = _text(raw.get("ename"), most), _text(raw.get("evalue"), most)
        return {"output_type": kind, "ename": name, "evalue": said, "traceback": shown}
    return None


def _text(raw: Any, most: int) -> str:
    return printable(raw[:most]) if isinstance(raw, str) else ""


def _display(raw: dict[str, Any], most: int) -> dict[str, Any] | None:
    data = raw.get("data")
    if not isinstance(data, dict):
        return None
    kept = {mime: printable(data[mime][:most], _KEPT) for mime in _MIMES if isinstance(data.get(mime), str)}
    if not kept:
        return None
    output: dict[str, Any] = {"output_type": raw["output_type"], "data": kept, "metadata": {}}
    if raw["output_type"] == "execute_result":
        count = raw.get("execution_count")
        output["execution_count"] = count if type(count) is int and 0 <= count < _MAX_COUNT else None
    return output


def _size(output: dict[str, Any]) -> int:
    texts: list[str] = []
    for value in output.values():
        texts += value.values() if isinstance(value, dict) else value if isinstance(value, list) else [str(value)]
    return sum(len(text.encode("utf-8", "replace")) for text in texts)


def _shortened(output: dict[str, Any]) -> dict[str, Any]:
    """Return of an error or a result no more than what a mark is read from."""
    if output["output_type"] == "error":
        return error(output["ename"][:_MAX_DECIDING], output["evalue"][:_MAX_DECIDING])
    text = output["data"].get("text/plain", "")[:_MAX_DECIDING]
    return {**output, "data": {"text/plain": text}}


def _cut(output: dict[str, Any], size: int) -> dict[str, Any]:
    if output["output_type"] == "stream":
        text = output["text"].encode("utf-8", "replace")[:size].decode("utf-8", "ignore")
        return {**output, "text": text + _NOTICE}
    return stream(_NOTICE)
