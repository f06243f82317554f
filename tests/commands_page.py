"""docs/commands.md, made of what commands and settings say of themselves: `python tests/commands_page.py` writes it."""

import argparse
from collections.abc import Iterator

from scratch import ROOT

from autograder import cli
from autograder.course.settings import Autograder

PATH = ROOT / "docs" / "commands.md"
HEAD = """# Commands and settings

`autograder COMMAND --help` prints the same. Exit status: 0 done, 1 some file or submission unusable or held back,
2 wrong usage, 3 the engine failed or no wall stands. nbgrader's own commands keep their options.
"""
SETTINGS = """
## Settings

In `nbgrader_config.py`, after `configure(c)` or before it:

| `c.Autograder.…` | default | meaning |
|---|---|---|
"""


def page() -> str:
    """Return the page as it should be."""
    (commands,) = (one for one in cli._parser()._actions if isinstance(one, argparse._SubParsersAction))
    helps = {one.dest: one.help for one in commands._choices_actions}
    parts = [HEAD]
    for name, parser in sorted(commands.choices.items()):
        places = "".join(f" {_value(one)}" for one in parser._actions if not one.option_strings)
        parts.append(f"\n## autograder {name}{places}\n\n{_sentence(helps[name] or '')}\n")
        if rows := list(_rows(parser)):
            parts += ["\n| option | meaning |\n|---|---|\n", *rows]
    parts.append(SETTINGS)
    for name, trait in sorted(Autograder.class_own_traits(config=True).items()):
        parts.append(f"| `{name}` | `{trait.default()!r}` | {_sentence(trait.help)} |\n")
    return "".join(parts)


def _rows(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield a row for each option, and for each argument that has something said of it."""
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction) or not (action.option_strings or action.help):
            continue
        option = " ".join(filter(None, [*action.option_strings[-1:], _value(action)]))
        text = (action.help or "").replace("%(default)s", str(action.default))
        yield f"| `{_cell(option)}` | {_sentence(_cell(text))} |\n"


def _value(action: argparse.Action) -> str:
    """Return what is typed for an argument, or after an option."""
    if action.choices:
        return "|".join(action.choices)
    if isinstance(action.metavar, tuple):
        return " ".join(action.metavar)
    return action.metavar or ("" if action.nargs == 0 else action.dest.upper())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _sentence(text: str) -> str:
    """Return a help text as a sentence."""
    return text[:1].upper() + text[1:].rstrip(".") + "." if text else ""


if __name__ == "__main__":
    PATH.write_text(page(), encoding="utf-8")
