"""The simulator's controls and its behaviour on the wire, and how readers are named."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

import pytest

from drivers.permit_reader import connect
from drivers.permit_reader.reader import PermitChipReader
from drivers.permit_reader.simulator import BANK_ATR, PERMIT_ATR, PermitChipSimulator
from drivers.permit_reader.vicc import ATR, ON, Deframer, frame
from drivers.transport.memory import MemoryLine
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Link
from tests.drivers.permit_reader.conftest import KEY, LINE, permit


def test_control_places_and_removes_a_card(simulator: PermitChipSimulator) -> None:
    seen: list[object] = []
    simulator.listen(lambda: seen.append(simulator.state()["card"]))
    reply = simulator.control({"do": "place", "card": {"line": LINE, "name": "张三", "protocol": "both"}})
    assert (reply["ok"], reply["card"], reply["protocol"]) == (True, "permit", "both")
    simulator.control({"do": "remove"})
    assert seen == ["permit", None]
    assert json.loads(json.dumps(simulator.control({"do": "state"})))["card"] is None


@pytest.mark.parametrize(
    "command",
    [
        {"do": "place"},
        {"do": "place", "card": "张三"},
        {"do": "place", "card": {"colour": "red"}},
        {"do": "place", "card": {"chip": "tasty"}},
        {"do": "dance"},
        {"do": "fault", "id": "SAM.41"},
    ],
)
def test_commands_without_sense_are_refused(simulator: PermitChipSimulator, command: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        simulator.control(command)


async def test_a_card_is_found_however_late_it_comes(simulator: PermitChipSimulator) -> None:
    line = MemoryLine(simulator)
    await line.open()
    await line.write(frame(bytes((ON,))) + frame(bytes((ATR,))), 1.0)
    with pytest.raises(DeviceError):
        await line.read(100, 0.05)
    simulator.hold(permit())
    assert Deframer().feed(await line.read(100, 3.0)) == [PERMIT_ATR]
    simulator.hold(None)
    with pytest.raises(DeviceError) as caught:
        await line.read(100, 1.0)
    assert caught.value.kind is ErrorKind.OFFLINE  # the line lives as long as the card lies there
    await line.close()


def test_the_atrs_are_those_of_contactless_cards() -> None:
    for atr in (PERMIT_ATR, BANK_ATR):
        check = 0
        for byte in atr[1:]:
            check ^= byte
        assert check == 0
        assert atr[0] == 0x3B
        assert len(atr) == 5 + (atr[1] & 0x0F)


async def test_an_unplugged_reader_is_offline_and_comes_back(
    near_reader: PermitChipReader, simulator: PermitChipSimulator
) -> None:
    simulator.hold(permit())
    await near_reader.read(KEY, 3.0)
    simulator.unplug()
    with pytest.raises(DeviceError) as caught:
        await near_reader.read(KEY, 0.3)
    assert caught.value.kind is ErrorKind.OFFLINE
    assert (await near_reader.check()).link is Link.OFFLINE
    simulator.plug()
    assert (await near_reader.check()).link is Link.READY
    assert (await near_reader.read(KEY, 3.0)).hashes_fit


async def test_a_reading_that_takes_too_long_in_all_is_ended(simulator: PermitChipSimulator) -> None:
    from drivers.permit_reader.sim import SimChannel

    reader = PermitChipReader(SimChannel(simulator), answer_timeout=2.0, read_timeout=0.4)
    await reader.open()
    simulator.hold(permit())
    simulator.control({"do": "fault", "id": "PCSC.SLOW", "count": None, "seconds": 0.1})
    with pytest.raises(DeviceError) as caught:
        await reader.read(KEY, 5.0)
    assert (caught.value.kind, caught.value.native) == (ErrorKind.TIMEOUT, "WATCHDOG")
    await reader.close()


@pytest.mark.parametrize(
    "fault", ["LINE.TRUNCATE", "LINE.LOST_FIRST", "LINE.NOISE_BEFORE", "LINE.GARBLE", "LINE.HANGUP", "LINE.MUTE"]
)
async def test_a_spoilt_line_never_gives_wrong_data(
    near_reader: PermitChipReader, simulator: PermitChipSimulator, fault: str
) -> None:
    simulator.hold(permit())
    simulator.control({"do": "fault", "id": "PCSC.SLOW", "count": None, "seconds": 0.005})
    reading = asyncio.create_task(near_reader.read(KEY, 1.0))
    while not simulator.reads:
        await asyncio.sleep(0.001)
    simulator.control({"do": "fault", "id": fault})
    with pytest.raises(DeviceError) as caught:
        await reading
    allowed = (ErrorKind.TIMEOUT, ErrorKind.MEDIA_BAD, ErrorKind.MEDIA_REMOVED)
    assert caught.value.kind in allowed
    assert (await near_reader.read(KEY, 3.0)).hashes_fit


@pytest.mark.parametrize("fault", [{"id": "LINE.DRIP"}, {"id": "LINE.STALL", "seconds": 0.05}])
async def test_a_slow_line_is_waited_for(
    near_reader: PermitChipReader, simulator: PermitChipSimulator, fault: dict[str, object]
) -> None:
    simulator.hold(permit())
    simulator.control({"do": "fault", "count": 3, **fault})
    assert (await near_reader.read(KEY, 3.0)).hashes_fit


@pytest.mark.parametrize(
    "url", ["", "icao", "icao:", "samv+sim:", "icao+serial:///dev/ttyS0", "icao+sim:", "icao+sim:extra", "ICAO+TCP://x"]
)
def test_urls_without_sense_are_refused_in_a_sentence(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        connect(url, simulator=PermitChipSimulator() if "extra" in url else None)
    assert str(caught.value).endswith(".")


def test_urls_name_the_driver(simulator: PermitChipSimulator) -> None:
    near = connect("icao+sim:", simulator=simulator)
    assert (near.driver, near.device_id, near.simulated) == ("icao+sim", "permit_reader", True)
    real = connect("ICAO+pcsc:ACS ACR1252")
    assert (real.driver, real.simulated, real.status().link) == ("icao+pcsc", False, Link.CLOSED)


def test_nothing_heavy_is_loaded_before_it_is_needed() -> None:
    program = (
        "import sys, drivers.permit_reader\n"
        "from drivers.permit_reader.simulator import PermitChipSimulator\n"
        "drivers.permit_reader.connect('icao+sim:', simulator=PermitChipSimulator())\n"
        "drivers.permit_reader.connect('icao+pcsc:')\n"
        "print([name for name in ('cv2', 'numpy', 'smartcard', 'PIL') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
