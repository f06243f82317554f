"""The mistakes of network_unseen.toml, each in two spellings that no catalogue has."""

import textwrap
import tomllib
from pathlib import Path

_DATA = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
HELPERS, MISTAKES = f"\n{_DATA['helpers']}", _DATA["mistakes"]
RIGHT = {name: f"\n{text}" for name, text in _DATA["right"].items()}


def spellings(name: str) -> tuple[str, str, str]:
    """Return the exercise of a mistake and its two sources, each a whole function."""
    exercise, second = MISTAKES[name]["exercise"], MISTAKES[name]["second"]
    first = RIGHT[exercise]
    for old, new in MISTAKES[name]["change"].items():
        assert old in first, (name, old)
        first = first.replace(old, new)
    head = first.strip().splitlines()[0]
    return exercise, first, f"\n{head}\n{textwrap.indent(second.strip(), '    ')}\n"


def solution(exercise: str, source: str) -> str:
    """Return a whole solution whose other functions are right."""
    return HELPERS + "".join({**RIGHT, exercise: source}.values())
