"""Examining devices: levels, verdicts, time limits, breaking off; with drivers of somebody else that behave in every way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from config.diagnostics_tables import DiagnosticsTable, load_diagnostics
from kiosk.care.checkup import Checkup, Examiner, Nobody, Readiness, Standing
from kiosk.care.readiness import as_text, rows, slip, verdict_text
from kiosk.care.readiness_json import as_json, from_json
from kiosk.care.socket import Socket
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.slip import Pair, Text
from kiosk.ports.clock import SystemClock
from kiosk.ports.devices import DeviceStatus, Link
from kiosk.ports.health import Ask, Finding, Level, Person, Verdict

NEEDS = {"violation": ("id_card", "receipt_printer"), "form": ("id_card", "document_printer")}
TITLES = {"violation": "交通违法处理", "form": "出入境申请表"}
PASSED, FAILED, UNKNOWN, SKIPPED = Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN, Verdict.SKIPPED


class Plain:
    """A vendor's driver that can only say how it is."""

    driver, simulated = "acme+usb", False
    capabilities: Mapping[str, object] = {}

    def __init__(self, device_id: str, parts: Mapping[str, str] | None = None, link: Link = Link.READY) -> None:
        self.device_id = device_id
        self._status = DeviceStatus(link, parts or {})
        self.opens: DeviceError | None = None

    async def open(self) -> None:
        if self.opens is not None:
            raise self.opens
        self._status = replace(self._status, link=Link.READY)

    async def close(self) -> None: ...

    def status(self) -> DeviceStatus:
        return self._status

    async def check(self) -> DeviceStatus:
        return self._status


Act = Callable[[Person], Any]


class Full(Plain):
    """One that can be examined: `does` is what each level gives, or a function of the person."""

    def __init__(self, device_id: str, *does: Any) -> None:
        super().__init__(device_id)
        self.does = does
        self.examined: list[Level] = []

    async def examine(self, level: Level, person: Person) -> tuple[Finding, ...]:
        self.examined.append(level)
        found = self.does[level - 1] if level <= len(self.does) else ()
        if callable(found):
            found = await found(person)
        return found if isinstance(found, tuple) else (Finding("probe", found),)

    def counters(self) -> Mapping[str, int]:
        return {}

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        return lambda: None


class Yes:
    def __init__(self, answer: bool | None = True) -> None:
        self.answer = answer
        self.asked: list[Ask] = []

    async def ask(self, what: Ask) -> bool | None:
        self.asked.append(what)
        return self.answer


def table(**limits: float) -> DiagnosticsTable:
    shipped = load_diagnostics()
    return shipped.model_copy(update={"checkup": shipped.checkup.model_copy(update=limits)})


async def examine(
    *devices: Any, level: Level = Level.INTERACTIVE, person: Person | None = None, only: str = "", **limits: float
) -> Checkup:
    examiner = Examiner({each.device_id: each for each in devices}, SystemClock(), table(**limits), NEEDS)
    return await examiner.run(level, person or Nobody(), only)


def three(*verdicts: Any) -> tuple[Full, Full, Full]:
    names = ("id_card", "receipt_printer", "document_printer")
    return tuple(Full(name, verdict) for name, verdict in zip(names, verdicts, strict=True))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("verdicts", "readiness", "violation", "form"),
    [
        ((PASSED, PASSED, PASSED), "ready", "offered", "offered"),
        ((PASSED, PASSED, FAILED), "limited", "offered", "closed"),
        ((PASSED, UNKNOWN, PASSED), "limited", "unproven", "offered"),
        ((PASSED, SKIPPED, PASSED), "limited", "unproven", "offered"),
        ((UNKNOWN, UNKNOWN, UNKNOWN), "limited", "unproven", "unproven"),
        ((PASSED, FAILED, FAILED), "not_ready", "closed", "closed"),
        ((FAILED, PASSED, PASSED), "not_ready", "closed", "closed"),
        ((PASSED, (), PASSED), "limited", "unproven", "offered"),
    ],
)
async def test_the_verdict_is_that_of_the_services(verdicts: Any, readiness: str, violation: str, form: str) -> None:
    found = await examine(*three(*verdicts), level=Level.INTERNAL)
    assert found.verdict == readiness
    assert found.services == {"violation": violation, "form": form}


async def test_a_service_whose_device_is_not_there_is_closed() -> None:
    found = await examine(Full("id_card", PASSED), Full("receipt_printer", PASSED), level=Level.INTERNAL)
    assert found.services["form"] is Standing.CLOSED
    assert "不能办理：出入境申请表" in verdict_text(found, TITLES) or found.verdict is Readiness.READY


async def test_a_device_that_fails_a_level_skips_the_next() -> None:
    bad = Full("id_card", PASSED, FAILED, PASSED)
    found = await examine(bad)
    assert bad.examined == [Level.INTERNAL, Level.EXTERNAL]
    assert [level.verdict for level in found.devices[0].levels] == [PASSED, FAILED, SKIPPED]
    assert found.devices[0].verdict is FAILED


async def test_unknown_does_not_keep_from_the_next_level_and_is_never_passed() -> None:
    found = await examine(Full("id_card", UNKNOWN, PASSED, PASSED))
    assert [level.verdict for level in found.devices[0].levels] == [UNKNOWN, PASSED, PASSED]
    assert found.devices[0].verdict is UNKNOWN


async def test_the_order_is_that_of_the_table_and_strangers_come_last() -> None:
    seen: list[str] = []

    def named(name: str) -> Full:
        async def look(_: Person) -> Verdict:
            seen.append(name)
            return PASSED

        return Full(name, look)

    devices = [named(name) for name in ("zebra", "document_printer", "acme", "camera", "id_card")]
    await examine(*devices, level=Level.INTERNAL)
    assert seen == ["id_card", "camera", "document_printer", "acme", "zebra"]


async def test_a_plain_driver_is_judged_by_its_status() -> None:
    parts = {"paper": "low", "cover": "open", "cutter": "unknown", "field": "unknown", "colour": "blue"}
    found = await examine(Plain("receipt_printer", parts), level=Level.EXTERNAL)
    internal, external = found.devices[0].levels
    judged = {each.finding.name: each.finding.verdict for each in internal.findings}
    assert judged == {
        "link": PASSED,
        "paper": PASSED,
        "cover": FAILED,
        "cutter": UNKNOWN,
        "field": SKIPPED,
        "colour": PASSED,
    }
    assert external.verdict is SKIPPED


async def test_a_closed_device_is_opened_and_why_it_could_not_be_is_told() -> None:
    device = Plain("id_card", link=Link.OFFLINE)
    assert (await examine(device, level=Level.INTERNAL)).devices[0].verdict is PASSED
    device = Plain("id_card", link=Link.CLOSED)
    device.opens = DeviceError(ErrorKind.PERMISSION, "id_card", "The line may not be opened.")
    found = await examine(device)
    report = found.devices[0]
    assert report.verdict is FAILED
    assert (report.trouble, report.levels[0].findings[0].finding.value) == (device.opens, "permission")
    assert "permission" in as_text(found)


async def test_a_plug_in_the_socket_is_examined_itself() -> None:
    found = await examine(Socket(Full("id_card", PASSED, PASSED)), level=Level.EXTERNAL)
    assert found.devices[0].levels[1].verdict is PASSED


async def test_a_device_out_of_time_fails_and_the_others_are_examined() -> None:
    async def sleep(_: Person) -> Verdict:
        await asyncio.Event().wait()
        return PASSED

    found = await examine(Full("id_card", sleep), Full("camera", PASSED), level=Level.INTERNAL, internal_s=0.05)
    assert [report.verdict for report in found.devices] == [FAILED, PASSED]
    assert found.devices[0].levels[0].findings[0].finding.name == "time"


async def test_a_device_that_does_not_leave_off_is_left_to_itself() -> None:
    released = asyncio.Event()

    async def deaf(_: Person) -> Verdict:
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue
        return PASSED

    found = await examine(
        Full("id_card", deaf), Full("camera", PASSED), level=Level.INTERNAL, internal_s=0.05, grace_s=0.05
    )
    assert [report.verdict for report in found.devices] == [FAILED, PASSED]
    released.set()
    await asyncio.sleep(0)


@pytest.mark.parametrize("error", [RuntimeError("bug"), DeviceError(ErrorKind.TIMEOUT, "id_card", "Mute.")])
async def test_a_driver_that_raises_has_failed(error: Exception) -> None:
    async def burst(_: Person) -> Verdict:
        raise error

    found = await examine(Full("id_card", burst), Full("camera", PASSED), level=Level.INTERNAL)
    assert [report.verdict for report in found.devices] == [FAILED, PASSED]


async def test_broken_off_it_says_so_and_gives_the_devices_back() -> None:
    held: list[bool] = []
    left: list[str] = []

    @asynccontextmanager
    async def lease() -> AsyncIterator[None]:
        held.append(True)
        try:
            yield
        finally:
            held.append(False)

    async def sleep(_: Person) -> Verdict:
        try:
            await asyncio.Event().wait()
        finally:
            left.append("id_card")
        return PASSED

    devices = {each.device_id: each for each in (Full("id_card", sleep), Full("camera", PASSED))}
    examiner = Examiner(devices, SystemClock(), table(), NEEDS, lease)
    task = asyncio.ensure_future(examiner.run(Level.INTERNAL, Nobody()))
    while not examiner.doing.device:
        await asyncio.sleep(0)
    assert [row.state for row in rows(examiner.so_far(), table(), examiner.doing)] == ["doing", "todo"]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    found = examiner.so_far()
    assert (held, left, found.whole) == ([True, False], ["id_card"], False)
    assert found.verdict is not Readiness.READY
    assert "没有做完" in verdict_text(found, TITLES)
    assert [row.state for row in rows(found, table())] == ["skipped", "skipped"]


async def test_who_judged_is_told() -> None:
    async def look(person: Person) -> tuple[Finding, ...]:
        await person.ask(Ask.PLACE_CARD)
        answer = await person.ask(Ask.SAW_SLIP)
        seen = {True: PASSED, False: FAILED, None: UNKNOWN}[answer]
        return Finding("paper", PASSED), Finding("saw_slip", seen)

    for answer, verdict, judge in ((True, PASSED, "person"), (False, FAILED, "person"), (None, UNKNOWN, "machine")):
        person = Yes(answer)
        found = await examine(Full("receipt_printer", PASSED, PASSED, look), person=person)
        by = {each.finding.name: (each.finding.verdict, each.by) for each in found.devices[0].levels[2].findings}
        assert by == {"paper": (PASSED, "machine"), "saw_slip": (verdict, judge)}
        assert person.asked == [Ask.PLACE_CARD, Ask.SAW_SLIP]


async def test_one_device_alone_has_a_verdict_and_no_services() -> None:
    found = await examine(Full("id_card", PASSED), Full("camera", FAILED), only="id_card", level=Level.INTERNAL)
    assert (found.verdict, dict(found.services), len(found.devices)) == (Readiness.READY, {}, 1)
    found = await examine(Full("camera", FAILED), only="camera", level=Level.INTERNAL)
    assert found.verdict is Readiness.NOT_READY
    with pytest.raises(KeyError):
        await examine(Full("camera", PASSED), only="nothing")


async def test_the_document_is_read_back_as_it_was() -> None:
    failing = Plain("camera", link=Link.CLOSED)
    failing.opens = DeviceError(ErrorKind.OFFLINE, "camera", "There is no camera.")
    found = await examine(*three(PASSED, UNKNOWN, PASSED), failing, level=Level.EXTERNAL)
    document = json.loads(json.dumps(as_json(found, "CI01", "12-abc")))
    again = from_json(document)
    assert as_json(again, "CI01", "12-abc") == document
    assert again.verdict is found.verdict
    assert rows(again, table()) == rows(replace(found, seconds=again.seconds, devices=again.devices), table())
    assert set(document) == {
        "version", "good", "verdict", "kiosk", "at", "level", "only", "whole", "seconds", "audit", "services", "alarms",
        "devices",
    }  # fmt: skip
    assert set(document["devices"][0]) == {
        "device", "driver", "simulated", "link", "parts", "detail", "good", "verdict", "levels",
    }  # fmt: skip
    with pytest.raises(ValueError, match="version 2"):
        from_json({**document, "version": 2})
    with pytest.raises(ValueError, match="no readiness report"):
        from_json({"version": 1, "at": "2026-11-21T08:00:00+08:00"})


async def test_the_slip_names_what_is_wrong_and_who_signs() -> None:
    found = await examine(*three(PASSED, FAILED, PASSED), level=Level.INTERNAL)
    paper = slip(
        found,
        table(),
        TITLES,
        kiosk_id="CI01",
        version="1.2",
        staff="T0271",
        audit="7-0a1b",
        printed_at=SystemClock().now(),
    )
    pairs = {block.label: block.value for block in paper.blocks if isinstance(block, Pair)}
    texts = [block.text for block in paper.blocks if isinstance(block, Text)]
    assert (pairs["机器："], pairs["人员："], pairs["凭证打印机"], pairs["身份证读卡器"]) == (
        "CI01",
        "T0271",
        "不通过",
        "通过",
    )
    assert {"部分可用", "7-0a1b", "  probe"} <= set(texts)
    assert any("不能办理：交通违法处理" in text for text in texts)
