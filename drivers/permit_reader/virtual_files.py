"""What the chip of a virtual permit holds: EF.COM, DG1, DG2, DG11, EF.SOD and EF.CardAccess, built from the card's fields.

DG1's 90 characters, as readers of real permits found them: 0-29 the printed line, 30-41 the Chinese name (GBK, each half byte one
letter A to P, so at most three characters), 42-59 surname and given name, 60 the sex; the rest is filling here.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import lru_cache

from drivers.permit_reader.ciphers import Kind
from drivers.permit_reader.files import CARD_ACCESS, COM, DG1, DG2, DG11, SOD
from drivers.permit_reader.pace_info import PaceInfo, encode_info, protocol
from drivers.permit_reader.tlv import tlv
from drivers.permit_reader.virtual_sod import signed_object
from drivers.virtual_permit import VirtualPermit
from kiosk.domain.permit import ChipKey

WIDTH, HEIGHT = 300, 400
_NAME, _LATIN = 12, 18
_GROUP_TAGS = {DG1: 0x61, DG2: 0x75, DG11: 0x6B}
_QUALITIES = (95, 90, 85, 75, 60, 45, 30, 15)
OFFERS = (PaceInfo(protocol(Kind.AES128), Kind.AES128, 13),)
"""What EF.CardAccess of a permit with PACE says: ECDH, generic mapping, AES-128, brainpoolP256r1."""
_SEXES = {"M": 1, "F": 2}


def chip_key(card: VirtualPermit) -> ChipKey:
    """The key this chip accepts. `other_key`: one that no reading of its line gives."""
    line = card.inner_line.ljust(30, "<")
    number, expiry, birth = line[2:11], line[13:19], line[21:27]
    if card.chip == "other_key":
        number = "C99999999" if number != "C99999999" else "C88888888"
    return ChipKey(number, birth, expiry)


def name_letters(name: str) -> str:
    """张三 → NFMFMIPN: GBK, each half byte one letter; a name that is too long is cut to three characters."""
    coded = name.encode("gbk", "replace").hex().upper()
    return coded.translate(str.maketrans("0123456789ABCDEF", "ABCDEFGHIJKLMNOP"))[:_NAME]


def dg1_text(card: VirtualPermit) -> str:
    latin = f"{card.surname}<<{card.given}".upper().replace(" ", "<") if card.surname or card.given else ""
    return "".join(
        (
            card.inner_line[:30].ljust(30, "<"),
            name_letters(card.name).ljust(_NAME, "<"),
            latin[:_LATIN].ljust(_LATIN, "<"),
            (card.sex or "<")[:1],
        )
    ).ljust(90, "<")


def build_files(card: VirtualPermit, photo_bytes: int | None = None) -> dict[int, bytes]:
    """All files by identifier. Draws the face, which takes a while the first time: not for the event loop.

    `photo_bytes`: how large the picture is to be; None takes it as it comes.
    """
    groups = {DG1: _dg1(card), DG2: _dg2(card, photo_bytes)}
    if card.chip == "no_dg2":
        del groups[DG2]
    if card.id_number:
        groups[DG11] = _dg11(card)
    files = dict(groups)
    files[COM] = tlv(
        0x60,
        tlv(0x5F01, b"0107"),
        tlv(0x5F36, b"040000"),
        tlv(0x5C, bytes(_GROUP_TAGS[group] for group in sorted(groups))),
    )
    files[SOD] = security_object(groups)
    if card.protocol != "bac":
        files[CARD_ACCESS] = tlv(0x31, *(encode_info(info) for info in OFFERS))
    if card.chip == "short_dg":
        files[DG1] = files[DG1][:-20]
    return files


def _dg1(card: VirtualPermit) -> bytes:
    text = dg1_text(card)
    if card.chip == "bad_dg1":
        text = text[:40].lower() + "?" + text[41:]
    return tlv(0x61, tlv(0x5F1F, text.encode("ascii", "replace")))


def _dg2(card: VirtualPermit, photo_bytes: int | None) -> bytes:
    """One face in one biometric information template (ICAO Doc 9303-10 §4.7.2, ISO/IEC 19794-5 §5)."""
    image = portrait(card.face_seed, photo_bytes)
    kind = struct.pack(">BBHHBBHH", 1, 0, WIDTH, HEIGHT, 1, 2, 0, 0)
    block = 20 + len(kind) + len(image)
    about = struct.pack(">IHBBB3sH3s3s", block, 0, _SEXES.get(card.sex, 0), 0, 0, bytes(3), 0, bytes(3), bytes(3))
    record = struct.pack(">4s4sIH", b"FAC\0", b"010\0", 14 + block, 1) + about + kind + image
    head = tlv(
        0xA1,
        tlv(0x80, b"\x01\x01"),
        tlv(0x81, b"\x02"),
        tlv(0x82, b"\x00"),
        tlv(0x87, b"\x01\x01"),
        tlv(0x88, b"\x00\x08"),
    )
    return tlv(0x75, tlv(0x7F61, tlv(0x02, b"\x01"), tlv(0x7F60, head, tlv(0x5F2E, record))))


def _dg11(card: VirtualPermit) -> bytes:
    birth = bytes.fromhex(card.birth) if len(card.birth) == 8 and card.birth.isdigit() else b""
    fields = [(0x5F0E, card.name.encode()), (0x5F10, card.id_number.encode())]
    if birth:
        fields.append((0x5F2B, birth))
    listed = b"".join(tag.to_bytes(2, "big") for tag, _ in fields)
    return tlv(0x6B, tlv(0x5C, listed), *(tlv(tag, value) for tag, value in fields))


@lru_cache(maxsize=8)
def portrait(seed: int, size: int | None = None) -> bytes:
    """The drawn person as JPEG, filled up to `size` bytes where that is given."""
    import cv2  # with numpy: only when a face is wanted

    from drivers.camera.faces import draw_portrait

    picture = draw_portrait(seed, WIDTH, HEIGHT)
    made = b""
    for quality in _QUALITIES:
        done, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if not done:
            raise RuntimeError("the portrait could not be coded as JPEG")
        made = coded.tobytes()
        if size is None or len(made) <= size - 4:
            break
    if size is None or len(made) > size - 4:
        return made
    filling = size - len(made) - 4  # a comment segment: FF FE, length of two bytes that counts itself
    return made[:2] + b"\xff\xfe" + (filling + 2).to_bytes(2, "big") + bytes(filling) + made[2:]


def security_object(groups: Mapping[int, bytes]) -> bytes:
    """EF.SOD with the digests of the groups, by file identifier."""
    return signed_object({group & 0xFF: data for group, data in groups.items()})
