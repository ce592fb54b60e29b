"""The protocol between a virtual card and a virtual reader (vsmartcard's vpcd): a length of two bytes, big endian, then the message.

A message of one byte is the reader's order; every other one from the reader is a command APDU, answered by one message.
"""

from __future__ import annotations

OFF, ON, RESET, ATR = 0x00, 0x01, 0x02, 0x04
ORDERS = (OFF, ON, RESET, ATR)
_LONGEST = 0xFFFF


def frame(message: bytes) -> bytes:
    """Raises ValueError for more than the length can say."""
    if len(message) > _LONGEST:
        raise ValueError("a message has at most 65535 bytes")
    return len(message).to_bytes(2, "big") + message


class Deframer:
    """Cuts what comes over the line into messages."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        rest = self._rest + data
        messages: list[bytes] = []
        while len(rest) >= 2 and len(rest) >= (end := 2 + int.from_bytes(rest[:2], "big")):
            messages.append(rest[2:end])
            rest = rest[end:]
        self._rest = rest
        return messages

    @property
    def pending(self) -> bool:
        """Half a message has come."""
        return bool(self._rest)

    def reset(self) -> None:
        self._rest = b""
