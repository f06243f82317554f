"""JUnit's XML as pytest writes it (`junit_family=xunit2`): a suite per file, a test case per criterion."""

import datetime as dt
import platform
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree as ET  # only written, never parsed

from autograder.card import text
from autograder.grading.results import CriterionResult, ExerciseResult
from autograder.platforms.results.checked import Checked
from autograder.sandbox.printable import printable

_TAGS = {"fail": "failure", "skip": "skipped", "error": "error"}
_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}
# What XML 1.0 has no way to write: https://www.w3.org/TR/xml/#charsets
_ILLEGAL = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def document(checked: Iterable[Checked]) -> str:
    """Return the files that were judged as one document."""
    root = ET.Element("testsuites", name="autograder")
    root.extend(map(_suite, checked))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode")


def _suite(checked: Checked) -> ET.Element:
    judgement = checked.judgement
    cases = [case for one in judgement.exercises for case in _cases(judgement.assignment, one)]
    if not judgement.exercises:
        cases = [_case(judgement.assignment, "the file", "error", checked.held, checked.held)]
    counts = Counter(child.tag for case in cases for child in case)
    now = dt.datetime.now(tz=dt.UTC).isoformat()
    suite = ET.Element("testsuite", name=_legal(checked.name))
    suite.attrib |= {name: str(counts[tag]) for name, tag in _COUNTED.items()}
    suite.attrib |= {"tests": str(len(cases)), "time": f"{checked.seconds:.3f}", "timestamp": now}
    suite.set("hostname", _legal(platform.node()))
    suite.append(_properties(checked))
    suite.extend(cases)
    return suite


def _properties(checked: Checked) -> ET.Element:
    """Return what test cases have no place for: the points."""
    data = checked.judgement.to_json(checked.name)
    properties = ET.Element("properties")
    for name in ("assignment", "outcome", "reason", "points", "max_points", "wall"):
        if data.get(name) is not None:
            ET.SubElement(properties, "property", name=name, value=_legal(str(data[name])))
    for one in checked.judgement.exercises:
        points = "" if one.points is None else f"{one.points:g}"
        name = _legal(f"points of {one.exercise}")
        ET.SubElement(properties, "property", name=name, value=f"{points}/{one.max_points:g}")
    for event in checked.judgement.events:
        ET.SubElement(properties, "property", name="note", value=_legal(event))
    return properties


def _cases(assignment: str, one: ExerciseResult) -> Iterator[ET.Element]:
    """Yield a case per criterion; the card stands in the first that did not pass."""
    card = "\n".join(text.text(one))
    for entry in one.criteria:
        if entry.verdict == "pass":
            yield _case(f"{assignment}.{one.exercise}", entry.criterion)
            continue
        said = f"{entry.label} {entry.message}".strip()
        yield _case(f"{assignment}.{one.exercise}", entry.criterion, _TAGS[entry.verdict], said, _body(entry, card))
        card = ""


def _body(entry: CriterionResult, card: str) -> str:
    points = "not marked yet" if entry.points is None else f"{entry.points:g}"
    line = f"{entry.label} ({points} of {entry.max_points:g} points)\n{entry.message}".rstrip()
    return f"{line}\n\n{card}" if card else line


def _case(classname: str, name: str, tag: str = "", message: str = "", body: str = "") -> ET.Element:
    case = ET.Element("testcase", classname=_legal(classname), name=_legal(name))
    if tag:
        ET.SubElement(case, tag, message=_legal(" ".join(message.split()))).text = _legal(body)
    return case


def _legal(text: str) -> str:
    """Return text that XML can hold and a terminal does not obey."""
    return _ILLEGAL.sub("\ufffd", printable(text))
