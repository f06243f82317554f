"""The page of a submission as a whole: what is too much is cut and says so, and a page that fails costs no other."""

import json
import time
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from nbformat import from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, writes
from traitlets.config import Config

from autograder.confined import ConfinedError
from autograder.course.pages import exporter
from autograder.course.pages.making import make_page, make_stand_in
from autograder.course.pages.mending import parsed
from autograder.course.pages.render import Making, PageError, page
from autograder.course.pages.settings import configure_pages
from autograder.sandbox.limits import FEEDBACK, FORMGRADER, MIB, Confinement, PageLimits

LIMITS = PageLimits()
_TEMPLATE = (
    "{%- extends 'classic/index.html.j2' -%}{%- block header -%}{%- endblock -%}{%- block footer -%}{%- endblock -%}"
)
PICTURE = "A" * 1_500_000


@pytest.fixture(scope="module")
def making(tmp_path_factory):
    """Pages by nbconvert's own template, without its styles."""
    folder = tmp_path_factory.mktemp("templates") / "bare"
    folder.mkdir()
    (folder / "index.html.j2").write_text(_TEMPLATE)
    (folder / "conf.json").write_text(json.dumps({"base_template": "classic", "mimetypes": {"text/html": True}}))
    config = Config()
    configure_pages(config)
    config.HTMLExporter.template_name = "bare"
    config.HTMLExporter.extra_template_basedirs = [str(folder.parent)]
    return Making.of(config, [])


def cells_of(cell, times):
    """Return a cell many times over, each with an id of its own."""
    return [from_dict({**cell, "id": f"c{number}"}) for number in range(times)]


def shown(data):
    """Return a cell that displays something."""
    outputs = [new_output("display_data", data)] if isinstance(data, dict) else [new_output("stream", text=data)]
    return new_code_cell("1", outputs=outputs)


FLOODS = {
    "quotes": cells_of(shown('"' * 1_000_000), 10),
    "pictures": cells_of(shown({"image/png": PICTURE}), 12),
    "pictures-in-html": cells_of(shown({"text/html": f'<img src="data:image/png;base64,{PICTURE}">'}), 12),
    "latex": cells_of(shown({"text/latex": "<" * 1_000_000}), 12),
    "many-outputs": cells_of(new_code_cell("1", outputs=[new_output("stream", text="x")] * 200), 100),
    "many-large": cells_of(shown({"text/html": "<p>x" * 19_000}), 60),
    "attachment": [
        new_markdown_cell("![](attachment:a)" * 1_000, attachments={"a": {"image/png": PICTURE}}),
        new_markdown_cell("fine"),
    ],
    "code": cells_of(new_code_cell("1+" * 200 + "1\n" * 9_000), 60),
    "words": cells_of(new_markdown_cell("<" * 19_000), 400),
}

_QUICK = ("quotes", "pictures-in-html", "attachment")  # the others take seconds each, and show the same


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in _QUICK else pytest.mark.full) for name in FLOODS]
)
def test_page_is_bounded_and_says_what_was_cut(making, name):
    """Many parts, each within its bound, make no page that is larger than it may be, and what is missing is named."""
    text = writes(new_notebook(cells=[shown("the first"), *FLOODS[name]]))
    html = page(making, text, {})
    assert len(html.encode()) <= LIMITS.page_bytes
    assert "the first" in html
    assert "in the notebook that was handed in" in html or name in ("code", "words")


def test_missing_attachment_is_no_fault(making):
    """A picture that is not there is named in its place, and the text around it is shown."""
    html = page(making, writes(new_notebook(cells=[new_markdown_cell("![a](attachment:b) and text")])), {})
    assert "[The picture b was not handed in: a]</em> and text" in html
    assert "and text" in html


@pytest.mark.slow  # it waits for processes to be ended
@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Confinement(processes=1, seconds=0.05, memory=384 * MIB), "longer than"),
        (Confinement(processes=1, seconds=20.0, memory=8 * MIB), "memory"),
    ],
    ids=["time", "memory"],
)
def test_page_that_takes_too_much_fails_alone(making, tmp_path, limits, reason):
    """What is too long or too large for its process is an error in words; the next page is made."""
    path = tmp_path / "x.ipynb"
    path.write_text(writes(new_notebook(cells=FLOODS["many-large"])))
    with pytest.raises(ConfinedError, match=reason):
        make_page(making, str(path), {}, limits)
    path.write_text(writes(new_notebook(cells=[shown("fine")])))
    assert "fine" in make_page(making, str(path), {}, FEEDBACK)


def test_limits_of_a_page_and_of_what_stands_in_for_it_leave_ten_seconds_time_for_marks():
    """A page and one of cards leave of ten seconds half a one to replace processes, and two for marks alone."""
    for whole in (FEEDBACK, FORMGRADER):
        assert whole.seconds + LIMITS.cards_seconds <= 10 - 0.5 - 2


@pytest.mark.full
def test_page_of_marks_is_made_however_busy_the_machine_is(making, monkeypatch, tmp_path):
    """The page for which nothing stands in, and which has nothing of a student's, may take much longer than it does."""
    path, marks = tmp_path / "x.ipynb", writes(new_notebook(cells=[shown("fine")]))
    path.write_text("{}")
    monkeypatch.setattr("autograder.course.pages.making.stand_in", lambda *_: marks)
    monkeypatch.setattr("autograder.course.pages.making.page", slow_page)
    assert "fine" in make_stand_in(making, str(path), {}, FEEDBACK, ("", "", "", "", "why"))


def slow_page(*arguments):
    """Make a page where others use up the machine's time."""
    time.sleep(3.0)
    return page(*arguments)


@pytest.mark.parametrize("what", ["garbage", "folder", "link", "nested"])
def test_what_is_no_notebook_is_an_error_in_words(making, tmp_path, what):
    """A file that cannot be read as a notebook raises nothing but that error."""
    path = tmp_path / "x.ipynb"
    if what == "folder":
        path.mkdir()
    elif what == "link":
        path.symlink_to("/etc/passwd")
    else:
        path.write_text("{" if what == "garbage" else "[" * 1_000_000)
    with pytest.raises(ConfinedError):
        make_page(making, str(path), {}, FEEDBACK)


def test_card_is_shown_whatever_came_before_it(making):
    """A card of ours keeps its room on a page that is full, once; who shows it again has no room for it."""
    card = f"<h3>our card</h3><p>{'y' * 600_000}</p>"
    flood = cells_of(shown({"text/html": f"<p>{'x' * 900_000}</p>"}), 10)
    grade = {"grade": True, "solution": False, "grade_id": "test_x", "points": 1}
    first = new_output("execute_result", {"text/plain": "1.0", "text/html": card})
    outputs = [first, new_output("display_data", {"text/html": card})]
    cells = [*flood, new_code_cell("x", metadata={"nbgrader": grade}, outputs=outputs)]
    html = page(making, writes(new_notebook(cells=cells)), {})
    assert html.count(card) == 1
    assert "in the notebook that was handed in" in html


def test_filters_that_a_course_has_set_stay():
    """A course's own filter, set before ours in either way, is still among the filters; ours are ours."""
    for update in (False, True):
        config = Config()
        if update:
            config.HTMLExporter.filters.update({"shout": "string.capwords"})
        else:
            config.HTMLExporter.filters = {"shout": "string.capwords", "clean_html": "html.unescape"}
        configure_pages(config)
        assert config.HTMLExporter.filters["shout"] == "string.capwords"
        assert config.HTMLExporter.filters["clean_html"].startswith("autograder.")


def test_template_of_a_course_stays():
    """Our page takes the place of nbgrader's own; where a course looks for templates elsewhere, it keeps its own."""
    nbgraders = Config()
    nbgraders.HTMLExporter.extra_template_basedirs = [str(exporter._NBGRADERS)]
    ours, *others = exporter._with_template(nbgraders).HTMLExporter.extra_template_basedirs
    assert (Path(ours) / "feedback" / "index.html.j2").is_file()
    assert others == [str(exporter._NBGRADERS)]
    assert (exporter._NBGRADERS / "feedback" / "index.html.j2").is_file()
    elsewhere = Config()
    elsewhere.HTMLExporter.extra_template_basedirs = ["templates"]
    assert exporter._with_template(elsewhere) is elsewhere


def test_configuration_that_no_other_process_can_load_is_named():
    """A filter that is a lambda is refused in one line that says where it stands."""
    config = Config()
    config.HTMLExporter.filters = {"shout": lambda text: text.upper()}
    with pytest.raises(PageError, match=r"c\.HTMLExporter"):
        Making.of(config, [])


def test_page_of_marks_and_cards_alone_says_why(making):
    """What stands in for a page that fails has our cards, no text of the student's, and the reason."""
    card = [new_output("execute_result", {"text/plain": "1.0", "text/html": "<h3>our card</h3>"})]
    grade = {"grade": True, "solution": False, "grade_id": "test_x", "points": 1}
    cells = [
        new_code_cell("theirs", outputs=[new_output("stream", text="theirs")]),
        new_markdown_cell("theirs", metadata={"nbgrader": {"solution": True, "grade": True, "grade_id": "x"}}),
        new_code_cell("x", metadata={"nbgrader": grade}, outputs=[*card, new_output("stream", text="theirs")]),
    ]
    html = page(making, writes(new_notebook(cells=cells)), {}, "it took longer than 6 s")
    assert "it took longer than 6 s" in html
    assert "<h3>our card</h3>" in html
    assert "theirs" not in html


def test_only_pages_with_something_to_mend_are_parsed(making, monkeypatch):
    """What nbconvert would mend it mends; of all others it would only print again what is there."""
    for to_mend in ('<img src="a">', "<p><img", '<div class="jp-Notebook"></div>'):
        assert isinstance(parsed(to_mend, "html.parser"), BeautifulSoup)
    cells = [new_markdown_cell("# One\n\n![a picture](attachment:a) & $x$"), new_code_cell("1 < 2")]
    text = writes(new_notebook(cells=cells))
    made = page(making, text, {})
    assert isinstance(parsed(made, "html.parser"), str)
    monkeypatch.setattr("nbconvert.exporters.html.BeautifulSoup", BeautifulSoup)
    assert page(making, text, {}) == str(BeautifulSoup(made, "html.parser"))
