"""`kiosk device permit_reader read`: the unit brings the card, the chip is read with its line, nothing personal is printed unasked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from config.scenarios import load_scenario
from config.settings import SettingsError
from drivers import permit_reader, permit_unit
from drivers.permit_reader.simulator import PermitChipSimulator
from drivers.permit_unit.simulator import PermitUnitSimulator
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.clock import SystemClock
from kiosk.ports.devices import Device
from kiosk.verbs.device_permit import reader_acts
from kiosk.verbs.report import Report

pytestmark = pytest.mark.timeout(60)


@dataclass
class Place:
    devices: dict[str, Device]
    unit: PermitUnitSimulator
    chip: PermitChipSimulator
    card: dict[str, Any]

    async def read(self, *, show: bool = False, line: str = "") -> Report:
        return await reader_acts(self.devices, 10.0, show, line)["read"]()

    async def read_after_insert(self, **changes: Any) -> Report:
        self.unit.control({"do": "insert", "card": {**self.card, **changes}})
        return await self.read()


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    scenario = load_scenario("endorse_happy_hk", SystemClock().now().date())
    assert scenario.permit is not None
    chip = PermitChipSimulator()
    unit = PermitUnitSimulator(on_chip=chip.hold, speed=500)
    devices: dict[str, Device] = {
        "permit_unit": permit_unit.connect("cardunit+sim:", simulator=unit),
        "permit_reader": permit_reader.connect("icao+sim:", simulator=chip),
    }
    await devices["permit_reader"].open()
    yield Place(devices, unit, chip, scenario.permit.card(scenario.person))
    await asyncio.gather(*(device.close() for device in devices.values()))


async def test_the_card_is_drawn_in_read_and_given_back(place: Place) -> None:
    report = await place.read_after_insert()
    assert report.good
    assert report.data["hashes_fit"] is True
    assert report.data["photo"] is True
    assert place.unit.state()["position"] == "mouth"
    personal = (place.card["name"], place.card["id_number"], place.card["line"][2:11], place.card["surname"])
    for text in (report.text, str(report.data)):
        assert not any(each in text for each in personal)


async def test_a_card_that_lies_inside_already_stays_inside_and_shows_when_asked(place: Place) -> None:
    unit: Any = place.devices["permit_unit"]
    await unit.open()
    place.unit.control({"do": "insert", "card": place.card})
    await unit.accept(10.0)
    report = await place.read(show=True)
    assert place.unit.state()["position"] == "reader"
    assert (report.data["name"], report.data["id_number"]) == (place.card["name"], place.card["id_number"])
    assert report.data["pinyin"].startswith(place.card["surname"])


async def test_a_line_typed_by_hand_needs_no_unit(place: Place) -> None:
    unit: Any = place.devices.pop("permit_unit")
    await unit.open()
    place.unit.control({"do": "insert", "card": place.card})
    await unit.accept(10.0)
    assert (await place.read(line=place.card["line"])).good
    with pytest.raises(SettingsError, match="give it with --line"):
        await place.read()
    await unit.close()


async def test_a_chip_of_another_card_is_told_and_the_card_given_back(place: Place) -> None:
    with pytest.raises(DeviceError) as raised:
        await place.read_after_insert(chip="other_key")
    assert (raised.value.kind, raised.value.native) == (ErrorKind.MEDIA_BAD, "KEY")
    assert place.unit.state()["position"] == "mouth"


async def test_a_card_without_a_line_is_told_and_given_back(place: Place) -> None:
    with pytest.raises(DeviceError) as raised:
        await place.read_after_insert(body="bank_card")
    assert (raised.value.kind, raised.value.device) == (ErrorKind.MEDIA_BAD, "permit_unit")
    assert place.unit.state()["position"] == "mouth"


async def test_data_that_differ_from_what_was_signed_are_no_success(place: Place) -> None:
    place.chip.control({"do": "fault", "id": "CHIP.BAD_SOD"})
    report = await place.read_after_insert()
    assert not report.good
    assert "differ from EF.SOD" in report.text
