"""Cells that every submission has, as they were handed out: read and compiled once, before any submission's process.

Reading and compiling take most of the time of a cell that only defines functions.
"""

import ast
from types import CodeType

FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT  # which IPython sets while it compiles


class KnownCells:
    """Their Python source, syntax trees and compiled statements.

    A statement is told by its tree, which only this class hands out.
    """

    def __init__(self) -> None:
        self._python: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._trees: dict[str, ast.Module] = {}
        self._compiled: dict[tuple[int, str], CodeType] = {}

    def learn(self, source: str, python: str, flags: int) -> None:
        """Read and compile a cell; one that cannot be compiled is not known, and of equal ones there is one.

        Args:
            source: as it was handed out.
            python: what IPython makes of it.
            flags: of the compiler, as they are before any cell has run.
        """
        if source in self._names:
            return
        name = f"known-{len(self._names)}"
        try:
            tree = compile(python, name, "exec", flags | ast.PyCF_ONLY_AST, dont_inherit=True)
            compiled = {}
            for statement in tree.body:
                is_last = statement is tree.body[-1] and isinstance(statement, ast.Expr)
                mode, whole = ("single", ast.Interactive) if is_last else ("exec", ast.Module)
                fields = {"body": [statement]} if is_last else {"body": [statement], "type_ignores": []}
                compiled[id(statement), mode] = compile(whole(**fields), name, mode, flags | FLAGS, dont_inherit=True)
        except (SyntaxError, ValueError):
            return
        self._python[source], self._names[source], self._trees[name] = python, name, tree
        self._compiled |= compiled

    def python(self, source: str) -> str | None:
        """Return what IPython makes of a cell, or None where it is not known."""
        return self._python.get(source)

    def name(self, source: str) -> str | None:
        """Return the name of the file that a cell's code seems to be from."""
        return self._names.get(source)

    def tree(self, name: str) -> ast.Module | None:
        """Return a cell's syntax tree, by that name."""
        return self._trees.get(name)

    def compiled(self, tree: object, mode: str) -> CodeType | None:
        """Return the code of a statement of ours, given as the tree that IPython puts around it."""
        body = getattr(tree, "body", None)
        return self._compiled.get((id(body[0]), mode)) if isinstance(body, list) and len(body) == 1 else None
