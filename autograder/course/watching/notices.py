"""Pages for students of whom nothing was graded: what arrived, why there are no marks, and what to do."""

import html

from autograder.course.records import receipts
from autograder.course.records.receipts import Receipt

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title}</title>
<style>body {{ font: 1rem/1.5 sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem;
overflow-wrap: anywhere; }}</style></head>
<body><main><h1>{title}</h1>
{text}
</main>
{receipt}</body></html>
"""
_UNREADABLE = """<p>Nothing of it has been graded. What is wrong:</p>
<ul>{problems}</ul>
<p>What to do: open the notebook in Jupyter, run it, save it, and hand it in again as {names}. If Jupyter cannot open it
either, fetch the assignment anew into another folder, copy your answers into it, and hand that in.</p>
<p>{cost}If the deadline has passed, tell your instructor as well.</p>"""
_WAITING = """<p>It has arrived, and nothing of it is lost. Today {graded}, which is as many as this course grades on
one day.</p>
<p>It will be graded on {day}{or_when}. If you hand in again before that, only your last submission is graded. Its
feedback takes the place of this page.</p>"""


def unreadable(receipt: Receipt) -> str:
    """Return the page that says what cannot be read, and what to do."""
    problems = "".join(f"<li>{html.escape(problem)}</li>" for problem in receipt.problems)
    names = html.escape(" and ".join(f"{one.name}.ipynb" for one in receipt.unreadable))
    several = "s" if len(receipt.problems) > 1 else ""
    title = f"{receipt.assignment}: your notebook{several} could not be read"
    cost = "" if receipt.is_readable else "It cost you no attempt. "
    return _page(title, _UNREADABLE.format(problems=problems, names=names, cost=cost), receipt)


def waiting(receipt: Receipt, made: int, day: str, *, in_time: bool) -> str:
    """Return the page that says until when a submission waits, and why.

    Args:
        receipt: of the submission.
        made: how many of the student's submissions were graded today.
        day: on which this one will be.
        in_time: whether it came before a deadline, after which it need not wait.
    """
    graded = f"{made} of your submissions {'was' if made == 1 else 'were'} graded"
    or_when = ", or as soon as the deadline has passed" if in_time else ""
    text = _WAITING.format(graded=graded, day=html.escape(day), or_when=or_when)
    return _page(f"{receipt.assignment}: your submission waits", text, receipt)


def _page(title: str, text: str, receipt: Receipt) -> str:
    return _PAGE.format(title=html.escape(title), text=text, receipt=receipts.shown(receipt))
