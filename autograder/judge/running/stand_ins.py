"""Right functions that answer in the place of a student's, in a process of their own behind the same walls."""

import select
import socket
from collections.abc import Callable
from dataclasses import dataclass

from autograder.grading import notation
from autograder.sandbox.channel import ChannelError
from autograder.sandbox.refusals import MachineError
from autograder.sandbox.session import Session
from autograder.sandbox.snapshot import Snapshot
from autograder.sandbox.walls.bubblewrap import WallError

_ATTEMPTS = 2
_END_SECONDS = 0.5  # for the process to see that nobody asks any more; one that works longer is ended


class Answering:
    """A process of the reference's while it answers one of the student's.

    Args:
        session: the process that answers.
        asking: the student's end of the pipe between them. It is ours as well, so that we can end the asking, whoever
            of the student's processes still holds it, and see whether the other end is there.
    """

    def __init__(self, session: Session, asking: socket.socket) -> None:
        self._session = session
        self._asking = asking
        self._ended = False

    def has_failed(self) -> bool:
        """Say whether the process has ended; where it only answers no more, student code is to blame."""
        poll = select.poll()
        poll.register(self._asking, 0)
        if not self._ended and poll.poll(0):
            self._ended = self._session.has_answered(_END_SECONDS)
            return not self._ended
        return False

    def close(self) -> None:
        """End the asking, and the process as well if it does not come to its end."""
        self._asking.shutdown(socket.SHUT_RDWR)
        self._asking.close()
        if not (self._ended or self._session.has_answered(_END_SECONDS)):
            self._session.close()


class ReferenceProcess:
    """The process that holds functions of the reference and no student code; it is started when it is first needed.

    Student code chooses what these functions are called with. So they run where limits on time and memory hold.

    Args:
        begin: starts a process beside the student's, which ends with that one.
        source: of the functions and of whatever they need.
    """

    def __init__(self, begin: Callable[[], Session], source: str) -> None:
        self._begin = begin
        self._source = source
        self._session: Session | None = None
        self._failed: str | None = None

    def answer(self, names: tuple[str, ...], pipe: socket.socket) -> Session:
        """Let functions answer on a pipe; return the process in which they do.

        Raises:
            MachineError: they cannot; whatever is to blame, the student is not.
        """
        for _ in range(_ATTEMPTS if self._failed is None else 0):
            try:
                if self._session is None or self._session.closed:
                    self._session = self._begin()
                self._session.answer(self._source, names, pipe)
            except (ChannelError, WallError) as error:
                reason, self._session = str(error), None
            else:
                return self._session
        self._failed = self._failed or reason
        raise MachineError(f"the right {notation.listed(names)} cannot be asked: {self._failed}")


@dataclass(frozen=True)
class StandIns:
    """The functions for which right ones stand in, and the process that answers for them."""

    names: tuple[str, ...]
    reference: ReferenceProcess

    def put_into(self, student: Snapshot) -> Answering:
        """Put them in the place of the student's; what is returned is to be closed.

        Raises:
            MachineError: they cannot be asked.
            ChannelError: the student's process is gone or does not answer.
        """
        asking, answering = socket.socketpair()
        try:
            with answering:
                session = self.reference.answer(self.names, answering)
        except MachineError:
            asking.close()
            raise
        made = Answering(session, asking)
        try:
            student.stand_in(self.names, asking)
        except ChannelError:
            made.close()
            raise
        return made
