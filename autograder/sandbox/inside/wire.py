"""Length-prefixed MessagePack frames over a Unix socket, as the inside of the walls writes and reads them.

The outside has its own reader (`autograder.sandbox.channel`), which trusts nothing and has deadlines.
"""

import base64
import os
import socket
import struct
from typing import Any

import msgpack

HEADER = struct.Struct(">I")


_LONGEST = (1 << 32) - 1  # that the header can say
_DESCRIPTORS = 4  # with one message


class Closed(Exception):
    """The other end of the pipe is gone."""


class TooLong(Exception):
    """A message has more bytes than may be sent."""


class Wire:
    """One end of a pipe: `send` and `receive` dicts of plain data, and take descriptors that come along.

    Args:
        sock: this end.
        longest: bytes of a message; one that is longer is not sent, and after one that comes nothing more is read.
        descriptors: how many are taken with a message; the kernel closes those that are more.
    """

    def __init__(self, sock: socket.socket, longest: int = _LONGEST, descriptors: int = _DESCRIPTORS) -> None:
        self._socket = sock
        self._longest = longest
        self._most = descriptors
        self._buffer = bytearray()
        self._descriptors: list[int] = []

    def fileno(self) -> int:
        """Return the socket's descriptor."""
        return self._socket.fileno()

    def send(self, message: dict[str, Any]) -> None:
        """Send one frame.

        Raises:
            Closed: nobody is left to read it.
            TooLong: it has more bytes than may be sent; nothing was.
        """
        payload = msgpack.packb(message, use_bin_type=True)
        if len(payload) > self._longest:
            raise TooLong
        try:
            self._socket.sendall(HEADER.pack(len(payload)) + payload)
        except OSError as error:
            raise Closed from error

    def receive(self) -> dict[str, Any]:
        """Wait for one frame.

        Raises:
            Closed: the stream has ended, or a frame comes that is too long.
        """
        (length,) = HEADER.unpack(self._read(HEADER.size))
        if length > self._longest:
            raise Closed
        message: dict[str, Any] = msgpack.unpackb(self._read(length), raw=False, max_bin_len=length)
        return message

    def take_descriptor(self) -> socket.socket:
        """Return the descriptor that came with the last frame, as a socket."""
        return socket.socket(fileno=self.take_number())

    def take_number(self) -> int:
        """Return the number of the descriptor that came with the last frame."""
        if not self._descriptors:
            raise Closed
        return self._descriptors.pop(0)

    def close(self) -> None:
        """Close this end."""
        self._socket.close()

    def _read(self, size: int) -> bytes:
        while len(self._buffer) < size:
            try:
                chunk, descriptors, _, _ = socket.recv_fds(self._socket, 1 << 16, self._most)
            except OSError as error:
                raise Closed from error
            if not chunk:
                raise Closed
            self._buffer += chunk
            self._descriptors += descriptors
            for descriptor in descriptors:
                os.set_inheritable(descriptor, False)  # noqa: FBT003 - the library's signature
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data


def plain(value: Any) -> Any:
    """Return an output as plain data, everything in it that has no other form as text."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return value
    return str(value).encode("utf-8", "replace").decode()
