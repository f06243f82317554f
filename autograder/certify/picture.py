"""The kill matrix as a picture: a panel for each exercise, a row for each mistake, a column for each criterion."""

import hashlib
import io
import json

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from autograder.certify.measure import Certificate
from autograder.certify.report import mark

_LEVELS = {"·": 0, "–": 1, "✘": 2, "alone": 3}
_COLOURS = ("#f2f4f7", "#c9d1da", "#c4553d", "#5b1226")
_LEGEND = ("passes", "not judged", "refused", "refused by this criterion alone")
_ROW, _HEAD, _WIDTH = 0.17, 1.9, 4.4  # inches
_SHADES = 64  # colours and the greys of the letters: a quarter of the size
KEY = "Matrix"  # under which the picture's metadata tell what it shows


def digest(certificate: Certificate) -> str:
    """Return what changes when the matrix changes."""
    matrix = [_levels(certificate, exercise)[1] for exercise in certificate.criteria]
    names = [[entry.id for entry in certificate.mistakes_of(exercise)] for exercise in certificate.criteria]
    columns = [[entry.name for entry in criteria] for criteria in certificate.criteria.values()]
    return hashlib.sha256(json.dumps([names, columns, matrix]).encode()).hexdigest()


def draw(certificate: Certificate) -> bytes:
    """Return the picture as PNG."""
    exercises = list(certificate.criteria)
    rows = max(len(certificate.mistakes_of(exercise)) for exercise in exercises)
    with mpl.rc_context({"font.size": 7.5, "font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(_WIDTH * len(exercises), _ROW * rows + _HEAD), layout="constrained")
        panels = np.ravel(figure.subplots(1, len(exercises), squeeze=False))
        for panel, exercise in zip(panels, exercises, strict=True):
            _panel(panel, certificate, exercise, rows)
        patches = [Patch(color=colour, label=text) for colour, text in zip(_COLOURS, _LEGEND, strict=True)]
        figure.legend(handles=patches, loc="outside lower center", ncols=len(patches), frameon=False, fontsize=10)
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=100)
    return _small(file, digest(certificate))


def _small(file: io.BytesIO, shown: str) -> bytes:
    text, small = PngInfo(), io.BytesIO()
    text.add_text(KEY, shown)
    with Image.open(file) as image:
        image.convert("RGB").quantize(_SHADES).save(small, format="png", optimize=True, pnginfo=text)
    return small.getvalue()


def _levels(certificate: Certificate, exercise: str) -> tuple[list[str], list[list[int]]]:
    """Return the criteria and, for each mistake in its second spelling, how each of them judged it."""
    names = [criterion.name for criterion in certificate.criteria[exercise]]
    matrix = []
    for mistake in certificate.mistakes_of(exercise):
        judged = certificate.of(mistake)[-1]
        only = len(judged.finding.failed) == 1
        marks = [mark(judged, name) for name in names]
        matrix.append([_LEVELS["alone" if one == "✘" and only else one] for one in marks])
    return names, matrix


def _panel(panel: Axes, certificate: Certificate, exercise: str, rows: int) -> None:
    names, matrix = _levels(certificate, exercise)
    levels = np.array(matrix, dtype=float).reshape(-1, len(names))
    panel.pcolormesh(levels, cmap=ListedColormap(_COLOURS), vmin=0, vmax=3, edgecolors="white", linewidth=1.2)
    panel.set_ylim(max(rows, 1), 0)
    panel.set_xticks(np.arange(len(names)) + 0.5, names, rotation=60, ha="left")
    panel.set_yticks(np.arange(len(matrix)) + 0.5, [mistake.id for mistake in certificate.mistakes_of(exercise)])
    panel.xaxis.tick_top()
    panel.tick_params(length=0)
    panel.spines[:].set_visible(False)
    panel.set_title(exercise, fontsize=12, fontweight="bold", pad=8)
