"""What technicians ask of a chip reader: examination, counters, news, a fresh start; through every kind of channel."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from drivers.permit_reader.reader import PermitChipReader
from drivers.permit_reader.simulator import PermitChipSimulator
from drivers.virtual_permit import VirtualPermit
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import DeviceStatus, Link
from kiosk.ports.health import COUNTERS, Ask, Finding, Level, Resettable, Returning, Serviced, Verdict
from tests.drivers.permit_reader.conftest import ID_NUMBER, KEY, LINE, permit, swap


class Technician:
    """Lays this card on the reader and takes it away again when asked to; without one, nothing is done."""

    def __init__(
        self, simulator: PermitChipSimulator, card: VirtualPermit | None, *, answer: bool | None = True
    ) -> None:
        self.asked: list[Ask] = []
        self._simulator, self._card, self._answer = simulator, card, answer

    async def ask(self, what: Ask) -> bool | None:
        self.asked.append(what)
        if self._answer:
            self._simulator.hold(self._card if what is Ask.PLACE_CARD else None)
        return self._answer


def verdicts(findings: tuple[Finding, ...]) -> dict[str, Verdict]:
    return {finding.name: finding.verdict for finding in findings}


async def told(reader: PermitChipReader, link: Link) -> DeviceStatus:
    """Wait until the reader says so by itself."""
    changed = asyncio.Event()
    stop = reader.listen(changed.set)
    async with asyncio.timeout(10):
        while reader.status().link is not link:
            await changed.wait()
            changed.clear()
    stop()
    return reader.status()


async def test_a_healthy_reader_passes_all_levels(reader: PermitChipReader, simulator: PermitChipSimulator) -> None:
    assert isinstance(reader, Serviced)
    assert isinstance(reader, Resettable)
    assert isinstance(reader, Returning)
    technician = Technician(simulator, permit())
    inside = await reader.examine(Level.INTERNAL, technician)
    assert list(verdicts(inside)) == ["link", "reader", "service", "service_ms"]
    assert set(verdicts(inside).values()) == {Verdict.PASSED}
    outside = verdicts(await reader.examine(Level.EXTERNAL, technician))
    assert outside == dict.fromkeys(("atr", "apdu_ms", "application"), Verdict.SKIPPED)
    assert not technician.asked
    together = await reader.examine(Level.INTERACTIVE, technician)
    assert list(verdicts(together)) == ["atr", "apdu_ms", "application", "card_removed"]
    assert set(verdicts(together).values()) == {Verdict.PASSED}
    assert technician.asked == [Ask.PLACE_CARD, Ask.REMOVE_CARD]
    assert simulator.reads == 0, "nothing is read from a technician's card"
    assert set(reader.counters()) <= set(COUNTERS)


async def test_a_card_that_lies_there_is_tried_without_asking(
    reader: PermitChipReader, simulator: PermitChipSimulator
) -> None:
    await swap(reader, simulator, permit(protocol="both"))
    changed = asyncio.Event()
    stop = reader.listen(changed.set)
    async with asyncio.timeout(5):
        while reader.status().parts["field"] != "present":
            await changed.wait()
            changed.clear()
    stop()
    technician = Technician(simulator, None)
    outside = await reader.examine(Level.EXTERNAL, technician)
    assert set(verdicts(outside).values()) == {Verdict.PASSED}
    assert not technician.asked
    assert not any(secret in repr(outside) for secret in (LINE, ID_NUMBER, "CA0000001"))


@pytest.mark.parametrize(
    ("card", "atr", "application"),
    [
        ({"body": "bank_card"}, Verdict.PASSED, Verdict.FAILED),
        ({"chip": "no_application"}, Verdict.PASSED, Verdict.FAILED),
        ({"protocol": "pace"}, Verdict.PASSED, Verdict.PASSED),
        ({"chip": "mute"}, Verdict.FAILED, Verdict.SKIPPED),
    ],
    ids=str,
)
async def test_cards_of_other_kinds(
    near_reader: PermitChipReader,
    simulator: PermitChipSimulator,
    card: dict[str, Any],
    atr: Verdict,
    application: Verdict,
) -> None:
    found = verdicts(await near_reader.examine(Level.INTERACTIVE, Technician(simulator, permit(**card))))
    assert (found["atr"], found["application"]) == (atr, application)


async def test_nobody_lays_a_card(near_reader: PermitChipReader, simulator: PermitChipSimulator) -> None:
    found = verdicts(await near_reader.examine(Level.INTERACTIVE, Technician(simulator, None, answer=None)))
    assert found.pop("atr") is Verdict.UNKNOWN
    assert set(found.values()) == {Verdict.SKIPPED}


async def test_counts_readings(reader: PermitChipReader, simulator: PermitChipSimulator) -> None:
    simulator.hold(permit())
    await reader.read(KEY, 5.0)
    with pytest.raises(DeviceError):
        await reader.read(type(KEY)("CA0000002", "900307", "330115"), 5.0)
    simulator.control({"do": "fault", "id": "PCSC.SM_MAC"})
    with pytest.raises(DeviceError):
        await reader.read(KEY, 5.0)
    counted = reader.counters()
    assert (counted["reads"], counted["failed_reads"], counted["bad_answers"], counted["opens"]) == (1, 2, 1, 1)
    assert counted["commands"] > 20
    await swap(reader, simulator, None)
    with pytest.raises(DeviceError):
        await reader.read(KEY, 0.3)
    assert reader.counters()["failed_reads"] == 2, "no card is no failed reading"


async def test_looking_is_no_news(reader: PermitChipReader) -> None:
    heard: list[DeviceStatus] = []
    await reader.check()
    reader.listen(lambda: heard.append(reader.status()))
    for _ in range(3):
        await reader.check()
    assert not heard


async def test_reset_switches_the_card_off_and_on(reader: PermitChipReader, simulator: PermitChipSimulator) -> None:
    simulator.hold(permit())
    await reader.read(KEY, 5.0)
    await reader.reset()
    assert reader.status().link is Link.READY
    assert (await reader.read(KEY, 5.0)).hashes_fit
    await reader.close()
    with pytest.raises(DeviceError) as caught:
        await reader.reset()
    assert caught.value.kind is ErrorKind.NOT_OPEN
    assert verdicts(await reader.examine(Level.INTERNAL, Technician(simulator, None)))["link"] is Verdict.FAILED


async def test_reset_after_a_mute_card(reader: PermitChipReader, simulator: PermitChipSimulator) -> None:
    simulator.hold(permit(chip="mute"))
    with pytest.raises(DeviceError):
        await reader.read(KEY, 3.0)
    await swap(reader, simulator, None)
    await reader.reset()
    assert (reader.status().link, reader.status().trouble) == (Link.READY, None)


# -- the service in this process: every fault and what the driver says -------------------------------------------------


async def test_without_a_service(near_reader: PermitChipReader, simulator: PermitChipSimulator) -> None:
    simulator.control({"do": "fault", "id": "PCSC.NO_SERVICE", "count": None})
    status = await told(near_reader, Link.OFFLINE)
    assert status.trouble is ErrorKind.OFFLINE
    assert "PC/SC service" in status.detail
    with pytest.raises(DeviceError) as caught:
        await near_reader.read(KEY, 0.2)
    assert (caught.value.kind, caught.value.native) == (ErrorKind.OFFLINE, "0x8010001D")
    found = verdicts(await near_reader.examine(Level.INTERNAL, Technician(simulator, None)))
    assert (found["link"], found["service"]) == (Verdict.FAILED, Verdict.FAILED)
    waiting = asyncio.create_task(near_reader.wait_return())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    simulator.control({"do": "clear"})
    await waiting
    await told(near_reader, Link.READY)
    assert near_reader.counters()["losses"] == 1
    simulator.hold(permit())
    assert (await near_reader.read(KEY, 2.0)).hashes_fit


async def test_the_reader_is_pulled_out_and_comes_back(
    near_reader: PermitChipReader, simulator: PermitChipSimulator
) -> None:
    simulator.control({"do": "unplug"})
    assert (await told(near_reader, Link.OFFLINE)).detail == "No PC/SC reader is connected."
    with pytest.raises(DeviceError):
        await near_reader.read(KEY, 0.2)
    waiting = asyncio.create_task(near_reader.wait_return())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    simulator.control({"do": "plug"})
    await waiting
    await told(near_reader, Link.READY)


async def test_another_program_has_the_card(near_reader: PermitChipReader, simulator: PermitChipSimulator) -> None:
    simulator.hold(permit())
    simulator.control({"do": "fault", "id": "PCSC.EXCLUSIVE"})
    with pytest.raises(DeviceError) as caught:
        await near_reader.read(KEY, 1.0)
    assert (caught.value.kind, caught.value.native) == (ErrorKind.BUSY, "0x8010000B")
    assert (near_reader.status().link, near_reader.status().trouble) == (Link.DEGRADED, ErrorKind.BUSY)
    assert (await near_reader.read(KEY, 1.0)).hashes_fit
    assert near_reader.status().trouble is None


@pytest.mark.parametrize(
    ("fault", "kind", "native"),
    [
        ({"id": "CHIP.NO_FILE"}, ErrorKind.MEDIA_BAD, "LDS"),
        ({"id": "CHIP.NO_FILE", "file": "DG1"}, ErrorKind.MEDIA_BAD, "LDS"),
        ({"id": "CHIP.SHORT_FILE"}, ErrorKind.MEDIA_BAD, "LDS"),
        ({"id": "CHIP.SHORT_FILE", "file": "DG1", "keep": 9}, ErrorKind.MEDIA_BAD, "LDS"),
        ({"id": "CHIP.SHORT_FILE", "file": "DG1", "keep": 0}, ErrorKind.MEDIA_BAD, "LDS"),
        ({"id": "CHIP.CORRUPT_FILE"}, ErrorKind.MEDIA_BAD, "LDS"),
        ({"id": "CHIP.CORRUPT_FILE", "file": "DG1"}, ErrorKind.MEDIA_BAD, "LDS"),
    ],
    ids=str,
)
@pytest.mark.parametrize("protocol", ["bac", "pace"])
async def test_files_that_are_missing_short_or_nonsense(
    near_reader: PermitChipReader,
    simulator: PermitChipSimulator,
    fault: dict[str, Any],
    kind: ErrorKind,
    native: str,
    protocol: str,
) -> None:
    simulator.hold(permit(protocol=protocol))
    simulator.control({"do": "fault", "count": None, **fault})
    with pytest.raises(DeviceError) as caught:
        await near_reader.read(KEY, 2.0)
    assert (caught.value.kind, caught.value.native) == (kind, native)
    assert near_reader.status().link is Link.READY, "the card is bad, not the reader"
    simulator.control({"do": "clear"})
    assert (await near_reader.read(KEY, 2.0)).hashes_fit


@pytest.mark.parametrize(
    ("fault", "fits"),
    [
        ({"id": "CHIP.NO_FILE", "file": "SOD"}, None),
        ({"id": "CHIP.NO_FILE", "file": "COM"}, True),
        ({"id": "CHIP.SHORT_FILE", "file": "SOD"}, False),
        ({"id": "CHIP.CORRUPT_FILE", "file": "SOD"}, False),
    ],
    ids=str,
)
async def test_files_that_a_reading_can_do_without(
    near_reader: PermitChipReader, simulator: PermitChipSimulator, fault: dict[str, Any], fits: bool | None
) -> None:
    simulator.hold(permit())
    simulator.control({"do": "fault", "count": None, **fault})
    assert (await near_reader.read(KEY, 2.0)).hashes_fit is fits
