"""The pad over every line: keys, the jack, and what goes wrong with contacts, lines and plugs."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from drivers.nav_pad import connect
from drivers.nav_pad.events import Event, Type
from drivers.nav_pad.keys import KEPT_FOR
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.controls import NavPad, PadEvent, PadKey
from kiosk.ports.devices import Device, Link
from kiosk.ports.health import Ask, Level, Resettable, Returning, Serviced, Verdict
from tests.drivers.nav_pad.conftest import Answers, rig, until


async def nothing_comes(pad: NavPad, seconds: float = 0.15) -> None:
    with pytest.raises(DeviceError) as timeout:
        await pad.event(seconds)
    assert timeout.value.kind is ErrorKind.TIMEOUT


@pytest.mark.parametrize("key", list(PadKey))
@pytest.mark.parametrize("options", ["", "?table=function_keys"])
async def test_each_key_is_told_once(line: str, options: str, key: PadKey) -> None:
    async with rig(line, options) as r:
        r.do("press", key=key.value)
        assert await r.pad.event(5) == PadEvent(key, headphones=False)
        await nothing_comes(r.pad)
        assert r.pad.counters()["presses"] == 1


async def test_it_is_a_device_with_a_life(line: str) -> None:
    async with rig(line) as r:
        assert isinstance(r.pad, Device)
        assert isinstance(r.pad, Serviced)
        assert isinstance(r.pad, Resettable)
        assert isinstance(r.pad, Returning)
        await until(lambda: r.pad.status().parts == {"headphones": "absent", "keys": "ok"})
        assert r.pad.status().link is Link.READY
        assert (await r.pad.check()).link is Link.READY
        await r.pad.close()
        await r.pad.close()
        assert r.pad.status().link is Link.CLOSED
        with pytest.raises(DeviceError) as closed:
            await r.pad.event(1)
        assert closed.value.kind is ErrorKind.NOT_OPEN
        await r.pad.open()
        await until(lambda: r.simulator._outboxes)
        r.do("press", key="help")
        assert (await r.pad.event(5)).key is PadKey.HELP
        assert r.pad.counters()["opens"] == 2


async def test_headphones_in_and_out(line: str) -> None:
    for options in ("", "?table=function_keys"):
        async with rig(line, options) as r:
            r.do("headphones", **{"in": True})
            assert await r.pad.event(5) == PadEvent(None, headphones=True)
            assert r.pad.status().parts["headphones"] == "present"
            r.do("press", key="select")
            assert await r.pad.event(5) == PadEvent(PadKey.SELECT, headphones=True)
            r.do("headphones", **{"in": False})
            assert await r.pad.event(5) == PadEvent(None, headphones=False)
            assert r.pad.status().parts["headphones"] == "absent"


async def test_a_fluttering_jack_ends_as_it_is(line: str) -> None:
    async with rig(line) as r:
        r.do("fault", id="PAD.JACK_FLUTTER", times=3)
        r.do("headphones", **{"in": True})
        await until(lambda: r.pad.status().parts["headphones"] == "present")
        await asyncio.sleep(0.02)
        assert (await r.pad.event(5)).headphones


async def test_an_old_press_is_for_a_page_that_is_gone(line: str) -> None:
    async with rig(line) as r:
        r.do("press", key="up")
        await until(lambda: r.pad.counters().get("presses") == 1)
        r.pad._keys._presses[0] = (r.pad._keys._presses[0][0] - KEPT_FOR, PadKey.UP)
        await nothing_comes(r.pad, 0.05)


async def test_bounce_is_one_press(line: str) -> None:
    async with rig(line) as r:
        r.do("fault", id="PAD.BOUNCE", times=5)
        r.do("press", key="down")
        assert (await r.pad.event(5)).key is PadKey.DOWN
        await nothing_comes(r.pad)
        await asyncio.sleep(0.05)
        r.do("press", key="down")
        assert (await r.pad.event(5)).key is PadKey.DOWN


async def test_a_stuck_key_is_one_press_and_a_fault_until_it_is_let_go(line: str) -> None:
    async with rig(line, stuck_after=0.4) as r:
        r.do("fault", id="PAD.STUCK", count=None)
        r.do("press", key="left")
        assert (await r.pad.event(5)).key is PadKey.LEFT
        await until(lambda: r.pad.status().parts["keys"] == "stuck")
        status = r.pad.status()
        assert (status.link, status.trouble) == (Link.DEGRADED, ErrorKind.HARDWARE)
        assert "left" in status.detail
        assert status in r.told
        await nothing_comes(r.pad, 0.1)  # it repeats without end
        r.do("press", key="up")  # the others work
        assert (await r.pad.event(5)).key is PadKey.UP
        r.do("clear")
        await until(lambda: r.pad.status().parts["keys"] == "ok")
        assert r.pad.status().link is Link.READY
        await asyncio.sleep(0.05)  # sooner would be bounce
        r.do("press", key="left")
        assert (await r.pad.event(5)).key is PadKey.LEFT


async def test_half_an_event_costs_that_event_only(line: str) -> None:
    async with rig(line) as r:
        r.do("fault", id="PAD.HALF")
        r.do("press", key="up", hold=0.25)
        await until(lambda: r.pad.counters().get("bad_answers") == 1)
        r.do("press", key="right")
        assert (await r.pad.event(5)).key is PadKey.RIGHT


async def test_unknown_codes_are_left_out(line: str) -> None:
    async with rig(line) as r:
        r.do("fault", id="PAD.UNKNOWN", code=30)
        r.do("press", key="up")
        r.do("press", key="down")
        assert (await r.pad.event(5)).key is PadKey.DOWN
        assert r.pad.counters()["bad_answers"] > 0


async def test_a_lost_release_does_not_swallow_the_jack(line: str) -> None:
    async with rig(line, stuck_after=0.3) as r:
        r.do("fault", id="PAD.NO_RELEASE")
        r.do("press", key="up")
        assert (await r.pad.event(5)).key is PadKey.UP
        r.do("headphones", **{"in": True})
        assert (await r.pad.event(5)).headphones
        await until(lambda: r.pad.status().parts["keys"] == "stuck")
        r.do("press", key="up")  # its release comes
        await until(lambda: r.pad.status().parts["keys"] == "ok")


@pytest.mark.parametrize(
    "fault", ["LINE.DRIP", "LINE.NOISE_BEFORE", "LINE.NOISE_AFTER", "LINE.LOST_FIRST", "LINE.FLIP"]
)
async def test_the_line_spoils_a_report_and_the_next_press_is_heard(line: str, fault: str) -> None:
    async with rig(line) as r:
        r.do("fault", id=fault)
        r.do("press", key="up", hold=0.01)
        await asyncio.sleep(0.25)
        r.do("press", key="down")
        while (await r.pad.event(5)).key is not PadKey.DOWN:
            continue


async def test_unplugged_and_back(line: str) -> None:
    async with rig(line) as r:
        waiting = asyncio.ensure_future(r.pad.event(20))
        await asyncio.sleep(0)
        r.do("unplug")
        with pytest.raises(DeviceError) as lost:
            await waiting
        assert lost.value.kind is ErrorKind.OFFLINE
        status = r.pad.status()
        assert (status.link, status.parts["keys"], status.trouble) == (Link.OFFLINE, "unknown", ErrorKind.OFFLINE)
        assert r.pad.counters()["losses"] == 1
        returned = asyncio.ensure_future(r.pad.wait_return())
        with pytest.raises(DeviceError):
            await r.pad.open()
        assert (await r.pad.check()).link is Link.OFFLINE
        r.do("plug")
        await returned
        await r.pad.open()
        await asyncio.sleep(0.1)  # over TCP the simulator has still to take the new line
        r.do("press", key="up")
        assert (await r.pad.event(5)).key is PadKey.UP
        assert [each.link for each in r.told if each.link in (Link.OFFLINE, Link.READY)][-1] is Link.READY


async def test_one_reader_at_a_time_and_cancelling_is_harmless(line: str) -> None:
    async with rig(line) as r:
        waiting = asyncio.ensure_future(r.pad.event(20))
        await asyncio.sleep(0)
        with pytest.raises(DeviceError) as busy:
            await r.pad.event(1)
        assert busy.value.kind is ErrorKind.BUSY
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        r.do("press", key="up")
        assert (await r.pad.event(5)).key is PadKey.UP


async def test_reset_begins_anew(line: str) -> None:
    async with rig(line) as r:
        await r.pad.reset()
        assert r.pad.status().link is Link.READY
        await until(lambda: r.simulator._outboxes)
        r.do("press", key="up")
        assert (await r.pad.event(5)).key is PadKey.UP
        await r.pad.close()
        with pytest.raises(DeviceError):
            await r.pad.reset()


# --- health


async def test_health_by_the_machine_alone(line: str) -> None:
    async with rig(line) as r:
        await until(lambda: r.pad.status().parts["headphones"] == "absent")
        nobody = Answers(None)
        internal = {each.name: each.verdict for each in await r.pad.examine(Level.INTERNAL, nobody)}
        assert internal == dict.fromkeys(("link", "keys", "headphones"), Verdict.PASSED)
        (external,) = await r.pad.examine(Level.EXTERNAL, nobody)
        assert external.verdict is Verdict.SKIPPED
        assert not nobody.asked
        r.do("unplug")
        await until(lambda: r.pad.status().link is Link.OFFLINE)
        internal = {each.name: each.verdict for each in await r.pad.examine(Level.INTERNAL, nobody)}
        assert internal == {"link": Verdict.FAILED, "keys": Verdict.UNKNOWN, "headphones": Verdict.UNKNOWN}


async def test_health_with_a_person() -> None:
    async with rig("memory") as r:

        def does(what: Ask) -> None:
            if what is Ask.PRESS_KEYS:
                for key in PadKey:
                    if key is not PadKey.HELP:
                        r.do("press", key=key.value)
            else:
                r.do("headphones", **{"in": True})

        from drivers.nav_pad import exam

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(exam, "KEYS_WITHIN", 0.5)
            found = {each.name: each.verdict for each in await r.pad.examine(Level.INTERACTIVE, Answers(does))}
        assert found.pop("key_help") is Verdict.FAILED
        assert set(found.values()) == {Verdict.PASSED}
        assert len(found) == 7
        nobody = await r.pad.examine(Level.INTERACTIVE, Answers(None))
        assert {each.verdict for each in nobody} == {Verdict.UNKNOWN}


# --- a device file


async def test_a_fifo_carries_events_too(tmp_path: Path) -> None:
    path = tmp_path / "events"
    os.mkfifo(path)
    writer = os.open(path, os.O_RDWR)
    pad = connect(f"evdev+file://{path}")
    try:
        await pad.open()
        os.write(writer, Event(Type.KEY, 103, 1, 1.0).pack() + Event(Type.KEY, 103, 0, 1.1).pack())
        assert await pad.event(5) == PadEvent(PadKey.UP, headphones=False)
        assert pad.status().parts["headphones"] == "unknown"
    finally:
        await pad.close()
        os.close(writer)


async def test_what_is_no_input_device_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for path, kind in ((tmp_path / "file", ErrorKind.CONFIG), (tmp_path / "nothing", ErrorKind.OFFLINE)):
        pad = connect(f"evdev+file://{path}")
        with pytest.raises(DeviceError) as error:
            await pad.open()
        assert (error.value.kind, pad.status().trouble) == (kind, kind)
        await pad.close()


@pytest.mark.skipif(not os.access("/dev/uinput", os.W_OK), reason="this machine has no /dev/uinput for us")
async def test_against_the_kernel(tmp_path: Path) -> None:
    from tests.drivers.nav_pad.uinput import Uinput

    with Uinput([103, 108, 28], switches=[2]) as made:
        pad = connect(f"evdev+file://{made.path()}")
        rival = connect(f"evdev+file://{made.path()}")
        try:
            await pad.open()
            assert pad.grabbed
            assert pad.status().parts["headphones"] == "absent"
            await rival.open()
            assert (rival.status().link, rival.status().trouble) == (Link.DEGRADED, ErrorKind.BUSY)
            made.strike(Type.KEY, 103, 1)
            made.strike(Type.KEY, 103, 0)
            assert (await pad.event(5)).key is PadKey.UP
            await nothing_comes(rival, 0.1)
            made.strike(Type.SW, 2, 1)
            assert (await pad.event(5)).headphones
            found = {each.name: each for each in await pad.examine(Level.INTERNAL, Answers(None))}
            assert found["grab"].verdict is Verdict.PASSED
            assert found["codes"].value == "left,right,help,volume" or found["codes"].verdict is Verdict.FAILED
        finally:
            await rival.close()
            await pad.close()
