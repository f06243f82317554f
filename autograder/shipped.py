"""Folders that come with the package: notebooks and documentation."""

from pathlib import Path

NOTEBOOKS = ("neuron", "network")  # assignments that come with their notebooks, in the order of a course
_PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path:
    """Return a shipped folder, `source` or `docs`: inside the package, or in a clone at the repository's root."""
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def notebooks(assignment: str) -> Path:
    """Return the instructor's folder of an assignment that comes with its notebooks."""
    return shipped("source") / assignment
