"""Frames: known answers computed outside this project, and resynchronisation on anything a bad line can bring."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.id_card.photo import pack_sim_photo
from drivers.id_card.samv import MEANINGS, SW3, SYNC, Answer, Command, Parser, build, checksum, meaning, sam_id_text
from drivers.id_card.text import pack_text
from kiosk.domain.errors import ErrorKind

COMMANDS = {
    Command.RESET: "AAAAAA9669000310FFEC",
    Command.STATUS: "AAAAAA9669000311FFED",
    Command.SAM_ID: "AAAAAA9669000312FFEE",
    Command.FIND: "AAAAAA96690003200122",
    Command.SELECT: "AAAAAA96690003200221",
    Command.READ_BASE: "AAAAAA96690003300132",
    Command.READ_NEW_ADDRESS: "AAAAAA96690003300330",
    Command.READ_MANAGEMENT: "AAAAAA96690003300536",
    Command.READ_WITH_FINGERPRINT: "AAAAAA96690003301023",
    Command.BAUD_115200: "AAAAAA96690003600063",
    Command.BAUD_57600: "AAAAAA96690003600162",
    Command.BAUD_38400: "AAAAAA96690003600261",
    Command.BAUD_19200: "AAAAAA96690003600360",
    Command.BAUD_9600: "AAAAAA96690003600467",
}
FAILURES = "8084 8185 4145 3135 3236 3337 9195 1014 1115 2125 2420 4044 4743 6064 6662 9094"
VECTORS = [
    ("resident", 0x77, "d86a9d515cdd7d8a"),
    ("long_term", 0xC6, "8e542e4b9a93518b"),
    ("hmt", 0xA9, "7dbd83df9825a9ee"),
    ("foreigner_2017", 0xC7, "0bd14ee99e7cdffa"),
    ("foreigner_2023", 0xAC, "1f3a0243d4a33b56"),
]


@pytest.mark.parametrize(("command", "frame"), COMMANDS.items())
def test_command_frames(command: Command, frame: str) -> None:
    assert command.frame().hex().upper() == frame


def test_command_with_data() -> None:
    assert Command.RF_BYTES.frame(b"\x50").hex().upper() == "AAAAAA9669000461FF50CA"
    assert Command.RF_BYTES.frame(b"\x58").hex().upper() == "AAAAAA9669000461FF58C2"
    assert set(COMMANDS) | {Command.RF_BYTES} == set(Command)


@pytest.mark.parametrize("pair", FAILURES.split())
def test_short_answers(pair: str) -> None:
    assert Answer(int(pair[:2], 16)).frame() == bytes.fromhex(f"AAAAAA966900040000{pair}")


def test_found_and_selected_answers() -> None:
    assert Answer(0x9F, data=bytes(4)).frame().hex().upper() == "AAAAAA9669000800009F0000000097"
    assert Answer(0x90, data=bytes(8)).frame().hex().upper() == "AAAAAA9669000C00009000000000000000009C"


@pytest.mark.parametrize(("who", "chk", "digest"), VECTORS)
def test_read_answer_vectors(people: dict[str, Any], who: str, chk: int, digest: str) -> None:
    text = pack_text(people[who])
    assert len(text) == 256
    frame = Answer(0x90, data=bytes([1, 0, 4, 0]) + text + pack_sim_photo(0)).frame()
    assert len(frame) == 1295
    assert frame[-1] == chk
    assert hashlib.sha256(frame).hexdigest().startswith(digest)


def test_every_status_code_has_a_meaning() -> None:
    assert set(MEANINGS) == set(SW3)
    assert [meaning(code).kind for code in (0x90, 0x9F, 0x91)] == [None, None, None]
    assert meaning(0x33).kind is ErrorKind.MEDIA_BAD
    assert meaning(0x60).kind is ErrorKind.HARDWARE
    assert meaning(0x66).kind is ErrorKind.CONFIG
    assert meaning(0xEE).kind is ErrorKind.PROTOCOL


def test_sam_id_as_printed_on_the_plate() -> None:
    data = bytes.fromhex("05000100 C6023301 39300000 01000000".replace(" ", ""))
    assert sam_id_text(data) == "05.01-20120262-0000012345-0000000001"
    with pytest.raises(ValueError, match="16 bytes"):
        sam_id_text(data[:-1])


@pytest.mark.parametrize("lead", [b"", b"\xaa", b"\xaa\xaa"], ids=["lost AA", "three AA", "extra AA"])
def test_lost_or_extra_preamble_byte(lead: bytes) -> None:
    frame = Answer(0x90).frame()
    assert Parser().feed(lead + frame[1:]) == [b"\0\0\x90"]


@pytest.mark.parametrize("length", [0, 3, 3073, 0xFFFF])
def test_senseless_length_is_skipped(length: int) -> None:
    parser = Parser()
    good = Answer(0x80).frame()
    assert parser.feed(b"\xaa" + SYNC + length.to_bytes(2, "big") + good) == [b"\0\0\x80"]
    assert parser.rejected == 1


def test_wrong_checksum_does_not_swallow_the_frame_after_it() -> None:
    bad = bytearray(Answer(0x90, data=bytes(30)).frame())
    bad[6] += 10  # it now claims ten bytes of the next frame
    parser = Parser()
    assert parser.feed(bytes(bad) + Answer(0x9F, data=bytes(4)).frame()) == [b"\0\0\x9f" + bytes(4)]


bodies = st.binary(min_size=3, max_size=200)


@given(st.lists(bodies, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_any_cutting_gives_the_same_frames(contents: list[bytes], random: Any) -> None:
    stream = b"".join(build(body) for body in contents)
    parser, found = Parser(), []
    while stream:
        size = random.randint(1, 40)
        found += parser.feed(stream[:size])
        stream = stream[size:]
    assert found == contents


@given(st.binary(max_size=300).filter(lambda noise: SYNC[:2] not in noise and noise[-1:] != b"\xaa"), bodies)
def test_frame_is_found_behind_any_noise(noise: bytes, body: bytes) -> None:
    assert Parser().feed(noise + build(body)) == [body]


@given(st.binary(max_size=4000))
def test_noise_never_raises_and_only_gives_whole_frames(noise: bytes) -> None:
    parser = Parser()
    for body in parser.feed(noise):
        assert checksum(build(body)[5:]) == 0
        assert build(body)[1:] in noise or build(body)[2:] in noise
    assert parser.skipped <= len(noise)


@given(bodies, st.integers(0, 10_000), st.integers(0, 7))
def test_a_turned_bit_never_gives_a_wrong_frame(body: bytes, at: int, bit: int) -> None:
    frame = bytearray(build(body))
    frame[at % len(frame)] ^= 1 << bit
    assert all(found == body for found in Parser().feed(bytes(frame)))
