"""What this package needs to judge, at the versions that are installed here."""

from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from autograder.platforms.bundle.wheel import DISTRIBUTION

# What only a course and its server need: the half of all that would be installed.
_OF_A_COURSE = {"jupyterlab", "math-core", "nbgrader", "nbconvert"}


def pins() -> list[str]:
    """Return a line of a requirements file for each package that judging needs.

    Raises:
        PackageNotFoundError: one is not installed.
    """
    found: dict[str, str] = {}
    waiting = [(DISTRIBUTION, frozenset[str]())]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        found[name] = metadata.version(name)
        waiting += [
            (canonicalize_name(one.name), frozenset(one.extras))
            for one in map(Requirement, metadata.requires(name) or ())
            if _is_needed(one, extras) and canonicalize_name(one.name) not in _OF_A_COURSE
        ]
    del found[DISTRIBUTION]
    return [f"{name}=={version}" for name, version in sorted(found.items())]


def _is_needed(one: Requirement, extras: frozenset[str]) -> bool:
    return one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in extras or {""})
