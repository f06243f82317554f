"""Draws the cards that README shows, as a browser does: .venv/bin/python tests/card_pictures.py (where Chromium is)."""

import io
from pathlib import Path

from browser import chromium
from hand_ins import SOLUTIONS
from PIL import Image

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
PAGE = "<!doctype html><meta charset='utf-8'><body style='margin:16px;font-family:sans-serif'>{}"


def card_of(name: str, exercise: str) -> str:
    """Return the card of one of the demo's solutions."""
    assignment = find("neuron")
    content, _ = read_solution(SOLUTIONS / f"{name}.py", assignment)
    judgement = judge_notebooks({"neuron": content}, Job("neuron", run_checks=False), assignment)
    return next(card.html(result) for result in judgement.exercises if result.exercise == exercise)


def main() -> None:
    """Write the pictures."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 760, "height": 900}, color_scheme="light")
        for picture, (name, exercise) in SHOWN.items():
            page.set_content(PAGE.format(card_of(name, exercise)))
            shown = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
            shown.quantize(128, dither=Image.Dither.NONE).save(DOCS / f"{picture}.png", optimize=True)


if __name__ == "__main__":
    main()
