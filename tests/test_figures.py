"""Figures that cells show: the same pictures as Jupyter's, drawn once."""

import base64
import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.pylabtools import print_figure
from matplotlib.ticker import FixedLocator
from PIL import Image

from autograder.sandbox.inside import figures
from autograder.sandbox.launch import Sandbox, wall_of
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import Session, Setup


def lines():
    """Draw two plots side by side, with a formula, a legend and long labels that reach out on the left."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3))
    left.barh(["a long label that reaches far out", "b"], [1, 2])
    right.plot([1, 4, 2], label="line")
    right.set(title="title", xlabel="$w_j$")
    right.legend()
    return figure


def shut():
    """Draw a matrix with no axes beside a colour bar, in a size that is no whole number of pixels."""
    figure, plot = plt.subplots(figsize=(4.333, 2.777))
    figure.colorbar(plot.imshow(np.eye(4)))
    plot.axis("off")
    return figure


def deep():
    """Draw in three dimensions, with limits that are set late."""
    plot = plt.figure().add_subplot(projection="3d")
    plot.plot([0, 1], [0, 1], [0, 5])
    plot.set_xlim(-10, 100)
    return plot.figure


def outside():
    """Draw a legend that lies further out than the margin, on no background."""
    figure, plot = plt.subplots(facecolor="none")
    plot.plot([1, 2], label="far away")
    plot.legend(bbox_to_anchor=(1.8, 1.4))
    return figure


def laid_out():
    """Draw what a layout engine arranges."""
    figure, plot = plt.subplots(layout="constrained")
    plot.plot([1, 2])
    return figure


def scaled():
    """Draw axes whose limits and scales are settled only while they are drawn: equal units, twins, seconds, insets."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 4))
    left.plot([0, 5], [0, 1])
    left.set_aspect("equal", adjustable="datalim")
    left.inset_axes([0.5, 0.1, 0.4, 0.3]).semilogy([1, 2, 3], [1, 10, 1000])
    right.loglog([1, 10, 1000], [1, 2, 3])
    right.secondary_xaxis("top", functions=(np.sqrt, np.square)).set_xlabel("root")
    right.twinx().plot([1, 10], [-1e7, 3e7])
    right.set_title("title")
    return figure


@pytest.fixture(params=[lines, shut, deep, outside, laid_out, scaled])
def figure(request):
    """Return one kind of figure, and close it after the test."""
    figure = request.param()
    yield figure
    plt.close(figure)


def pixels(picture):
    """Return a base64 picture's pixels."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(picture))), dtype=float)


def test_a_figure_looks_as_in_jupyter(figure):
    """Size and background are those of IPython's own picture; lines lie within a pixel of where they lie there."""
    ours, theirs = pixels(figures.png(figure)), pixels(print_figure(figure, base64=True))
    assert ours.shape == theirs.shape
    assert np.array_equal(ours[0, 0], theirs[0, 0])
    assert np.abs(blurred(ours) - blurred(theirs)).max() < 40


def blurred(picture):
    """Return means over eight by eight pixels, which hardly change where a line moves by a part of a pixel."""
    height, width = (size // 8 * 8 for size in picture.shape[:2])
    return picture[:height, :width].reshape(height // 8, 8, width // 8, 8, -1).mean(axis=(1, 3))


class Counted(FixedLocator):
    """Ticks at fixed places, which counts how often it is asked for them."""

    asked = 0

    def __call__(self):
        """Return the places."""
        self.asked += 1
        return super().__call__()


def test_ticks_are_found_once_for_a_picture():
    """An axis is asked once where its ticks are; by Jupyter, many times."""
    figure, plot = plt.subplots()
    plot.set(title="title", xlabel="x")
    asked = []
    for draw in (figures.png, print_figure):
        plot.xaxis.set_major_locator(locator := Counted([0.2, 0.5]))
        draw(figure)
        asked.append(locator.asked)
    assert asked[0] == 1 < asked[1]
    plt.close(figure)


def test_nothing_to_show_shows_nothing():
    """A figure without axes gives no picture, as in Jupyter."""
    assert figures.png(plt.figure()) is None
    plt.close()


@pytest.mark.slow
@pytest.mark.parametrize("wall", ["nested", "single"])
def test_cells_show_their_figures(wall):
    """A figure comes as a picture, in both modes of the wall, after `%matplotlib inline`, and in the form asked for."""
    draw = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    with (
        Sandbox(wall_of(wall), Limits(), ("numpy", "matplotlib.pyplot")) as sandbox,
        Session(sandbox, Limits(), Setup()) as session,
    ):
        session.prepare()
        shown = [session.run_cell(1, draw, 20), session.run_cell(2, f"%matplotlib inline\n{draw}", 20)]
        small, again = (pixels(run.outputs[-1]["data"]["image/png"]).shape for run in shown)
        assert small == again
        twice = session.run_cell(3, f"%config InlineBackend.figure_format = 'retina'\n{draw}", 20)
        assert pixels(twice.outputs[-1]["data"]["image/png"]).shape[0] > 1.9 * small[0]
