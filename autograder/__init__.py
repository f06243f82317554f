"""Auto-graded exercises for nbgrader: right verdicts, named mistakes, and walls around student code."""

__version__ = "1.0.0"
