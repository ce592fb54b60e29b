"""The power supply over every line: outages, a supply that is lost, and a server that talks nonsense."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from drivers.ups.driver import NutUps
from drivers.ups.simulator import UpsdSimulator
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.controls import Power
from kiosk.ports.devices import Device, Link
from kiosk.ports.health import Level, Resettable, Returning, Serviced, Verdict
from tests.drivers.ups.conftest import PASSWORD, USER, Nobody, rig, until


async def test_it_is_a_device_with_a_life(line: str) -> None:
    async with rig(line) as r:
        assert isinstance(r.ups, Device)
        assert isinstance(r.ups, Serviced)
        assert isinstance(r.ups, Resettable)
        assert isinstance(r.ups, Returning)
        assert (r.ups.power(), r.ups.runtime_s(), r.ups.charge()) == (Power.MAINS, 1800, 100)
        status = await r.ups.check()
        assert (status.link, status.parts, status.detail) == (Link.READY, {"power": "mains", "battery": "ok"}, "")
        assert r.ups.capabilities["model"] == 'Simulated "1000"'
        await r.ups.close()
        await r.ups.close()
        status = r.ups.status()
        assert (status.link, status.parts["power"], r.ups.runtime_s()) == (Link.CLOSED, "unknown", None)
        await again(r.ups)  # a pseudo terminal whose upsd hung up comes back as another
        assert r.ups.power() is Power.MAINS
        assert r.ups.counters()["opens"] >= 2


async def test_an_outage_from_its_beginning_to_its_end(line: str) -> None:
    async with rig(line) as r:
        r.do("outage")
        r.do("battery", charge=80, runtime=900)
        await until(lambda: r.ups.power() is Power.BATTERY)
        assert (r.ups.runtime_s(), r.ups.charge()) == (900, 80)
        assert r.ups.status().link is Link.READY
        assert "mains power is lost" in r.ups.status().detail
        r.do("low")
        await until(lambda: r.ups.power() is Power.LOW)
        r.do("restore")
        await until(lambda: r.ups.power() is Power.MAINS)
        assert r.powers[-4:] == ["mains", "battery", "low", "mains"]


async def test_forced_shutdown_is_low(line: str) -> None:
    async with rig(line) as r:
        r.do("shutdown")
        await until(lambda: r.ups.power() is Power.LOW)


async def test_a_worn_battery_is_told(line: str) -> None:
    async with rig(line) as r:
        r.do("replace_battery")
        status = await r.ups.check()
        assert (status.link, status.parts, status.trouble) == (
            Link.DEGRADED,
            {"power": "mains", "battery": "replace"},
            ErrorKind.HARDWARE,
        )
        assert "must be replaced" in status.detail


@pytest.mark.parametrize(
    ("fault", "kind", "link"),
    [
        ("NUT.STALE", ErrorKind.OFFLINE, Link.OFFLINE),
        ("NUT.NO_DRIVER", ErrorKind.OFFLINE, Link.OFFLINE),
        ("NUT.UNKNOWN_UPS", ErrorKind.CONFIG, Link.FAULT),
        ("NUT.DENIED", ErrorKind.PERMISSION, Link.FAULT),
    ],
)
async def test_upsd_that_knows_nothing_of_the_supply(line: str, fault: str, kind: ErrorKind, link: Link) -> None:
    async with rig(line) as r:
        r.do("fault", id=fault, count=None)
        status = await r.ups.check()
        assert (status.link, status.trouble, status.parts["power"]) == (link, kind, "unknown")
        with pytest.raises(DeviceError) as error:
            await r.ups.open()
        assert error.value.kind is kind
        r.do("clear")
        await until(lambda: r.ups.power() is Power.MAINS)
        assert r.ups.status().link is Link.READY
        assert r.ups.counters()["losses"] == 1
        assert r.ups.counters()["opens"] == 1  # the line to upsd was well


async def test_lost_on_battery_is_taken_for_the_end_after_a_while(line: str) -> None:
    async with rig(line, dead=0.3) as r:
        r.do("outage")
        await until(lambda: r.ups.power() is Power.BATTERY)
        r.do("unplug")
        await until(lambda: r.ups.status().link is Link.OFFLINE)
        assert r.ups.power() is Power.BATTERY
        await until(lambda: r.ups.power() is Power.LOW)
        await until(lambda: r.powers[-1] == "low")  # who listens is told, though nothing but time has passed
        r.do("restore")
        r.do("plug")
        await until(lambda: r.ups.power() is Power.MAINS)


async def test_lost_on_mains_is_unknown(line: str) -> None:
    async with rig(line, dead=0.05) as r:
        r.do("unplug")
        await until(lambda: r.ups.status().link is Link.OFFLINE)
        await asyncio.sleep(0.1)
        assert r.ups.power() is Power.UNKNOWN
        assert (r.ups.runtime_s(), r.ups.charge()) == (None, None)


async def test_it_comes_back_by_itself(line: str) -> None:
    async with rig(line) as r:
        r.do("unplug")
        await until(lambda: r.ups.status().link is Link.OFFLINE)
        returned = asyncio.ensure_future(r.ups.wait_return())
        r.do("plug")
        await until(lambda: r.ups.status().link is Link.READY)
        assert r.ups.power() is Power.MAINS
        returned.cancel()
        await asyncio.gather(returned, return_exceptions=True)


async def test_nobody_there(line: str) -> None:
    async with rig(line, opened=False) as r:
        await asyncio.sleep(0.02)  # until there is a listener that can be closed
        r.do("unplug")
        await asyncio.sleep(0.02)
        with pytest.raises(DeviceError) as error:
            await r.ups.open()
        assert error.value.kind is ErrorKind.OFFLINE
        assert (r.ups.status().link, r.ups.status().trouble) == (Link.OFFLINE, ErrorKind.OFFLINE)
        r.do("plug")
        await again(r.ups)
        assert r.ups.power() is Power.MAINS


@pytest.mark.parametrize(
    "fault",
    [
        {"id": "LINE.MUTE"},
        {"id": "LINE.TRUNCATE"},
        {"id": "LINE.LATE", "seconds": 0.7},
        {"id": "LINE.DOUBLE"},
        {"id": "LINE.JOIN"},
        {"id": "LINE.GARBLE"},
        {"id": "LINE.DRIP"},
        {"id": "LINE.HANGUP_MID"},
        {"id": "NUT.BAD_QUOTE"},
        {"id": "NUT.STRANGE_LINE"},
        {"id": "NUT.OTHER_VAR"},
        {"id": "NUT.LONG_LINE"},
        {"id": "NUT.BAD_NUMBER", "count": 4},
        {"id": "NUT.NO_VAR", "count": 3},
        {"id": "NUT.STATUS"},
    ],
    ids=lambda fault: fault["id"],
)
async def test_nonsense_is_survived_and_never_believed(line: str, fault: dict[str, object]) -> None:
    async with rig(line) as r:
        r.do("fault", **fault)
        for _ in range(3):
            await r.ups.check()
            assert r.ups.power() in (Power.MAINS, Power.UNKNOWN)
            assert r.ups.runtime_s() in (1800, None)
        await until(lambda: r.ups.power() is Power.MAINS and r.ups.status().link is Link.READY)
        await until(lambda: r.ups.runtime_s() == 1800)


async def test_a_list_without_end_does_not_hang(line: str) -> None:
    async with rig(line, opened=False) as r:
        r.do("fault", id="NUT.NO_END")
        with pytest.raises(DeviceError) as error:
            await r.ups.open()
        assert error.value.kind is ErrorKind.TIMEOUT
        await r.ups.open()
        assert r.ups.power() is Power.MAINS


async def test_a_supply_that_tells_little(line: str) -> None:
    async with rig(line, opened=False) as r:
        for name in ("battery.charge", "battery.runtime", "ups.load", "device.model"):
            r.do("set", var=name, value=None)
        await r.ups.open()
        assert (r.ups.power(), r.ups.runtime_s(), r.ups.charge()) == (Power.MAINS, None, None)
        assert r.ups.capabilities["runtime"] is False
        found = {each.name: each.verdict for each in await r.ups.examine(Level.INTERNAL, Nobody())}
        assert found["charge"] is found["runtime"] is found["load"] is Verdict.SKIPPED


async def test_a_broken_off_question_spoils_no_other(line: str) -> None:
    async with rig(line, every=60) as r:
        r.do("fault", id="LINE.STALL", seconds=0.2)
        asking = asyncio.ensure_future(r.ups.check())
        await asyncio.sleep(0.05)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert r.ups.power() is Power.MAINS  # nothing is known to be wrong
        r.do("outage")
        assert (await r.ups.check()).parts["power"] == "battery"


async def test_reset_asks_everything_again(line: str) -> None:
    async with rig(line) as r:
        r.do("set", var="device.model", value="Another")
        await r.ups.reset()
        assert r.ups.capabilities["model"] == "Another"
        assert r.ups.counters()["opens"] == 2
        await r.ups.close()
        with pytest.raises(DeviceError):
            await r.ups.reset()


# --- health


async def test_health(line: str) -> None:
    async with rig(line) as r:
        found = {each.name: each for each in await r.ups.examine(Level.INTERNAL, Nobody())}
        assert {each.verdict for each in found.values()} == {Verdict.PASSED}
        assert (found["charge"].value, found["runtime"].limit) == ("100 %", "≥ 300 s")
        r.do("outage")
        r.do("battery", charge=30, runtime=100)
        found = {each.name: each for each in await r.ups.examine(Level.INTERNAL, Nobody())}
        bad = {name for name, each in found.items() if each.verdict is Verdict.FAILED}
        assert bad == {"power", "charge", "runtime"}
        (plug,) = await r.ups.examine(Level.INTERACTIVE, Nobody())
        assert plug.verdict is Verdict.SKIPPED
        r.do("unplug")
        await until(lambda: r.ups.status().link is Link.OFFLINE)
        found = {each.name: each for each in await r.ups.examine(Level.INTERNAL, Nobody())}
        assert found["link"].verdict is Verdict.FAILED


async def test_the_battery_is_tested_where_a_user_may(line: str) -> None:
    async with rig(line) as r:
        (skipped,) = await r.ups.examine(Level.EXTERNAL, Nobody())
        assert skipped.verdict is Verdict.SKIPPED
    async with rig(line, user=USER, password=PASSWORD) as r:
        (good,) = await r.ups.examine(Level.EXTERNAL, Nobody())
        assert (good.name, good.verdict, good.value) == ("battery_test", Verdict.PASSED, "Done and passed")
        r.do("fault", id="NUT.TEST_FAILS")
        (bad,) = await r.ups.examine(Level.EXTERNAL, Nobody())
        assert bad.verdict is Verdict.FAILED
        r.do("outage")
        await until(lambda: r.ups.power() is Power.BATTERY)
        (not_now,) = await r.ups.examine(Level.EXTERNAL, Nobody())
        assert not_now.verdict is Verdict.SKIPPED
    async with rig(line, user=USER, password="wrong") as r:
        (refused,) = await r.ups.examine(Level.EXTERNAL, Nobody())
        assert (refused.verdict, refused.value) == (Verdict.FAILED, "ACCESS-DENIED")
        assert r.ups.status().link is Link.READY  # about the test, not about the supply


async def again(ups: NutUps) -> None:
    while True:
        with suppress(DeviceError):
            await ups.open()
            return
        await asyncio.sleep(0.02)


# --- the server by itself


async def speak(upsd: UpsdSimulator, *lines: str) -> list[str]:
    from drivers.transport.host import serve_tcp

    async with serve_tcp(upsd) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write("".join(f"{line}\n" for line in lines).encode() + b"LOGOUT\n")
        answer = (await reader.read()).decode()
        writer.close()
        await writer.wait_closed()
    return answer.splitlines()


async def test_the_server_speaks_as_upsd_does() -> None:
    upsd = UpsdSimulator("hall", user="a", password="b", variables={"battery.charge": "90"})
    assert await speak(upsd, "LIST UPS", "GET VAR hall ups.status", "GET VAR hall battery.charge", "NETVER") == [
        "BEGIN LIST UPS", 'UPS hall "Simulated supply"', "END LIST UPS",
        'VAR hall ups.status "OL CHRG"', 'VAR hall battery.charge "90"', "1.3", "OK Goodbye",
    ]  # fmt: skip
    assert await speak(
        upsd,
        "GET VAR other ups.status",
        "GET VAR hall ups.colour",
        "GET VAR",
        "DANCE",
        "STARTTLS",
        f"INSTCMD hall {'x'}",
        "USERNAME a",
        "USERNAME a",
        "INSTCMD hall test.battery.start.quick",
        "PASSWORD c",
        "INSTCMD hall test.battery.start.quick",
    ) == [
        "ERR UNKNOWN-UPS",
        "ERR VAR-NOT-SUPPORTED",
        "ERR INVALID-ARGUMENT",
        "ERR UNKNOWN-COMMAND",
        "ERR FEATURE-NOT-CONFIGURED",
        "ERR USERNAME-REQUIRED",
        "OK",
        "ERR ALREADY-SET-USERNAME",
        "ERR PASSWORD-REQUIRED",
        "OK",
        "ERR ACCESS-DENIED",
        "OK Goodbye",
    ]


async def test_the_driver_asks_for_what_the_protocol_has() -> None:
    """The bytes of a session, as a server that is not ours would see them."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers = {
            b"LIST VAR myups\n": b'BEGIN LIST VAR myups\nVAR myups battery.charge "100"\nVAR myups ups.status "OL"\n'
            b"END LIST VAR myups\n",
            b"GET VAR myups ups.status\n": b'VAR myups ups.status "OB LB"\n',
            b"GET VAR myups battery.charge\n": b'VAR myups battery.charge "7"\n',
        }
        while data := await reader.readline():
            heard.append(data)
            writer.write(answers.get(data, b"ERR VAR-NOT-SUPPORTED\n"))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    from drivers.ups import connect

    ups: NutUps = connect(f"nut://127.0.0.1:{port}/myups?poll=15")
    await ups.open()
    assert (ups.power(), ups.charge(), ups.runtime_s()) == (Power.LOW, 7, None)
    await ups.close()
    await until(lambda: len(heard) == 6)
    assert heard == [
        b"LIST VAR myups\n",
        b"GET VAR myups ups.status\n",
        b"GET VAR myups battery.charge\n",
        b"GET VAR myups battery.runtime\n",
        b"GET VAR myups ups.load\n",
        b"LOGOUT\n",
    ]
    server.close()
    await server.wait_closed()
