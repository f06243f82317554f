"""The text of a grader that judges as a grade cell's tests do."""

import ast
import textwrap
from collections.abc import Iterable

from autograder.adopt.needs import Needs
from autograder.adopt.notebooks import CodeCell
from autograder.judge.notebook import HiddenTests
from autograder.names import PREFIX

LABEL = "Passes the tests of this cell."
TEST = "test_cell"
_WIDTH = 4
_HEAD = '''"""The tests of the grade cell {grade_id} of {notebook}.ipynb, moved here by `autograder adopt`."""
'''
_CRITERION = """

@criterion(points={points})
@calling({names})
def {test}({parameters}):
    {label}
"""
_OURS = "from autograder.grading import calling, criterion"


def exercise_of_cell(grade_id: str) -> str:
    """Return the exercise whose grade cell has this id, where there is none yet."""
    return grade_id.removeprefix(PREFIX)


def grader(notebook: str, cell: CodeCell, tree: ast.Module, needs: Needs, hidden: HiddenTests) -> str:
    """Return the text of a grader.

    Args:
        notebook: the name of the cell's notebook.
        cell: the grade cell.
        tree: its text.
        needs: what it needs of other cells.
        hidden: what marks hidden tests.
    """
    imports = [node for node in (*needs.setup, *tree.body) if isinstance(node, ast.Import | ast.ImportFrom)]
    rest = [ast.unparse(node) for node in needs.setup if not isinstance(node, ast.Import | ast.ImportFrom)]
    names = sorted(needs.functions)
    criterion = _CRITERION.format(
        points=repr(int(cell.points) if cell.points.is_integer() else cell.points),
        names=", ".join(f'"{name}"' for name in names),
        parameters=", ".join(names),
        test=TEST,
        label=_quoted(_label(tree, cell)),
    )
    body = "\n".join([*rest, _own(cell, tree, hidden)])
    head = _HEAD.format(grade_id=cell.grade_id, notebook=notebook)
    return "\n".join([head, *_sorted(imports), _OURS, criterion.rstrip("\n"), textwrap.indent(body, " " * _WIDTH), ""])


def _sorted(imports: Iterable[ast.stmt]) -> list[str]:
    found = sorted({ast.unparse(node) for node in imports}, key=lambda line: (line.startswith("from"), line))
    return [*found, ""] if found else []


def _label(tree: ast.Module, cell: CodeCell) -> str:
    """Return the text that students read: the cell's docstring if it is handed out; they must read nothing hidden."""
    said = ast.get_docstring(tree)
    first = said.strip().splitlines()[0].strip() if said and said.strip() else ""
    return first if first and first in cell.visible else LABEL


def _quoted(label: str) -> str:
    return repr(label) if "\\" in label or '"' in label else f'"""{label}"""'


def _own(cell: CodeCell, tree: ast.Module, hidden: HiddenTests) -> str:
    """Return the cell's own statements with their comments, as they are written; else as Python would write them."""
    statements = [node for node in tree.body if not _is_left_out(node)]
    wanted = [ast.dump(node) for node in statements]
    lines = [("" if hidden.begin in line or hidden.end in line else line) for line in cell.text.split("\n")]
    for node in tree.body:
        if _is_left_out(node):
            lines[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or node.lineno) - node.lineno + 1)
    text = "\n".join(_thinned(lines))
    try:
        found = ast.parse("def test():\n" + textwrap.indent(text, " " * _WIDTH)).body
    except SyntaxError:
        found = []
    inside = found[0].body if found and isinstance(found[0], ast.FunctionDef) else []
    return text if [ast.dump(node) for node in inside] == wanted else "\n".join(map(ast.unparse, statements))


def _is_left_out(node: ast.stmt) -> bool:
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    return is_text or isinstance(node, ast.Import | ast.ImportFrom)


def _thinned(lines: list[str]) -> list[str]:
    """Return lines with no two empty ones in a row, and none at the ends."""
    kept: list[str] = []
    for line in lines:
        if line.strip() or (kept and kept[-1].strip()):
            kept.append(line.rstrip() if not line.strip() else line)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept
