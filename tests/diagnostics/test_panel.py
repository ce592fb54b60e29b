"""T07: looks and knobs by order, each of them on record."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from drivers.panel.simulated import SimulatedKnob
from kiosk.diagnostics import panel
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.panel import DEVICE, NO_CARD
from kiosk.screens.diagnostics import Look, Order, Overview, Section, SettingsView, Verb
from tests.diagnostics.bay import LEAVE, bay, go, login, on


def noted(words: str) -> Any:
    return lambda screen: words in screen.head.note


class Broken:
    simulated = False

    def __init__(self, error: DeviceError | None = None) -> None:
        self.error = error

    async def level(self) -> int:
        if self.error is not None:
            raise self.error
        await asyncio.get_running_loop().create_future()
        raise AssertionError

    async def turn(self, percent: int) -> int:
        del percent
        return await self.level()


def first(*steps: Any) -> tuple[Any, ...]:
    return (login(), on(Overview, go(Section.SETTINGS)), *steps)


async def test_turning_and_looking_are_on_record(tmp_path: Path) -> None:
    knobs = {"volume": SimulatedKnob(60), "brightness": SimulatedKnob(80)}
    async with bay(tmp_path) as made:
        await made.visit(
            *first(
                on(SettingsView, Order(Verb.TURN, "volume", "70")),
                on(SettingsView, Order(Verb.TURN, "brightness", "20"), noted("音量现在是 70%")),
                on(SettingsView, Order(Verb.SHOW, "elder", "115"), noted("亮度现在是 20%")),
                on(SettingsView, LEAVE, lambda screen: screen.look == Look("elder", 115)),
            ),
            knobs=knobs,
        )
        assert (knobs["volume"].percent, knobs["brightness"].percent) == (70, 20)
        turned = await made.audited("panel_turned")
        assert [(each["what"], each["percent"], each["outcome"]) for each in turned] == [
            ("volume", 70, "asked"),
            ("volume", 70, "done"),
            ("brightness", 20, "asked"),
            ("brightness", 20, "done"),
        ]
        assert await made.audited("look_previewed") == [{"theme": "elder", "percent": 115}]
        shown = made.desk.of(SettingsView)[0]
        assert [(dial.key, dial.percent, dial.least) for dial in shown.dials] == [
            ("volume", 60, 0),
            ("brightness", 80, 20),
        ]
        last = made.desk.last(SettingsView)
        assert [dial.percent for dial in last.dials] == [70, 20]


@pytest.mark.parametrize(
    ("order", "says"),
    [
        (Order(Verb.TURN, "volume", "101"), "0 到 100"),
        (Order(Verb.TURN, "volume", "-1"), "0 到 100"),
        (Order(Verb.TURN, "volume", "²"), "0 到 100"),
        (Order(Verb.TURN, "brightness", "19"), "20 到 100"),
        (Order(Verb.TURN, "fan", "50"), "没有这个旋钮"),
        (Order(Verb.SHOW, "elder", "300"), "没有这种外观"),
        (Order(Verb.SHOW, "sepia", "100"), "没有这种外观"),
    ],
)
async def test_what_cannot_be_is_refused_and_not_on_record(tmp_path: Path, order: Order, says: str) -> None:
    knobs = {"volume": SimulatedKnob(60), "brightness": SimulatedKnob(80)}
    async with bay(tmp_path) as made:
        await made.visit(*first(on(SettingsView, order), on(SettingsView, LEAVE, noted(says))), knobs=knobs)
        assert await made.audited("panel_turned") == []
        assert await made.audited("look_previewed") == []
        assert (knobs["volume"].percent, knobs["brightness"].percent) == (60, 80)


async def test_a_machine_without_sound_card_says_so(tmp_path: Path) -> None:
    error = DeviceError(ErrorKind.UNSUPPORTED, DEVICE, "This machine has no sound card.", NO_CARD)
    async with bay(tmp_path) as made:
        await made.visit(
            *first(
                on(SettingsView, Order(Verb.TURN, "volume", "50")),
                on(SettingsView, LEAVE, noted("音量：本机没有声卡。")),
            ),
            knobs={"volume": Broken(error)},
        )
        (dial,) = made.desk.of(SettingsView)[0].dials
        assert (dial.percent, dial.trouble) == (None, "本机没有声卡。")
        assert [each["outcome"] for each in await made.audited("panel_turned")] == ["asked", "unsupported"]


async def test_a_knob_that_hangs_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel, "WITHIN_S", 0.05)
    async with bay(tmp_path) as made:
        await made.visit(
            *first(on(SettingsView, Order(Verb.TURN, "volume", "50")), on(SettingsView, LEAVE, noted("没有应答"))),
            knobs={"volume": Broken()},
        )
        assert [each["outcome"] for each in await made.audited("panel_turned")] == ["asked", "timeout"]
