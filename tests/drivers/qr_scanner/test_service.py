"""What technicians may ask of a scanner: engines of every dialect on every line, and the camera as scanner."""

from __future__ import annotations

import asyncio
import codecs
import threading
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from drivers.camera import Timings
from drivers.camera import connect as connect_camera
from drivers.camera.camera import WorkerCamera
from drivers.qr_scanner import camera_scanner, exam
from drivers.qr_scanner.camera_scanner import CameraScanner
from drivers.qr_scanner.decode import Decoder
from drivers.qr_scanner.dialects import Dialect
from drivers.qr_scanner.draw import render
from drivers.qr_scanner.serial_scanner import SerialScanner
from drivers.qr_scanner.simulator import ScanEngineSimulator
from drivers.transport.url import open_transport
from kiosk.care.socket import Socket
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Camera, Device, DeviceStatus, Link
from kiosk.ports.health import COUNTERS, Ask, Finding, Level, Resettable, Returning, Serviced, Verdict
from tests.drivers.qr_scanner.conftest import DrawnCamera, Rig, rig, show_while_scanning


class Somebody:
    def __init__(self, engine: ScanEngineSimulator | None = None, *, there: bool | None = True) -> None:
        self._engine = engine
        self._there = there

    async def ask(self, what: Ask) -> bool | None:
        assert what is Ask.SHOW_CODE
        if self._there and self._engine is not None:
            self._engine.control({"do": "show", "data": "https://example.invalid/secret"})
        return self._there


def verdicts(findings: tuple[Finding, ...]) -> dict[str, Verdict]:
    return {finding.name: finding.verdict for finding in findings}


@pytest.fixture(params=list(Dialect))
async def engine(request: pytest.FixtureRequest, line: str) -> AsyncIterator[Rig]:
    async with rig(line, request.param) as made:
        yield made


async def test_the_protocols_are_kept(engine: Rig) -> None:
    for protocol in (Serviced, Resettable, Returning):
        assert isinstance(engine.scanner, protocol)


async def test_an_engine_that_is_well_passes_all_it_can(engine: Rig) -> None:
    dialect = engine.engine.dialect
    found: dict[str, Verdict] = {}
    for level in Level:
        findings = await engine.scanner.examine(level, Somebody(engine.engine))
        found |= verdicts(findings)
        assert "secret" not in repr(findings)
    assert found == {
        "link": Verdict.PASSED,
        "answer_ms": Verdict.SKIPPED if dialect is Dialect.PLAIN else Verdict.PASSED,
        "trigger": {
            Dialect.PLAIN: Verdict.SKIPPED,
            Dialect.NEWLAND: Verdict.PASSED,
            Dialect.HONEYWELL: Verdict.UNKNOWN,
        }[dialect],
        "code_read": Verdict.PASSED,
    }
    assert engine.scanner.counters()["reads"] == 1
    assert set(engine.scanner.counters()) <= set(COUNTERS)


@pytest.mark.parametrize(
    ("fault", "level", "name"),
    [
        ("QR.MUTE", Level.INTERNAL, "link"),
        ("LINE.MUTE", Level.INTERNAL, "link"),
        ("QR.NAK", Level.EXTERNAL, "trigger"),
        ("QR.ENQ", Level.EXTERNAL, "trigger"),
        ("QR.NO_ACK", Level.EXTERNAL, "trigger"),
        ("QR.NO_SUFFIX", Level.INTERACTIVE, "code_read"),
        ("QR.LONG", Level.INTERACTIVE, "code_read"),
    ],
)
async def test_an_engine_that_is_ill_is_found_out(
    line: str, fault: str, level: Level, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exam, "SHOW_WITHIN", 1.0)
    async with rig(line, Dialect.NEWLAND) as made:
        made.do("fault", id=fault, count=None)
        found = {each.name: each for each in await made.scanner.examine(level, Somebody(made.engine))}
        assert found[name].verdict is Verdict.FAILED
        assert found[name].detail or found[name].value in ("NAK", "ENQ")


@pytest.mark.parametrize("there", [False, None])
async def test_without_a_person_nothing_is_passed(there: bool | None) -> None:
    async with rig("memory", Dialect.NEWLAND) as made:
        found = verdicts(await made.scanner.examine(Level.INTERACTIVE, Somebody(made.engine, there=there)))
        assert found == {"code_read": Verdict.UNKNOWN}


async def test_a_closed_or_unplugged_scanner_is_a_finding(engine: Rig) -> None:
    engine.engine.unplug()
    while (await engine.scanner.check()).link is not Link.OFFLINE:
        await asyncio.sleep(0.01)
    assert (await engine.scanner.examine(Level.INTERNAL, Somebody()))[0].verdict is Verdict.FAILED
    await engine.scanner.close()
    for level in Level:
        assert Verdict.PASSED not in verdicts(await engine.scanner.examine(level, Somebody(engine.engine))).values()


async def test_a_loss_while_idle_is_heard_at_once_and_once(engine: Rig) -> None:
    heard: list[DeviceStatus] = []
    lost = asyncio.Event()

    def hear() -> None:
        heard.append(engine.scanner.status())
        lost.set()

    engine.scanner.listen(hear)
    engine.engine.unplug()
    async with asyncio.timeout(10):
        await lost.wait()
    assert [(status.link, status.trouble) for status in heard] == [(Link.OFFLINE, ErrorKind.OFFLINE)]
    assert engine.scanner.counters()["losses"] == 1
    waiting = asyncio.ensure_future(engine.scanner.wait_return())
    done, _ = await asyncio.wait((waiting,), timeout=0.1)
    assert not done
    engine.engine.plug()
    async with asyncio.timeout(10):
        await waiting
    await engine.scanner.open()
    assert heard[-1].link is Link.READY
    assert heard[-1].trouble is None


async def test_closing_is_no_loss(engine: Rig) -> None:
    await engine.scanner.close()
    assert "losses" not in engine.scanner.counters()
    assert engine.scanner.status() == DeviceStatus(Link.CLOSED, {"engine": "unknown"})


async def test_the_status_says_why(line: str) -> None:
    async with rig(line, Dialect.NEWLAND) as made:
        made.do("fault", id="QR.MUTE", count=None)
        status = await made.scanner.check()
        assert (status.link, status.trouble) == (Link.OFFLINE, ErrorKind.TIMEOUT)
        assert made.scanner.counters()["timeouts"] == 1
        made.do("clear")
        assert (await made.scanner.check()).trouble is None
        made.do("fault", id="QR.NAK", count=2)
        with pytest.raises(DeviceError):
            await made.scanner.scan(2.0)
        assert (made.scanner.status().link, made.scanner.status().trouble) == (Link.DEGRADED, ErrorKind.PROTOCOL)
        assert made.scanner.counters()["retries"] == 1
        assert (await show_while_scanning(made, data="again")).text == "again"
        assert made.scanner.status().link is Link.READY


async def test_a_mute_engine_at_opening(line: str) -> None:
    engine = ScanEngineSimulator(Dialect.NEWLAND)
    engine.control({"do": "fault", "id": "QR.MUTE", "count": None})
    scanner = SerialScanner(open_transport("sim:", engine), _quick(Dialect.NEWLAND))
    with pytest.raises(DeviceError):
        await scanner.open()
    assert (scanner.status().link, scanner.status().trouble) == (Link.OFFLINE, ErrorKind.TIMEOUT)
    assert "losses" not in scanner.counters()
    await scanner.close()


async def test_reset_sets_the_engine_up_again(engine: Rig) -> None:
    engine.engine.commands.clear()
    await engine.scanner.reset()
    await engine.scanner.check()  # its last command has been heard when this one is answered
    told = b"".join(engine.engine.commands)
    match engine.engine.dialect:
        case Dialect.NEWLAND:
            assert b"SCNMOD0" in told
            assert b"SCNTRG0" in told
        case Dialect.HONEYWELL:
            assert b"\x16U\r" in told
        case Dialect.PLAIN:
            assert not told
    assert (await show_while_scanning(engine, data="after")).text == "after"
    await engine.scanner.close()
    with pytest.raises(DeviceError) as caught:
        await engine.scanner.reset()
    assert caught.value.kind is ErrorKind.NOT_OPEN


async def test_reset_while_a_code_is_awaited_is_refused(engine: Rig) -> None:
    scanning = asyncio.ensure_future(engine.scanner.scan(5.0))
    await asyncio.sleep(0.05)
    with pytest.raises(DeviceError) as caught:
        await engine.scanner.reset()
    assert caught.value.kind is ErrorKind.BUSY
    scanning.cancel()
    await asyncio.gather(scanning, return_exceptions=True)


def _quick(dialect: Dialect) -> Any:
    from drivers.qr_scanner.serial_scanner import EngineOptions

    return EngineOptions(dialect=dialect, check_within=0.3, retrigger=0.4, lost_end=0.3)


# --- faults of the content


@pytest.mark.parametrize(
    ("fault", "raw", "text"),
    [
        ("QR.GBK", "罚款".encode("gb18030"), "罚款"),
        ("QR.NUL", "罚款".encode()[:3] + b"\0" + "罚款".encode()[3:], "罚款"),
        ("QR.BOM", codecs.BOM_UTF8 + "罚款".encode(), "罚款"),
    ],
)
async def test_codes_in_other_spellings(line: str, fault: str, raw: bytes, text: str) -> None:
    async with rig(line, Dialect.NEWLAND) as made:
        made.do("fault", id=fault)
        scan = await show_while_scanning(made, data="罚款")
        assert scan.raw == raw
        assert scan.text == text


async def test_a_code_nobody_asked_for_is_not_given_later(line: str) -> None:
    async with rig(line, Dialect.NEWLAND) as made:
        made.do("fault", id="QR.UNASKED")
        made.do("show", data="unasked")
        assert made.engine.sent == 1
        made.do("hide")
        await asyncio.sleep(1.1)  # longer than a quick citizen is early
        assert (await show_while_scanning(made, data="asked")).text == "asked"


# --- the camera as scanner


@pytest.fixture
async def seen() -> AsyncIterator[tuple[CameraScanner, WorkerCamera]]:
    camera = connect_camera("sim:", width=640, height=360, timings=Timings(stall=0.8, back_off=0.1, back_off_max=0.4))
    scanner = CameraScanner(camera)
    await scanner.open()
    yield scanner, camera
    await scanner.close()


async def test_the_camera_scanner_is_examined(seen: tuple[CameraScanner, WorkerCamera]) -> None:
    scanner, camera = seen
    for protocol in (Serviced, Resettable, Returning):
        assert isinstance(scanner, protocol)
    found = verdicts(await scanner.examine(Level.INTERNAL, Somebody()))
    assert found == {"link": Verdict.PASSED, "stream": Verdict.PASSED}
    found = verdicts(await scanner.examine(Level.EXTERNAL, Somebody()))
    assert found["decoder"] is Verdict.PASSED
    assert found["decode_ms"] in (Verdict.PASSED, Verdict.FAILED)  # by this machine's load
    heard: list[DeviceStatus] = []
    scanner.listen(lambda: heard.append(scanner.status()))
    assert camera.simulator is not None
    camera.simulator.control({"do": "unplug"})
    async with asyncio.timeout(10):
        while scanner.status().link is not Link.OFFLINE:
            await asyncio.sleep(0.01)
    assert heard[-1].trouble is ErrorKind.OFFLINE
    for level in (Level.INTERNAL, Level.EXTERNAL):
        assert Verdict.FAILED in verdicts(await scanner.examine(level, Somebody())).values()
    waiting = asyncio.ensure_future(scanner.wait_return())
    camera.simulator.control({"do": "plug"})
    async with asyncio.timeout(10):
        await waiting
    await scanner.reset()
    assert (await scanner.check()).link is Link.READY
    assert camera.counters()["restarts"] == 1


async def test_another_camera_in_the_same_place_is_heard(seen: tuple[CameraScanner, WorkerCamera]) -> None:
    """A technician swaps the camera's driver: the scanner keeps hold of the place, not of the driver."""
    scanner, camera = seen
    place = Socket(camera)
    scanner = CameraScanner(cast("Camera", place))
    await scanner.open()
    other = connect_camera("sim:", width=640, height=360)
    place.plug(cast("Device", other))
    await camera.close()
    try:
        assert scanner.status().link is Link.CLOSED
        await scanner.open()
        heard: list[Link] = []
        scanner.listen(lambda: heard.append(scanner.status().link))
        assert other.simulator is not None
        other.simulator.control({"do": "unplug"})
        async with asyncio.timeout(20):
            while Link.OFFLINE not in heard:
                await asyncio.sleep(0.01)
    finally:
        await scanner.close()
        await other.close()


class _SeenFromOutside(Socket):
    """A socket as `isinstance` sees it from Python 3.12 on: names that are passed on by `__getattr__` are not there."""

    def __getattr__(self, name: str) -> Any:
        if name in ("listen", "examine", "counters", "reset", "wait_return"):
            raise AttributeError(name)
        return super().__getattr__(name)


async def test_a_camera_in_a_socket_is_heard_and_reset_on_every_python() -> None:
    camera = connect_camera("sim:", width=640, height=360)
    scanner = CameraScanner(cast("Camera", _SeenFromOutside(camera)))
    await scanner.open()
    try:
        heard = asyncio.Event()
        scanner.listen(lambda: heard.set() if scanner.status().link is Link.OFFLINE else None)
        assert camera.simulator is not None
        camera.simulator.control({"do": "unplug"})
        async with asyncio.timeout(20):
            await heard.wait()
        back = asyncio.ensure_future(scanner.wait_return())
        camera.simulator.control({"do": "plug"})
        async with asyncio.timeout(20):
            await back
        await scanner.reset()
        assert camera.counters()["restarts"] == 1
    finally:
        await scanner.close()
        await camera.close()


async def test_a_code_is_shown_to_the_camera() -> None:
    frame = render("https://example.invalid/secret")
    scanner = CameraScanner(DrawnCamera(lambda _: frame))
    await scanner.open()
    findings = await scanner.examine(Level.INTERACTIVE, Somebody())
    assert verdicts(findings) == {"code_read": Verdict.PASSED}
    assert "secret" not in repr(findings)
    assert scanner.counters() == {"opens": 1, "reads": 1}
    await scanner.close()


async def test_a_decoder_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that never comes back must not take the scanner with it."""
    monkeypatch.setattr(camera_scanner, "DECODE_WITHIN", 0.3)
    stuck = threading.Event()
    real = Decoder.decode
    hanging = [True]

    def decode(self: Decoder, *picture: Any) -> Any:
        if hanging:
            hanging.pop()
            stuck.wait(60)
        return real(self, *picture)

    monkeypatch.setattr(Decoder, "decode", decode)
    frame = render("code")
    scanner = CameraScanner(DrawnCamera(lambda _: frame))
    await scanner.open()
    with pytest.raises(DeviceError) as caught:
        await scanner.scan(10.0)
    assert (caught.value.kind, caught.value.native) == (ErrorKind.TIMEOUT, "decoder_hung")
    assert scanner.counters()["restarts"] == 1
    monkeypatch.setattr(camera_scanner, "DECODE_WITHIN", 5.0)
    assert (await scanner.scan(10.0)).text == "code"
    stuck.set()
    await scanner.close()
