"""The board over every line: lights, doors, a person in front, and everything a board and its wire can do wrong."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from config.io_board import EXAMPLE, IoTable
from drivers.io_board.lamps import PERIOD, Lamps
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.controls import Flash
from kiosk.ports.devices import Device, Link
from kiosk.ports.health import Ask, Level, Resettable, Returning, Serviced, Verdict
from tests.drivers.io_board.conftest import Answers, rig, until

INVERTED = IoTable.model_validate({"lights": {"slot": "!3"}, "inputs": {"door": "!5", "tamper": "!6"}})
WELL = {"door": "closed", "tamper": "ok", "person": "absent", "lights": "ok"}


async def test_it_is_a_device_with_a_life(line: str) -> None:
    async with rig(line) as r:
        assert isinstance(r.board, Device)
        assert isinstance(r.board, Serviced)
        assert isinstance(r.board, Resettable)
        assert isinstance(r.board, Returning)
        status = await r.board.check()
        assert (status.link, status.parts, status.detail) == (Link.READY, WELL, "")
        await r.board.light("slot", Flash.CONTINUOUS)
        await r.board.close()
        await r.board.close()
        assert not any(r.simulator.coils)  # what goes out leaves no light behind
        status = r.board.status()
        assert (status.link, set(status.parts.values())) == (Link.CLOSED, {"unknown"})
        for asking in (r.board.read(), r.board.light("slot", Flash.OFF), r.board.reset()):
            with pytest.raises(DeviceError) as closed:
                await asking
            assert closed.value.kind is ErrorKind.NOT_OPEN
        await r.board.open()
        assert await r.board.read() == {name: WELL[name] for name in ("door", "tamper", "person")}
        assert r.board.counters()["opens"] == 2


async def test_lights_burn_as_told(line: str) -> None:
    async with rig(line) as r:
        assert r.board.lights == ("id_card", "scanner", "slot", "printer")
        await r.board.light("id_card", Flash.CONTINUOUS)
        await r.board.light("printer", Flash.CONTINUOUS)
        assert r.simulator.lit() == {"id_card": True, "scanner": False, "slot": False, "printer": True}
        await r.board.light("id_card", Flash.OFF)
        assert r.simulator.lit()["id_card"] is False
        with pytest.raises(DeviceError) as unknown:
            await r.board.light("chimney", Flash.OFF)
        assert unknown.value.kind is ErrorKind.INVALID_ARGUMENT


async def test_a_flashing_light_flashes_by_itself(line: str) -> None:
    async with rig(line) as r:
        seen: list[bool] = []
        r.simulator.listen(lambda: seen.append(r.simulator.lit()["slot"]))
        await r.board.light("slot", Flash.QUICK)
        await until(lambda: len(seen) >= 4)
        assert [a is not b for a, b in itertools.pairwise(seen[1:])] == [True] * (len(seen) - 2)
        await r.board.light("slot", Flash.OFF)
        assert r.simulator.lit()["slot"] is False


def test_rates_are_slow_enough_for_everybody() -> None:
    assert PERIOD[Flash.SLOW] > PERIOD[Flash.MEDIUM] > PERIOD[Flash.QUICK] >= 1 / 3  # WCAG 2.2, 2.3.1: three a second
    lamps = Lamps(EXAMPLE.lights)
    lamps.want("slot", Flash.MEDIUM)
    lit = {now: lamps.due(now)[2] for now in (10.0, 10.49, 10.5, 10.99, 11.0)}
    assert lit == {10.0: True, 10.49: True, 10.5: False, 10.99: False, 11.0: True}
    assert lamps.next_change(10.1) == 10.5
    lamps.want("slot", Flash.CONTINUOUS)
    assert lamps.next_change(10.1) is None


async def test_lights_that_flash_do_so_together(line: str) -> None:
    async with rig(line) as r:
        pairs: set[tuple[bool, bool]] = set()
        await r.board.light("id_card", Flash.QUICK)
        await r.board.light("scanner", Flash.QUICK)
        r.simulator.listen(lambda: pairs.add((r.simulator.lit()["id_card"], r.simulator.lit()["scanner"])))
        await until(lambda: len(pairs) >= 2)
        assert pairs == {(True, True), (False, False)}  # one frame for both


async def test_inputs_are_noticed_and_told(line: str) -> None:
    async with rig(line) as r:
        r.do("person")
        await until(lambda: r.part("person") == "present")
        assert r.board.status().detail == ""
        r.do("door")
        await until(lambda: r.part("door") == "open")
        status = r.board.status()
        assert (status.link, status.trouble) == (Link.READY, ErrorKind.COVER_OPEN)
        assert status in r.told
        r.do("door", open=False)
        r.do("person", present=False)
        await until(lambda: r.board.status().parts == WELL)


async def test_tampering_stays_told_until_somebody_has_looked(line: str) -> None:
    async with rig(line) as r:
        r.do("tamper")
        await until(lambda: r.part("tamper") == "tampered")
        assert r.board.status().trouble is ErrorKind.FRAUD_SUSPECT
        r.do("tamper", pried=False)
        r.do("unplug")
        await until(lambda: r.board.status().link is Link.OFFLINE)
        r.do("plug")
        await until(lambda: r.board.status().link is Link.READY)
        assert r.part("tamper") == "tampered"
        await r.board.reset()
        assert r.part("tamper") == "ok"
        r.do("tamper")
        await until(lambda: r.part("tamper") == "tampered")
        await r.board.reset()
        assert r.part("tamper") == "tampered"  # it is open still


async def test_polarity(line: str) -> None:
    async with rig(line, INVERTED) as r:
        assert r.board.status().parts == {"door": "closed", "tamper": "ok", "lights": "ok"}
        assert (r.simulator.coils[3], r.simulator.bits[5], r.simulator.bits[6]) == (True, True, True)
        await r.board.light("slot", Flash.CONTINUOUS)
        assert r.simulator.coils[3] is False
        r.do("bit", at=5, on=False)
        await until(lambda: r.part("door") == "open")


async def test_bounce_is_no_change(line: str) -> None:
    async with rig(line) as r:
        for _ in range(5):
            r.do("fault", id="MB.BOUNCE", at=2, count=1)
            await until(lambda: not r.simulator.faults.as_reply())
            await r.board.check()
        assert {status.parts["person"] for status in r.told if status.link is Link.READY} == {"absent"}
        r.do("fault", id="MB.BOUNCE", at=2, count=2)  # as long as this it is no bounce any more
        await until(lambda: any(status.parts["person"] == "present" for status in r.told))


# --- faults of the board and the wire


@pytest.mark.parametrize(
    "fault",
    [
        {"id": "MB.BUSY"},
        {"id": "MB.MUTE"},
        {"id": "MB.ANSWER_LOST"},
        {"id": "MB.WRONG_UNIT"},
        {"id": "MB.OTHER_FUNCTION"},
        {"id": "MB.CRC"},
        {"id": "MB.SHORT"},
        {"id": "MB.ECHO", "count": None},
        {"id": "LINE.MUTE", "count": 2},
        {"id": "LINE.DRIP", "count": 5},
        {"id": "LINE.FLIP"},
        {"id": "LINE.TRUNCATE"},
        {"id": "LINE.LOST_FIRST"},
        {"id": "LINE.NOISE_BEFORE", "count": 5},
        {"id": "LINE.NOISE_AFTER", "count": 5},
        {"id": "LINE.DOUBLE", "count": 5},
        {"id": "LINE.JOIN"},
        {"id": "LINE.GARBLE"},
        {"id": "LINE.LATE", "seconds": 0.15},
    ],
    ids=lambda fault: fault["id"],
)
async def test_one_disturbance_is_not_noticed(line: str, fault: dict[str, object]) -> None:
    async with rig(line) as r:
        r.do("fault", **fault)
        await r.board.light("scanner", Flash.CONTINUOUS)
        assert (await r.board.check()).link is Link.READY
        r.do("clear")
        await r.board.check()
        assert r.simulator.lit()["scanner"]
        assert not any(status.link is Link.OFFLINE for status in r.told)
        await until(lambda: r.board.status().parts == WELL)


@pytest.mark.parametrize(
    ("fault", "kind", "link"),
    [
        ({"id": "MB.MUTE"}, ErrorKind.TIMEOUT, Link.OFFLINE),
        ({"id": "MB.WRONG_UNIT"}, ErrorKind.PROTOCOL, Link.OFFLINE),
        ({"id": "MB.CRC"}, ErrorKind.PROTOCOL, Link.OFFLINE),
        ({"id": "MB.BUSY"}, ErrorKind.BUSY, Link.OFFLINE),
        ({"id": "MB.EXCEPTION", "code": 4}, ErrorKind.HARDWARE, Link.FAULT),
        ({"id": "MB.EXCEPTION", "code": 2}, ErrorKind.CONFIG, Link.FAULT),
        ({"id": "MB.EXCEPTION", "code": 11}, ErrorKind.OFFLINE, Link.OFFLINE),
        ({"id": "MB.EXCEPTION", "code": 99}, ErrorKind.PROTOCOL, Link.OFFLINE),
    ],
    ids=lambda value: str(value.get("code", value["id"])) if isinstance(value, dict) else "",
)
async def test_a_lasting_fault_is_told_and_mends_itself(
    line: str, fault: dict[str, object], kind: ErrorKind, link: Link
) -> None:
    async with rig(line) as r:
        await r.board.light("slot", Flash.CONTINUOUS)
        r.do("fault", **fault, count=None)
        status = await r.board.check()
        assert (status.link, status.trouble, status.parts["door"], status.parts["lights"]) == (
            link,
            kind,
            "unknown",
            "unknown",
        )
        with pytest.raises(DeviceError) as error:
            await r.board.read()
        assert error.value.kind is kind
        with pytest.raises(DeviceError):
            await r.board.light("printer", Flash.CONTINUOUS)
        r.do("restart")
        r.do("clear")
        await until(lambda: r.board.status().parts == WELL)
        assert r.simulator.lit() == {"id_card": False, "scanner": False, "slot": True, "printer": True}
        assert r.board.counters()["losses"] == 1


async def test_an_output_that_is_stuck(line: str) -> None:
    async with rig(line) as r:
        r.do("fault", id="MB.STUCK_OUTPUT", at=1, count=None)
        await r.board.light("scanner", Flash.CONTINUOUS)  # the board says yes
        await until(lambda: r.part("lights") == "stuck")
        status = r.board.status()
        assert (status.link, status.trouble) == (Link.DEGRADED, ErrorKind.HARDWARE)
        assert "scanner" in status.detail
        r.do("clear")
        await until(lambda: r.board.status().parts == WELL)
        assert r.simulator.lit()["scanner"]


async def test_a_board_that_lost_its_power_is_told_again(line: str) -> None:
    async with rig(line) as r:
        await r.board.light("id_card", Flash.CONTINUOUS)
        r.do("restart")
        assert not r.simulator.lit()["id_card"]
        await until(lambda: r.simulator.lit()["id_card"])
        assert r.board.status().link is Link.READY


async def test_boards_that_know_less(line: str) -> None:
    async with rig(line, opened=False) as r:
        r.do("fault", id="MB.NO_FUNCTION", function=15, count=None)
        await r.board.open()
        assert not any(each[1] == 0x0F for each in r.simulator.frames[-2:])
        await r.board.light("slot", Flash.CONTINUOUS)
        assert r.simulator.lit()["slot"]
    async with rig(line, opened=False) as r:
        r.do("fault", id="MB.NO_FUNCTION", function=1, count=None)
        await r.board.open()
        await r.board.light("slot", Flash.CONTINUOUS)
        status = await r.board.check()
        assert (status.link, status.parts["lights"]) == (Link.READY, "unknown")
        assert r.board.capabilities["reads_back"] is False


async def test_a_table_the_board_has_not(line: str) -> None:
    table = IoTable.model_validate({"inputs": {"door": 0}, "lights": {"slot": 4}})
    async with rig(line, table, opened=False, size=8) as r:
        r.simulator.coils = r.simulator.coils[:4]
        with pytest.raises(DeviceError) as error:
            await r.board.open()
        assert (error.value.kind, error.value.native) == (ErrorKind.CONFIG, "E02")
        assert r.board.status().link is Link.FAULT


async def test_another_unit_number_is_not_ours(line: str) -> None:
    async with rig(line, unit=7) as r:
        assert {each[0] for each in r.simulator.frames} == {7}
        assert (await r.board.check()).link is Link.READY


async def test_unplugged_and_back(line: str) -> None:
    async with rig(line) as r:
        await r.board.light("slot", Flash.CONTINUOUS)
        r.do("unplug")
        await until(lambda: r.board.status().link is Link.OFFLINE)
        returned = asyncio.ensure_future(r.board.wait_return())
        r.do("restart")
        r.do("plug")
        await until(lambda: r.board.status().parts == WELL)
        assert r.simulator.lit()["slot"]  # as it was told before
        assert (r.board.counters()["losses"], r.board.counters()["opens"] >= 2) == (1, True)
        returned.cancel()
        await asyncio.gather(returned, return_exceptions=True)


async def test_cancelled_in_the_middle_of_an_answer(line: str) -> None:
    async with rig(line, poll=60) as r:
        r.do("fault", id="LINE.STALL", seconds=0.05)
        asking = asyncio.ensure_future(r.board.light("slot", Flash.CONTINUOUS))
        await asyncio.sleep(0.02)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await r.board.light("scanner", Flash.CONTINUOUS)
        assert r.simulator.lit() == {"id_card": False, "scanner": True, "slot": True, "printer": False}


# --- health


async def test_health_by_the_machine_alone(line: str) -> None:
    async with rig(line) as r:
        await r.board.light("slot", Flash.SLOW)
        nobody = Answers(lambda what: None)
        found = {each.name: each.verdict for each in await r.board.examine(Level.INTERNAL, nobody)}
        assert found == dict.fromkeys(("link", "answer_ms", "door", "tamper", "person", "lights"), Verdict.PASSED)
        found = {each.name: each.verdict for each in await r.board.examine(Level.EXTERNAL, nobody)}
        assert found == {f"output_{name}": Verdict.PASSED for name in r.board.lights}
        assert r.board.burning("slot") is Flash.SLOW
        assert not nobody.asked
        r.do("fault", id="MB.STUCK_OUTPUT", at=3, count=None)
        found = {each.name: each.verdict for each in await r.board.examine(Level.EXTERNAL, nobody)}
        assert (found["output_printer"], found["output_slot"]) == (Verdict.FAILED, Verdict.PASSED)
        r.do("clear")
        r.do("door")
        await until(lambda: r.part("door") == "open")
        found = {each.name: each.verdict for each in await r.board.examine(Level.INTERNAL, nobody)}
        assert found["door"] is Verdict.FAILED
        r.do("unplug")
        await until(lambda: r.board.status().link is Link.OFFLINE)
        found = {each.name: each.verdict for each in await r.board.examine(Level.INTERNAL, nobody)}
        assert (found["link"], found["door"]) == (Verdict.FAILED, Verdict.UNKNOWN)
        found = {each.name: each.verdict for each in await r.board.examine(Level.EXTERNAL, nobody)}
        assert set(found.values()) == {Verdict.FAILED}


async def test_health_with_a_person() -> None:
    async with rig("memory") as r:

        def looks(what: Ask) -> bool | None:
            if what is Ask.OPEN_DOOR:
                r.do("door")
                return True
            lit = [name for name, on in r.simulator.lit().items() if on]
            assert len(lit) == 1  # one at a time
            return lit != ["printer"]  # whose lamp is broken

        found = {each.name: each.verdict for each in await r.board.examine(Level.INTERACTIVE, Answers(looks))}
        assert found.pop("light_printer") is Verdict.FAILED
        assert found == dict.fromkeys(("light_id_card", "light_scanner", "light_slot", "door_opens"), Verdict.PASSED)
        r.do("door", open=False)
        await until(lambda: r.part("door") == "closed")
        nobody = await r.board.examine(Level.INTERACTIVE, Answers(lambda what: None))
        assert {each.verdict for each in nobody} == {Verdict.UNKNOWN}
        assert not any(r.simulator.lit().values())
