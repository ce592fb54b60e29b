"""The driver before a chip that shares no code with it: written again from Doc 9303-10 and -11, with habits that standards allow."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from drivers.permit_reader.procedure import read_chip
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.permit import ChipData, ChipKey

LINE = "CSCA00000015<3301155<9003071<0"
KEY = ChipKey("CA0000001", "900307", "330115")
TEXT = (LINE + "NFMFMIPN<<<<" + "ZHANG<<SAN".ljust(18, "<") + "M").ljust(90, "<")
PICTURE = b"\xff\xd8\xff\xe0" + bytes(i * 7 % 251 for i in range(1800))
JPEG_2000 = bytes.fromhex("0000000C6A5020200D0A870A") + bytes(i % 251 for i in range(900))
COM, DG1, DG2, DG11, SOD, ACCESS = 0x011E, 0x0101, 0x0102, 0x010B, 0x011D, 0x011C


def des3(key: bytes, data: bytes, *, seal: bool = True) -> bytes:
    cipher = Cipher(TripleDES(key + key[:8]), modes.CBC(bytes(8)))
    context = cipher.encryptor() if seal else cipher.decryptor()
    return context.update(data) + context.finalize()


def des(key: bytes, block: bytes, *, seal: bool = True) -> bytes:
    return des3(key * 2, block, seal=seal)


def padded(data: bytes) -> bytes:
    return data + b"\x80" + bytes((-len(data) - 1) % 8)


def checksum(key: bytes, data: bytes) -> bytes:
    """ISO/IEC 9797-1 algorithm 3, block by block; the caller pads."""
    state = bytes(8)
    for at in range(0, len(data), 8):
        state = des(key[:8], bytes(a ^ b for a, b in zip(state, data[at : at + 8], strict=True)))
    return des(key[:8], des(key[8:], state, seal=False))


def key_of(seed: bytes, counter: int) -> bytes:
    return hashlib.sha1(seed + bytes((0, 0, 0, counter))).digest()[:16]


def element(tag: str, *values: bytes) -> bytes:
    value = b"".join(values)
    size = len(value)
    length = bytes((size,)) if size < 128 else bytes((0x81, size)) if size < 256 else b"\x82" + size.to_bytes(2, "big")
    return bytes.fromhex(tag) + length + value


def com(tags: str = "6175") -> bytes:
    return element("60", element("5F01", b"0107"), element("5F36", b"040000"), element("5C", bytes.fromhex(tags)))


def line_file(text: str = TEXT) -> bytes:
    return element("61", element("5F1F", text.encode()))


def face_file(*pictures: bytes, points: int = 0, group: bool = True) -> bytes:
    faces = []
    for picture in pictures:
        size = 20 + 8 * points + 12 + len(picture)
        head = b"FAC\x00010\x00" + (14 + size).to_bytes(4, "big") + b"\0\1" + size.to_bytes(4, "big")
        record = head + points.to_bytes(2, "big") + bytes(14 + 8 * points) + b"\1\0\0\xf0\1\x40" + bytes(6) + picture
        faces.append(element("7F60", element("A1", bytes.fromhex("8702010188020008")), element("5F2E", record)))
    templates = element("7F61", element("02", bytes((len(faces),))), *faces)
    return element("75", templates) if group else templates


def names_file() -> bytes:
    listed = element("5C", bytes.fromhex("5F0E5F10"))
    return element("6B", listed, element("5F0E", "张三".encode()), element("5F10", b"330299199003070005"))


@dataclass
class ForeignChip:
    """`over`, `past`: how it answers who wants more than `most`, or than there is: "less", "6282", a status, a status and "bare"."""

    files: dict[int, bytes] = field(default_factory=dict)
    master: dict[int, bytes] = field(default_factory=dict)
    selections: tuple[int, ...] = (0x00, 0x0C)
    most: int = 256
    over: str = "less"
    past: str = "less"
    ends: bool = False
    """Every refusal is a bare one and ends the session."""
    tells_status: bool = True
    by_pieces: bool = False
    """T=0: an answer to a command with data is fetched."""
    warns_bare: bool = False
    forged: int = 0
    challenge: int = 0x9000
    refuses: dict[int, int] = field(default_factory=dict)
    sessions: int = 0

    def __post_init__(self) -> None:
        self.files = {COM: com(), DG1: line_file(), DG2: face_file(PICTURE)} | self.files
        secret = LINE[2:12] + LINE[21:28] + LINE[13:20]
        self._seed = hashlib.sha1(secret.encode()).digest()[:16]
        self._file: bytes | None = None
        self._inside = self._bare = False
        self._nonce, self._kept = b"", b""
        self._keys: tuple[bytes, bytes] | None = None
        self._counter = self._answers = 0

    async def transmit(self, commands: Iterable[bytes], deadline: float) -> AsyncGenerator[tuple[bytes, bytes], None]:
        assert deadline > 0
        for command in commands:
            answer = self._transport(command)
            yield command, answer
            if answer[-2:] not in (b"\x90\x00", b"\x62\x82"):
                return

    def _transport(self, raw: bytes) -> bytes:
        if not self.by_pieces:
            return self._answer(raw)
        if raw[1] == 0xC0:
            size = raw[4] or 256
            left = len(self._kept) - 2
            return bytes((0x6C, left & 0xFF)) if size > left else self._kept
        answer = self._answer(raw)
        if len(raw) > 5 and len(answer) > 2:
            self._kept = answer
            return bytes((0x61, (len(answer) - 2) & 0xFF))
        return answer

    def _answer(self, raw: bytes) -> bytes:
        size = raw[4] if len(raw) > 5 else 0
        data, rest = raw[5 : 5 + size], raw[5 + size :] if size else raw[4:]
        wanted = (rest[0] or 256) if rest else 0
        if raw[0] == 0x0C:
            return self._secured(raw[:4], data)
        self._keys = None
        content, status = self._plain(raw[1], raw[2], raw[3], data, wanted)
        return content + status.to_bytes(2, "big")

    def _plain(self, ins: int, p1: int, p2: int, data: bytes, wanted: int) -> tuple[bytes, int]:
        if ins == 0xA4:
            return self._select(p1, p2, data)
        if ins == 0x84 and self._inside:
            self._nonce = os.urandom(8)
            return (self._nonce, 0x9000) if self.challenge == 0x9000 else (b"", self.challenge)
        if ins == 0x82 and self._nonce:
            return self._authenticate(data)
        if ins == 0xB0 and not p1 & 0x80:
            return self._read(p1 << 8 | p2, wanted)
        return b"", 0x6D00

    def _select(self, p1: int, p2: int, data: bytes) -> tuple[bytes, int]:
        if p2 not in self.selections:
            return b"", 0x6A86
        control = element("6F", element("84", data)) if p2 == 0 else b""
        if p1 == 4:
            self._inside = data.hex() == "a0000002471001"
            return (control, 0x9000) if self._inside else (b"", 0x6A82)
        number = int.from_bytes(data, "big")
        if p1 == 0:
            self._inside = False
            return b"", 0x9000
        if self._inside and self._keys is None:
            return b"", 0x6982
        if number in self.refuses and self._inside:
            return b"", self.refuses[number]
        self._file = (self.files if self._inside else self.master).get(number)
        return (b"", 0x6A82) if self._file is None else (control, 0x9000)

    def _read(self, at: int, wanted: int) -> tuple[bytes, int]:
        assert self._file is not None
        left = len(self._file) - at
        if left <= 0:
            return b"", 0x6B00
        if wanted > self.most and left > self.most:
            if self.over != "less":
                return b"", self._status(self.over, self.most)
            wanted = self.most
        elif wanted > left and self.past != "less":
            status = self._status(self.past, left)
            return (self._file[at:] if status == 0x6282 else b""), status
        return self._file[at : at + wanted], 0x9000

    def _status(self, how: str, size: int) -> int:
        self._bare = how.endswith("bare")
        status = int(how.removesuffix("bare"), 16)
        return status | size if status == 0x6C00 else status

    def _authenticate(self, token: bytes) -> tuple[bytes, int]:
        nonce, self._nonce = self._nonce, b""
        enc, mac = key_of(self._seed, 1), key_of(self._seed, 2)
        if checksum(mac, padded(token[:32])) != token[32:]:
            return b"", 0x6300
        theirs = des3(enc, token[:32], seal=False)
        assert theirs[8:16] == nonce
        secret = os.urandom(16)
        sealed = des3(enc, nonce + theirs[:8] + secret)
        seed = bytes(a ^ b for a, b in zip(theirs[16:], secret, strict=True))
        self._keys = key_of(seed, 1), key_of(seed, 2)
        self._counter = int.from_bytes(nonce[4:] + theirs[4:8], "big")
        self.sessions += 1
        return sealed + checksum(mac, padded(sealed)), 0x9000

    def _secured(self, head: bytes, body: bytes) -> bytes:
        if self._keys is None:
            return b"\x69\x88"
        enc, mac = self._keys
        objects, signed, at = {}, b"", 0
        while at < len(body):
            size = body[at + 1]
            objects[body[at]] = body[at + 2 : at + 2 + size]
            signed += body[at : at + 2 + size] if body[at] != 0x8E else b""
            at += 2 + size
        self._counter += 1
        message = self._counter.to_bytes(8, "big") + padded(head) + signed
        if checksum(mac, padded(message) if signed else message) != objects[0x8E]:
            self._keys = None
            return b"\x69\x88"
        data = des3(enc, objects[0x87][1:], seal=False).rstrip(b"\0")[:-1] if 0x87 in objects else b""
        wanted = (objects[0x97][0] or 256) if 0x97 in objects else 0
        self._bare = False
        content, status = self._plain(head[1], head[2], head[3], data, wanted)
        outer = status.to_bytes(2, "big")
        refused = status not in (0x9000, 0x6282)
        if self._bare or (refused and self.ends):
            self._keys = None
            return outer
        sealed = element("87", b"\1", des3(enc, padded(content))) if content else b""
        if status == 0x6282 and self.warns_bare:
            return sealed + outer  # without a checksum, and without counting
        self._counter += 1
        self._answers += 1
        if self.tells_status:
            sealed += b"\x99\x02" + outer
        proof = checksum(mac, padded(self._counter.to_bytes(8, "big") + sealed))
        return sealed + b"\x8e\x08" + (bytes(8) if self._answers == self.forged else proof) + outer


async def read(chip: ForeignChip, key: ChipKey = KEY) -> ChipData:
    return await read_chip(chip, key, answer_timeout=1.0)


async def refused(chip: ForeignChip, key: ChipKey = KEY) -> tuple[ErrorKind, str]:
    with pytest.raises(DeviceError) as caught:
        await read(chip, key)
    return caught.value.kind, caught.value.native


HABITS: dict[str, dict[str, Any]] = {
    "as the standard says": {},
    "few bytes at a time": {"most": 0x70},
    "few bytes, names the length": {"most": 0x70, "over": "6C00"},
    "few bytes, wrong length": {"most": 0x70, "over": "6700"},
    "few bytes, or no session": {"most": 0x70, "over": "6700bare"},
    "few bytes, names the length and ends": {"most": 0x70, "over": "6C00bare"},
    "tells the end of the file": {"past": "6282"},
    "names what is left": {"past": "6C00"},
    "names what is left and ends": {"past": "6C00bare"},
    "nothing past the end": {"past": "6B00"},
    "no session past the end": {"past": "6B00bare"},
    "a warning nobody vouches for": {"past": "6282", "warns_bare": True},
    "every refusal ends the session": {"ends": True, "past": "6700", "most": 0x70, "over": "6700"},
    "answers to selections only": {"selections": (0x00,)},
    "no answers to selections": {"selections": (0x0C,)},
    "answers to selections, or no session": {"selections": (0x00,), "ends": True},
    "answers in pieces": {"by_pieces": True},
    "answers in pieces, few bytes": {"by_pieces": True, "most": 0x70},
    "no status under protection": {"tells_status": False},
    "other groups listed": {"files": {COM: com("61756E6F77")}},
    "protocols nobody knows": {"master": {ACCESS: bytes.fromhex("31143012060A04007F000702020302020201010201 0D")}},
    "face without the group's tag": {"files": {DG2: face_file(PICTURE, group=False)}},
    "feature points": {"files": {DG2: face_file(PICTURE, points=3)}},
    "two faces": {"files": {DG2: face_file(PICTURE, JPEG_2000)}},
    "names not for us": {"files": {COM: com("61756B"), DG11: names_file()}, "refuses": {DG11: 0x6982}},
}


@pytest.mark.parametrize("habit", HABITS.values(), ids=HABITS)
async def test_a_chip_with_habits_of_its_own_is_read(habit: dict[str, Any]) -> None:
    data = await read(ForeignChip(**habit))
    assert (data.dg1, data.protocol, data.hashes_fit, data.full_name) == (TEXT, "bac", None, "")
    assert data.photo is not None
    assert (data.photo.media_type, data.photo.data) == ("image/jpeg", PICTURE)


async def test_names_and_another_picture_format_are_read() -> None:
    files = {COM: com("61756B"), DG2: face_file(JPEG_2000, PICTURE), DG11: names_file()}
    data = await read(ForeignChip(files=files, ends=True))
    assert (data.full_name, data.personal_number) == ("张三", "330299199003070005")
    assert data.photo is not None
    assert (data.photo.media_type, data.photo.data) == ("image/jp2", JPEG_2000)


async def test_no_new_session_for_what_no_session_can_mend() -> None:
    missing = ForeignChip(ends=True)
    del missing.files[DG1]
    assert await refused(missing) == (ErrorKind.MEDIA_BAD, "LDS")
    forbidden = ForeignChip(ends=True, refuses={DG1: 0x6982})
    assert await refused(forbidden) == (ErrorKind.MEDIA_BAD, "SM")
    assert forbidden.sessions == 1


@pytest.mark.parametrize("answer", [1, 2, 5, 8])
@pytest.mark.parametrize("tells_status", [True, False])
async def test_a_forged_answer_is_never_taken(answer: int, tells_status: bool) -> None:
    chip = ForeignChip(forged=answer, tells_status=tells_status)
    assert await refused(chip) == (ErrorKind.MEDIA_BAD, "SM")
    assert chip.sessions == 1


async def test_a_forged_name_file_is_not_taken_for_a_refused_one() -> None:
    files = {COM: com("61756B"), DG11: names_file()}
    chip = ForeignChip(files=files)
    await read(chip)
    forged = ForeignChip(files=files, forged=chip._answers)
    assert await refused(forged) == (ErrorKind.MEDIA_BAD, "SM")


@pytest.mark.parametrize(
    ("chip", "expected"),
    [
        ({"challenge": 0x6D00}, (ErrorKind.UNSUPPORTED, "6D00")),
        ({"files": {DG1: line_file(TEXT[:88])}}, (ErrorKind.MEDIA_BAD, "LDS")),
        ({"files": {DG1: line_file(TEXT + "  ")}}, (ErrorKind.MEDIA_BAD, "LDS")),
        ({"files": {DG1: line_file(TEXT.replace("ZHANG", "Zhang"))}}, (ErrorKind.MEDIA_BAD, "LDS")),
    ],
    ids=["no access control", "passport's line", "spaces after the line", "small letters"],
)
async def test_what_cannot_be_read_is_told(chip: dict[str, Any], expected: tuple[ErrorKind, str]) -> None:
    assert await refused(ForeignChip(**chip)) == expected


async def test_another_key_is_refused() -> None:
    assert await refused(ForeignChip(), ChipKey("CA0000001", "900308", "330115")) == (ErrorKind.MEDIA_BAD, "KEY")
