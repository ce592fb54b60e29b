"""The board of lights, the power supply and the tactile pad, as the visit and the home screen know them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from config.io_board import IoTable
from config.settings import Settings, SettingsError, load
from drivers.io_board import connect
from drivers.io_board.simulator import BoardSimulator
from kiosk.cabinet import build_devices
from kiosk.journeys.lights import LitDesk
from kiosk.journeys.lobby import home
from kiosk.journeys.services import SERVICES
from kiosk.ports.controls import Flash, IoBoard
from kiosk.ports.devices import DeviceStatus, Link
from kiosk.screens.common import FaceCheck, PlaceIdCard, Working
from kiosk.screens.robot import RobotDesk

TABLE = IoTable.model_validate({"lights": {"id_card": 0, "camera": 1}, "inputs": {"door": 0, "tamper": 1}})
READY = {
    name: DeviceStatus(Link.READY)
    for name in (
        "id_card",
        "camera",
        "qr_scanner",
        "receipt_printer",
        "permit_unit",
        "permit_reader",
        "document_printer",
    )
}


@pytest.fixture
async def board() -> AsyncIterator[IoBoard]:
    made = connect("modbus+sim:", table=TABLE, simulator=BoardSimulator(TABLE))
    await made.open()
    yield made
    await made.close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.005)


async def test_the_light_beside_what_is_to_be_used(board: IoBoard) -> None:
    desk = LitDesk(RobotDesk({}), board)
    burning = board.burning  # type: ignore[attr-defined]
    desk.open(PlaceIdCard())
    await until(lambda: burning("id_card") is Flash.MEDIUM)
    desk.open(FaceCheck())
    await until(lambda: burning("camera") is Flash.MEDIUM and burning("id_card") is Flash.OFF)
    desk.open(Working("查询中", ()))
    await until(lambda: burning("camera") is Flash.OFF)
    desk.open(PlaceIdCard())
    desk.wipe()
    await until(lambda: burning("id_card") is Flash.OFF)


async def test_pages_that_change_faster_than_the_board(board: IoBoard) -> None:
    desk = LitDesk(RobotDesk({}), board)
    for _ in range(50):
        desk.open(PlaceIdCard())
        desk.open(FaceCheck())
    burning = board.burning  # type: ignore[attr-defined]
    await until(lambda: burning("camera") is Flash.MEDIUM and burning("id_card") is Flash.OFF)


async def test_board_that_is_gone_stops_nobody(board: IoBoard) -> None:
    await board.close()
    desk = LitDesk(RobotDesk({}), board)
    desk.open(PlaceIdCard())
    desk.open(FaceCheck())
    await asyncio.sleep(0)
    desk.wipe()


def closed(**parts: DeviceStatus) -> set[str]:
    shown = home(SERVICES, {**READY, **parts})
    return {card.unavailable for card in (*shown.services, *shown.tiles)}


def test_nothing_begins_without_mains() -> None:
    assert closed() == {""}
    for power in ("battery", "low"):
        assert closed(ups=DeviceStatus(Link.READY, {"power": power})) == {
            "市电断了，本机暂停办理，请到旁边的机器或人工窗口办理。"
        }
    assert closed(ups=DeviceStatus(Link.READY, {"power": "mains"})) == {""}
    assert closed(ups=DeviceStatus(Link.OFFLINE, {"power": "unknown"})) == {""}, "a supply that is silent is no reason"


def test_nothing_begins_at_a_machine_that_was_forced_open() -> None:
    assert closed(io_board=DeviceStatus(Link.READY, {"tamper": "tampered"})) == {
        "本机正在等工作人员处理，请到旁边的机器或人工窗口办理。"
    }
    assert closed(io_board=DeviceStatus(Link.READY, {"tamper": "ok", "door": "open"})) == {""}


def with_devices(**urls: str) -> Settings:
    base = load(profile="ci")
    devices = type(base.devices)(**{**base.devices.model_dump(), **urls})
    return base.model_copy(update={"devices": devices, "io_board": TABLE})


def test_cabinet_has_what_the_settings_name() -> None:
    found = build_devices(with_devices(nav_pad="evdev+sim:", io_board="modbus+sim:", ups="nut+sim:"))
    assert found.nav_pad is found.by_name["nav_pad"]
    assert found.io_board is not None
    assert found.io_board.lights == ("id_card", "camera")
    assert {"nav_pad", "io_board", "ups"} <= set(found.virtual)
    assert set(build_devices(load(profile="ci")).by_name).isdisjoint({"nav_pad", "io_board", "ups"})


def test_wrong_address_is_one_sentence() -> None:
    with pytest.raises(SettingsError, match="devices:"):
        build_devices(with_devices(ups="nut://"))
