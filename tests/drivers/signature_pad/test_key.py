"""The key on the pad's own screen: shown while somebody signs, wipes what was written, and takes no ink."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace

import numpy as np
import pytest

from drivers.signature_pad.face import draw
from drivers.signature_pad.stu import STU_430, Capability, pack_picture, parse_capability, parse_picture_data
from tests.drivers.signature_pad.conftest import Rig, rig, until

ON_KEY = (48.0, 54.0)
ABOVE = (48.0, 20.0)


def rows(picture: bytes, able: Capability) -> np.ndarray:
    return np.unpackbits(np.frombuffer(picture, np.uint8).reshape(able.screen_height, -1), axis=1)


async def shown(r: Rig, points: int) -> None:
    await until(lambda: r.simulator.picture and r.simulator.points == points)


def test_reports_of_a_picture() -> None:
    first, block, short, last = pack_picture(bytes(range(253)) + b"\xff")
    assert (first, last) == (b"\x25\x00", b"\x27\x00")
    assert block[:4] == bytes.fromhex("26 fd00 00")
    assert short == bytes.fromhex("26 0100 ff") + bytes(252)
    assert (len(block), len(short)) == (256, 256)
    assert parse_picture_data(block) + parse_picture_data(short) == bytes(range(253)) + b"\xff"
    for wrong in (b"", b"\x26\x02", b"\x26\x05\x00ab", b"\x26\xff\x00" + bytes(255), b"\x27\x00\x00"):
        with pytest.raises(ValueError):
            parse_picture_data(wrong)


@pytest.mark.parametrize(("formats", "takes"), [(0, True), (1, True), (2, True), (3, True), (15, True), (12, False)])
def test_which_pads_take_a_picture(formats: int, takes: bool) -> None:
    able = parse_capability(replace(STU_430, formats=formats).pack())
    assert able.takes_one_bit is takes
    assert (draw(able) is not None) is takes


@pytest.mark.parametrize(
    "able", [STU_430, Capability(10800, 6480, 1023, 800, 480, 200, 2540, 15)], ids=["STU-430", "800 x 480"]
)
def test_the_key_is_drawn_at_the_lower_edge(able: Capability) -> None:
    face = draw(able)
    assert face is not None
    dots = rows(face.rows, able)
    top = round(face.key_top_mm / able.height_mm * able.screen_height)
    assert dots.shape == (able.screen_height, able.screen_width)
    assert dots[: top - 2].all(), "the surface to write on is white"
    ink = 1 - dots[top + 6 :]
    assert ink.sum() > 200, "words on the key"
    assert able.height_mm - face.key_top_mm >= 10, "a pen hits it"
    assert draw(replace(able, screen_width=0)) is None


async def test_the_key_is_there_while_somebody_signs(line: str) -> None:
    async with rig(line) as r:
        assert r.pad.capabilities["keys"] == ("clear",)
        assert not r.simulator.picture
        await r.pad.start()
        face = draw(STU_430)
        assert face is not None
        assert r.simulator.picture == face.rows
        screen = r.do("screen")
        assert base64.b64decode(screen["bits_base64"]) == face.rows
        assert (screen["width"], screen["height"], screen["lines"]) == (320, 200, [])
        await r.pad.cancel()
        await until(lambda: not r.simulator.picture)


async def test_the_key_wipes_what_was_written(line: str) -> None:
    async with rig(line) as r:
        await r.pad.start()
        r.do("sign")
        await until(lambda: len(r.pad.ink()) == 3)
        r.do("stroke", points=[list(ON_KEY)])
        await until(lambda: not r.pad.ink())
        await shown(r, 0)
        assert r.pad.counters()["presses"] == 1
        r.do("sign")
        await until(lambda: len(r.pad.ink()) == 3 and r.pad.status().parts["surface"] == "ready")
        assert len((await r.pad.finish()).strokes) == 3


async def test_sliding_off_the_key_is_no_press_and_no_ink(line: str) -> None:
    async with rig(line) as r:
        await r.pad.start()
        r.do("stroke", points=[[10, 10], [40, 12]])
        r.do("stroke", points=[list(ON_KEY), list(ABOVE)])
        r.do("stroke", points=[[10, 30], [40, 32]])
        await until(lambda: len(r.pad.ink()) == 2 and r.pad.status().parts["surface"] == "ready")
        assert r.pad.counters().get("presses", 0) == 0


async def test_a_name_that_runs_onto_the_key_is_cut_and_not_wiped(line: str) -> None:
    async with rig(line) as r:
        await r.pad.start()
        r.do("stroke", points=[list(ABOVE), list(ON_KEY)])
        await until(lambda: r.pad.ink() and r.pad.status().parts["surface"] == "ready")
        (stroke,) = r.pad.ink()
        assert max(point.y for point in stroke) <= 48.0


async def test_a_key_pressed_while_nobody_signs_is_nothing(line: str) -> None:
    async with rig(line) as r:
        wiped = r.simulator.wiped
        r.do("stroke", points=[list(ON_KEY)])
        await asyncio.sleep(0.05)
        assert (r.simulator.wiped, r.pad.counters().get("presses", 0)) == (wiped, 0)


@pytest.mark.parametrize("report", [0x25, 0x26, 0x27])
async def test_a_pad_that_takes_no_picture_has_no_key_and_more_room(line: str, report: int) -> None:
    async with rig(line) as r:
        r.do("fault", id="STU.NO_REPORT", report=report, count=1)
        await r.pad.start()
        assert (r.pad.capabilities["keys"], r.pad.capabilities["height_mm"]) == ((), 60.0)
        r.do("stroke", points=[[20, 54], [60, 55], [20, 56], [60, 57]])
        await until(lambda: r.pad.ink() and r.pad.status().parts["surface"] == "ready")
        assert (await r.pad.finish()).height_mm == 60.0


async def test_pulled_out_at_a_press_of_the_key(line: str) -> None:
    async with rig(line) as r:
        await r.pad.start()
        r.do("sign")
        await until(lambda: len(r.pad.ink()) == 3)
        r.do("stroke", points=[list(ON_KEY)])
        r.do("unplug")
        await until(lambda: r.pad.status().link.value == "offline")
        r.do("plug")
        await r.pad.close()
        await r.pad.open()
        await r.pad.start()
        assert r.pad.ink() == ()
