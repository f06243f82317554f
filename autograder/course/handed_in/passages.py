"""Passages of a submission that may be somebody's answer: text that was not handed out and is no code."""

import itertools
import keyword
import math
import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from autograder.course.handed_in.handed_out import HandedOut
from autograder.course.handed_in.rebuild import PRINTED, JsonCell, grade_id_of
from autograder.course.handed_in.texts import composed, words
from autograder.course.records.source_cells import SourceCell
from autograder.judge.notebook import last_heading

# What is no answer wherever it stands: who somebody is, and when.
_ABOUT = re.compile(
    r"\W*(full |first |last |family |given )?(name|student|matric\w*|id|date|group|team|partners?|collaborat\w*|"
    r"e-?mail|author|course|section|tutorial|due)\b[^\n]{0,40}:",
    re.IGNORECASE,
)
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(\S.*)")
_TEXT_MAGIC = re.compile(r"\s*%{1,2}(md|markdown|html|latex)\b[^\n]*\n?", re.IGNORECASE)
_PICTURE = re.compile(
    r"!\[[^\]\n]*\]\((?:attachment:|data:image/)|<img\b[^<>]*\bsrc=[\"'](?:attachment:|data:image/)", re.IGNORECASE
)
_MARKUP = re.compile(r"<[^<>]*>|\]\([^()\n]*\)|https?://\S+")
_LONG_WORD = re.compile(r"[^\W\d_]{3,}")
_RUN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*(?:[,;:]?\s+[^\W\d_]+(?:['’-][^\W\d_]+)*)*")
_COLAB = re.compile(r"^([ \t]*#) ?@(?:markdown|title)\b", re.MULTILINE)
_PROMPT = re.compile(r"\binput\(\s*[rf]*(\"|')(.{1,200}?)\1\s*\)")
_NUMBER = re.compile(r"\W*(?:[^\W\d_]+\W{1,3})?(\d{1,3})\b")
_STRING = re.compile(r'(""".*?"""|\'\'\'.*?\'\'\')', re.DOTALL)
_AT_MARGIN = re.compile(r"^#[^\n]*(?:\n#[^\n]*)*", re.MULTILINE)
_DOCSTRING = re.compile(r'^[ \t]*(?:""".*?"""|\'\'\'.*?\'\'\')', re.DOTALL | re.MULTILINE)
_INDENTED = re.compile(r"^[ \t]+#[^\n]*(?:\n[ \t]+#[^\n]*)*", re.MULTILINE)
_LITERAL = re.compile(
    r"[rfbu]{0,2}(?:(\"\"\"|''')(?P<long>.*?)\1|(\"|')(?P<short>(?:(?!\3)[^\n\\]|\\.)*)\3)", re.DOTALL | re.IGNORECASE
)
_COMMENT = re.compile(r"(^|\s)#[^\n]*")
_ANSWERS = re.compile(r"\W*(answer|question|exercise|task|part|q|ex)\W{0,3}\d*\W{0,3}[:.)]", re.IGNORECASE)
_CODE = re.compile(
    r"(def|class) \w+ *[:(]|import \w[\w.]*( as \w+)?$|from [\w.]+ import\b|for \w+(, *\w+)* in\b"
    r"|(if|elif|else|while|with|try|except|finally)\b[^.]*:$|return\b *(\S+( [-+*/@%<>=&|]+ \S+)*)?$"
    r"|print *[('\"]|(assert|raise) \w+ *[=<>(.]|[@%!]\w"
    r"|[\w.]+(\[[^\]]*\])?(, *\w+)* *[-+*/@]?=[^=]|[\w.]+\([^)]*\)+$"
)
_CODE_WORDS = frozenset((*keyword.kwlist, *keyword.softkwlist))
_SENTENCE = 3  # words in a row that are none of Python's
_ELSEWHERE = 6  # words of a text that does not stand beside its question
_IN_A_FUNCTION = 20  # words of a remark beside a function, which is more often about the function
_LONG_HEADING = 10  # words from which a heading is a text
_MAX_HEADING = 60
FILE = "file"
_LOOKED_AT = 50_000  # characters of a cell; nobody writes so much by hand


@dataclass(frozen=True)
class Passage:
    """A passage of a submission.

    Attributes:
        cell_id: of the cell that it stands in.
        kind: of that cell, or `FILE` where it stands in none.
        heading: the last one above it, or nothing; of what is no cell, where it stands, in words.
        text: without what was handed out around it.
        whole: the text of all its cell.
        is_text: whether it reads as text rather than code.
        attachments: of the cell.
    """

    cell_id: str
    kind: str
    heading: str
    text: str
    whole: str
    is_text: bool
    attachments: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def is_long(self) -> bool:
        """Whether it may be an answer even where it stands far from the question."""
        if _PICTURE.search(self.text) or (self.kind == FILE and not self.text):
            return True
        return self.is_text and words(_MARKUP.sub(" ", "\n".join(self._lines()))) >= _ELSEWHERE

    @property
    def says_something(self) -> bool:
        """Whether there is more in it than a heading, or a name."""
        return self.kind == FILE or any(line.strip() for line in self._lines())

    def _lines(self) -> list[str]:
        return [line for line in self.text.split("\n") if not (self._is_heading(line) or _ABOUT.match(line))]

    def _is_heading(self, line: str) -> bool:
        return self.kind != "code" and _HEADING.match(line) is not None and words(line) < _LONG_HEADING

    def likeness(self, question: str) -> float:
        """Return how alike its cell and a question are, by their words: one that lost its metadata has these still."""
        wanted, there = (set(_LONG_WORD.findall(text.casefold())) for text in (question, self.whole))
        return len(wanted & there) / math.sqrt(max(len(wanted) * len(there), 1))

    def place(self) -> str:
        """Return in words where it stands."""
        if self.kind == FILE:
            return self.heading
        where = f" under “{self.heading}”" if self.heading else " above the first heading"
        return f"the {self.kind} cell{where}"


def passages(
    cells: list[JsonCell], known: Mapping[str, SourceCell], real: set[str], handed: HandedOut
) -> list[Passage]:
    """Return what a student may have written outside of the cells for answers, in its order.

    Args:
        cells: of the submission, normalized.
        known: the assignment's managed cells, by grade_id.
        real: the ids of the cells that count as these.
        handed: what students were handed.
    """
    found, heading, asked = [], "", _naming(known.values())
    for cell in cells:
        source = known.get(grade_id_of(cell) or "") if cell["id"] in real else None
        if cell["cell_type"] != "code":
            heading = last_heading(cell["source"])[:_MAX_HEADING] or heading
        if source is not None and not source.locked:
            # What it is for is judged where it stands; beside a function there may be words.
            of_code = not source.grade and cell["cell_type"] == "code"
            text = _remarks(cell["source"], handed, asked, beside_function=True) if of_code else ""
        else:
            text = cell["source"] if source is None else _added(cell["source"], source.source)
        passage = _passage(cell, text, heading, handed, asked)
        if passage is not None:
            found.append(passage)
    return found


def _naming(known: Iterable[SourceCell]) -> re.Pattern[str]:
    """Return what a line begins with that names a written question by its number: `Question 5:`, in any language."""
    headings = (last_heading(cell.source) for cell in known if cell.grade and cell.solution)
    numbers = [found[1] for heading in headings if (found := _NUMBER.match(heading))]
    return re.compile(rf"\W*[^\W\d_]{{1,20}}\W{{0,3}}(?:{'|'.join(numbers)})\s{{0,2}}[:.)]" if numbers else r"(?!)")


def _passage(cell: JsonCell, text: str, heading: str, handed: HandedOut, asked: re.Pattern[str]) -> Passage | None:
    if handed.has(text):
        return None
    own = _without_handed_out(text[:_LOOKED_AT], handed)
    if not own.strip():
        return None
    kind, is_text = cell["cell_type"], True
    if kind == "code":
        own = _COLAB.sub(r"\1", own)
        own, is_text = (_TEXT_MAGIC.sub("", own, count=1), True) if _TEXT_MAGIC.match(own) else (own, _is_text(own))
        if not is_text and (shown := _texts_in_strings(own) or _remarks(own, handed, asked) or _typed(own, cell)):
            own, is_text = shown, True
    return Passage(cell["id"], kind, heading, own.strip("\n"), text[:_LOOKED_AT], is_text, cell.get("attachments", {}))


def _without_handed_out(text: str, handed: HandedOut) -> str:
    """Return a text without the lines at its beginning and its end that were handed out, or hold nothing."""
    lines = text.split("\n")
    own = [number for number, line in enumerate(lines) if line.strip() and composed(line).strip() not in handed.lines]
    return "\n".join(lines[own[0] : own[-1] + 1]) if own else ""


def _added(text: str, original: str) -> str:
    """Return the lines of a locked cell that its original does not have."""
    if text == original:
        return ""
    known = {line.strip() for line in composed(original).split("\n")}
    return "\n".join(line for line in text.split("\n") if composed(line).strip() not in known)


def _remarks(source: str, handed: HandedOut, asked: re.Pattern[str], *, beside_function: bool = False) -> str:
    """Return the remarks of a cell of code that name a written question, or are long.

    Long ones count at the margin; in the cell of a function, docstrings and what stands at the end as well.
    """
    source = source[:_LOOKED_AT].rstrip()
    found = [match[0] for match in _AT_MARGIN.finditer(source)]
    if beside_function:
        found += [match[0] for match in _DOCSTRING.finditer(source)]
        last = [*itertools.takewhile(lambda line: line.lstrip()[:1] in ("", "#"), reversed(source.split("\n")))][::-1]
        found += [textwrap.dedent("\n".join(last)).lstrip("\n")] if last and last[-1][:1].isspace() else []
    own = (_without_handed_out(one, handed) for one in found)
    kept = [one for one in own if _ANSWERS.match(one) or (_is_text(one) and words(one) >= _IN_A_FUNCTION)]
    anywhere = (match[0] for kind in (_AT_MARGIN, _DOCSTRING, _INDENTED) for match in kind.finditer(source))
    named = (textwrap.dedent(_from_name(one, asked)) for one in anywhere)
    return "\n".join([*kept, *(one for one in named if one and not any(one in other for other in kept))])


def _from_name(remark: str, asked: re.Pattern[str]) -> str:
    """Return a remark from the line on that names a written question, or nothing."""
    lines = remark.split("\n")
    begin = next((number for number, line in enumerate(lines) if asked.match(line)), len(lines))
    text = "\n".join(lines[begin:])
    return text if words(text) >= _ELSEWHERE else ""


def _typed(source: str, cell: JsonCell) -> str:
    """Return the long texts that were typed into `input()`: only the saved output has them."""
    prompts = tuple(match[2] for match in _PROMPT.finditer(source))
    lines = cell["metadata"].get(PRINTED, "").split("\n") if prompts else []
    found = [line for line in lines if line.startswith(prompts) and words(line) >= _ELSEWHERE]
    return "\n\n".join(found)


def _texts_in_strings(source: str) -> str:
    """Return the long texts in strings of a cell of code: people show them with Markdown, print, or in a picture.

    A string that begins its line is a docstring or the like, and none of these; adjacent ones are one.
    """
    source = _COMMENT.sub(r"\1", source)
    texts: list[str] = []
    end = 0
    for match in _LITERAL.finditer(source):
        between = source[end : match.start()]
        text = match["long"] or match["short"] or ""
        if texts and not between.strip(" \t\n+"):
            texts[-1] += text
        elif between.rpartition("\n")[2].strip():
            texts.append(text.strip())
        else:
            texts.append("")
        end = match.end()
    return "\n\n".join(one for one in texts if words(_MARKUP.sub(" ", one)) >= _IN_A_FUNCTION)


def _is_text(source: str) -> bool:
    """Say whether what stands in a code cell is no code but sentences: plain ones, comments or bare strings.

    By its lines alone: whatever a student wrote is parsed in no process of ours.
    """
    outside = _STRING.sub("", source)
    if not any(map(_is_code, outside.split("\n"))):
        return any(_is_sentence(line) for line in source.split("\n"))
    lines = [line for line in outside.split("\n") if not line.lstrip().startswith("#")]
    code = sum(map(_is_code, lines))
    return sum(_is_sentence(line) and not _is_code(line) for line in lines) > code


def _is_code(line: str) -> bool:
    """Say whether a line looks like Python, commented out or not."""
    return _CODE.match(line.lstrip("# \t")) is not None


def _is_sentence(line: str) -> bool:
    if _is_code(line):
        return False
    runs = (" ".join(word for word in run.split() if word not in _CODE_WORDS) for run in _RUN.findall(line))
    return any(words(run) >= _SENTENCE for run in runs)
