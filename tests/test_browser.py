"""Real Chromium on feedback and Formgrader: nothing of a submission runs there, no other host is asked, cards are read.

The hostile submission is right in its first two exercises and wrong in the last two.
"""

import json
import os
import re
import shutil
from pathlib import Path

import pytest
import warm
from axe_playwright_python.sync_playwright import Axe
from browser import chromium, lab, login, noted_page
from hostile import CODE, PAYLOADS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
STUDENT = "1001"
WRONG = {
    "dC_dw": "def dC_dw(w, b, X, y):\n    return X.T @ (y - sigmoid(X @ w + b)) / len(y)",
    "dC_db": f"def dC_db(w, b, X, y):\n    raise ValueError({PAYLOADS[0] + 'a' * 300!r})",
}
# For each piece of text on a card: the contrast of its colour with the background behind it, and the text.
CONTRASTS = """cards => cards.flatMap(card => {
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0)
  const parts = colour => colour.match(/[0-9.]+/g).map(Number)
  const ground = element => {
    const colour = parts(getComputedStyle(element).backgroundColor)
    if (colour.length === 3 || colour[3] === 1) return colour
    return element === card ? [0, 0, 0] : ground(element.parentElement)
  }
  const found = [], walker = document.createTreeWalker(card, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement
    const [one, two] = [light(parts(getComputedStyle(element).color)), light(ground(element))]
    found.push([(Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05), walker.currentNode.data])
  }
  return found
})"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with one hostile submission, graded, with feedback."""
    root = tmp_path_factory.mktemp("hostile")
    shutil.copytree(ROOT / "source", root / "source")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    submitted = root / "submitted" / STUDENT / "neuron"
    submitted.mkdir(parents=True)
    notebook = json.loads((ROOT / "source" / "neuron" / "neuron.ipynb").read_text())
    text = "\n\n".join(PAYLOADS)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "why_sigma_prime_cancels":
            cell["source"] = f"It cancels: $\\sigma'(z)$.\n\n{text}"
        cell["source"] = WRONG.get(cell["metadata"].get("nbgrader", {}).get("grade_id"), cell["source"])
    notebook["cells"].insert(3, {"cell_type": "code", "id": "code", "metadata": {}, "source": CODE, "outputs": []})
    notebook["cells"].insert(3, {"cell_type": "markdown", "id": "text", "metadata": {}, "source": text})
    notebook["cells"].insert(3, {"cell_type": "raw", "id": "raw", "metadata": {}, "source": text})
    notebook["metadata"]["title"] = PAYLOADS[0]
    (submitted / "neuron.ipynb").write_text(json.dumps(notebook))
    for command in ("generate_assignment", "autograde", "generate_feedback"):
        done = warm.run("nbgrader", [command, "neuron"], root, os.environ)
        assert done.returncode == 0, done.stderr[-2000:]
    return root


@pytest.fixture(scope="module")
def page():
    """A page of a real browser that notes every request and every error."""
    with chromium() as browser:
        yield noted_page(browser)


@pytest.fixture(scope="module")
def server(course, tmp_path_factory):
    """JupyterLab with nbgrader's extensions on the course; returns its address."""
    with lab(course, tmp_path_factory.mktemp("home")) as address:
        yield address


def nothing_ran(page, *allowed):
    """Assert that no payload ran and that nothing but the allowed addresses was asked for."""
    page.wait_for_timeout(500)
    assert page.evaluate("window.hacked") is None
    assert [url for url in page.requests if not url.startswith((*allowed, "data:", "blob:", "about:blank"))] == []
    assert page.evaluate("document.baseURI").startswith(allowed)


@pytest.mark.xdist_group("browser")
def test_nothing_runs_in_feedback(course, page):
    """The feedback page, opened from a disk, runs nothing of the submission and loads nothing from anywhere."""
    path = course / "feedback" / STUDENT / "neuron" / "neuron.html"
    page.requests.clear()
    page.goto(path.as_uri())
    nothing_ran(page, path.as_uri())
    text = page.inner_text("body")
    assert "window.hacked = 1" in text  # what was printed is shown as text
    assert "✔ passed" in text
    assert page.locator("script").count() == 0 or page.evaluate("document.scripts.length") < 3


@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("width", [1280, 360])
def test_cards_are_readable_without_scripts(course, page, width):
    """With scripts switched off the cards are whole, on a phone too: nothing cut off, pictures shown, text clear."""
    context = page.context.browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 800})
    requests = []
    context.on("request", lambda request: requests.append(request.url))
    path = course / "feedback" / STUDENT / "neuron" / "neuron.html"
    reader = context.new_page()
    reader.goto(path.as_uri())
    cards = reader.locator(".output_execute_result > div")
    assert cards.count() == 4
    for summary in cards.locator("summary").all():
        summary.click()
    assert reader.get_by_text("Takes whole numbers as well.").is_visible()
    assert reader.evaluate("document.documentElement.scrollWidth") == width
    for card in cards.all():
        assert card.evaluate("card => card.scrollWidth <= card.clientWidth")
    pictures = cards.locator("img")
    assert pictures.count() == 1
    assert pictures.evaluate("image => image.complete && image.naturalWidth > 600 && image.clientWidth > 250")
    assert reader.get_by_role("img", name="The components of your gradient").is_visible()
    contrasts = cards.evaluate_all(CONTRASTS)
    assert len(contrasts) > 100
    assert [text for contrast, text in contrasts if contrast < 4.5] == []
    assert [url for url in requests if not url.startswith((path.as_uri(), "data:"))] == []
    context.close()


@pytest.mark.xdist_group("browser")
def test_feedback_begins_with_the_exercises_and_folds_the_rest(course, page):
    """The first screen leads to each exercise by name; what is hidden is folded, but on paper; no TeX is left."""
    page.goto((course / "feedback" / STUDENT / "neuron" / "neuron.html").as_uri())
    page.set_viewport_size({"width": 360, "height": 740})
    links = page.locator(".exercises a")
    names = page.locator(".exercises .name").all_inner_texts()
    assert names[:4] == ["sigmoid", "cost", "dC_dw", "dC_db"]
    assert "2.5 of 7 points" in links.nth(2).inner_text()
    assert "The sign is reversed" in links.nth(2).inner_text()
    assert links.nth(3).bounding_box()["y"] < 740
    for link in links.all():
        assert page.locator(f"[id='{link.get_attribute('href')[1:]}']").count() == 1
    assert page.locator("script").count() == 0
    assert page.locator("math").count() > 20
    shown = page.evaluate("document.body.innerText")
    assert not re.search(r"\$\$|\\(frac|sigma|partial)", shown)
    assert "WORKED" not in shown
    page.emulate_media(media="print")
    assert page.get_by_text("WORKED = {}").first.is_visible()
    page.set_viewport_size({"width": 680, "height": 1009})  # A4 within its margins
    heights = [card.bounding_box()["height"] for card in page.locator(".card").all()]
    assert 100 < max(heights) < 1009  # no card need be cut
    page.emulate_media(media="screen")


@pytest.mark.xdist_group("browser")
def test_axe_finds_no_violation_in_feedback(course, page):
    """Axe-core finds nothing that keeps anybody out of the feedback page, wide or narrow, light or dark."""
    page.goto((course / "feedback" / STUDENT / "neuron" / "neuron.html").as_uri())
    for width, scheme in ((1000, "light"), (360, "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        found = Axe().run(page, options={"resultTypes": ["violations"]})
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") == width
    page.emulate_media(color_scheme="light")


@pytest.mark.xdist_group("browser")
def test_cards_are_read_aloud(course, page):
    """What a screen reader is told: a heading a card, tables with captions, headings of rows, a list of criteria."""
    page.goto((course / "feedback" / STUDENT / "neuron" / "neuron.html").as_uri())
    assert page.get_by_role("heading", name="dC_dw: 2.5 of 7 points, ✘ not yet").is_visible()
    card = page.locator(".output_execute_result > div").nth(2)
    spoken = card.aria_snapshot()
    for words in ("A small input, worked by hand", "The right answer and yours", "✘ yours", "✘ not yet, 0/2.5: Gives"):
        assert words in spoken
    for role in ("heading", "table", "rowheader", "columnheader", "list", "img"):
        assert re.search(rf"- '?{role}\b", spoken)
    order = [re.search(rf"- '?{role}\b", spoken).start() for role in ("heading", "table", "img", "list")]
    assert order == sorted(order)


@pytest.mark.xdist_group("browser")
def test_nothing_runs_in_formgrader(course, page, server):
    """Formgrader's page runs nothing of the submission, asks no other host, renders formulas and takes marks."""
    page.goto(login(server, "/formgrader/gradebook/neuron/neuron"))
    page.locator("td.name a:visible").first.click()
    page.wait_for_selector("input.score")
    page.requests.clear()
    page.errors.clear()
    response = page.reload()
    page.wait_for_selector("input.score")
    nothing_ran(page, server)
    assert "object-src 'none'" in response.headers["content-security-policy"]
    assert page.locator("math").count() > 20
    assert page.errors == []
    assert page.locator("input.score#test_cost").get_attribute("placeholder") == "6"
    assert page.locator("#bait").count() == 0
    cards = page.locator("div:has(> h3)").filter(has_text="points")
    assert cards.count() == 4
    assert cards.locator("img").evaluate("image => image.complete && image.naturalWidth > 600")
    assert [text for contrast, text in cards.evaluate_all(CONTRASTS) if contrast < 4.5] == []
    page.locator("input.score#why_sigma_prime_cancels").fill("3")
    page.keyboard.press("Tab")
    page.wait_for_timeout(500)
    page.reload()
    page.wait_for_selector("input.score")
    page.wait_for_function("document.querySelector('input.score#why_sigma_prime_cancels').value == '3'")
