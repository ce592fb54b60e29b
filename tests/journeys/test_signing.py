"""Signing under a recording (公安机关办理行政案件程序规定 第263条), the waiver's own moment, and not signing (公安部令105 第44条).

The recorder is the real one over a simulated microphone; before the page sits a robot.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from config.settings import load
from config.signing import Signing
from kiosk.domain.errors import ErrorKind
from kiosk.journeys.kit import Kit
from kiosk.journeys.lobby import home
from kiosk.journeys.services import SERVICES
from kiosk.journeys.violation.film import BROKE
from kiosk.journeys.violation.sign import Outcome, ask_to_sign
from kiosk.journeys.walker import Ended
from kiosk.ledger.states import Kind
from kiosk.ports.devices import DeviceStatus, Link
from kiosk.screens import common, violation
from kiosk.screens.base import Back, Row
from kiosk.screens.robot import WAIT, RobotDesk
from kiosk.screens.violation import Defend, Filming, PenaltyNotice, RefuseToSign, Signed, Waived
from tests.drivers.recorder.conftest import Rig, rig
from tests.journeys.stage import changed, staged
from tests.journeys.test_violation_steps import FIRST, NOW, SECOND, happy

NOTICE = PenaltyNotice(0, 1, "共 1 条", (Row("违法行为", "某行为"),), ("全文",), "没有异议。", sign=True)
SIGNED = Signed(b"png", ())


class Guard:
    def touch(self) -> None: ...

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[None]:
        yield


@dataclass
class Clock:
    at: dt.datetime = field(default_factory=lambda: dt.datetime(2026, 3, 18, 10, 0, tzinfo=dt.UTC))

    def now(self) -> dt.datetime:
        self.at += dt.timedelta(seconds=1)
        return self.at


@dataclass
class Table:
    """A citizen at the page. `does` is asked at every look of it, `presses` at a message."""

    rig: Rig
    does: Callable[[PenaltyNotice], Any] = lambda _: WAIT
    presses: Callable[[common.Message], Any] = lambda _: "exit"
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.desk = RobotDesk(
            {PenaltyNotice: lambda screen: self.does(screen), common.Message: lambda screen: self.presses(screen)}
        )
        self.desk.back = True

    async def sign(self, recording: str = "required", screen: PenaltyNotice = NOTICE) -> Outcome:
        settings = load(None, "ci")
        settings = settings.model_copy(update={"signing": Signing(recording=recording)})  # type: ignore[arg-type]
        kit = SimpleNamespace(
            desk=self.desk,
            guard=Guard(),
            signature_pad=None,
            settings=settings,
            clock=self.clock,
            recorder=self.rig.recorder,
        )
        async with asyncio.timeout(20):
            return await ask_to_sign(cast(Kit, kit), screen)

    def notices(self) -> list[PenaltyNotice]:
        return [screen for screen in (*self.desk.shown, *self.desk.updates) if isinstance(screen, PenaltyNotice)]


def once_filmed(screen: PenaltyNotice) -> Any:
    return SIGNED if screen.filming is not None and screen.filming.state == "on" else WAIT


async def test_the_signature_comes_with_the_hash_of_its_recording() -> None:
    async with rig() as r:
        table = Table(r, does=once_filmed)
        outcome = await table.sign()
        (kept,) = r.vault.kept()
        assert outcome.recording_sha256 == hashlib.sha256(r.plain(kept.name)).hexdigest()
        assert table.notices()[0].filming == Filming("starting"), "nobody may write before it runs"
        assert r.recorder.status().parts["recording"] == "off"


async def test_without_the_duty_nothing_is_recorded() -> None:
    async with rig() as r:
        outcome = await Table(r, does=lambda _: SIGNED).sign("off")
        assert outcome.recording_sha256 == ""
        assert r.files() == 0


async def test_what_is_signed_before_the_recording_runs_does_not_count() -> None:
    async with rig() as r:
        table = Table(r, does=lambda screen: SIGNED if screen.attempt == 0 else once_filmed(screen))
        outcome = await table.sign()
        assert outcome.recording_sha256
        assert table.notices()[-1].attempt == 1


@pytest.mark.parametrize("how", ["microphone", "camera"])
async def test_a_recording_that_breaks_takes_the_signature_with_it(how: str) -> None:
    async with rig() as r:
        broken: list[bool] = []

        def does(screen: PenaltyNotice) -> Any:
            if screen.filming is None or screen.filming.state != "on":
                return WAIT
            if not broken:
                broken.append(True)
                if how == "microphone":
                    r.do("fault", id="MIC.DIES")
                else:
                    r.camera.fail(ErrorKind.OFFLINE)
                return WAIT
            return SIGNED

        def presses(_: common.Message) -> str:
            r.camera.trouble = None  # a camera that is gone is not back at once
            return "retry"

        table = Table(r, does=does, presses=presses)
        outcome = await table.sign()
        assert outcome.recording_sha256
        assert len(r.vault.kept()) == 1, "nothing is left of the one that broke"
        told = [screen for screen in table.notices() if screen.trouble]
        assert told[0].trouble == BROKE
        assert told[0].attempt == 1, "what was written is wiped"


async def test_a_recording_that_cannot_be_had_ends_the_signing_with_one_sentence() -> None:
    async with rig() as r:
        r.do("unplug")
        said: list[common.Message] = []

        def presses(screen: common.Message) -> str:
            said.append(screen)
            return "retry" if len(said) == 1 else "exit"

        with pytest.raises(Ended) as ended:
            await Table(r, does=once_filmed, presses=presses).sign()
        assert ended.value.outcome == "device:recorder"
        assert [screen.title for screen in said] == ["录音录像设备暂时不能用"] * 2
        assert r.files() == 0


@pytest.mark.parametrize("answer", [Defend(), RefuseToSign(True)])
async def test_without_a_signature_nothing_of_it_is_kept(answer: Any) -> None:
    async with rig() as r:
        outcome = await Table(r, does=lambda s: answer if once_filmed(s) is SIGNED else WAIT).sign()
        assert outcome.answer == answer
        assert r.files() == 0


async def test_going_back_throws_it_away() -> None:
    async with rig() as r:

        def does(screen: PenaltyNotice) -> Any:
            if once_filmed(screen) is WAIT:
                return WAIT
            raise Back

        with pytest.raises(Back):
            await Table(r, does=does).sign()
        assert r.files() == 0


async def test_the_waiver_has_the_moment_of_its_tick() -> None:
    """行政处罚法 第62条: expressly, and at a time of its own; a tick that was taken away is none."""
    async with rig() as r:
        table = Table(r)
        answers: list[Any] = [Waived(True), Waived(False), Waived(True), SIGNED]
        table.does = lambda _: answers.pop(0)
        outcome = await table.sign("off")
        assert outcome.waived_at == Clock().at + dt.timedelta(seconds=2)
        answers = [Waived(True), Waived(False), RefuseToSign(False)]
        assert (await table.sign("off")).waived_at is None


# --- the whole visit --------------------------------------------------------------------------------------------------


async def test_each_record_has_a_waiver_of_its_own(tmp_path: Path) -> None:
    async with staged(tmp_path, happy()) as stage:
        await stage.visit({violation.PenaltyNotice: [Waived(True), Signed(b"", ()), Waived(True)]})
        detail = stage.machine.books.registrar.detail
        rows = await stage.machine.books.store.find(Kind.DECISION)
        moments = {row["record_id"]: detail(row)["waived_at"] for row in rows}
        assert moments[FIRST] <= moments[SECOND]
        assert set(stage.decided()) == {FIRST, SECOND}


@pytest.mark.parametrize("way", ["window", "slip_fails"])
async def test_who_does_not_sign_goes_to_the_window_and_nothing_is_decided(tmp_path: Path, way: str) -> None:
    async with staged(tmp_path, happy()) as stage:
        if way == "slip_fails":
            stage.machine.virtual["receipt_printer"].control({"do": "cover", "open": True})
        ended = await stage.visit({violation.PenaltyNotice: [Signed(b"", ()), RefuseToSign(True)]})
        assert ended.outcome == "refused_to_sign"
        assert stage.decided() == {}
        slips = stage.paper("请到窗口办理")
        assert bool(slips) == (way == "window")
        assert "没有付款" not in stage.desk.words()


async def test_an_officer_notes_the_refusal_and_the_decision_stands(tmp_path: Path) -> None:
    """公安部令105 第44条: noted, it counts as delivered. Whose code it was is on record; the citizen waived all the same."""
    pin_hash = load(None, "ci").staff.pin_hash
    scenario = changed(happy(), NOW)
    object.__setattr__(
        scenario,
        "settings",
        {"signing.officer": [{"number": "0012345", "pin_hash": pin_hash}], "signing.refusal": "officer"},
    )
    async with staged(tmp_path, scenario) as stage:
        ended = await stage.visit({violation.PenaltyNotice: [Signed(b"", ()), RefuseToSign(True)]})
        assert ended.outcome == "paid"
        rows = await stage.machine.books.store.find(Kind.DECISION)
        details = [stage.machine.books.registrar.detail(row) for row in rows]
        assert {(each["refusal_noted_by"], each["signature_sha256"]) for each in details} == {("0012345", "")}
        asked = stage.desk.of(common.StaffCheck)
        assert [screen.about for screen in asked] == ["face", "refusal"]


async def test_no_officer_makes_up_for_the_missing_waiver(tmp_path: Path) -> None:
    pin_hash = load(None, "ci").staff.pin_hash
    scenario = changed(happy(), NOW)
    object.__setattr__(
        scenario,
        "settings",
        {"signing.officer": [{"number": "0012345", "pin_hash": pin_hash}], "signing.refusal": "officer"},
    )
    async with staged(tmp_path, scenario) as stage:
        ended = await stage.visit({violation.PenaltyNotice: [Signed(b"", ()), RefuseToSign(False)]})
        assert ended.outcome == "refused_to_sign"
        assert stage.decided() == {}


# --- the home screen ------------------------------------------------------------------------------------------------------

READY = {name: DeviceStatus(Link.READY) for name in ("id_card", "receipt_printer", "camera", "recorder")}


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"recorder": DeviceStatus(Link.OFFLINE)}, "本机录音录像设备暂时不能用，请到旁边的机器或人工窗口办理。"),
        ({"recorder": DeviceStatus(Link.FAULT)}, "本机录音录像设备暂时不能用，请到旁边的机器或人工窗口办理。"),
        ({"camera": DeviceStatus(Link.OFFLINE)}, "本机摄像头暂时不能用，请到旁边的机器或人工窗口办理。"),
    ],
)
def test_without_microphone_or_camera_violations_are_greyed_and_paying_stays(
    parts: dict[str, DeviceStatus], said: str
) -> None:
    shown = home(SERVICES, {**READY, **parts}, recorded=True)
    reasons = {card.id: card.unavailable for card in (*shown.services, *shown.tiles)}
    assert reasons["violation"] == said
    assert reasons["fine"] == ""
    assert not home(SERVICES, {**READY, **parts}, recorded=False).services[0].unavailable


def test_a_machine_without_a_recorder_says_so() -> None:
    parts = {name: status for name, status in READY.items() if name != "recorder"}
    assert home(SERVICES, parts, recorded=True).services[0].unavailable == "本机没有录音录像设备，请到人工窗口办理。"


@pytest.mark.chaos
async def test_the_whole_chain_with_the_machines_own_camera(tmp_path: Path) -> None:
    """The hash that goes to the platform is that of the file in the folder."""
    scenario = changed(happy(), NOW)
    folder = tmp_path / "recordings"
    object.__setattr__(
        scenario,
        "settings",
        {"devices.recorder": "sim:", "signing.recording": "required", "signing.folder": str(folder)},
    )
    async with staged(tmp_path, scenario, camera=True) as stage:
        await stage.machine.devices.by_name["recorder"].open()
        assert (await stage.visit()).outcome == "paid"
        rows = await stage.machine.books.store.find(Kind.DECISION)
        (sha256,) = {stage.machine.books.registrar.detail(row)["recording_sha256"] for row in rows}
        recorder: Any = stage.machine.devices.recorder
        (kept,) = recorder.vault.kept()
        assert recorder.vault.digest(kept.name) == sha256
        assert {entry.recording_sha256 for entry in stage.decided().values()} == {sha256}
