"""Figures as a cell shows them, drawn once where Jupyter has them drawn twice: first only to see how far they reach."""

import contextlib
import io
from binascii import b2a_base64
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.pylabtools import print_figure
from matplotlib import font_manager, image, rcParams
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

_MARGIN = 100  # pixels on each side of a figure, for labels and legends that reach out of it
_COMPRESSION = {"compress_level": 3}  # as small as the usual 6 in two thirds of the time
_FONTS = "_get_font"
_FIND_TICKS = "_update_ticks"  # Matplotlib's own, for which it has no public name


def register(shell: InteractiveShell) -> None:
    """Let a shell show figures by `png`; as in Jupyter, `%config InlineBackend` may ask for others after that."""
    import matplotlib_inline.backend_inline  # noqa: F401, PLC0415 - tells the shell at once how Jupyter shows figures

    shell.display_formatter.formatters["image/png"].for_type(Figure, png)


def warm_up() -> None:
    """Draw a figure as cells do, which loads fonts and measures letters, and leave nothing of it behind."""
    figure = FigureCanvasAgg(Figure()).figure
    axes = figure.add_subplot(title="A title", xlabel="x", ylabel="$w_j$")
    axes.plot([0, 1], label="line")
    axes.legend()
    png(figure)
    # Matplotlib has each child forget the fonts, since no two processes may share them; what is gone already costs none
    # of them the time for it.
    getattr(font_manager, _FONTS).cache_clear()


def png(figure: Figure) -> str | None:
    """Return what IPython's `print_figure(figure, base64=True)` does: a picture cropped to what is drawn."""
    canvas = figure.canvas
    if not figure.axes or type(canvas) is not FigureCanvasAgg or figure.get_layout_engine() is not None:
        picture: str | None = print_figure(figure, base64=True)
        return picture
    stream = io.BytesIO()
    with _ticks_found_once():
        _print(figure, canvas, stream)
    return b2a_base64(stream.getvalue(), newline=False).decode("ascii")


@contextlib.contextmanager
def _ticks_found_once() -> Iterator[None]:
    """Let each axis find its ticks once, where Matplotlib lets it do so up to eleven times for one picture.

    They are found again where what decides on them is not what it was: limits and locators may change while it draws.
    """
    find = getattr(Axis, _FIND_TICKS)
    known: dict[Axis, tuple[Any, list[Any]]] = {}

    def once(axis: Axis) -> list[Any]:
        """Return an axis's ticks as they were found last, where nothing has changed."""
        decides = (*axis.get_view_interval(), axis.get_major_locator(), axis.get_minor_locator())
        if axis not in known or known[axis][0] != decides:
            known[axis] = decides, find(axis)
        return list(known[axis][1])

    setattr(Axis, _FIND_TICKS, once)
    try:
        yield
    finally:
        setattr(Axis, _FIND_TICKS, find)


def _print(figure: Figure, canvas: FigureCanvasAgg, stream: io.BytesIO) -> None:
    """Draw a figure with a margin, and cut out what Matplotlib calls its tight box; draw again where that is larger."""
    dpi = figure.dpi
    save = partial(canvas.print_figure, dpi=dpi, facecolor=figure.get_facecolor(), edgecolor=figure.get_edgecolor())
    margin = _MARGIN / dpi
    width, height = figure.get_size_inches()
    wide = Bbox.from_extents(-margin, -margin, width + margin, height + margin)
    save(io.BytesIO(), format="raw", bbox_inches=wide)
    drawn = np.asarray(canvas.renderer.buffer_rgba())
    box = figure.get_tightbbox(canvas.renderer).padded(rcParams["savefig.pad_inches"])
    left, top = round((box.x0 - wide.x0) * dpi), round((wide.y1 - box.y1) * dpi)
    right, bottom = left + int(box.width * dpi), top + int(box.height * dpi)
    if left < 0 or top < 0 or right > drawn.shape[1] or bottom > drawn.shape[0]:
        save(stream, format="png", bbox_inches=box)
    else:
        cut = np.ascontiguousarray(drawn[top:bottom, left:right])
        image.imsave(stream, cut, format="png", dpi=dpi, pil_kwargs=_COMPRESSION)
