"""Signing on a pad over every line, and on the window's sheet."""

from __future__ import annotations

import asyncio

import pytest

from drivers.signature_pad.ink import MOST_STROKES
from drivers.signature_pad.pad import InkPad
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Device, Link
from kiosk.ports.health import Level, Resettable, Returning, Serviced, Verdict
from tests.drivers.signature_pad.conftest import Nobody, Sheet, rig, touch_pad, until


async def fails(kind: ErrorKind, doing: object) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        await doing  # type: ignore[misc]
    assert caught.value.kind is kind
    return caught.value


async def written(pad: InkPad, strokes: int) -> None:
    await until(lambda: len(pad.ink()) >= strokes and pad.status().parts["surface"] == "ready")


async def test_it_is_a_device_with_a_life(line: str) -> None:
    async with rig(line) as r:
        assert isinstance(r.pad, Device)
        assert isinstance(r.pad, Serviced)
        assert isinstance(r.pad, Resettable)
        assert isinstance(r.pad, Returning)
        assert (await r.pad.check()).parts == {"surface": "idle"}
        able = r.pad.capabilities
        assert (able["width_mm"], able["height_mm"], able["pressure_levels"], able["model"]) == (
            96.0,
            48.0,
            1024,
            "STU-430",
        )
        assert able["tried_on_real_pad"] is False
        await r.pad.close()
        await r.pad.close()
        assert r.pad.status().link is Link.CLOSED
        for asking in (r.pad.start(), r.pad.finish(), r.pad.clear(), r.pad.wait_ink(1), r.pad.reset()):
            await fails(ErrorKind.NOT_OPEN, asking)
        await r.pad.open()
        assert r.pad.counters()["opens"] == 2


async def test_signing(line: str) -> None:
    async with rig(line) as r:
        await r.pad.start()
        wiped = r.simulator.wiped
        waiting = asyncio.ensure_future(r.pad.wait_ink(5))
        await asyncio.sleep(0)
        r.do("sign")
        await waiting
        await written(r.pad, 3)
        signature = await r.pad.finish()
        assert (len(signature.strokes), signature.cut) == (3, False)
        assert (signature.width_mm, signature.height_mm) == (96.0, 48.0)  # the rest is the key's
        first = signature.strokes[0]
        assert [point.x for point in first] == sorted(point.x for point in first)
        assert first[0].x == pytest.approx(9.6, abs=0.02)
        assert first[0].pressure == pytest.approx(0.3, abs=0.01)
        assert first[0].t == 0.0
        assert r.simulator.wiped > wiped  # nothing stays on the pad
        assert (r.pad.ink(), r.pad.status().parts["surface"]) == ((), "idle")
        await fails(ErrorKind.CANCELLED, r.pad.finish())
        assert {"ready", "writing", "idle"} <= {status.parts["surface"] for status in r.told}


async def test_nothing_is_taken_before_the_beginning_and_after_the_end(line: str) -> None:
    async with rig(line) as r:
        r.do("sign")
        await asyncio.sleep(0.05)
        assert r.pad.ink() == ()
        await r.pad.start()
        await fails(ErrorKind.BUSY, r.pad.start())
        await fails(ErrorKind.NO_MEDIA, r.pad.finish())
        r.do("dot")
        await written(r.pad, 1)
        await fails(ErrorKind.MEDIA_BAD, r.pad.finish())
        r.do("sign")  # after both it goes on
        await written(r.pad, 4)
        assert len((await r.pad.finish()).strokes) == 4


async def test_silence_is_a_timeout_and_wiping_begins_anew(line: str) -> None:
    async with rig(line) as r:
        await r.pad.start()
        await fails(ErrorKind.TIMEOUT, r.pad.wait_ink(0.05))
        r.do("fault", id="STU.MUTE_PEN", count=None)
        r.do("sign")
        await fails(ErrorKind.TIMEOUT, r.pad.wait_ink(0.1))
        r.do("clear")
        r.do("dot")
        await r.pad.wait_ink(5)
        await r.pad.clear()
        assert r.pad.ink() == ()
        assert r.simulator.points == 0
        r.do("sign")
        await written(r.pad, 3)
        assert len((await r.pad.finish()).strokes) == 3


async def test_cancelled_in_mid_stroke(line: str) -> None:
    async with rig(line) as r:
        await r.pad.start()
        r.do("down", x=10, y=10)
        r.do("move", x=40, y=12)
        await until(lambda: r.pad.status().parts["surface"] == "writing" and r.pad.ink())
        await r.pad.cancel()
        assert (r.pad.ink(), r.pad.status().parts["surface"]) == ((), "idle")
        r.do("move", x=60, y=12)
        r.do("up")
        await r.pad.cancel()
        await asyncio.sleep(0.02)
        assert r.pad.ink() == ()
        await r.pad.start()
        waiting = asyncio.ensure_future(r.pad.wait_ink(5))
        await asyncio.sleep(0)
        await r.pad.cancel()
        await fails(ErrorKind.CANCELLED, waiting)


async def test_a_flood_is_bounded(line: str) -> None:
    async with rig(line) as r:
        await r.pad.start()
        r.do("fault", id="STU.FLOOD", strokes=400)
        r.do("sign")
        await written(r.pad, MOST_STROKES)
        await asyncio.sleep(0.05)
        signature = await r.pad.finish()
        assert (len(signature.strokes), signature.cut) == (MOST_STROKES, True)


async def test_out_of_the_surface_is_cut_off(line: str) -> None:
    async with rig(line) as r:
        await r.pad.start()
        r.do("fault", id="STU.OUTSIDE")
        r.do("stroke", points=[[10, 30], [90, 30]])
        await written(r.pad, 2)
        signature = await r.pad.finish()
        assert max(point.x for stroke in signature.strokes for point in stroke) == pytest.approx(96.0, abs=0.01)


@pytest.mark.parametrize(
    "fault", ["STU.NO_LIFT", "STU.NO_FLAGS", "STU.SHORT", "STU.STRANGE", "LINE.DRIP", "LINE.NOISE_BEFORE"]
)
async def test_odd_reports_are_survived(line: str, fault: str) -> None:
    async with rig(line) as r:
        await r.pad.start()
        r.do("fault", id=fault, count=None if fault == "STU.NO_FLAGS" else 1)
        r.do("sign")
        await until(lambda: len(r.pad.ink()) >= 2)
        await asyncio.sleep(0.05)
        assert (await r.pad.finish()).strokes


@pytest.mark.parametrize(
    ("fault", "kind", "link"),
    [
        ({"id": "STU.MUTE"}, ErrorKind.TIMEOUT, Link.OFFLINE),
        ({"id": "STU.NO_REPORT", "report": 9}, ErrorKind.UNSUPPORTED, Link.FAULT),
        ({"id": "STU.NONSENSE"}, ErrorKind.PROTOCOL, Link.OFFLINE),
        ({"id": "STU.OTHER"}, ErrorKind.PROTOCOL, Link.OFFLINE),
        ({"id": "LINE.MUTE"}, ErrorKind.TIMEOUT, Link.OFFLINE),
        ({"id": "LINE.TRUNCATE"}, ErrorKind.TIMEOUT, Link.OFFLINE),
    ],
    ids=lambda value: value["id"] if isinstance(value, dict) else "",
)
async def test_a_pad_that_does_not_answer_well(
    line: str, fault: dict[str, object], kind: ErrorKind, link: Link
) -> None:
    async with rig(line, opened=False) as r:
        r.do("fault", **fault, count=None)
        await fails(kind, r.pad.open())
        assert (r.pad.status().link, r.pad.status().trouble) == (link, kind)
        r.do("clear")
        await r.pad.open()
        await r.pad.start()
        r.do("fault", **fault, count=None)
        assert (await r.pad.check()).link is link
        await fails(ErrorKind.OFFLINE, r.pad.finish())
        r.do("clear")
        assert (await r.pad.check()).link is Link.READY


async def test_a_pad_without_a_name_works(line: str) -> None:
    async with rig(line, opened=False) as r:
        r.do("fault", id="STU.NO_REPORT", report=8, count=None)
        await r.pad.open()
        assert "model" not in r.pad.capabilities


async def test_unplugged_while_somebody_signs(line: str) -> None:
    async with rig(line) as r:
        await r.pad.start()
        r.do("down", x=10, y=10)
        await r.pad.wait_ink(5)
        await r.pad.clear()
        waiting = asyncio.ensure_future(r.pad.wait_ink(5))
        await asyncio.sleep(0)
        r.do("unplug")
        await fails(ErrorKind.OFFLINE, waiting)
        assert (r.pad.status().link, r.pad.ink(), r.pad.counters()["losses"]) == (Link.OFFLINE, (), 1)
        returned = asyncio.ensure_future(r.pad.wait_return())
        await fails(ErrorKind.OFFLINE, r.pad.open())
        r.do("plug")
        await returned
        await r.pad.open()
        await r.pad.start()
        await asyncio.sleep(0.05)
        r.do("sign")
        await written(r.pad, 3)
        assert (await r.pad.finish()).strokes


async def test_health(line: str) -> None:
    async with rig(line) as r:
        found = {each.name: each for each in await r.pad.examine(Level.INTERNAL, Nobody())}
        assert {each.verdict for each in found.values()} == {Verdict.PASSED}
        assert found["size"].value == "96 x 60 mm"
        (wipe,) = await r.pad.examine(Level.EXTERNAL, Nobody())
        assert wipe.verdict is Verdict.PASSED
        (ink,) = await r.pad.examine(Level.INTERACTIVE, Nobody())
        assert ink.verdict is Verdict.SKIPPED
        await r.pad.start()
        (wipe,) = await r.pad.examine(Level.EXTERNAL, Nobody())
        assert wipe.verdict is Verdict.SKIPPED
        await r.pad.reset()
        assert r.pad.status().parts["surface"] == "idle"
        r.do("unplug")
        await until(lambda: r.pad.status().link is Link.OFFLINE)
        found = {each.name: each for each in await r.pad.examine(Level.INTERNAL, Nobody())}
        assert found["link"].verdict is Verdict.FAILED
        (wipe,) = await r.pad.examine(Level.EXTERNAL, Nobody())
        assert wipe.verdict is Verdict.FAILED


# --- the window's sheet


async def test_signing_on_the_sheet() -> None:
    sheet = Sheet()
    pad = touch_pad(sheet)
    assert isinstance(pad, Serviced)
    await pad.open()
    sheet.show()
    assert (pad.capabilities["width_mm"], pad.capabilities["pressure_levels"]) == (240.0, 0)
    await pad.start()
    assert sheet.wiped == 1
    waiting = asyncio.ensure_future(pad.wait_ink(5))
    await asyncio.sleep(0)
    sheet.stroke((10, 10), (20, 20), lift=False)
    await waiting
    assert pad.status().parts["surface"] == "writing"
    sheet.sinks[0].abandon()  # the window took the touch away
    assert pad.ink() == ()
    sheet.sign()
    signature = await pad.finish()
    assert (len(signature.strokes), signature.width_mm, signature.strokes[0][0].pressure) == (1, 240.0, 1.0)
    assert sheet.wiped == 2
    found = {each.name: each.verdict for each in await pad.examine(Level.INTERNAL, Nobody())}
    assert set(found.values()) == {Verdict.PASSED}
    await pad.close()
    assert (sheet.sinks, pad.status().link) == ([], Link.CLOSED)
    with pytest.raises(DeviceError):
        await pad.start()
    await pad.open()
    sheet.show()
    await pad.reset()
    assert len(sheet.sinks) == 1
    await pad.close()


async def test_without_a_sheet_nothing_is_written() -> None:
    sheet = Sheet()
    pad = touch_pad(sheet)
    await pad.open()
    await pad.start()
    sheet.sign()
    with pytest.raises(DeviceError) as empty:
        await pad.finish()
    assert empty.value.kind is ErrorKind.NO_MEDIA
    found = {each.name: each.verdict for each in await pad.examine(Level.INTERNAL, Nobody())}
    assert found["size"] is Verdict.SKIPPED
    await pad.close()
