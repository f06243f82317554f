"""The steps of a student and an instructor in a browser, in pages of JupyterLab and Formgrader.

A `view` is a page, or JupyterLab's frame with Formgrader in it.
"""

from hand_ins import solution_cells
from scratch import COURSE

ANSWER = "The $a(1-a)$ below the line is $\\sigma'(z)$: they cancel."
COMMENT = "Look at the 1/n in front of the sum again: a mean, not a sum."


def only_asked(page, server):
    """Assert that a page, from its beginning on, asked its own server for everything."""
    allowed = (server, server.replace("http:", "ws:"), "data:", "blob:", "about:", "attachment:")
    assert [url for url in page.requests if not url.startswith(allowed)] == []


def fetch(page):
    """Open the list of assignments in JupyterLab, fetch the assignment and open the notebook."""
    page.wait_for_selector(".jp-LauncherCard:visible", timeout=60_000)
    choose(page, "open-assignment-list")
    page.locator("#released_assignments_list > .list_item .item_status button").click()
    page.locator("#fetched_assignments_list a.assignment-notebooks-link").click()
    page.locator(f"#nbgrader-{COURSE}-neuron .item_name a").click()
    page.wait_for_selector('.jp-Notebook .jp-MarkdownCell:has-text("One neuron")', timeout=30_000)
    page.wait_for_selector(".jp-MarkdownCell mjx-container", timeout=30_000)


def choose(page, command):
    """Choose an entry of nbgrader's menu in JupyterLab."""
    page.locator('div.lm-MenuBar-itemLabel:text("Nbgrader")').click()
    page.locator(f'#jp-mainmenu-nbgrader li[data-command="nbgrader:{command}"]').click()


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


def validate(page):
    """Press Validate and read what is wrong; returns the dialog that says it."""
    page.wait_for_selector(".lm-TabBar-tab.jp-mod-current:not(.jp-mod-dirty)")
    page.locator(".validate-button").click()
    dialog = page.locator(".nbgrader-ErrorDialog")
    dialog.wait_for(timeout=60_000)
    assert "dC_dw" in dialog.inner_text()
    return dialog


def submit(page):
    """Hand it in from the list of assignments."""
    page.locator('.lm-TabBar-tabLabel:text("Assignments")').click()
    page.locator('#fetched_assignments_list button:text("Submit")').click()
    page.locator("#submitted_assignments_list .list_item", has_text="neuron").first.wait_for()


def release(view, formgrader):
    """Release the assignment, from the list of assignments in Formgrader."""
    view.goto(f"{formgrader}/manage_assignments")
    view.locator("tr", has_text="neuron").locator("td.release a").click()
    _succeeded(view)


def collect_and_autograde(view, formgrader):
    """Collect from the list of assignments in Formgrader, and grade."""
    view.goto(f"{formgrader}/manage_assignments")
    view.locator("td.collect a").click()
    _succeeded(view)
    autograde(view, formgrader)


def autograde(view, formgrader):
    """Grade the one submission with Formgrader's button."""
    view.goto(f"{formgrader}/manage_submissions/neuron")
    view.locator("td.autograde a").click()
    _succeeded(view)
    view.locator("td.score", has_text="8.5 / 24").wait_for()


def preview_comment(view):
    """Go from Formgrader to the review, and write a comment for all who made the same mistake."""
    view.locator(".nav a", has_text="Review").click()
    view.get_by_role("link", name="The mean over the entries is missing", exact=True).last.click()
    view.get_by_role("textbox", name="Comment").fill(COMMENT)


def apply_comment(view):
    """Apply it."""
    view.get_by_role("button", name="Preview").click()
    view.get_by_role("button", name="Apply to 1 member").click()
    view.wait_for_selector("h1:has-text('Done')")


def give_feedback(view, formgrader):
    """Generate the feedback and release it, with Formgrader's buttons."""
    view.goto(f"{formgrader}/manage_submissions/neuron")
    for step in ("generate", "release"):
        view.locator(f"td.{step}-feedback a").click()
        _succeeded(view)


def _succeeded(view):
    title = view.locator(".modal.in .modal-title")
    title.wait_for(timeout=60_000)
    assert title.inner_text() == "Success", view.locator(".modal.in .modal-body").inner_text()
    view.locator('.modal.in .modal-footer button:text-is("OK")').click()
    view.locator(".modal.in").wait_for(state="detached")


def read_feedback(page):
    """Fetch the feedback and open it; returns the frame's body."""
    page.bring_to_front()
    page.locator('button:text("Fetch Feedback")').click()
    page.locator('#submitted_assignments_list a:text("view feedback")').click()
    page.locator('.jp-DirListing-item:has-text("neuron.html")').dblclick()
    frame = page.frame_locator(".jp-HTMLViewer iframe")
    card = frame.locator(".output_execute_result > div", has_text="dC_dw:")
    card.scroll_into_view_if_needed()
    return frame.locator("body")
