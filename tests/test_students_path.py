"""The whole path in real browsers: a student's own JupyterLab, and the instructor's with Formgrader and the review.

With AUTOGRADER_PICTURES=docs in the environment the pictures of it are kept there, else they are thrown away.
"""

import os
from pathlib import Path

import pytest
from browser import chromium, keep_picture, lab, login, noted_page
from hand_ins import solution_cells
from scratch import COURSE, Course

pytestmark = pytest.mark.slow

STUDENT = "1001"
ANSWER = "The $a(1-a)$ below the line is $\\sigma'(z)$: they cancel."
COMMENT = "Look at the 1/n in front of the sum again: a mean, not a sum."
# JupyterLab itself must not look for news, for a newer version or for extensions on other hosts.
OFFLINE = """
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
"""
NO_NEWS = "lab/user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
EXCHANGE = """
c.CourseDirectory.course_id = {course!r}
c.Exchange.root = {root!r}
c.Exchange.cache = {cache!r}
"""


@pytest.fixture
def picture(tmp_path):
    """Return what takes a picture of a page for the documentation."""
    folder = Path(os.environ.get("AUTOGRADER_PICTURES", tmp_path))
    return lambda page, name: keep_picture(page, folder / f"path-{name}.png")


@pytest.fixture
def folders(tmp_path):
    """The course, released into an exchange of its own, and a student's empty folder; each is somebody's home."""
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    course = Course.make(tmp_path / "course", _exchange(tmp_path, "course"))
    assert course.nbgrader("release_assignment", "neuron").returncode == 0
    student = tmp_path / "student"
    student.mkdir()
    config = f"c = get_config()\nc.CourseDirectory.student_id = {STUDENT!r}\n{_exchange(tmp_path, 'student')}"
    (student / "nbgrader_config.py").write_text(config)
    return course.folder, student


def _exchange(folder, name):
    return EXCHANGE.format(course=COURSE, root=str(folder / "exchange"), cache=str(folder / f"{name}-cache"))


def _home(folder):
    home = folder.with_name(f"{folder.name}-home")
    (home / "c").mkdir(parents=True)
    (home / "c" / "jupyter_lab_config.py").write_text(OFFLINE)
    (home / "c" / NO_NEWS).parent.mkdir(parents=True)
    (home / "c" / NO_NEWS).write_text('{"fetchNews": "false", "checkForUpdates": false}')
    return home


def only_asked(page, server):
    """Assert that a page, from its beginning on, asked its own server for everything."""
    allowed = (server, server.replace("http:", "ws:"), "data:", "blob:", "about:", "attachment:")
    assert [url for url in page.requests if not url.startswith(allowed)] == []


def fetch(page, server):
    """Open JupyterLab and its list of assignments, fetch the assignment and open the notebook."""
    page.goto(login(server, "/lab?reset"))
    page.wait_for_selector(".jp-LauncherCard:visible", timeout=60_000)
    page.locator('div.lm-MenuBar-itemLabel:text("Nbgrader")').click()
    page.locator('#jp-mainmenu-nbgrader li[data-command="nbgrader:open-assignment-list"]').click()
    page.locator("#released_assignments_list > .list_item .item_status button").click()
    page.locator("#fetched_assignments_list a.assignment-notebooks-link").click()
    page.locator(f"#nbgrader-{COURSE}-neuron .item_name a").click()
    page.wait_for_selector('.jp-Notebook .jp-MarkdownCell:has-text("One neuron")', timeout=30_000)
    page.wait_for_selector(".jp-MarkdownCell mjx-container", timeout=30_000)


def fill_in(page, solution):
    """Write a solution and the answer into the cells, as somebody would who pastes them, and save."""
    for exercise, code in solution_cells(solution).items():
        write(page, f"def {exercise}(", code)
    answer = page.locator(".jp-MarkdownCell", has_text="Where does σ′ go?")
    answer.scroll_into_view_if_needed()
    answer.dblclick()
    _write_into(page, answer.locator(".cm-content"), ANSWER)
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Control+s")


def write(page, beginning, code):
    """Put code in the place of what a cell holds."""
    notebook = page.locator(".jp-Notebook")
    cell = notebook.locator(".jp-CodeCell .cm-content", has_text=beginning).first
    for _ in range(30):  # cells far below are not there until one has scrolled to them
        if cell.count():
            break
        notebook.hover()
        page.mouse.wheel(0, 400)
        page.wait_for_timeout(50)
    _write_into(page, cell, code)


def _write_into(page, editor, text):
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def validate(page, picture):
    """Press Validate and read what is wrong."""
    page.wait_for_selector(".lm-TabBar-tab.jp-mod-current:not(.jp-mod-dirty)")
    page.locator(".validate-button").click()
    dialog = page.locator(".nbgrader-ErrorDialog")
    dialog.wait_for(timeout=60_000)
    picture(page, "validate")
    assert "dC_dw" in dialog.inner_text()
    page.locator(".jp-Dialog button.jp-mod-accept").click()


def submit(page):
    """Hand it in from the list of assignments."""
    page.locator('.lm-TabBar-tabLabel:text("Assignments")').click()
    page.locator('#fetched_assignments_list button:text("Submit")').click()
    page.locator("#submitted_assignments_list .list_item", has_text="neuron").first.wait_for()


def collect_and_autograde(page, server, picture):
    """Collect from the list of assignments in Formgrader, and grade with its button."""
    page.goto(login(server, "/formgrader/manage_assignments"))
    page.locator("td.collect a").click()
    _succeeded(page)
    page.goto(f"{server}/formgrader/manage_submissions/neuron")
    page.locator("td.autograde a").click()
    _succeeded(page)
    page.locator("td.score", has_text="8.5 / 24").wait_for()
    picture(page, "formgrader")


def comment(page, picture):
    """Go from Formgrader to the review, and write a comment for all who made the same mistake."""
    page.locator(".nav a", has_text="Review").click()
    page.get_by_role("link", name="The mean over the entries is missing", exact=True).last.click()
    page.get_by_role("textbox", name="Comment").fill(COMMENT)
    picture(page, "review")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Apply to 1 member").click()
    page.wait_for_selector("h1:has-text('Done')")


def give_feedback(page, server):
    """Generate the feedback and release it, with Formgrader's buttons."""
    page.goto(f"{server}/formgrader/manage_submissions/neuron")
    for step in ("generate", "release"):
        page.locator(f"td.{step}-feedback a").click()
        _succeeded(page)


def _succeeded(page):
    title = page.locator(".modal.in .modal-title")
    title.wait_for(timeout=60_000)
    assert title.inner_text() == "Success", page.locator(".modal.in .modal-body").inner_text()
    page.locator('.modal.in .modal-footer button:text-is("OK")').click()
    page.locator(".modal.in").wait_for(state="detached")


def read_feedback(page, picture):
    """Fetch the feedback and open it; return what stands there."""
    page.bring_to_front()
    page.locator('button:text("Fetch Feedback")').click()
    page.locator('#submitted_assignments_list a:text("view feedback")').click()
    page.locator('.jp-DirListing-item:has-text("neuron.html")').dblclick()
    frame = page.frame_locator(".jp-HTMLViewer iframe")
    card = frame.locator(".output_execute_result > div", has_text="dC_dw:")
    card.scroll_into_view_if_needed()
    picture(page, "feedback")
    return frame.locator("body").inner_text()


@pytest.mark.full
@pytest.mark.xdist_group("path")
def test_the_students_path(folders, picture):
    """A student fetches, fills in, validates and submits; the instructor grades and comments; the student reads it."""
    course, home = folders
    with chromium() as browser, lab(home, _home(home)) as server, lab(course, _home(course)) as instructors:
        page = noted_page(browser, viewport={"width": 1280, "height": 900})
        fetch(page, server)
        fill_in(page, "wrong_no_mean")
        picture(page, "notebook")
        validate(page, picture)
        submit(page)
        teacher = noted_page(browser, viewport={"width": 1280, "height": 900})
        collect_and_autograde(teacher, instructors, picture)
        comment(teacher, picture)
        give_feedback(teacher, instructors)
        text = read_feedback(page, picture)
        assert "What is wrong: The mean over the entries is missing" in text
        assert COMMENT in text
        only_asked(page, server)
        only_asked(teacher, instructors)
