"""The review's pages in a real browser, on a real server: each kind of page, by mouse and keyboard, read by anybody."""

import http.client
import json
import re
from urllib.parse import urlsplit

import pytest
import warm
from axe_playwright_python.sync_playwright import Axe
from browser import TOKEN, chromium, lab, login, noted_page, press_access_key
from many import graded_class as many_graded
from nbgrader.api import Gradebook
from review_class import HOSTILE, SOLUTIONS, UNREADABLE, graded_class
from scratch import COURSE, Course

from autograder.review.alike import groups
from autograder.review.changing import actions
from autograder.review.pages.handlers import ADDRESSES
from autograder.review.reading.classroom import Classroom

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("review")]
REVIEW = "/autograder/review"
HOME = f"{REVIEW}/neuron/"
OPEN = "document.querySelectorAll('details').forEach(one => one.open = true)"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A graded class."""
    return graded_class(tmp_path_factory.mktemp("review") / "course")


@pytest.fixture(scope="module")
def server(course, tmp_path_factory):
    """The command's server; returns its address."""
    home = tmp_path_factory.mktemp("home")
    with lab(course.folder, home, ("autograder", "review", "neuron"), "--jupyter=") as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    """A real browser."""
    with chromium() as found:
        yield found


@pytest.fixture
def page(browser, server):
    """A page of somebody who has logged in and sees the class at a glance."""
    found = noted_page(browser, viewport={"width": 1280, "height": 900}, base_url=server)
    found.set_default_timeout(10_000)
    found.goto(login(server, HOME))
    yield found
    assert found.errors == []
    found.context.close()


@pytest.fixture(scope="module")
def kinds(browser, server):
    """An address of each kind of page, those of a group and a submission hostile ones, too."""
    page = noted_page(browser, base_url=server)
    page.goto(login(server, f"{HOME}groups/dC_dw"))
    group = _linked(page, "The mean over the entries is missing")
    page.goto(f"{HOME}groups/dC_db")
    hostile = _linked(page, re.compile("ValueError"))
    page.goto(f"{HOME}queue")
    answers = [link.get_attribute("href") for link in page.locator("main ol a").all()]
    page.context.close()
    students = [f"{HOME}students/{student}" for student in ("1004", HOSTILE, UNREADABLE)]
    plain = ["", "students", "groups/dC_dw", "queue", "reference", "log"]
    return [f"{REVIEW}/", *(HOME + path for path in plain), *students, group, hostile, *answers]


def _linked(page, name):
    return page.get_by_role("link", name=name).first.get_attribute("href")


def _addresses():
    """Return an address for each pattern of the extension."""
    named = {"(apply|undo|resume)": "apply", "([^/]+)": "neuron", "/?": "/", ".*": "anything/else/at/all"}
    for pattern, *_ in ADDRESSES:
        path = pattern
        for regex, name in named.items():
            path = path.replace(regex, name)
        assert re.fullmatch(pattern, path)
        yield f"/{path}"


def _noted(course, kind, cell):
    """Yield each student with the grade or the comment of a cell."""
    with Gradebook(course.db_url, COURSE) as gradebook:
        for submission in gradebook.assignment_submissions("neuron"):
            yield from (
                (submission.student.id, one) for one in getattr(submission.notebooks[0], kind) if one.name == cell
            )


def _marks(course, cell):
    return {student: one.score for student, one in _noted(course, "grades", cell)}


def _comments(course, cell):
    return {student: one.manual_comment for student, one in _noted(course, "comments", cell) if one.manual_comment}


def test_nobody_gets_in_without_a_token(browser, server):
    """Without a token every address leads to the login or answers 403, whatever the method."""
    context = browser.new_context(base_url=server)
    for path in _addresses():
        for method in ("GET", "POST", "HEAD", "PUT", "DELETE"):
            answer = context.request.fetch(path, method=method, max_redirects=0)
            to_login = answer.status == 302 and answer.headers["location"].startswith("/login?")
            assert to_login or answer.status in (403, 405), (method, path, answer.status)
            assert "neuron" not in answer.text() or answer.status == 403
    context.close()


def test_nothing_is_written_without_the_xsrf_value(course, page, kinds):
    """A form from another page is refused, wherever something is written; with the value that ours hold it is not."""
    cookie = next(one["value"] for one in page.context.cookies() if one["name"] == "_xsrf")
    before = course.rows()
    group = next(path for path in kinds if "/groups/dC_dw/" in path)
    for path in (group, next(path for path in kinds if "/answers/" in path), *(HOME + do for do in _DOES)):
        form = {"comment": "forged", "id": "0"}
        assert page.request.post(path, form=form).status == 403
        assert page.request.post(path, form=form | {"_xsrf": "0"}).status == 403
        assert page.request.post(path, form=form | {"_xsrf": cookie}).status in (200, 400)
    assert course.rows() == before


_DOES = ("apply", "undo", "resume")


def test_pages_let_nothing_run_and_nothing_be_kept(page, kinds):
    """Each page forbids browsers every script and every other host, and to keep it; its names and texts run nowhere."""
    for path in kinds:
        answer = _made(page, path)
        assert answer.status == 200, path
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "script-src" not in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert page.locator("script, iframe, object, embed, link, base, [onerror], [onload]").count() == 0
        assert page.evaluate("window.hacked") is None
        assert {urlsplit(url).path for url in page.requests if not url.startswith("data:")} == {urlsplit(path).path}
    page.goto(f"{HOME}students/{HOSTILE}")
    assert "<script>window.hacked = 1</script>" in page.inner_text("h1")
    page.evaluate(OPEN)
    assert page.get_by_text("<img src=x onerror='window.hacked = 1'>").first.is_visible()
    assert page.evaluate("window.hacked") is None


def _made(page, path):
    """Open a page, and again for as long as the answer is that it is still being made."""
    while True:
        page.requests.clear()
        answer = page.goto(path)  # nothing, where the page has just loaded itself again
        if answer is not None and answer.status != 202:
            return answer


def _accessible(page, *rules):
    found = Axe().run(page, options={"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {}))
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def test_axe_finds_no_violation(page, kinds):
    """Axe-core finds nothing that keeps anybody out of any page, and every text stands out in light and in dark."""
    for path in kinds:
        page.emulate_media(color_scheme="light")
        page.goto(path)
        page.evaluate(OPEN)
        _accessible(page)
        page.emulate_media(color_scheme="dark")
        _accessible(page, "color-contrast")


def test_pages_fit_at_four_times_the_size(page, kinds):
    """At 400 % zoom, where 1280 pixels are 320, nothing has to be moved sideways but a wide table in its own frame."""
    page.set_viewport_size({"width": 320, "height": 256})
    for path in kinds:
        page.goto(path)
        page.evaluate(OPEN)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_the_class_at_a_glance(page):
    """The overview shows distributions, the heat map in any order, and mistakes by frequency with their groups."""
    text = page.inner_text("main")
    assert "12 students: 11 graded, 1 needs review" in text
    assert page.locator("svg.bars").count() == 6
    rows = page.locator("table.heat tbody tr")
    assert rows.count() == 31
    page.get_by_role("link", name="Hardest first").click()
    shares = [row.locator("td").nth(-2).inner_text().split()[0] for row in rows.all()]
    known = [int(share) for share in shares if share != "–"]
    assert known == sorted(known)
    assert known[0] < known[-1]
    mistakes = page.locator("table", has_text="mistake").last
    counts = [int(cell) for cell in mistakes.locator("tbody tr td:first-child").all_inner_texts()]
    assert counts == sorted(counts, reverse=True)
    mistakes.get_by_role("link", name="The mean over the entries is missing", exact=True).first.click()
    assert page.locator("h1").inner_text() == "dC_db: The mean over the entries is missing"


def test_students_in_pages_by_any_criterion(page):
    """Students are sorted by a click on a heading or by any criterion, either way, and each leads to the submission."""
    page.goto(f"{HOME}students")
    page.get_by_role("link", name="score").click()
    scores = [float(text.split()[0]) for text in page.locator("tbody td:nth-child(4)").all_inner_texts()]
    assert scores == sorted(scores)
    assert page.locator("th[aria-sort]").inner_text().startswith("score")
    page.get_by_label("Sort by").select_option("cost.saturation")
    page.get_by_role("button", name="Sort").click()
    assert "sort=cost.saturation" in page.url
    page.get_by_role("link", name="Last04, First04").click()
    assert page.locator("h1").inner_text() == "Last04, First04: 8.5 of 24 points"


def test_one_submission(page):
    """A submission stands beside the reference and the nearest right variant, with card, outputs, history and links."""
    page.goto(f"{HOME}students/1007")
    chapter = page.locator("section", has_text="dC_dw: 2.5 of 7 points")
    assert chapter.locator("table.diff").first.locator("td.old").inner_text().strip().startswith("return X.T @ (y - ")
    chapter.get_by_text("Beside the nearest right variant").click()
    assert chapter.locator("table.diff").nth(1).is_visible()
    assert "What is wrong: The sign is reversed" in chapter.locator(".card").inner_text()
    assert page.locator("table", has_text="what changed").locator("tbody tr").count() == 1
    page.get_by_role("link", name="Graded notebook").click()
    page.wait_for_url("**/lab/tree/autograded/1007/neuron/neuron.ipynb")


def test_from_formgrader_and_back(page):
    """Formgrader's sidebar leads to the review, its page of a submission to ours of the same, and ours to its."""
    page.goto("/formgrader/manage_submissions/neuron")
    page.locator(".nav a", has_text="Review").click()
    assert urlsplit(page.url).path == HOME
    page.goto("/formgrader/gradebook/neuron/neuron")
    assert page.locator(".nav a", has_text="Manual Grading").count() == 1
    page.goto(f"{HOME}students/1008")
    page.locator("main").get_by_role("link", name="Formgrader").click()
    page.wait_for_selector("input.score")
    page.locator(".breadcrumb").get_by_role("link", name="Review").click()
    assert urlsplit(page.url).path == f"{HOME}students/1008"


def test_groups_by_keyboard_alone(course, page, kinds):
    """From the largest group on, with progress: comment, preview, apply, the next group, undo; never the mouse."""
    group = next(path for path in kinds if "/groups/dC_dw/" in path)
    page.goto(f"{HOME}groups/dC_dw")
    press_access_key(page, "n")
    page.wait_for_selector("text=Group 1 of 6; with it 4 of 12 students (33 %)")
    press_access_key(page, "n")
    page.wait_for_selector("text=Group 2 of 6; with it 7 of 12 students (58 %)")
    assert urlsplit(page.url).path == group
    assert page.locator("progress").evaluate("bar => bar.value / bar.max") == pytest.approx(7 / 12)
    press_access_key(page, "c")
    page.keyboard.type("Divide by n: a mean, not a sum.")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("0.5")
    press_access_key(page, "v")
    page.wait_for_selector("h1:has-text('Preview')")
    _accessible(page)
    assert _comments(course, "dC_dw") == {}
    assert page.locator("tbody tr", has_text="Last06").inner_text().split("\t")[1:3] == ["2", "2.5 by hand"]
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Done')")
    _accessible(page)
    assert set(_comments(course, "dC_dw")) == {"1004", "1005", "1006"}
    assert {_marks(course, "test_dC_dw")[one] for one in ("1004", "1005", "1006")} == {2.5}
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Group 3 of 6")
    page.goto(f"{HOME}log")
    page.locator("tbody a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Done')")
    press_access_key(page, "u")
    page.wait_for_selector("h1:has-text('Taken back')")
    assert _comments(course, "dC_dw") == {}
    assert {_marks(course, "test_dC_dw")[one] for one in ("1004", "1005", "1006")} == {2.0}
    assert page.locator("p", has_text="by").first.inner_text().count("(UTC) by ") == 1


def test_a_member_is_taken_out(course, page, kinds):
    """Who was taken out of a group is not changed; a form that cannot be done says why, and keeps what was entered."""
    page.goto(next(path for path in kinds if "/groups/dC_dw/" in path))
    page.get_by_role("button", name="Preview").click()
    assert page.get_by_role("alert").is_visible()
    page.get_by_label("set to as many points").check()
    page.get_by_label("Last05, First05").check()
    page.get_by_role("textbox", name="Comment").fill("Kept")
    page.get_by_role("button", name="Preview").click()
    assert "points are a number" in page.get_by_role("alert").inner_text()
    assert page.get_by_role("textbox", name="Comment").input_value() == "Kept"
    assert page.get_by_label("Last05, First05").is_checked()
    page.get_by_label("Points", exact=True).fill("3")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Apply to 2 members").click()
    marks = _marks(course, "test_dC_dw")
    assert [marks[one] for one in ("1004", "1005", "1006")] == [3.0, 2.0, 3.0]
    page.get_by_role("button", name=re.compile("Undo")).click()
    assert _marks(course, "test_dC_dw")["1004"] == 2.0


def test_two_reviewers_and_formgrader_at_once(course, browser, server, page, kinds):
    """What a second reviewer, or Formgrader, has changed since the preview is shown as a conflict and left alone."""
    group = next(path for path in kinds if "/groups/dC_dw/" in path)
    other = noted_page(browser, base_url=server)
    other.goto(login(server, group))
    page.goto(group)
    for one, words in ((page, "from the first"), (other, "from the second")):
        one.get_by_role("textbox", name="Comment").fill(words)
        one.get_by_role("button", name="Preview").click()
    with Gradebook(course.db_url, COURSE) as gradebook:
        comment = gradebook.find_comment("dC_dw", "neuron", "neuron", "1006")
        comment.manual_comment = "from Formgrader"
        gradebook.db.commit()
    page.get_by_role("button", name="Apply").click()
    assert "1 conflict" in page.inner_text("main")
    assert page.get_by_role("alert").get_by_role("link").all_inner_texts() == ["Last06, First06"]
    other.get_by_role("button", name="Apply").click()
    assert "3 conflicts" in other.inner_text("main")
    assert _comments(course, "dC_dw") == {"1004": "from the first", "1005": "from the first", "1006": "from Formgrader"}
    other.context.close()
    page.get_by_role("button", name=re.compile("Undo")).click()
    assert _comments(course, "dC_dw") == {"1006": "from Formgrader"}


def test_written_answers_are_marked_together(course, page, kinds):
    """Similar answers get their marks at once, and are no longer in the queue."""
    page.goto(f"{HOME}queue")
    assert "the file is not JSON" in page.inner_text("main")
    assert "the grader failed: ZeroDivisionError" in page.inner_text("main")
    page.get_by_role("link", name="Begin with the largest").click()
    assert "It cancels with the denominator" in page.inner_text("main")
    page.get_by_label("set to as many points").check()
    page.get_by_label("Points", exact=True).fill("2.5")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Apply").click()
    page.goto(f"{HOME}queue")
    assert page.locator("main ol > li").first.inner_text().startswith("9 students, ✔ all marked")
    assert list(_marks(course, "why_sigma_prime_cancels").values()).count(2.5) == 9


def test_what_a_server_left_is_finished(course, page, kinds):
    """What was begun and not done, as by a server that was killed, is finished from the log, and nothing twice."""
    group = next(path for path in kinds if "/groups/dC_dw/" in path).rpartition("/")[2]
    classroom = Classroom.load(course.folder, "neuron")
    shown = actions.preview(classroom, groups.group(classroom, "dC_dw", group).target, "Begun")
    actions.begin(classroom, shown.id, "somebody")
    page.goto(f"{HOME}log")
    assert "still waiting" in page.inner_text("tbody tr >> nth=0")
    page.get_by_role("button", name="Finish it").click()
    page.wait_for_selector("h1:has-text('Done: ')")
    assert "by somebody" in page.inner_text("main")
    assert {_comments(course, "dC_dw")[one].count("Begun") for one in ("1004", "1005", "1006")} == {1}
    page.get_by_role("button", name=re.compile("Undo")).click()
    assert "Begun" not in "".join(_comments(course, "dC_dw").values())


def test_the_reference_with_the_certificate(page):
    """The reference shows the solutions as students may see them, and what the certificate says of each criterion."""
    page.goto(f"{HOME}reference")
    text = page.inner_text("main")
    assert "return X.T @ (a - y) / len(y)" in text
    assert "BEGIN SOLUTION" not in text
    row = page.get_by_role("region", name="Criteria of dC_dw").locator("tbody tr").first
    assert re.search(r"\d+ of \d+", row.inner_text())
    assert page.get_by_role("region", name="The certificate").locator("tbody tr").count() > 10


def test_what_is_not_there_is_said_in_one_line(page):
    """An address that leads nowhere says what is missing, and shows no traceback."""
    missing = ("students/nobody", "groups/dC_dw/none", "groups/none", "answers/none/none", "log/none", "?order=none")
    for path in (*(HOME + path for path in missing), f"{REVIEW}/nothing/", f"{REVIEW}/neuron/a/b/c"):
        answer = page.goto(path)
        assert answer.status == 404, path
        assert "Traceback" not in page.inner_text("body")
        assert len(page.inner_text("main").splitlines()) <= 4


# As they stand in an address: numbers without an end, no text, another path, markup, a formula, halves of characters.
_ODD = (
    "9" * 5_000,
    "-1",
    "1e999",
    "%00",
    "%ff",
    "%ED%A0%80",
    "..%2f..",
    "%2e%2e",
    "%3Cscript%3E",
    "=cmd%7C",
    "%0d%0aX:1",
    "",
)
_NAMES = ("a" * 253, "x" * 20_000, "%E2%80%AE", "%25s", "{{7*7}}", "con", "*", "[^/]+", "%5C", "%20", "%C2%B2")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_any_address_and_any_argument_is_answered(server, method):
    """Whatever stands in an address, in a query or in a form, the answer says what is wrong, and the server is well."""
    said = {}
    for odd in (*_ODD, *_NAMES):
        for path in _odd_addresses(odd, method):
            form = "".join(f"&{name}={odd}" for name in ("comment", "kind", "points", "without", "id"))
            status, text = _ask(server, method, path, f"comment=x&kind=set{form}")
            if status not in (200, 202, 302, 303, 400, 403, 404, 405, 414, 431) or "Traceback" in text:
                said[method, path[:200]] = (status, text[:200])
    assert said == {}
    assert _ask(server, "GET", HOME)[0] == 200


def _odd_addresses(odd, method):
    """Yield every pattern of the extension with something odd in the place of each name, and in each query."""
    for pattern, *_ in ADDRESSES:
        path = pattern.replace("/?", "/").replace("(apply|undo|resume)", "apply").replace(".*", odd)
        for place in range(path.count("([^/]+)")):
            parts = path.split("([^/]+)")
            names = ["neuron", "dC_dw", "none"][: len(parts) - 1]
            names[place] = odd
            yield "/" + "".join(part + name for part, name in zip(parts, [*names, ""], strict=True))
    if method == "GET":
        yield from (f"{HOME}students?{name}={odd}" for name in ("page", "sort", "descending"))
        yield from (f"{HOME}?order={odd}", f"{HOME}students?page={odd}&page={odd}", f"{HOME}queue?{odd}={odd}")


def _ask(server, method, path, form=""):
    """Return the status and text of an answer to somebody who has the token."""
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=60)
    headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/x-www-form-urlencoded"}
    connection.putrequest(method, path.replace(" ", "%20"), skip_host=False)
    body = form.encode() if method == "POST" else b""
    for name, value in (headers | {"Content-Length": str(len(body))}).items():
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    text = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer.status, text


@pytest.mark.parametrize("pseudonyms", [True, pytest.param(False, marks=pytest.mark.full)])
def test_the_archive(course, browser, tmp_path, pseudonyms):
    """One file holds it all, with names or with pseudonyms only, and asks nobody for anything; its links lead on."""
    path = tmp_path / "review.html"
    done = course.review("--html", str(path), *(["--pseudonyms"] if pseudonyms else []))
    assert done.returncode == 0, done.stderr
    page = noted_page(browser)
    page.goto(path.as_uri())
    html = path.read_text()
    named = [student for student in SOLUTIONS if f"Last{student[-2:]}" in html or f">{student}<" in html]
    assert named == ([] if pseudonyms else list(SOLUTIONS))
    lost = "links => links.map(link => link.hash).filter(hash => !document.getElementById(hash.slice(1)))"
    assert page.locator("a").evaluate_all(lost) == []
    assert page.evaluate("window.hacked") is None
    assert "default-src 'none'" in page.locator("meta[http-equiv]").get_attribute("content")
    assert page.requests == [path.as_uri()]
    for words in ("The class at a glance", "How the others differ", "What needs a human", "The reference", "Mistakes"):
        assert words in page.inner_text("main")
    rows = page.locator("#students tbody a").evaluate_all("links => links.map(link => link.hash.slice(1))")
    told = page.locator("section.submission").evaluate_all("all => all.map(one => [one.id, one.textContent])")
    assert rows == [place for place, _ in told]
    assert len(rows) == len(SOLUTIONS)
    for words in ("Beside the reference", "Feedback card, as the student reads it", "def sigmoid"):
        assert any(words in text for _, text in told)
    timed = [place for place, text in told if "handed in" in text or "History" in text]
    assert timed == ([] if pseudonyms else rows)
    _accessible(page)
    page.context.close()


def test_the_archive_needs_a_folder(course, tmp_path):
    """An archive in a folder that is not there costs one line, and nothing is left half-written."""
    path = tmp_path / "nowhere" / "review.html"
    done = course.review("--html", str(path))
    assert done.returncode == 2
    assert done.stderr.splitlines() == [f"autograder: {path}: there is no folder {path.parent} to write it in"]
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_what_is_wrong_in_one_line(course):
    """An assignment that is not there, or a folder that is no course, costs one line and the status of wrong usage."""
    for folder, assignment in ((course.folder, "nothing"), (course.folder / "source", "neuron")):
        done = warm.run("autograder", ["review", assignment], folder, course.environment)
        assert done.returncode == 2, json.dumps([done.stdout, done.stderr])
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.full
def test_a_class_of_thousands(browser, tmp_path):
    """While a large class is read, a page says so and comes by itself; it stays small, and many are changed at once."""
    large = many_graded(Course.make(tmp_path / "course"), 3000)
    with lab(large.folder, tmp_path / "home") as address:
        page = noted_page(browser, base_url=address)
        answer = page.goto(login(address, HOME))
        assert answer.status == 200 or "Refresh" in {name.title() for name in answer.headers}
        page.wait_for_selector("h1:has-text('the class at a glance')", timeout=120_000)
        assert len(page.content()) <= 500_000
        page.goto(f"{HOME}students?sort=cost.saturation")
        page.get_by_role("link", name="Next").click()
        assert "3,000 students, page 2 of 30." in page.inner_text("main")
        assert page.locator("tbody tr").count() == 100
        page.goto(f"{HOME}groups/cost")
        page.get_by_role("link", name="Begin with the largest").click()
        page.get_by_role("textbox", name="Comment").fill("Well done.")
        page.get_by_role("button", name="Preview").click()
        page.get_by_role("button", name="Apply").click()
        page.wait_for_selector("h1:has-text('Done')")
        while page.get_by_role("status").count():
            page.get_by_role("link", name="See how far it is").click()
            page.wait_for_selector("h1:has-text('Done')")
        members = page.locator("tbody tr").count()
        assert members > 500
        assert f"done for {members}." in page.inner_text("main")
        assert list(_comments(large, "cost").values()).count("Well done.") == members
