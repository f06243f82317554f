"""Draws the cards and the feedback page that docs/ shows, in Chromium: .venv/bin/python tests/card_pictures.py."""

import io
import json
import tempfile
from pathlib import Path

from browser import chromium
from hand_ins import fill, path_of
from PIL import Image
from scratch import ASSIGNMENT, ROOT, Course

from autograder.card import html as card
from autograder.grading.assignment import find
from autograder.judge.judge import Job, judge_notebooks
from autograder.judge.solution import read_solution

DOCS = Path(__file__).parent.parent / "docs"
SHOWN = {
    "card": ("wrong_no_mean", "dC_dw"),
    "card-sigmoid-brackets": ("wrong_brackets", "sigmoid"),
    "card-cost-large-z": ("right_naive", "cost"),
}
# The beginning of the feedback page: width, height, and light or dark.
SCREENS = {
    "feedback": (1000, 900, "light"),
    "feedback-dark": (1000, 900, "dark"),
    "feedback-phone": (360, 740, "light"),
    "feedback-phone-dark": (360, 740, "dark"),
}
ANSWER = r"The chain rule multiplies $\sigma'(z)=a(1-a)$ by $\frac{a-y}{a(1-a)}$, so $a(1-a)$ cancels."
PAGE = "<!doctype html><meta charset='utf-8'><body style='margin:16px;font-family:sans-serif'>{}"


def card_of(name: str, exercise: str) -> str:
    """Return the card of one of the demo's solutions."""
    assignment = find("neuron")
    content, _ = read_solution(path_of(name), assignment)
    judgement = judge_notebooks({"neuron": content}, Job("neuron", run_checks=False), assignment)
    return next(card.html(result) for result in judgement.exercises if result.exercise == exercise)


def feedback(folder: Path) -> Path:
    """Return the feedback page of one of the demo's solutions, made in a course in this folder."""
    course = Course.make(folder)
    released = json.loads((ROOT / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text(encoding="utf-8"))
    notebook = json.dumps(fill(released, "wrong_no_mean", ANSWER))
    (course.submission("1001") / f"{ASSIGNMENT}.ipynb").write_text(notebook, encoding="utf-8")
    course.batch()
    course.nbgrader("generate_feedback", ASSIGNMENT)
    return folder / "feedback" / "1001" / ASSIGNMENT / f"{ASSIGNMENT}.html"


def save(name: str, screenshot: bytes) -> None:
    """Write a picture in few colours."""
    shown = Image.open(io.BytesIO(screenshot)).convert("RGB")
    shown.quantize(128, dither=Image.Dither.NONE).save(DOCS / f"{name}.png", optimize=True)


def main() -> None:
    """Write the pictures."""
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        page = browser.new_page(viewport={"width": 760, "height": 900}, color_scheme="light")
        for picture, (name, exercise) in SHOWN.items():
            page.set_content(PAGE.format(card_of(name, exercise)))
            save(picture, page.screenshot(full_page=True))
        made = feedback(Path(folder))
        for picture, (width, height, scheme) in SCREENS.items():
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            page.goto(made.as_uri())
            save(picture, page.screenshot())


if __name__ == "__main__":
    main()
