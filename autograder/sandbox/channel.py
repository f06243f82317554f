"""The outer end of the pipe: it reads what untrusted code may have written, with deadlines and size limits."""

import select
import socket
import time
from collections.abc import Sequence
from io import BufferedIOBase
from typing import Any

import msgpack

from autograder.sandbox.collecting import uncollected
from autograder.sandbox.inside.wire import HEADER

Open = socket.socket | BufferedIOBase

_CHUNK = 1 << 16


class ChannelError(Exception):
    """The other end is gone or does not speak the protocol."""


class ChannelTimeoutError(ChannelError):
    """Nothing whole came in time."""


class Channel:
    """One end of a socket pair; `peer` is the other, to be handed to the process inside."""

    def __init__(self, max_bytes: int) -> None:
        self._socket, self.peer = socket.socketpair()
        self._socket.setblocking(False)  # noqa: FBT003 - the library's signature
        self.max_bytes = max_bytes
        self._buffer = bytearray()

    def fileno(self) -> int:
        """Return the descriptor, so that a Channel can be selected on."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close both ends."""
        self._socket.close()
        self.peer.close()

    def release_peer(self) -> None:
        """Close our copy of the other end once the process inside has its own."""
        self.peer.close()

    def send(self, message: dict[str, Any], deadline: float, descriptors: Sequence[Open] = ()) -> None:
        """Send one frame, with descriptors if need be, before the deadline (of `time.monotonic`).

        Raises:
            ChannelTimeoutError: the other end did not read it in time.
            ChannelError: the other end is gone.
        """
        payload = msgpack.packb(message, use_bin_type=True)
        data = memoryview(HEADER.pack(len(payload)) + payload)
        numbers = [sock.fileno() for sock in descriptors]
        while data:
            self._wait(deadline, write=True)
            try:
                sent = socket.send_fds(self._socket, [data[:_CHUNK]], numbers)
            except BlockingIOError:
                continue
            except OSError as error:
                raise ChannelError("the process inside is gone") from error
            numbers = []
            data = data[sent:]

    def receive(self, deadline: float) -> dict[str, Any]:
        """Return the next frame that comes whole before the deadline (of `time.monotonic`).

        Raises:
            ChannelTimeoutError: none came in time.
            ChannelError: the other end is gone, or what came is no frame of plain data or too large.
        """
        while (message := self.pending()) is None:
            self._wait(deadline, write=False)
            self.fill()
        return message

    def pending(self) -> dict[str, Any] | None:
        """Return the next frame if it has been read already."""
        if len(self._buffer) < HEADER.size:
            return None
        (length,) = HEADER.unpack_from(self._buffer)
        if length > self.max_bytes:
            raise ChannelError(f"a message of {length} bytes, more than {self.max_bytes}")
        end = HEADER.size + length
        if len(self._buffer) < end:
            return None
        payload = bytes(self._buffer[HEADER.size : end])
        del self._buffer[:end]
        return self._unpack(payload)

    def drain(self) -> dict[str, Any] | None:
        """Read what is there without waiting; return the next whole frame or None."""
        if (message := self.pending()) is None:
            self.fill()
            message = self.pending()
        return message

    def _unpack(self, payload: bytes) -> dict[str, Any]:
        try:
            with uncollected():
                message = msgpack.unpackb(payload, raw=False, strict_map_key=True)
        except (ValueError, TypeError, msgpack.UnpackException, RecursionError, MemoryError) as error:
            raise ChannelError("a message that is not plain data") from error
        if not isinstance(message, dict):
            raise ChannelError("a message of the wrong form")
        return message

    def fill(self) -> None:
        """Read what is there without waiting.

        Raises:
            ChannelError: the other end is gone.
        """
        try:
            chunk = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            raise ChannelError("the process inside is gone") from error
        if not chunk:
            raise ChannelError("the process inside is gone")
        self._buffer += chunk

    def _wait(self, deadline: float, *, write: bool) -> None:
        left = deadline - time.monotonic()
        poll = select.poll()
        poll.register(self._socket, select.POLLOUT if write else select.POLLIN)
        if left <= 0 or not poll.poll(left * 1000):
            raise ChannelTimeoutError("no answer in time")
