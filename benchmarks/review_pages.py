"""How soon the review's pages come from a server: the first byte and the size of each, for a class of thousands.

    .venv/bin/python benchmarks/review_pages.py FOLDER [--pictures docs]

FOLDER is one that `benchmarks/review.py --keep FOLDER` has made. The server is started as an instructor starts it, and
each page is asked for three times once the class is grouped; the slowest counts. `--pictures` also keeps pictures of
the overview, of a group and of a submission.
"""

import argparse
import re
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests")]

from browser import TOKEN, chromium, keep_picture, lab, login  # noqa: E402 - as the tests start it

PAGES = ("", "?order=hardest", "students?page=17&sort=cost.saturation", "groups/cost", "queue", "reference", "log")
TIMES = 3
KIB = 1 << 10


def main() -> None:
    """Start the server, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    folder = options.folder / "course"
    command = ("autograder", "review", "neuron")
    with tempfile.TemporaryDirectory() as home, lab(folder, Path(home) / "home", command, "--jupyter=") as server:
        began = time.perf_counter()
        address = f"{server}/autograder/review/neuron/"
        while ask(address)[0] != 200:  # noqa: PLR2004 - OK
            time.sleep(0.2)
        print(f"{time.perf_counter() - began:>8.1f} s   until the class is read and grouped")
        group = re.search(r'href="[^"]*/(groups/cost/[^"]+)"[^>]*>The mean', ask(f"{address}groups/cost")[3])
        student = re.search(r'href="[^"]*/(students/[^"?]+)"', ask(f"{address}students")[3])
        answers = re.search(r'href="[^"]*/(answers/[^"]+)"', ask(f"{address}queue")[3])
        for path in (*PAGES, *(found[1] for found in (group, student, answers) if found)):
            asked = [ask(address + path) for _ in range(TIMES)]
            first, size = max(one[1] for one in asked), asked[0][2]
            print(f"{1000 * first:>8.0f} ms {size / KIB:>6.0f} KiB  {path or 'overview'}")
        if options.pictures and group and student:
            pictures(server, options.pictures, {"overview": "", "group": group[1], "submission": student[1]})


def pictures(server: str, folder: Path, pages: dict[str, str]) -> None:
    """Keep a picture of the beginning of some pages."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 1400})
        page.goto(login(server, "/autograder/review/"))
        for name, path in pages.items():
            page.goto(f"{server}/autograder/review/neuron/{path}")
            keep_picture(page, folder / f"review-{name}.png")


def ask(address: str) -> tuple[int, float, int, str]:
    """Return the status, seconds to the first byte, size and text of a page."""
    request = urllib.request.Request(address, headers={"Authorization": f"token {TOKEN}"})  # noqa: S310 - http
    began = time.perf_counter()
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        first = answer.read(1)
        seconds = time.perf_counter() - began
        text = first + answer.read()
        return answer.status, seconds, len(text), text.decode()


if __name__ == "__main__":
    main()
