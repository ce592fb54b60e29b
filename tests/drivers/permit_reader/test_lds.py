"""Data groups, security object, printed names, and the small codecs under them."""

from __future__ import annotations

import hashlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.permit_reader.apdu import Answer, Command
from drivers.permit_reader.files import COM, DG1, DG2, DG11, SOD
from drivers.permit_reader.lds import LdsError, face, mrz, names, present_groups
from drivers.permit_reader.sod import HASHES, hashes_fit, listed_digests
from drivers.permit_reader.tlv import TlvError, header, need, only, tlv, walk
from drivers.permit_reader.vicc import Deframer, frame
from drivers.permit_reader.virtual_files import build_files, dg1_text, name_letters
from tests.drivers.permit_reader.conftest import ID_NUMBER, permit

JPEG = b"\xff\xd8\xff\xe0" + bytes(40) + b"\xff\xd9"
JP2 = bytes.fromhex("0000000C6A5020200D0A870A") + bytes(40)
J2K = bytes.fromhex("FF4FFF51") + bytes(40)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("张三", "NFMFMIPN"),
        ("李小明", "MAOONAKBMDPH"),
        ("吕强", "MCMAMHLP"),
        ("欧阳小明", "MFLHNBPENAKB"),
        ("证件样", "NGKELMPONBPJ"),
        ("", ""),
    ],
)
def test_chinese_names_in_dg1(name: str, letters: str) -> None:
    assert name_letters(name) == letters
    assert dg1_text(permit(name=name))[30:42] == letters.ljust(12, "<")


def test_the_90_characters() -> None:
    text = dg1_text(permit(surname="Ouyang", given="Xiao Ming", sex="F"))
    assert text[:30] == "CSCA00000015<3301155<9003071<0"
    assert text[42:60] == "OUYANG<<XIAO<MING<"
    assert (text[60], len(text)) == ("F", 90)
    assert dg1_text(permit(chip_line="CSC123456788<2906302<8501019<2"))[:30] == "CSC123456788<2906302<8501019<2"


def test_the_files_of_a_permit_say_what_it_is() -> None:
    files = build_files(permit(), 15000)
    assert mrz(files[DG1])[:2] == "CS"
    photo = face(files[DG2])
    assert (photo.media_type, len(photo.data)) == ("image/jpeg", 15000)
    assert names(files[DG11]) == ("张三", ID_NUMBER)
    assert present_groups(files[COM]) == {1, 2, 11}
    assert hashes_fit(files[SOD], {1: files[DG1], 2: files[DG2], 11: files[DG11]})
    assert DG11 not in build_files(permit(id_number=""), 3000)
    assert SOD in files


def line(text: str) -> bytes:
    return tlv(0x61, tlv(0x5F1F, text.encode("latin-1")))


@pytest.mark.parametrize(
    "bad",
    [
        line("A" * 88),
        line("A" * 91),
        line("a" * 90),
        line("A" * 89 + "Ü"),
        line("A" * 89 + " "),
        tlv(0x75, tlv(0x5F1F, b"A" * 90)),
        tlv(0x61, tlv(0x5F1E, b"A" * 90)),
        line("A" * 90)[:-1],
        b"",
    ],
)
def test_a_malformed_line_is_refused(bad: bytes) -> None:
    with pytest.raises(LdsError) as caught:
        mrz(bad)
    assert "AAAA" not in str(caught.value)


def record(image: bytes, points: int = 0, trailer: bytes = b"") -> bytes:
    """A facial record of ISO/IEC 19794-5."""
    block = 20 + 8 * points + 12 + len(image)
    about = struct.pack(">IH", block, points) + bytes(14) + bytes(8 * points) + bytes(12)
    return b"FAC\x00010\x00" + struct.pack(">IH", 14 + block, 1) + about + image + trailer


def group(content: bytes, tag: int = 0x5F2E) -> bytes:
    head = tlv(0xA1, tlv(0x87, b"\x01\x01"), tlv(0x88, b"\x00\x08"))
    return tlv(0x75, tlv(0x7F61, tlv(0x02, b"\x01"), tlv(0x7F60, head, tlv(tag, content))))


@pytest.mark.parametrize(("image", "media"), [(JPEG, "image/jpeg"), (JP2, "image/jp2"), (J2K, "image/j2c")])
@pytest.mark.parametrize("tag", [0x5F2E, 0x7F2E])
def test_a_face_is_found_in_every_form(image: bytes, media: str, tag: int) -> None:
    for content in (record(image), record(image, points=3), record(image, trailer=bytes(9)), b"\x30\x82\x00" + image):
        photo = face(group(content, tag))
        assert photo.media_type == media
        assert photo.data == image


@pytest.mark.parametrize(
    "bad", [b"", tlv(0x75, b""), group(b""), group(b"FAC\0"), group(record(b"GIF89a")), group(record(JPEG))[:-5]]
)
def test_a_group_without_a_face_is_refused(bad: bytes) -> None:
    with pytest.raises(LdsError):
        face(bad)


def test_names_in_either_character_set_and_fields_that_are_not_there() -> None:
    assert names(tlv(0x6B, tlv(0x5F0E, "张<<三<<<".encode()))) == ("张<<三", "")
    assert names(tlv(0x6B, tlv(0x5F0E, "张三".encode("gb18030")), tlv(0x5F10, b"X1 "))) == ("张三", "X1")
    assert names(tlv(0x6B)) == ("", "")
    for bad in (b"", tlv(0x6C), tlv(0x6B, b"\x5f"), tlv(0x6B, tlv(0x5F0E, b"\xff\xff"))):
        with pytest.raises(LdsError):
            names(bad)


@pytest.mark.parametrize(("oid", "algorithm"), HASHES.items())
def test_the_security_object_with_every_digest(oid: bytes, algorithm: str) -> None:
    one, two = b"one", b"two"
    sod = security_object(oid, {1: hashlib.new(algorithm, one).digest(), 2: hashlib.new(algorithm, two).digest()})
    assert hashes_fit(sod, {1: one, 2: two})
    assert hashes_fit(sod, {2: two})
    assert not hashes_fit(sod, {1: two})
    assert not hashes_fit(sod, {11: one})  # not listed


def test_a_security_object_in_pieces_and_one_that_is_none() -> None:
    digest = hashlib.sha256(b"one").digest()
    sha256 = bytes.fromhex("608648016503040201")
    assert hashes_fit(security_object(sha256, {1: digest}, pieces=True), {1: b"one"})
    good = security_object(sha256, {1: digest})
    for bad in (b"", b"\x77\x00", good[:-4], good[:40], security_object(b"\x2a\x03", {1: digest})):
        assert not hashes_fit(bad, {1: b"one"})
        with pytest.raises(TlvError):
            listed_digests(bad)


def security_object(oid: bytes, digests: dict[int, bytes], *, pieces: bool = False) -> bytes:
    """As an issuer writes it, certificates and signer included as far as a reader skips them."""
    listed = [tlv(0x30, tlv(0x02, bytes((number,))), tlv(0x04, digest)) for number, digest in digests.items()]
    content = tlv(0x30, tlv(0x02, b"\0"), tlv(0x30, tlv(0x06, oid), tlv(0x05)), tlv(0x30, *listed))
    octets = tlv(0x24, tlv(0x04, content[:9]), tlv(0x04, content[9:])) if pieces else tlv(0x04, content)
    inner = tlv(0x30, tlv(0x06, bytes.fromhex("678108010101")), tlv(0xA0, octets))
    signed = tlv(0x30, tlv(0x02, b"\x03"), tlv(0x31), inner, tlv(0xA0, tlv(0x30)), tlv(0x31, tlv(0x30)))
    return tlv(0x77, tlv(0x30, tlv(0x06, bytes.fromhex("2A864886F70D010702")), tlv(0xA0, signed)))


def test_com_lists_groups_or_is_refused() -> None:
    assert present_groups(tlv(0x60, tlv(0x5F01, b"0107"), tlv(0x5C, b"\x61\x75\x6b\x63"))) == {1, 2, 11, 3}
    with pytest.raises(LdsError):
        present_groups(tlv(0x60, tlv(0x5F01, b"0107")))


@given(st.sampled_from([0x04, 0x30, 0x5F1F, 0x7F61, 0x7F4E]), st.binary(max_size=70_000))
def test_tlv_there_and_back(tag: int, value: bytes) -> None:
    made = tlv(tag, value)
    assert only(made, tag) == value
    assert header(made) == (tag, len(value), len(made) - len(value))
    assert list(walk(b"\0" + made + b"\0\0" + made)) == [(tag, value)] * 2


@given(st.binary(max_size=60))
def test_tlv_takes_anything_without_surprise(data: bytes) -> None:
    try:
        need(data, 0x30)
    except TlvError:
        return
    assert b"\x30" in data


@pytest.mark.parametrize("le", [None, 1, 255, 256])
@pytest.mark.parametrize("size", [0, 1, 255])
def test_commands_there_and_back(size: int, le: int | None) -> None:
    command = Command(0x0C, 0xB0, 1, 2, bytes(range(size)), le)
    assert Command.decode(command.encode()) == command
    assert len(command.encode()) <= 4 + 1 + size + 1


@pytest.mark.parametrize(("size", "le"), [(0, 65536), (256, None), (300, 65536), (0, 257), (256, 1000)])
def test_extended_commands_there_and_back(size: int, le: int | None) -> None:
    command = Command(0, 0xB0, 0, 0, bytes(size), le)
    assert Command.decode(command.encode()) == command


def test_commands_and_answers_that_contradict_themselves() -> None:
    for bad in ("", "00A404", "00A4040C05A000", "00B000000400112233445566"):
        with pytest.raises(ValueError):
            Command.decode(bytes.fromhex(bad))
    with pytest.raises(ValueError):
        Answer.decode(b"\x90")


def test_messages_of_the_virtual_reader() -> None:
    deframer = Deframer()
    stream = frame(b"\x01") + frame(b"\x04") + frame(bytes(300)) + frame(b"")
    got: list[bytes] = []
    for byte in stream:
        got += deframer.feed(bytes((byte,)))
    assert got == [b"\x01", b"\x04", bytes(300), b""]
    assert not deframer.pending
    with pytest.raises(ValueError):
        frame(bytes(65536))
