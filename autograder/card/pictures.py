"""Pictures on the card: what a student's function does, beside what it should do.

Only drawing needs Matplotlib, which is loaded when the first one is drawn. Right is a thick blue line or a plain bar,
the student's a thin dashed orange line with dots or a hatched bar, so that nobody has to tell the two by colour.
"""

import base64
import functools
import io
import itertools
import pickle
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from autograder.grading.drawings import Array, Bars, Drawing, Labels, Layers, Lines
from autograder.grading.results import Picture

Pictures = Literal["drawn", "described", "none"]  # what becomes of what can be drawn

_INCHES, _DPI = (3.8, 2.6), 180
_KEPT = 256  # pictures: a class makes the same mistakes again and again
_COLOURS = 48  # of the picture's palette; edges stay smooth, and a picture takes about 8 kB
_RIGHT, _YOURS = "#1f5fbf", "#b85a00"
_AXES = (0.14, 0.18, 0.83, 0.6)  # left, bottom, width and height as shares of the picture's
_SMALL: dict[str, Any] = {"fontsize": 9, "parse_math": False}
_KEY: dict[str, Any] = {"ncols": 3, "fontsize": 9, "frameon": False, "handlelength": 2.2, "columnspacing": 1.2}
_CROSS = "✘"
# Of what is right, wrong, or not spoken of.
_WEIGHTS: dict[bool | None, dict[str, Any]] = {
    True: {"color": _RIGHT, "linewidth": 3, "alpha": 0.75},
    False: {"color": _YOURS, "linewidth": 2, "linestyle": "--"},
    None: {"color": "#8c959f", "linewidth": 1},
}
_NEURON: dict[str, Any] = {"marker": "o", "markersize": 16, "linestyle": "", "markerfacecolor": "white"}
_NEURONS: dict[bool | None, dict[str, Any]] = {
    True: {"markeredgecolor": _RIGHT, "markeredgewidth": 1, "markerfacecolor": "#a9c3ea"},
    False: {"markeredgecolor": _YOURS, "markeredgewidth": 2},
    None: {"markeredgecolor": "#8c959f"},
}
_ROOM = 0.08  # above and below what is drawn, as a share of it
_REACH = 3.0  # how far beyond the right values the student's are followed, in heights of the right ones


def picture(drawing: Drawing, *, drawn: bool) -> Picture:
    """Return a drawing as a picture, or only its words; a picture that cannot be drawn costs nothing but itself."""
    if not drawn:
        return Picture(drawing.alt)
    try:
        return Picture(drawing.alt, png(pickle.dumps(drawing)))
    except Exception:  # noqa: BLE001 - no verdict may be lost because of a picture
        return Picture(drawing.alt)


def _draw(drawing: Drawing, axes: Any) -> None:
    if isinstance(drawing, Lines):
        _draw_lines(drawing, axes)
    elif isinstance(drawing, Layers):
        _draw_layers(drawing, axes)
    else:
        _draw_bars(drawing, axes)


def _draw_lines(lines: Lines, axes: Any) -> None:
    low, high = _limits(lines.right, lines.yours)
    axes.plot(lines.x, lines.right, color=_RIGHT, linewidth=4, alpha=0.55, label=lines.labels.right)
    style = {"color": _YOURS, "linewidth": 1.6, "linestyle": "--", "marker": "o", "markersize": 4}
    if lines.yours is not None:
        every = max(1, len(lines.x) // 12)
        axes.plot(lines.x, _clipped(lines.yours, low, high), **style, markevery=every, label=lines.labels.yours)
        _mark_gaps(lines, axes, low)
    reach = (lines.x[-1] - lines.x[0]) / 10
    for number, (place, slope) in enumerate(lines.slopes):
        ends = np.array([-reach, 0.0, reach])
        label = lines.labels.yours if number == 0 else None
        heights = _clipped(lines.right[place] + slope * ends, low, high)
        axes.plot(lines.x[place] + ends, heights, **style, markevery=[1], label=label)
    axes.set_ylim(low, high)


def _mark_gaps(lines: Lines, axes: Any, low: float) -> None:
    """Put crosses at the bottom where the student's values are not finite."""
    gaps = lines.x[~np.isfinite(lines.yours)] if lines.yours is not None else lines.x[:0]
    if gaps.size:
        label = "not finite"
        axes.plot(gaps, np.full(gaps.size, low), "x", color=_YOURS, markersize=7, clip_on=False, label=label)


def _draw_bars(bars: Bars, axes: Any) -> None:
    at, width = np.arange(len(bars.names)), 0.4
    low, high = _limits(np.append(bars.right, 0.0), bars.yours)
    styles: tuple[dict[str, Any], ...] = (
        {"color": _RIGHT, "alpha": 0.75},
        {"color": "white", "edgecolor": _YOURS, "hatch": "////"},
    )
    sides = ((bars.right, bars.labels.right, -width / 2), (bars.yours, bars.labels.yours, width / 2))
    for style, (heights, label, shift) in zip(styles, sides, strict=True):
        shown = np.clip(np.nan_to_num(_clipped(heights, low, high)), low, high)
        drawn = axes.bar(at + shift, shown, width, **style, label=label)
        numbers = [f"{height:.3g}".replace("-", "−") for height in heights]
        axes.bar_label(drawn, numbers, padding=2, fontsize=8, parse_math=False)
    axes.axhline(0.0, color="#24292f", linewidth=0.8)
    axes.set_xticks(at, bars.names)
    room = (high - low) * _ROOM
    axes.set_ylim(low - room, high + room)


def _draw_layers(layers: Layers, axes: Any) -> None:
    """Draw neurons in columns with the weights between them: thin and grey where nothing is said of them."""
    axes.plot([], [], **_WEIGHTS[True], label=layers.labels.right)
    axes.plot([], [], **_WEIGHTS[False], label=layers.labels.yours)
    columns = [[(place, (width - 1) / 2 - row) for row in range(width)] for place, width in enumerate(layers.widths)]
    top = max(layers.widths) / 2
    for place, told in enumerate(layers.weights):
        for start, end in itertools.product(columns[place], columns[place + 1]):
            axes.plot(*zip(start, end, strict=True), **_WEIGHTS[told], zorder=1)
        if told is False:
            axes.text(place + 0.5, top + 0.1, _CROSS, color=_YOURS, ha="center", va="center", fontsize=12)
    for place, (told, column) in enumerate(zip(layers.neurons, columns, strict=True)):
        axes.plot(*zip(*column, strict=True), **_NEURON | _NEURONS[told], zorder=2)
        for x, y in column if told is False else ():
            axes.text(x, y, _CROSS, color=_YOURS, ha="center", va="center", fontsize=9, zorder=3)
        name = f"layer {place}" if place else "X"
        axes.text(place, -top - 0.4, name, ha="center", va="center", **_SMALL)
    axes.set_axis_off()
    axes.set_xlim(-0.4, len(columns) - 0.6)
    axes.set_ylim(-top - 0.6, top + 0.4)


def _limits(right: Array, yours: Array | None) -> tuple[float, float]:
    """Return how much of the y axis is shown: all that is right, and of the student's what is near it."""
    low, high = float(np.min(right)), float(np.max(right))
    height = (high - low) or 1.0
    near = right if yours is None else yours[np.isfinite(yours)]
    if near.size:
        low = min(low, max(float(np.min(near)), low - _REACH * height))
        high = max(high, min(float(np.max(near)), high + _REACH * height))
    room = (high - low or height) * _ROOM
    return low - room, high + room


def _clipped(numbers: Array, low: float, high: float) -> Array:
    """Return numbers that can be drawn: a gap for what is not finite, and just outside the picture what is far off."""
    beyond = high - low
    with np.errstate(invalid="ignore"):
        shown: Array = np.where(np.isfinite(numbers), np.clip(numbers, low - beyond, high + beyond), np.nan)
    return shown


class _Stage:
    """A canvas that drawings of one kind take turns on, for making axes takes as long as drawing.

    What is written around the axes is drawn once and kept as pixels: most of the time goes into setting text.
    """

    def __init__(self) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - takes a while
        from matplotlib.figure import Figure  # noqa: PLC0415

        self._canvas: Any = FigureCanvasAgg(Figure(figsize=_INCHES, dpi=_DPI, facecolor="white"))
        self._around: dict[tuple[Labels, tuple[str, ...]], Any] = {}
        self._axes: Any = self._canvas.figure.add_axes(_AXES)
        self._axes.tick_params(labelsize=9)
        self._axes.locator_params(axis="y", nbins=4)
        self._axes.locator_params(axis="x", nbins=7, steps=[1, 2, 5, 10])
        self._axes.spines[["top", "right"]].set_visible(False)

    def pixels(self, drawing: Drawing) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """Draw; the result is good until the next one."""
        self._wipe()
        _draw(drawing, self._axes)
        handles, names = self._axes.get_legend_handles_labels()
        key = (drawing.labels, tuple(names))
        if key not in self._around:
            self._around[key] = self._write(drawing.labels, handles, names)
        self._canvas.restore_region(self._around[key])
        self._axes.draw(self._canvas.get_renderer())
        return np.asarray(self._canvas.buffer_rgba())

    def _wipe(self) -> None:
        for group in (self._axes.containers, self._axes.lines, self._axes.texts):
            for artist in tuple(group):
                artist.remove()
        self._axes.set_prop_cycle(None)
        self._axes.relim()
        self._axes.autoscale()

    def _write(self, labels: Labels, handles: Sequence[Any], names: Sequence[str]) -> Any:
        """Draw title, key and names of the axes, and return them as pixels."""
        figure = self._canvas.figure
        left, bottom, width, height = _AXES
        written = [
            figure.text(left, 0.89, labels.title, fontweight="bold", **_SMALL),
            figure.text(left + width / 2, 0.035, labels.x, ha="center", **_SMALL),
            figure.text(0.025, bottom + height / 2, labels.y, rotation=90, ha="center", va="center", **_SMALL),
            figure.legend(handles, names, loc="lower left", bbox_to_anchor=(left - 0.02, bottom + height), **_KEY),
        ]
        self._axes.set_visible(False)
        self._canvas.draw()
        self._axes.set_visible(True)
        for artist in written:
            artist.remove()
        return self._canvas.copy_from_bbox(figure.bbox)


@functools.cache
def _stage(_kind: str) -> _Stage:
    return _Stage()


@functools.lru_cache(_KEPT)
def png(packed: bytes) -> str:
    """Return the `data:` address of a pickled drawing; pickled, it is its own key among those of the same mistake."""
    from PIL import Image  # noqa: PLC0415

    drawing: Drawing = pickle.loads(packed)  # noqa: S301 - our own, of a moment ago
    image = Image.fromarray(_stage(type(drawing).__name__).pixels(drawing)).convert("RGB")
    palette = image.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    file = io.BytesIO()
    palette.save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
