"""What ends a run before its end; each text is one line that says what is wrong, where, and what to do."""


class UsageError(ValueError):
    """The command was asked for something that is not there: exit status 2."""

    is_usage = True


class RunError(RuntimeError):
    """The run cannot begin or go on: exit status 3. What has been graded stays; the same command goes on from there."""
