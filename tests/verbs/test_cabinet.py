"""The cabinet's parts for the application form: the A4 printer, the photo studio, and what the home screen says of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from config.settings import Settings, SettingsError, load
from drivers.document_printer import connect
from drivers.document_printer.printer import CupsPrinter
from drivers.document_printer.simulator import IppSimulator
from drivers.document_printer.testpage import page
from kiosk.cabinet import build_devices
from kiosk.domain.errors import DeviceError
from kiosk.journeys.kit import Kit
from kiosk.journeys.lobby import Ended, Service, home
from kiosk.ports.devices import Device, DeviceStatus, Link, PrintEnd
from kiosk.ports.photo import PhotoHint
from kiosk.screens.common import ServiceCard


def settings(profile: str = "demo", **sections: Mapping[str, Any]) -> Settings:
    base = load(profile=profile)
    changed = {
        name: type(getattr(base, name))(**{**getattr(base, name).model_dump(), **fields})
        for name, fields in sections.items()
    }
    return base.model_copy(update=changed)


def test_a_machine_with_an_a4_printer() -> None:
    devices = build_devices(settings())
    assert devices.document_printer is devices.by_name["document_printer"]
    assert devices.scanner is devices.by_name["qr_scanner"]
    assert isinstance(devices.virtual["document_printer"], IppSimulator)
    assert devices.studio is not None
    assert "devices.document_printer" in settings().simulated()
    assert devices.virtual["camera"].state()["scene"] == {"backdrop": "white"}


def test_a_machine_without_one() -> None:
    devices = build_devices(settings(devices={"document_printer": ""}, form={"photo": False}))
    assert devices.document_printer is None
    assert devices.studio is None
    assert "document_printer" not in devices.by_name
    assert "document_printer" not in devices.virtual
    assert devices.virtual["camera"].state()["scene"] == {}


def test_a_real_queue_has_no_simulator() -> None:
    devices = build_devices(settings(devices={"document_printer": "cups:a4"}))
    assert "document_printer" not in devices.virtual
    assert devices.document_printer is not None
    assert not devices.document_printer.simulated


def test_a_wrong_queue_is_one_sentence() -> None:
    with pytest.raises(SettingsError, match=r"devices: 'cups:a4\?poll=0' has no usable poll"):
        build_devices(settings(devices={"document_printer": "cups:a4?poll=0"}))


@pytest.mark.parametrize(
    ("devices", "form", "found"),
    [
        ({"document_printer": "", "permit_unit": "", "permit_reader": ""}, {}, False),
        ({"document_printer": "cups:a4", "permit_unit": "", "permit_reader": ""}, {}, True),
        ({"document_printer": "cups:a4", "permit_unit": "", "permit_reader": ""}, {"submit": False}, False),
        ({"document_printer": ""}, {}, True),
    ],
)
def test_the_platform_counts_where_it_is_spoken_to(
    devices: Mapping[str, str], form: Mapping[str, Any], found: bool
) -> None:
    """Drafts of forms go to the exit-entry platform, endorsements too; a machine with neither has no such side to be simulated."""
    assert ("exit_entry" in settings(devices=devices, form=form).simulated()) is found


async def test_the_demo_takes_an_accepted_photo_before_its_white_panel() -> None:
    """Every part as the demo has it: 1280×720, a person who blinks, the profile of the settings."""
    wanted = settings()
    devices = build_devices(wanted)
    camera, studio = devices.by_name["camera"], devices.studio
    assert studio is not None
    devices.virtual["camera"].control({"do": "scene", "seed": 101})
    await camera.open()
    try:
        hints: list[PhotoHint] = []
        async with asyncio.timeout(45):
            async for step in studio.capture(wanted.form.photo_profile):
                hints.append(step.hint)
        assert (step.frame.width, step.frame.height) == (1280, 720)
        assert step.photo is not None
        assert (step.photo.profile_id, step.photo.deviations) == ("national", ())
        assert step.photo.jpeg.startswith(b"\xff\xd8")
        assert PhotoHint.BACKGROUND not in hints
    finally:
        await camera.close()


async def _never(kit: Kit) -> Ended:
    raise AssertionError


def lobby(device: Device) -> str:
    """Why the home screen greys a service that needs the A4 printer; empty when it is offered."""
    card = ServiceCard("form", "表", "", 5, "", "file")
    service = Service(card, _never, ("document_printer",), optional=True)
    return home({"form": service}, {"document_printer": device.status()}).services[0].unavailable


Trouble = Callable[[IppSimulator, CupsPrinter], Awaitable[None]]


def fault(name: str) -> Trouble:
    async def strike(simulator: IppSimulator, printer: CupsPrinter) -> None:
        simulator.control({"do": "fault", "id": name, "count": None})

    return strike


async def paused(simulator: IppSimulator, printer: CupsPrinter) -> None:
    simulator.control({"do": "pause"})


async def unplugged(simulator: IppSimulator, printer: CupsPrinter) -> None:
    simulator.control({"do": "unplug"})


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (fault("A4.PAPER_OUT"), "本机 A4 纸用完了"),
        (fault("A4.JAM"), "本机 A4 打印机卡纸"),
        (fault("A4.COVER"), "本机 A4 打印机的盖子开着"),
        (fault("A4.TONER_OUT"), "本机 A4 打印机的墨粉用完了"),
        (fault("A4.OFFLINE"), "本机 A4 打印机暂时不能用"),
        (fault("A4.CLOSED"), "本机 A4 打印机已暂停使用"),
        (fault("A4.SPOOL_FULL"), "本机 A4 打印机正忙"),
        (paused, "本机 A4 打印机已暂停使用"),
        (unplugged, "本机 A4 打印机暂时不能用"),
        (fault("A4.PAPER_LOW"), ""),
    ],
)
async def test_the_home_screen_says_what_is_wrong_with_the_a4_printer(trouble: Trouble, said: str) -> None:
    simulator = IppSimulator()
    printer = connect("cups+sim:?answer=2", simulator=simulator)
    assert "正在启动" in lobby(printer)
    await printer.open()
    try:
        assert lobby(printer) == ""
        await trouble(simulator, printer)
        await printer.check()
        assert lobby(printer).startswith(said)
        assert bool(lobby(printer)) is bool(said)
        assert "凭证" not in lobby(printer)
    finally:
        await printer.close()


class _Remembering:
    """A queue that still tells what was wrong at its last job (`Condition.status`)."""

    device_id, driver, simulated = "document_printer", "cups", False

    def __init__(self, parts: Mapping[str, str]) -> None:
        self.capabilities: Mapping[str, object] = {}
        self._parts = parts

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    def status(self) -> DeviceStatus:
        return DeviceStatus(Link.DEGRADED, self._parts, "At the last job: The paper is out.")

    async def check(self) -> DeviceStatus:
        return self.status()


@pytest.mark.parametrize("parts", [{"paper": "out"}, {"cover": "open"}, {"toner": "out"}])
def test_what_a_queue_remembers_of_its_last_job_closes_no_service(parts: Mapping[str, str]) -> None:
    assert lobby(_Remembering(parts)) == ""


async def test_the_printer_of_the_cabinet_prints() -> None:
    devices = build_devices(settings())
    printer = devices.document_printer
    assert printer is not None
    await printer.open()
    assert (await printer.print_pdf(page("a4"), "J1")).end is PrintEnd.DONE
    assert devices.virtual["document_printer"].state()["last_pdf"] == page("a4")
    await printer.close()
    with pytest.raises(DeviceError):
        await printer.recall("J2")
