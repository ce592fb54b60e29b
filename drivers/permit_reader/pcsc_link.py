"""What the kiosk and its PC/SC worker say to each other over a SEQPACKET pair: one kind byte, then the rest.

To the worker: C name (connect to this reader), R key (read the card), D (let the card go).
From it: S slots as JSON whenever they change, P now and then while it reads, c code, x and r the parts of a result, d code. Codes are
PC/SC's.
"""

from __future__ import annotations

import json
import socket
import struct
from dataclasses import asdict, dataclass

from drivers.permit_reader.channel import trouble
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.identity import Photo
from kiosk.domain.permit import ChipData, ChipKey

CONNECT, READ, RELEASE = b"C", b"R", b"D"
SLOTS, PULSE, CONNECTED, PART, RESULT, RELEASED = b"S", b"P", b"c", b"x", b"r", b"d"
MESSAGE_LIMIT = 128 * 1024
PULSE_EVERY = 0.25
"""Seconds after which a reading worker says that it lives."""
_PART_BYTES = 64 * 1024
_CODE = struct.Struct(">cI")


@dataclass(frozen=True, slots=True)
class ReaderSlot:
    name: str
    present: bool
    mute: bool
    """A card lies there that gives no ATR."""
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


def encode_key(key: ChipKey) -> bytes:
    return READ + json.dumps([key.number, key.birth, key.expiry]).encode()


def decode_key(message: bytes) -> ChipKey:
    return ChipKey(*json.loads(message[1:]))


def encode_result(result: ChipData | DeviceError) -> list[bytes]:
    """As messages: parts, then the last one."""
    if isinstance(result, DeviceError):
        told: dict[str, object] = {"kind": result.kind.value, "hint": result.hint, "native": result.native}
        picture = b""
    else:
        picture = result.photo.data if result.photo else b""
        told = {
            "dg1": result.dg1,
            "media_type": result.photo.media_type if result.photo else "",
            "full_name": result.full_name,
            "personal_number": result.personal_number,
            "protocol": result.protocol,
            "hashes_fit": result.hashes_fit,
        }
    whole = json.dumps(told).encode() + b"\n" + picture
    parts = [whole[at : at + _PART_BYTES] for at in range(0, len(whole), _PART_BYTES)]
    return [reply(PART, 0, part) for part in parts[:-1]] + [reply(RESULT, 0, parts[-1])]


def decode_result(whole: bytes) -> ChipData | DeviceError:
    head, _, picture = whole.partition(b"\n")
    told = json.loads(head)
    if "kind" in told:
        return trouble(ErrorKind(told["kind"]), told["hint"], told["native"])
    media_type = told.pop("media_type")
    return ChipData(**told, photo=Photo(picture, media_type) if media_type else None)
