"""The gradebook as marks are written into it: all in one transaction, tried again where its server ends the connection.

Its engine is kept: nbgrader builds one anew for each look, and with it compiles every statement anew.
"""

import functools
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import nbgrader.api
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from autograder.course.errors import RunError
from autograder.course.records.private import make_private

_KEPT = 8  # gradebooks of one process: a server has one, our tests have many
_ATTEMPTS = 5  # a database may end a connection at any time

_Done = TypeVar("_Done")


def gradebook_problem(shown: str, error: BaseException) -> str:
    """Return in one line what the database said, and what to do."""
    said = " ".join(str(getattr(error, "orig", None) or error).split())
    if "locked" in said:
        return f"{shown}: somebody else holds the gradebook ({said}); try again when they are done"
    return f"{shown}: the gradebook cannot be used ({said})"


@functools.lru_cache(_KEPT)
def engine_for(db_url: str) -> Engine:
    """Return the connections of this process to a gradebook; a database server may have ended them meanwhile."""
    is_server = make_url(db_url).get_backend_name() != "sqlite"
    return create_engine(db_url, future=True, pool_pre_ping=is_server)


def keep_engines(is_shared: Callable[[], bool] = lambda: False) -> None:
    """Let nbgrader's `Gradebook` take the engine that this process already has for a gradebook.

    Closing a gradebook still closes its connections; what stays is what has been compiled. A gradebook that is not
    there yet becomes a file of its owner's alone.

    Args:
        is_shared: says whether the course is `groupshared`: then the gradebook is the group's, too.
    """

    def engine(db_url: str, **_options: Any) -> Engine:
        """Return the engine that this process has for a gradebook."""
        url = make_url(db_url)
        if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
            make_private(Path(url.database), shared=is_shared())
        return engine_for(db_url)

    nbgrader.api.create_engine = engine


class _Held(Session):
    """A session in which nbgrader's many commits only reach the database; `finish` makes all of them last."""

    def commit(self) -> None:
        """Send what has changed, within the transaction."""
        self.flush()

    def finish(self) -> None:
        """End the transaction, and forget its rows, so that the session never grows."""
        super().commit()
        self.expunge_all()


class Writer(nbgrader.api.Gradebook):
    """A gradebook whose changes all are one transaction, up to `finish` or `give_up`."""

    def __init__(self, db_url: str, course_id: str) -> None:
        super().__init__(db_url, course_id)
        self.db.remove()
        self.db: Any = scoped_session(sessionmaker(class_=_Held, bind=self.engine, future=True))

    def lasting(self, write: Callable[[], _Done], get_ready_again: Callable[[], None]) -> _Done:
        """Make last what `write` changes, or nothing of it; where the database ended the connection, try again.

        Args:
            write: changes the gradebook; what it returns is returned.
            get_ready_again: is called before another try, for the first may have changed what `write` works on.

        Raises:
            RunError: the gradebook cannot be written.
            Exception: what else `write` raises.
        """
        for attempt in count(1):
            try:
                done = write()
                self.finish()
                break
            except (DataError, IntegrityError):  # of some submission's rows
                self.give_up()
                raise
            except DBAPIError as error:
                self.give_up()
                if not error.connection_invalidated or attempt == _ATTEMPTS:
                    raise RunError(gradebook_problem("the gradebook", error)) from error
                get_ready_again()
            except BaseException:
                self.give_up()
                raise
        return done

    def finish(self) -> None:
        """Make the changes last."""
        self.db().finish()

    def give_up(self) -> None:
        """Undo the changes since the last `finish`."""
        self.db.rollback()
        self.db().expunge_all()
