"""Frames and payloads against the bytes that the protocol's document shows, and against damage."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.permit_unit.codes import BinState, Code, Event, Feature, JobState, Position, Shutter, Trouble
from drivers.permit_unit.frames import MAX_PAYLOAD, Frame, FrameParser, Kind, crc16
from drivers.permit_unit.messages import (
    Back,
    Hello,
    JobOrder,
    JobRecord,
    PayloadError,
    PictureHead,
    StatusBlock,
    pack_numbers,
    read_numbers,
)

DOCUMENT = Path(__file__).parents[3] / "docs" / "permit-unit-protocol.md"
STATUS = StatusBlock(power_ons=3, bin_count=17)
DATA = b'{"grants":[{"number":"HK1"}]}'
KNOWN = {
    "HELLO": (Frame(Kind.COMMAND, 0, Code.HELLO, b"\x01"), "02 00 04 43 00 48 01 E6 12"),
    "HELLO answered": (
        Frame(Kind.DONE, 0, Code.HELLO, Hello(1, Feature(0x801F), 4096, 50, "ONETRIP-SIM-1", "SIM0001", STATUS).pack()),
        "02 00 2C 50 00 48 01 80 1F 10 00 00 32 0D 4F 4E 45 54 52 49 50 2D 53 49 4D 2D 31 07 53 49 4D 30 30 30 31 "
        "30 43 4F 00 30 00 00 03 00 00 00 11 BA 3F",
    ),
    "STATUS": (Frame(Kind.COMMAND, 1, Code.STATUS), "02 00 03 43 01 53 97 8A"),
    "STATUS answered": (
        Frame(Kind.DONE, 1, Code.STATUS, STATUS.pack()),
        "02 00 0F 50 01 53 30 43 4F 00 30 00 00 03 00 00 00 11 C9 BF",
    ),
    "ENTRY on for 30 s": (Frame(Kind.COMMAND, 2, Code.ENTRY, b"\x01\x00\x1e"), "02 00 06 43 02 45 01 00 1E 66 7E"),
    "event INSERTED": (
        Frame(Kind.EVENT, 5, Event.INSERTED, StatusBlock(Position.READER, power_ons=3, bin_count=17).pack()),
        "02 00 0F 45 05 49 32 43 4F 00 30 00 00 03 00 00 00 11 DE 1C",
    ),
    "DATA": (
        Frame(Kind.COMMAND, 3, Code.DATA, bytes(4) + DATA),
        "02 00 24 43 03 44 00 00 00 00 7B 22 67 72 61 6E 74 73 22 3A 5B 7B 22 6E 75 6D 62 65 72 22 3A 22 48 4B 31 "
        "22 7D 5D 7D AB 8A",
    ),
    "WRITE": (
        Frame(Kind.COMMAND, 4, Code.WRITE, JobOrder("W1", len(DATA), zlib.crc32(DATA)).pack()),
        "02 00 0E 43 04 57 02 57 31 00 00 00 1D D2 54 BD EA 49 5A",
    ),
    "WRITE under way": (Frame(Kind.WORKING, 4, Code.WRITE), "02 00 03 57 04 57 B7 58"),
    "WRITE refused": (
        Frame(Kind.REFUSED, 4, Code.WRITE, bytes((Trouble.WRITE_REFUSED,))),
        "02 00 04 4E 04 57 61 7C BF",
    ),
    "JOB": (Frame(Kind.COMMAND, 5, Code.JOB, b"W"), "02 00 04 43 05 4A 57 51 B3"),
    "JOB answered": (
        Frame(Kind.DONE, 5, Code.JOB, JobRecord(JobState.NOT_DONE, "W1", Trouble.WRITE_REFUSED).pack()),
        "02 00 08 50 05 4A 33 61 02 57 31 84 77",
    ),
    "OUT": (Frame(Kind.COMMAND, 6, Code.OUT, b"\x00\x1e"), "02 00 05 43 06 4F 00 1E A8 8F"),
}


def slow_crc(data: bytes) -> int:
    """CRC-16/IBM-3740 bit by bit, as its catalogue entry says."""
    value = 0xFFFF
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = ((value << 1) ^ 0x1021 if value & 0x8000 else value << 1) & 0xFFFF
    return value


def test_crc_check_value() -> None:
    assert crc16(b"123456789") == 0x29B1


@given(st.binary(max_size=64))
def test_crc(data: bytes) -> None:
    assert crc16(data) == slow_crc(data)


@pytest.mark.parametrize("name", KNOWN)
def test_known_frames(name: str) -> None:
    frame, text = KNOWN[name]
    assert frame.pack() == bytes.fromhex(text)
    assert FrameParser().feed(bytes.fromhex(text)) == [frame]


def test_the_document_shows_these_frames() -> None:
    text = re.sub(r"\s+", " ", DOCUMENT.read_text(encoding="utf-8"))
    for name, (_, known) in KNOWN.items():
        assert known in text, name


def test_the_document_names_every_code() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for code in Code:
        assert f"| {code.name} | `{chr(code)}`" in text, code.name
    for event in Event:
        assert f"| {event.name} | `{chr(event)}`" in text, event.name
    for trouble in Trouble:
        assert f"| `{trouble:02X}` | {trouble.name} |" in text, trouble.name


def test_a_payload_has_its_limit() -> None:
    Frame(Kind.COMMAND, 1, Code.DATA, bytes(MAX_PAYLOAD)).pack()
    with pytest.raises(ValueError):
        Frame(Kind.COMMAND, 1, Code.DATA, bytes(MAX_PAYLOAD + 1)).pack()


FRAMES = st.builds(Frame, st.sampled_from(Kind), st.integers(0, 255), st.integers(0, 255), st.binary(max_size=40))


@given(st.lists(FRAMES, max_size=5), st.integers(1, 30))
def test_frames_in_pieces(frames: list[Frame], size: int) -> None:
    stream = b"".join(frame.pack() for frame in frames)
    parser = FrameParser()
    found = [each for at in range(0, len(stream), size) for each in parser.feed(stream[at : at + size])]
    assert found == frames
    assert not parser.in_frame


@given(st.binary(max_size=60).filter(lambda noise: 0x02 not in noise), FRAMES)
def test_a_frame_behind_noise(noise: bytes, frame: Frame) -> None:
    assert FrameParser().feed(noise + frame.pack()) == [frame]


@given(FRAMES, st.data())
def test_a_damaged_frame_is_none(frame: Frame, data: st.DataObject) -> None:
    packed = bytearray(frame.pack())
    at = data.draw(st.integers(0, len(packed) - 1))
    packed[at] ^= 1 << data.draw(st.integers(0, 7))
    parser = FrameParser()
    assert frame not in parser.feed(bytes(packed)) + parser.resync()


@given(FRAMES, FRAMES, st.data())
def test_a_frame_behind_a_broken_off_one(first: Frame, second: Frame, data: st.DataObject) -> None:
    keep = data.draw(st.integers(1, len(first.pack()) - 1))
    parser = FrameParser()
    found = parser.feed(first.pack()[:keep] + second.pack())
    found += parser.resync()
    assert found[-1:] == [second]
    assert not parser.in_frame


def test_a_length_that_cannot_be() -> None:
    parser = FrameParser()
    frame = Frame(Kind.COMMAND, 1, Code.STATUS)
    for head in ("020000", "020002", "02FFFF", "0210044300", "02000399"):
        assert parser.feed(bytes.fromhex(head) + frame.pack())[-1:] == [frame]


def test_status_block() -> None:
    block = StatusBlock(
        Position.PRINTER, Shutter.OPEN, BinState.HIGH, True, True, True, Trouble.JAM_EXIT, 65535, 4_000_000_000
    )
    assert block.pack() == bytes.fromhex("34 4F 48 07 30 17 FF FF EE 6B 28 00")
    assert StatusBlock.read(block.pack()) == block
    assert StatusBlock.read(block.pack() + b"later versions may add") == block


def test_words_of_a_newer_unit() -> None:
    block = StatusBlock.read(bytes.fromhex("39 58 58 F0 30 EE 0001 00000001"))
    assert (block.position, block.shutter, block.bin) == (Position.UNKNOWN, Shutter.UNKNOWN, BinState.UNKNOWN)
    assert block.reason is Trouble.OTHER
    assert (block.busy, block.entry, block.waiting) == (False, False, False)


@pytest.mark.parametrize(
    ("reader", "payload"),
    [
        (StatusBlock.read, b""),
        (StatusBlock.read, bytes(11)),
        (Hello.read, b"\x01"),
        (Hello.read, b"\x01\x00\x00\x10\x00\x00\x32\xff"),
        (Hello.read, b"\x01\x00\x00\x10\x00\x00\x32\x01\xff\x00"),
        (JobRecord.read, b"1"),
        (JobRecord.read, b"9\x00\x00"),
        (JobRecord.read, b"1\x00\x05AB"),
        (JobOrder.read, b"\x02W1\x00"),
        (PictureHead.read, b"P\x00"),
        (PictureHead.read, b"G" + bytes(8)),
        (read_numbers, b""),
        (read_numbers, b"\x02\x01A"),
        (Back.read, b"CA0000001"),
        (Back.read, b"\xff\n"),
    ],
)
def test_malformed_payloads(reader: object, payload: bytes) -> None:
    with pytest.raises(PayloadError):
        reader(payload)  # type: ignore[operator]


def test_numbers() -> None:
    assert pack_numbers(("HK1", "MO1")) == bytes.fromhex("02 03 48 4B 31 03 4D 4F 31")
    assert read_numbers(pack_numbers(("HK1", "MO1"))) == ("HK1", "MO1")


def test_the_data_of_a_back() -> None:
    back = Back("CA0000001", (("个人旅游", "香港"), ("团队旅游", "澳门")))
    assert back.pack() == "CA0000001\n个人旅游\t香港\n团队旅游\t澳门\n".encode()
    assert Back.read(back.pack()) == back
    assert Back.read(Back("CA0000001", ()).pack()).rows == ()
    with pytest.raises(ValueError):
        Back("CA0000001", (("个人\t旅游",),)).pack()
