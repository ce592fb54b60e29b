"""Reports and envelopes byte by byte, ink point by point."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.signature_pad import connect
from drivers.signature_pad.envelope import Envelope, Kind, Opener
from drivers.signature_pad.hidraw import HIDIOCGRAWINFO, HidrawLine, hidiocgfeature, hidiocsfeature
from drivers.signature_pad.ink import MOST_POINTS, MOST_STROKES, Ink
from drivers.signature_pad.stu import CLEAR, STU_430, Pen, parse_capability, parse_model, parse_pen
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.controls import InkPoint, Signature

CAPABILITY = bytes.fromhex("09 2580 1770 03ff 0140 00c8 c8 09ec 01 0000")
"""What a STU-430V is said to tell: 9600 x 6000 points of 1023 levels, 320 x 200 pixels, 200 reports a second, 2540 points per inch."""


def test_capability() -> None:
    found = parse_capability(CAPABILITY)
    assert (found.max_x, found.max_y, found.max_pressure, found.rate, found.resolution) == (9600, 6000, 1023, 200, 2540)
    assert (found.width_mm, found.height_mm) == (96.0, 60.0)
    assert found == STU_430
    assert found.pack() == CAPABILITY
    for wrong in (b"", CAPABILITY[:10], b"\x08" + CAPABILITY[1:], CAPABILITY[:1].ljust(17, b"\0")):
        with pytest.raises(ValueError):
            parse_capability(wrong)


def test_model() -> None:
    assert parse_model(bytes.fromhex("08 5354552d3433305600 0104 00 00000000".replace(" ", ""))) == "STU-430V"
    assert parse_model(b"\x09STU") == parse_model(b"") == ""


def test_pen() -> None:
    assert parse_pen(bytes.fromhex("01 9200 12c0 0bb8")) == Pen(True, True, 0x200, 4800, 3000)
    assert parse_pen(bytes.fromhex("01 8000 12c0 0bb8")) == Pen(True, False, 0, 4800, 3000)
    timed = parse_pen(bytes.fromhex("34 9200 12c0 0bb8 0001 0002"))
    assert timed == Pen(True, True, 0x200, 4800, 3000)
    assert parse_pen(b"\x77\x01") is None
    with pytest.raises(ValueError):
        parse_pen(bytes.fromhex("01 9200 12"))
    assert Pen(True, False, 100, 0, 0).down(1023)
    assert not Pen(True, False, 10, 0, 0).down(1023)
    assert not Pen(False, True, 500, 0, 0).down(1023)
    assert CLEAR == b"\x20\x00"


def test_numbers_of_the_kernel() -> None:
    """As linux/hidraw.h defines them."""
    assert (HIDIOCGRAWINFO, hidiocsfeature(2), hidiocgfeature(64)) == (0x80084803, 0xC0024806, 0xC0404807)


def test_envelopes() -> None:
    assert Envelope(Kind.GET, b"\x09").pack() == b"G\x00\x01\x09"
    stream = Envelope(Kind.INPUT, b"\x01" * 7).pack() + Envelope(Kind.FEATURE, b"").pack()
    opener = Opener()
    found = [envelope for byte in stream for envelope in opener.feed(bytes([byte]))]
    assert found == [Envelope(Kind.INPUT, b"\x01" * 7), Envelope(Kind.FEATURE, b"")]
    assert opener.feed(b"\xff\x00zz" + stream) == found
    assert (opener.bad, opener.pending) == (1, False)


@given(st.lists(st.binary(max_size=60), max_size=20))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_survived(pieces: list[bytes]) -> None:
    opener = Opener()
    for piece in pieces:
        for envelope in opener.feed(piece):
            try:
                parse_pen(envelope.report)
                parse_capability(envelope.report)
            except ValueError:
                continue
            parse_model(envelope.report)


# --- ink


def sheet(width: float = 100.0, height: float = 50.0) -> Ink:
    ink = Ink(lambda: None)
    ink.resized(width, height)
    ink.taking = True
    return ink


def test_strokes_and_times() -> None:
    ink = sheet()
    for t, x, y in ((5.0, 1, 1), (5.1, 2, 1), (5.1, 2.05, 1), (5.05, 3, 1)):
        ink.point(t, x, y, 2.0)
    ink.lift()
    ink.lift()
    ink.point(6.0, 10, 10, -1)
    assert ink.strokes == (
        (InkPoint(0.0, 1, 1, 1.0), InkPoint(0.1, 2, 1, 1.0), InkPoint(0.1, 3, 1, 1.0)),
        (InkPoint(1.0, 10, 10, 0.0),),
    )
    assert not ink.signed
    ink.abandon()
    assert len(ink.strokes) == 1
    ink.clear()
    assert ink.empty


def test_ink_is_cut_at_the_edge_and_goes_on_from_it() -> None:
    ink = sheet()
    for x, y in ((90, 25), (110, 25), (120, 30), (110, 25), (90, 25), (90, -10)):
        ink.point(0.0, x, y)
    first, second = ink.strokes
    assert [(point.x, point.y) for point in first] == [(90, 25), (100, 25)]
    assert [(round(point.x, 6), point.y) for point in second] == [(100, 25), (90, 25), (90, 0)]


def test_what_begins_beside_the_surface_is_no_ink() -> None:
    ink = sheet()
    ink.point(0, -5, 10)
    ink.point(0, -1, 10)
    assert ink.empty
    ink.lift()
    nowhere = sheet(0, 0)
    nowhere.point(0, 0, 0)
    assert nowhere.empty


def test_nonsense_is_no_ink() -> None:
    ink = sheet()
    for bad in (math.nan, math.inf, -math.inf):
        ink.point(0, bad, 1)
        ink.point(bad, 1, 1)
        ink.point(0, 1, 1, bad)
    assert ink.empty
    ink.taking = False
    ink.point(0, 1, 1)
    assert ink.empty


def test_bounds() -> None:
    ink = sheet()
    for number in range(MOST_STROKES + 50):
        ink.point(number, 1 + number % 90, 10)
        ink.point(number, 1 + number % 90, 40)
        ink.lift()
    assert (len(ink.strokes), ink.cut) == (MOST_STROKES, True)
    ink = sheet()
    for number in range(MOST_POINTS + 500):
        ink.point(number, 1 + (number * 7) % 90, 1 + (number * 3) % 40)
    assert (sum(map(len, ink.strokes)), ink.cut) == (MOST_POINTS, True)
    assert all(ink.strokes)


@given(st.lists(st.tuples(st.floats(-20, 120), st.floats(-20, 70), st.booleans()), max_size=60))
@settings(max_examples=200, deadline=None)
def test_all_ink_lies_on_the_surface(moves: list[tuple[float, float, bool]]) -> None:
    ink = sheet()
    for x, y, lift in moves:
        ink.point(0.0, x, y)
        if lift:
            ink.lift()
    for stroke in ink.strokes:
        assert stroke
        assert all(-1e-9 <= point.x <= 100 + 1e-9 and -1e-9 <= point.y <= 50 + 1e-9 for point in stroke)


def test_a_signature_tells_nothing_of_itself() -> None:
    signature = Signature(((InkPoint(0, 12.34, 5, 1),),), 100, 50)
    assert "12.34" not in repr(signature)


# --- addresses


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("touch:", "needs the window's sheet"),
        ("touch:///dev/x", "not a signature pad"),
        ("stu+serial:///dev/ttyS0", "not a signature pad"),
        ("stu+hid:hidraw3", "not a device file"),
        ("stu+hid:///dev/hidraw3?colour=red", "not a device file"),
        ("wacom+hid:///dev/hidraw3", "not a signature pad"),
    ],
)
def test_wrong_addresses_are_told_in_a_sentence(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        connect(url)


async def test_what_is_no_pad_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for path, kind in (
        (str(tmp_path / "file"), ErrorKind.CONFIG),
        (str(tmp_path / "nothing"), ErrorKind.OFFLINE),
        ("/dev/null", ErrorKind.CONFIG),
    ):
        pad = connect(f"stu+hid://{path}")
        with pytest.raises(DeviceError) as error:
            await pad.open()
        assert (error.value.kind, pad.status().trouble) == (kind, kind)
        await pad.close()


@pytest.mark.skipif("ONETRIP_STU" not in os.environ, reason="no real pad: set ONETRIP_STU=/dev/hidrawN")
async def test_a_real_pad() -> None:
    pad = connect(f"stu+hid://{os.environ['ONETRIP_STU']}")
    await pad.open()
    assert pad.capabilities["width_mm"]
    await pad.start()
    await pad.cancel()
    await pad.close()
    line = HidrawLine(os.environ["ONETRIP_STU"])
    await line.open()
    await line.close()
