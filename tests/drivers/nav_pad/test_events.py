"""Input events byte by byte: what the kernel writes, what a line may make of it."""

from __future__ import annotations

import struct
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.nav_pad import CODES, KEYS, PadTable, load_pad_tables
from drivers.nav_pad import connect
from drivers.nav_pad.evdev_line import EVIOCGRAB, EVIOCSCLOCKID, eviocgbit, eviocgkey, eviocgname, eviocgsw
from drivers.nav_pad.events import EVENT, Event, EventParser, Type

ON_64_BIT = pytest.mark.skipif(sys.maxsize < 2**32 or sys.byteorder != "little", reason="bytes of a 64-bit machine")
DOWN = bytes.fromhex("bb5e6769 00000000 40420f00 00000000 0100 6700 01000000".replace("40420f00", "3f420f00"))
"""KEY_UP pressed, 999,999 µs after second 0x69675ebb."""


@ON_64_BIT
def test_an_event_has_24_bytes_and_is_read_as_the_kernel_writes_it() -> None:
    assert EVENT.size == 24
    (event,) = EventParser().feed(DOWN)
    assert (event.type, event.code, event.value) == (Type.KEY, CODES["KEY_UP"], 1)
    assert event.at == pytest.approx(0x69675EBB + 0.999999)
    assert Event(Type.SW, 2, 1, 1.5).pack() == struct.pack("<qqHHi", 1, 500_000, 5, 2, 1)


def test_numbers_of_the_kernel() -> None:
    """As linux/input.h defines them on all common machines."""
    assert (EVIOCGRAB, EVIOCSCLOCKID) == (0x40044590, 0x400445A0)
    assert (eviocgname(256), eviocgkey(96), eviocgsw(4)) == (0x81004506, 0x80604518, 0x8004451B)
    assert eviocgbit(Type.SW, 96) == 0x80604525
    assert (CODES["KEY_F1"], CODES["KEY_F10"], CODES["KEY_F13"], CODES["KEY_F24"]) == (59, 68, 183, 194)
    assert (CODES["KEY_ENTER"], CODES["KEY_HELP"], CODES["KEY_VOLUMEUP"], CODES["KEY_SELECT"]) == (28, 138, 115, 0x161)


def test_pieces_join_and_half_an_event_ends_with_silence() -> None:
    parser = EventParser()
    whole = Event(Type.KEY, 103, 1, 5.0).pack()
    found = [event for byte in whole * 3 for event in parser.feed(bytes([byte]))]
    assert len(found) == 3
    assert parser.feed(whole[:11]) == []
    assert parser.pending
    parser.silence()
    assert (len(parser.feed(whole)), parser.bad) == (1, 1)


def test_a_lost_byte_costs_one_event() -> None:
    parser = EventParser()
    events = [Event(Type.KEY, 103 + n, 1, 100.0 + n) for n in range(6)]
    packed = b"".join(each.pack() for each in events)
    found = parser.feed(packed[:30] + packed[31:])
    assert [each.code for each in found] == [103, 105, 106, 107, 108]
    assert parser.bad == 1


@given(st.lists(st.binary(max_size=80), max_size=20))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_survived(pieces: list[bytes]) -> None:
    parser = EventParser()
    for piece in pieces:
        for event in parser.feed(piece):
            assert event.type in set(Type)
        assert len(parser._buffer) < EVENT.size


def test_shipped_tables_have_every_key() -> None:
    tables = load_pad_tables()
    assert {"arrows", "function_keys"} <= tables.keys()
    for table in tables.values():
        assert all(getattr(table, key) for key in KEYS)


def test_a_table_says_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="two keys"):
        PadTable.model_validate({"up": "KEY_UP", "down": 103})
    with pytest.raises(ValueError, match="go together"):
        PadTable.model_validate({"up": "KEY_UP", "jack_in": "F15"})
    with pytest.raises(ValueError, match="no key code"):
        PadTable.model_validate({"up": "KEY_NOWHERE"})


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("evdev+serial:///dev/ttyS0", "not a pad"),
        ("evdev+sim:?table=none", "known are arrows"),
        ("evdev+sim:?up=KEY_DOWN", "two keys"),
        ("evdev+sim:?up=KEY_NOWHERE", "no key code"),
        ("evdev+sim:?grab=maybe", "grab"),
        ("evdev+file:///dev/input/event0?speed=1", "not a device file"),
        ("evdev+file:relative", "not a device file"),
        ("keyboard", "device URL"),
    ],
)
def test_wrong_addresses_are_told_in_a_sentence(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        connect(url)


def test_a_table_can_be_changed_in_the_address() -> None:
    pad = connect("evdev+file:///dev/input/by-id/usb-pad-event-kbd?table=function_keys&select=KEY_F13,28&grab=0")
    assert (pad.table.select, pad.table.up, pad.driver) == ((183, 28), (187,), "evdev+file")
    assert pad.capabilities["jack"] == "keys"
