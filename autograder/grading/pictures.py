"""Pictures on the card: what a student's function does, beside what it should do.

A drawing is plain data with its own words; only drawing it needs Matplotlib, which is loaded when the first one is
drawn. Right is a thick blue line or a plain bar, the student's a thin dashed orange line with dots or a hatched bar, so
that nobody has to tell the two by colour.
"""

import base64
import functools
import io
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Pictures = Literal["drawn", "described", "none"]  # what becomes of what can be drawn
Array = np.ndarray[Any, np.dtype[np.float64]]

_INCHES, _DPI = (3.8, 2.6), 180
_COLOURS = 48  # of the picture's palette; edges stay smooth, and a picture takes about 8 kB
_RIGHT, _YOURS = "#1f5fbf", "#b85a00"
_SMALL = {"fontsize": 9, "parse_math": False}
_ROOM = 0.08  # above and below what is drawn, as a share of it
_REACH = 3.0  # how far beyond the right values the student's are followed, in heights of the right ones


@dataclass(frozen=True)
class Picture:
    """A picture that stands in the page itself.

    Attributes:
        alt: what it shows, in words that say as much.
        uri: a `data:` address with the picture; empty where it was only put into words.
    """

    alt: str
    uri: str = ""


@dataclass(frozen=True)
class Labels:
    """The words in a drawing."""

    title: str
    x: str
    y: str
    right: str
    yours: str


@dataclass(frozen=True)
class Lines:
    """Two curves over x, or, where `slopes` has them, the right curve and lines of those slopes at some of its points.

    Attributes:
        alt: what it shows, in words.
        labels: what is written in it.
        x: where both are known, ascending.
        right: the right values there.
        yours: the student's; what is not finite leaves a gap.
        slopes: places on the right curve, as index of `x`, with the slope that the student's function gives there.
    """

    alt: str
    labels: Labels
    x: Array
    right: Array
    yours: Array | None = None
    slopes: tuple[tuple[int, float], ...] = ()

    def draw(self, axes: Any) -> None:
        """Draw it."""
        low, high = _limits(self.right, self.yours)
        axes.plot(self.x, self.right, color=_RIGHT, linewidth=4, alpha=0.55, label=self.labels.right)
        style = {"color": _YOURS, "linewidth": 1.6, "linestyle": "--", "marker": "o", "markersize": 4}
        if self.yours is not None:
            every = max(1, len(self.x) // 12)
            axes.plot(self.x, _clipped(self.yours, low, high), **style, markevery=every, label=self.labels.yours)
            self._mark_gaps(axes, low)
        reach = (self.x[-1] - self.x[0]) / 10
        for number, (place, slope) in enumerate(self.slopes):
            ends = np.array([-reach, 0.0, reach])
            label = self.labels.yours if number == 0 else None
            heights = _clipped(self.right[place] + slope * ends, low, high)
            axes.plot(self.x[place] + ends, heights, **style, markevery=[1], label=label)
        axes.set_ylim(low, high)

    def _mark_gaps(self, axes: Any, low: float) -> None:
        """Put crosses at the bottom where the student's values are not finite."""
        gaps = self.x[~np.isfinite(self.yours)] if self.yours is not None else self.x[:0]
        if gaps.size:
            label = "not finite"
            axes.plot(gaps, np.full(gaps.size, low), "x", color=_YOURS, markersize=7, clip_on=False, label=label)


@dataclass(frozen=True)
class Bars:
    """Numbers with names, the right one and the student's side by side.

    Attributes:
        alt: what it shows, in words.
        labels: what is written in it.
        names: of the numbers.
        right: the right numbers.
        yours: the student's.
    """

    alt: str
    labels: Labels
    names: tuple[str, ...]
    right: Array
    yours: Array

    def draw(self, axes: Any) -> None:
        """Draw it."""
        at, width = np.arange(len(self.names)), 0.4
        low, high = _limits(np.append(self.right, 0.0), self.yours)
        styles: tuple[dict[str, Any], ...] = (
            {"color": _RIGHT, "alpha": 0.75},
            {"color": "white", "edgecolor": _YOURS, "hatch": "////"},
        )
        sides = ((self.right, self.labels.right, -width / 2), (self.yours, self.labels.yours, width / 2))
        for style, (heights, label, shift) in zip(styles, sides, strict=True):
            shown = np.clip(np.nan_to_num(_clipped(heights, low, high)), low, high)
            bars = axes.bar(at + shift, shown, width, **style, label=label)
            axes.bar_label(bars, [_short(height) for height in heights], padding=2, fontsize=8, parse_math=False)
        axes.axhline(0.0, color="#24292f", linewidth=0.8)
        axes.set_xticks(at, self.names)
        room = (high - low) * _ROOM
        axes.set_ylim(low - room, high + room)


Drawing = Lines | Bars


def picture(drawing: Drawing, *, drawn: bool) -> Picture:
    """Return a drawing as a picture, or only its words; a picture that cannot be drawn costs nothing but itself."""
    if not drawn:
        return Picture(drawing.alt)
    try:
        return Picture(drawing.alt, _png(drawing))
    except Exception:  # noqa: BLE001 - no verdict may be lost because of a picture
        return Picture(drawing.alt)


def differ(one: Array, other: Array) -> bool:
    """Say whether an eye would see the two apart: by a hundredth of the height of the picture."""
    height = float(np.ptp(one)) or 1.0
    with np.errstate(invalid="ignore"):
        return not bool(np.all(np.abs(one - other) <= height / 100))


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


def _short(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


@functools.cache
def _canvas(_kind: str) -> Any:
    """Return this process's canvas for a kind of drawing, with its axes; loads Matplotlib, which takes a while."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    canvas = FigureCanvasAgg(Figure(figsize=_INCHES, dpi=_DPI, facecolor="white"))
    axes = canvas.figure.add_axes((0.14, 0.18, 0.83, 0.6))
    axes.tick_params(labelsize=9)
    axes.locator_params(axis="y", nbins=4)
    axes.locator_params(axis="x", nbins=7, steps=[1, 2, 5, 10])
    axes.spines[["top", "right"]].set_visible(False)
    return canvas


def _png(drawing: Drawing) -> str:
    from PIL import Image  # noqa: PLC0415

    canvas = _canvas(type(drawing).__name__)
    axes = canvas.figure.axes[0]
    _wipe(axes)
    drawing.draw(axes)
    _write(axes, drawing.labels)
    canvas.draw()
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    palette = image.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    file = io.BytesIO()
    palette.save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _wipe(axes: Any) -> None:
    """Take away what the drawing before this one left; the axes stay, for making them takes as long as drawing."""
    for group in (axes.containers, axes.lines, axes.texts):
        for artist in tuple(group):
            artist.remove()
    axes.set_prop_cycle(None)
    axes.relim()
    axes.autoscale()


def _write(axes: Any, labels: Labels) -> None:
    axes.set_xlabel(labels.x, **_SMALL)
    axes.set_ylabel(labels.y, **_SMALL)
    axes.set_title(labels.title, fontsize=9, fontweight="bold", y=1.0, pad=22, loc="left", parse_math=False)
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(-0.02, 0.99),
        ncols=3,
        fontsize=9,
        frameon=False,
        handlelength=2.2,
        columnspacing=1.2,
    )
