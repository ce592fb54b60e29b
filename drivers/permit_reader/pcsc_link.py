"""What the kiosk and its PC/SC worker say to each other over a SEQPACKET pair: one kind byte, then the rest.

To the worker: C name (connect to this reader), T commands (each behind its length), D (let the card go).
From it: S slots as JSON whenever they change, c code and ATR, t code and answer (one per command), d code. Codes are PC/SC's.
"""

from __future__ import annotations

import json
import socket
import struct
from dataclasses import asdict, dataclass

CONNECT, TRANSMIT, RELEASE, SLOTS = b"C", b"T", b"D", b"S"
CONNECTED, ANSWERED, RELEASED = b"c", b"t", b"d"
MESSAGE_LIMIT = 128 * 1024
BATCH_BYTES = 32 * 1024
"""A message of more would not fit into the line's buffer at once."""
_CODE = struct.Struct(">cI")
_SIZE = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class ReaderSlot:
    name: str
    present: bool
    mute: bool
    """A card lies there that gives no ATR."""


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


def pack(commands: list[bytes]) -> bytes:
    return TRANSMIT + b"".join(_SIZE.pack(len(command)) + command for command in commands)


def unpack(message: bytes) -> list[bytes]:
    commands, at = [], 1
    while at < len(message):
        (size,) = _SIZE.unpack_from(message, at)
        at += _SIZE.size
        commands.append(message[at : at + size])
        at += size
    return commands
