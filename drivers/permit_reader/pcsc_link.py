"""What the kiosk and its PC/SC worker say to each other over a SEQPACKET pair: one kind byte, then the rest.

To the worker: C name (connect to this reader), T batch number and commands (each behind its length), D (let the card go), P (ask the
service).
From it: S slots as JSON whenever they change, c code, t code and answers (some at a time, each behind its length), d code, p code and the
library's name. Codes are PC/SC's; the one with answers belongs to the command
after them. A batch ends with the first answer that does not go on, and what still comes with its number is dropped.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterable
from dataclasses import asdict, dataclass

CONNECT, TRANSMIT, RELEASE, PING = b"C", b"T", b"D", b"P"
SLOTS, CONNECTED, ANSWERED, RELEASED, PONG = b"S", b"c", b"t", b"d", b"p"
MESSAGE_LIMIT = 128 * 1024
BATCH_BYTES = 32 * 1024
"""A message of more would not fit into the line's buffer at once."""
FLUSH = 0.25
"""Seconds after which the worker hands over the answers it has, however few."""
_SIZE = struct.Struct(">I")
_CODE = struct.Struct(">cI")


@dataclass(frozen=True, slots=True)
class ReaderSlot:
    name: str
    present: bool
    mute: bool
    """A card lies there that gives no ATR."""
    in_use: bool = False
    """Somebody, perhaps we ourselves, is connected with the card."""
    atr: str = ""
    """Hexadecimal."""


@dataclass(frozen=True, slots=True)
class Slots:
    """`code` 0: the service answers, and these are its readers."""

    code: int
    readers: tuple[ReaderSlot, ...] = ()

    def encode(self) -> bytes:
        return SLOTS + json.dumps(asdict(self)).encode()

    @classmethod
    def decode(cls, message: bytes) -> Slots:
        data = json.loads(message[1:])
        return cls(data["code"], tuple(ReaderSlot(**reader) for reader in data["readers"]))


def pair() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def reply(kind: bytes, code: int, data: bytes = b"") -> bytes:
    return _CODE.pack(kind, code & 0xFFFFFFFF) + data


def parse_reply(message: bytes) -> tuple[bytes, int, bytes]:
    kind, code = _CODE.unpack_from(message)
    return kind, code, message[_CODE.size :]


def pack(batch: int, commands: Iterable[bytes]) -> bytes:
    return TRANSMIT + _SIZE.pack(batch) + join(commands)


def batch_of(message: bytes) -> tuple[int, list[bytes]]:
    (batch,) = _SIZE.unpack_from(message, 1)
    return batch, unpack(message[1 + _SIZE.size :])


def join(parts: Iterable[bytes]) -> bytes:
    return b"".join(_SIZE.pack(len(part)) + part for part in parts)


def unpack(joined: bytes) -> list[bytes]:
    parts, at = [], 0
    while at < len(joined):
        (size,) = _SIZE.unpack_from(joined, at)
        at += _SIZE.size
        parts.append(joined[at : at + size])
        at += size
    return parts
