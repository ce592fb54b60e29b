"""Maskers against anything a line may carry: every byte accounted for, nothing personal let through, whatever the chunks are."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.id_card.mask import SamvMasker
from drivers.id_card.samv import SW3, Answer, Command
from drivers.id_card.text import pack_text
from drivers.permit_unit.codes import Code
from drivers.permit_unit.frames import Frame, Kind
from drivers.permit_unit.mask import PermitUnitMasker
from drivers.permit_unit.messages import Back, JobOrder, pack_numbers
from drivers.qr_scanner.mask import EngineMasker
from drivers.receipt_printer.mask import EscposMasker
from drivers.transport.record import Recorder
from drivers.transport.tape import Event, Header, Masker, Piece, Tape, TapeWriter, What, load
from kiosk.domain.errors import DeviceError, ErrorKind

SECRET = "保密甲乙丙"
PERSON = {
    "name": SECRET,
    "birth": "19700101",
    "number": "330299197001010007",
    "from": "20200101",
    "address": SECRET * 3,
}
CARD = (
    (256).to_bytes(2, "big")
    + (1024).to_bytes(2, "big")
    + pack_text(PERSON)
    + SECRET.encode("utf-16-le") * 102
    + bytes(4)
)
FORMS = tuple(SECRET.encode(code) for code in ("utf-8", "utf-16-le", "gb18030"))
MASKERS: tuple[Callable[[], Masker], ...] = (SamvMasker, EngineMasker, EscposMasker, PermitUnitMasker)

CAME = (
    Answer(SW3.DONE).frame(),
    Answer(SW3.DONE, data=CARD).frame(),
    Answer(SW3.DONE, 0x9000, CARD).frame(),
    Answer(SW3.DONE, data=bytes(2) + CARD[2:4] + SECRET.encode() * 5).frame(),
    Answer(SW3.READ_FAILED, data=SECRET.encode("utf-16-le")).frame(),
    Answer(SW3.FOUND, data=b"\x00\x01\x02\x03").frame(),
    Frame(Kind.DONE, 3, Code.TEXT, SECRET.encode()).pack(),
    Frame(Kind.DONE, 3, Code.READ_CHIP, pack_numbers([SECRET, "HK1"])).pack(),
    Frame(Kind.DONE, 3, Code.READ_CHIP, b"\xff" + SECRET.encode()).pack(),
    Frame(Kind.DONE, 4, Code.CAPTURE, b"P\x00\x00\x01\x00\x12\x34\x56\x78").pack(),
    Frame(Kind.DONE, 5, Code.GET, SECRET.encode() * 9).pack(),
    Frame(Kind.REFUSED, 5, Code.WRITE, b"\x61" + SECRET.encode()).pack(),
    Frame(Kind.EVENT, 6, 0x49, b"2CO000000000" + SECRET.encode()).pack(),
    Frame(Kind.DONE, 7, 0x7A, SECRET.encode()).pack(),
    SECRET.encode() + b"\r",
    SECRET.encode("gb18030") + b"\n",
    b"]Q1" + SECRET.encode() + b"\x03",
    b"\x02\x010000#SCNTRG1\x06;\x03",
    b"TERMID130\x06.",
)
SENT = (
    *(command.frame() for command in Command),
    Frame(Kind.COMMAND, 1, Code.DATA, bytes(4) + SECRET.encode()).pack(),
    Frame(Kind.COMMAND, 2, Code.DATA, Back(SECRET, ((SECRET, "x"),)).pack()).pack(),
    Frame(Kind.COMMAND, 3, Code.WRITE, JobOrder("W1", 10, 0x12345678).pack()).pack(),
    Frame(Kind.COMMAND, 5, Code.GET, bytes(4) + b"\x00\x10").pack(),
    Frame(Kind.COMMAND, 5, 0x7A, SECRET.encode()).pack(),
    b"\x7e\x010000#SCNTRG1;\x03",
    b"\x1b@\x1b2\x1c&",
    SECRET.encode("gb18030") + b"\n",
    b"\x1d(k\x03\x00\x31\x43\x06",
    b"\x1d(k" + (3 + 15).to_bytes(2, "little") + b"\x31\x50\x30" + SECRET.encode(),
    b"\x1dk\x49\x0f" + SECRET.encode(),
    b"\x1dk\x04" + SECRET.encode() + b"\x00",
    b"\x1dv0\x00\x05\x00\x03\x00" + SECRET.encode(),
    b"\x1c2\x7e\x7e" + SECRET.encode() * 5,
    b"\x1b(Z" + (15).to_bytes(2, "little") + SECRET.encode(),
    b"\x1d8L" + (19).to_bytes(4, "little") + b"0p01" + SECRET.encode(),
    b"\x10\x04\x01",
)


def chopped(data: bytes, sizes: Iterable[int]) -> list[bytes]:
    found = []
    for size in sizes:
        found.append(data[:size])
        data = data[size:]
    return [*found, data]


def damaged(parts: list[bytes], cuts: list[tuple[int, int]]) -> bytes:
    """The parts joined, and bits of them turned or bytes lost here and there."""
    data = bytearray(b"".join(parts))
    for at, kind in cuts:
        if data and kind == 0:
            data[at % len(data)] ^= 0x04
        elif data and kind == 1:
            del data[at % len(data)]
        else:
            data.insert(at % (len(data) + 1), 0x02)
    return bytes(data)


SIZES = st.lists(st.integers(1, 400), max_size=12)
CUTS = st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 2)), max_size=3)


def masked(made: Callable[[], Masker], sent: list[bytes], came: list[bytes]) -> tuple[bytes, bytes]:
    masker = made()
    out: tuple[list[Piece], list[Piece]] = ([], [])
    for index in range(max(len(sent), len(came))):
        if index < len(sent) and sent[index]:
            out[0].extend(masker.sent(sent[index]))
        if index < len(came) and came[index]:
            out[1].extend(masker.came(came[index]))
    for way, rest in zip(out, masker.end(), strict=True):
        way.extend(rest)
    for piece in (*out[0], *out[1]):
        assert all(0 <= start < end <= len(piece.data) for start, end in piece.spans)
        assert not piece.withheld or not any(piece.data)
    joined = [b"".join(piece.data for piece in way) for way in out]
    return joined[0], joined[1]


STREAMS = given(
    came=st.lists(st.sampled_from(CAME), max_size=6),
    sent=st.lists(st.sampled_from(SENT), max_size=6),
    sizes=SIZES,
    came_cuts=CUTS,
    sent_cuts=CUTS,
)


def gives_nobody_away(
    made: Callable[[], Masker],
    came: list[bytes],
    sent: list[bytes],
    sizes: list[int],
    came_cuts: list[tuple[int, int]],
    sent_cuts: list[tuple[int, int]],
) -> None:
    their, ours = damaged(came, came_cuts), damaged(sent, sent_cuts)
    if made is EngineMasker:
        ours = b""  # what is said to an engine are set-up commands, never a citizen's data
    if made is EscposMasker:
        their = b""  # a printer knows nothing to say about anybody
    stored_sent, stored_came = masked(made, chopped(ours, sizes), chopped(their, sizes[::-1]))
    assert (len(stored_sent), len(stored_came)) == (len(ours), len(their))
    for form in FORMS:
        for at in range(0, len(form) - 3, 3):
            assert form[at : at + 4] not in stored_sent
            assert form[at : at + 4] not in stored_came


@pytest.mark.parametrize("made", MASKERS)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@STREAMS
def test_no_stream_gives_a_person_away(made: Callable[[], Masker], **stream: Any) -> None:
    gives_nobody_away(made, **stream)


@pytest.mark.chaos
@pytest.mark.timeout(300)
@pytest.mark.parametrize("made", MASKERS)
@settings(max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@STREAMS
def test_no_long_row_of_streams_gives_a_person_away(made: Callable[[], Masker], **stream: Any) -> None:
    gives_nobody_away(made, **stream)


@pytest.mark.parametrize("made", MASKERS)
@settings(max_examples=150, deadline=None)
@given(sent=st.lists(st.binary(max_size=300), max_size=5), came=st.lists(st.binary(max_size=300), max_size=5))
def test_every_byte_is_accounted_for(made: Callable[[], Masker], sent: list[bytes], came: list[bytes]) -> None:
    stored_sent, stored_came = masked(made, sent, came)
    assert (len(stored_sent), len(stored_came)) == (sum(map(len, sent)), sum(map(len, came)))


def test_what_is_not_personal_stays() -> None:
    quiet = [Answer(SW3.NO_CARD).frame(), Answer(SW3.FOUND, data=bytes(4)).frame()]
    assert masked(SamvMasker, [], quiet)[1] == b"".join(quiet)
    sam_id = Answer(SW3.DONE, data=bytes(range(16))).frame()
    assert masked(SamvMasker, [Command.SAM_ID.frame()], [b"", sam_id])[1] == sam_id
    assert masked(SamvMasker, [Command.READ_MANAGEMENT.frame()], [b"", sam_id])[1] != sam_id
    status = Frame(Kind.DONE, 1, Code.STATUS, b"2CO000000000").pack()
    assert masked(PermitUnitMasker, [], [status])[1] == status
    states = bytes.fromhex("12121212")
    assert masked(EscposMasker, [b"\x10\x04\x01\x1b@\x1da\xff"], [states]) == (
        b"\x10\x04\x01\x1b@\x1da\xff",
        states,
    )


def test_a_card_s_frame_still_fits_its_checksum() -> None:
    """And names a person who reads like a person, on the same kind of card."""
    from drivers.id_card.samv import Parser
    from drivers.id_card.text import parse_text

    _, stored = masked(SamvMasker, [], [Answer(SW3.DONE, data=CARD[:4] + CARD[4 : 4 + 256] + bytes(1024)).frame()])
    (body,) = Parser().feed(stored)
    card = parse_text(Answer.from_body(body).data[4:260])
    assert card.name == "样例"
    assert card.number == "110101198501010009"


def header() -> Header:
    return Header("id_card", "samv+sim:", "simulated", True, None, "test", "2026-11-21T18:00:00+08:00", "test")


class Hoarder:
    """A masker that decides late: everything at the end."""

    name = "late"

    def __init__(self) -> None:
        self.kept = 0

    def sent(self, data: bytes) -> list[Piece]:
        return [Piece(data)]

    def came(self, data: bytes) -> list[Piece]:
        self.kept += len(data)
        return []

    def end(self) -> tuple[list[Piece], list[Piece]]:
        return [], [Piece(b"\x01" * (self.kept - 1))]


async def test_order_and_chunks_stay_however_late_it_is_decided(tmp_path: Path) -> None:
    recorder = Recorder(TapeWriter(tmp_path / "a", header()), Hoarder())
    recorder.happened(What.OPENED)
    recorder.sent(b"ab")
    recorder.came(b"xxx")
    recorder.sent(b"c")
    recorder.came(b"yy")
    recorder.happened(What.LOST, DeviceError(ErrorKind.OFFLINE, "line", "Gone."))
    recorder.close()
    recorder.close()
    tape = load(tmp_path / "a")
    assert tape.whole
    found = [(event.what.value, event.piece.data if event.piece else b"") for event in tape.events]
    assert found == [
        ("opened", b""),
        ("sent", b"ab"),
        ("came", b"\x01\x01\x01"),
        ("sent", b"c"),
        ("came", b"\x01"),
        ("came", b"\x00"),  # what the masker never gave is hidden
        ("lost", b""),
    ]
    assert tape.events[5].piece is not None
    assert tape.events[5].piece.withheld
    assert (tape.events[6].error, tape.events[6].hint) == (ErrorKind.OFFLINE, "Gone.")


class Broken(Hoarder):
    """A masker with a mistake in it."""

    name = "broken"

    def came(self, data: bytes) -> list[Piece]:
        if data == b"yy":
            raise KeyError(data)
        return [Piece(data)]

    def sent(self, data: bytes) -> list[Piece]:
        return [Piece(data + b"more than there was")]


@pytest.mark.parametrize("first", ["came", "sent"])
async def test_a_masker_that_fails_disturbs_no_device_and_gives_nothing_away(tmp_path: Path, first: str) -> None:
    recorder = Recorder(TapeWriter(tmp_path / "a", header()), Broken())
    recorder.came(b"xx")
    (recorder.came if first == "came" else recorder.sent)(b"yy")
    recorder.came(b"zzz")
    recorder.close()
    recorder.came(b"after the end")
    recorder.happened(What.CLOSED)
    assert recorder.trouble.startswith("the masker broken failed")
    pieces = [event.piece for event in load(tmp_path / "a").events if event.piece is not None]
    assert pieces[0] == Piece(b"xx")
    assert pieces[-1] == Piece.hidden(3)
    assert b"7979" not in (tmp_path / "a").read_bytes() or first == "sent"


async def test_a_full_disk_disturbs_no_device(tmp_path: Path) -> None:
    writer = TapeWriter(tmp_path / "a", header())
    with open("/dev/full", "wb") as full:
        os.dup2(full.fileno(), writer._file.fileno())
    recorder = Recorder(writer, Hoarder())
    recorder.sent(b"ab")
    recorder.close()
    assert recorder.trouble == "No space left on device"


def test_an_old_tape_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    with pytest.raises(FileExistsError):
        TapeWriter(tmp_path / "a", header())
    assert (tmp_path / "a").read_text() == "mine"


async def test_pace_and_order_of_a_replay() -> None:
    """The device's words wait for the driver's, and for their time; the driver may be faster than it was."""
    from drivers.transport.replay import replaying

    def came(at: float, data: bytes) -> Event:
        return Event(at, What.CAME, Piece(data))

    events = (
        Event(0, What.OPENED),
        came(0.0, b"hello"),
        Event(1, What.SENT, Piece(b"ask")),
        came(500.0, b"late"),
        Event(500.5, What.SENT, Piece(b"more")),
    )
    tape = Tape(header(), events, whole=True)
    line = replaying(tape, pace=0)
    await line.open()
    assert await line.read(99, 1) == b"hello"
    with pytest.raises(DeviceError, match="Nothing came"):
        await line.read(99, 0.01)
    await line.write(b"askmore", 1)
    assert await line.read(99, 1) == b"late"
    assert line.verdict() == ""
    slow = replaying(tape, pace=1)
    await slow.open()
    await slow.write(b"ask", 1)
    assert slow.drain() == b"hello"
    with pytest.raises(DeviceError, match="Nothing came"):
        await slow.read(99, 0.05)  # 499 s are not over
    waiting = asyncio.ensure_future(slow.read(99, 5))
    await asyncio.sleep(0)
    with pytest.raises(DeviceError, match="Byte 4 of what the driver sends is 78, and was 6F when"):
        await slow.write(b"mx", 1)
    with pytest.raises(DeviceError, match="Byte 4 of"):
        await waiting
    with pytest.raises(DeviceError, match="Byte 4 of"):
        await slow.open()
    await slow.close()
