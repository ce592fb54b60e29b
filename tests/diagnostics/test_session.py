"""The technician's way through the diagnostics mode, over real drivers, wires and ledger."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from kiosk.care.supervisor import Holder
from kiosk.journeys.services import SERVICES
from kiosk.ports.devices import Link
from kiosk.screens.base import Back
from kiosk.screens.diagnostics import (
    AuditView,
    DeviceDetail,
    FaultBoard,
    Logs,
    Order,
    Overview,
    Section,
    SelfTest,
    SettingsView,
    StaffLogin,
    Verb,
)
from tests.diagnostics.bay import CODE, LEAVE, bay, go, login, on, table


async def test_who_signs_in_sees_every_device_and_leaves(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        assert await found.visit(login(), on(Overview, LEAVE, lambda screen: len(screen.tiles) == 3)) == "exit"
        overview = found.desk.last(Overview)
        assert [tile.name for tile in overview.tiles] == ["身份证读卡器", "凭证打印机", "A4 打印机"]
        assert {tile.tone for tile in overview.tiles} == {"ok"}
        assert overview.head.staff == CODE
        assert overview.head.simulated
        assert found.desk.wiped == 1
        assert [what for _, what, _ in await found.audit()] == ["technician_entered", "technician_left"]


async def test_a_wrong_pin_is_told_and_the_right_one_taken_after_it(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        assert await found.visit(login("111111"), login(), on(Overview, LEAVE)) == "exit"
        assert [screen.trouble for screen in found.desk.of(StaffLogin)][:2] == [
            "",
            "工号、密码或动态码不对。还可以试 2 次。",
        ]
        assert [what for _, what, _ in await found.audit()][:2] == ["technician_denied", "technician_entered"]


async def test_three_wrong_ones_lock_the_page_which_counts_down(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        back = on(StaffLogin, Back(), lambda screen: 0 < screen.locked_s < 300)
        assert await found.visit(login("111111"), login("222222"), login("333333"), back) == "not_entered"
        counted = [screen.locked_s for screen in found.desk.of(StaffLogin) if screen.locked_s]
        assert counted[0] == 300
        assert 299 in counted
        # The next visit begins locked.
        assert await found.visit(on(StaffLogin, Back(), lambda screen: screen.locked_s > 0)) == "not_entered"


async def test_nobody_is_registered_and_the_page_says_so(tmp_path: Path) -> None:
    async with bay(tmp_path, technicians=()) as found:
        assert await found.visit(on(StaffLogin, Back())) == "not_entered"
        assert found.desk.of(StaffLogin)[0].trouble.startswith("本机没有登记运维人员")


async def test_every_section_opens_and_is_in_the_chain(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        steps = [login(), on(Overview, go(Section.DEVICE, "receipt_printer")), on(DeviceDetail, go(Section.CHECKS))]
        steps += [on(SelfTest, go(Section.LOGS)), on(Logs, go(Section.FAULTS)), on(FaultBoard, go(Section.SETTINGS))]
        steps += [on(SettingsView, go(Section.AUDIT)), on(AuditView, LEAVE)]
        assert await found.visit(*steps) == "exit"
        opened = [detail["page"] for detail in await found.audited("page_opened")]
        assert opened == ["device", "checks", "logs", "faults", "settings", "audit"]
        detail = found.desk.last(DeviceDetail)
        assert detail.tile.key == "receipt_printer"
        assert {fact.label for fact in detail.facts} >= {"驱动", "连接", "纸", "盖子"}
        assert {act.id for act in detail.acts} == {"check", "print_test", "refilled_paper"}
        view = found.desk.last(AuditView)
        assert view.whole
        assert view.rows[0].seq > view.rows[-1].seq
        assert all("{" not in row.what for row in view.rows)


async def test_a_change_of_a_device_is_on_its_tile_without_a_touch(tmp_path: Path) -> None:
    async with bay(tmp_path, diagnostics_table=table(refresh_s=3600)) as found:
        visit = asyncio.ensure_future(
            found.visit(login(), on(Overview, LEAVE, lambda screen: screen.tiles[1].state == "盖子打开"))
        )
        while not hasattr(found, "desk") or not found.desk.of(Overview):
            await asyncio.sleep(0)
        found.virtual["receipt_printer"].control({"do": "cover", "open": True})
        assert await visit == "exit"


async def test_nobody_touches_anything_and_the_technician_is_signed_out(tmp_path: Path) -> None:
    async with bay(tmp_path, diagnostics_table=table(idle_s=0.4)) as found:
        assert await found.visit(login()) == "idle"
        assert any("自动退出" in screen.head.note for screen in found.desk.of(Overview))
        assert (await found.audited("technician_left")) == [{"why": "idle"}]


async def test_all_devices_are_checked_and_the_result_is_kept(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        check = on(Overview, Order(Verb.CHECK, "", "1"))
        assert await found.visit(login(), check, on(SelfTest, LEAVE, lambda screen: screen.verdict)) == "exit"
        done = found.desk.last(SelfTest)
        assert done.verdict == "ready", done.rows
        assert any(screen.running for screen in found.desk.of(SelfTest))
        assert {row.device for row in done.rows} == {"身份证读卡器", "凭证打印机", "A4 打印机"}
        kept = await found.tools.logbook.last_checkup()  # type: ignore[attr-defined]
        assert kept.verdict == "ready"
        assert kept.result["version"] == 1
        assert kept.result["audit"]
        verdicts = [detail["verdict"] for detail in await found.audited("health_check")]
        assert verdicts == ["started", "ready"]


@pytest.mark.parametrize(
    ("device", "command", "closed"),
    [
        ("receipt_printer", {"do": "paper", "state": "out"}, {"violation", "fine", "reprint"}),
        ("receipt_printer", {"do": "unplug"}, {"violation", "fine", "reprint"}),
        ("id_card", {"do": "fault", "id": "SAM.60", "count": None}, {"violation", "form"}),
        ("document_printer", {"do": "fault", "id": "A4.OFFLINE", "count": None}, {"form"}),
    ],
)
async def test_what_is_wrong_with_a_device_closes_the_services_that_need_it(
    tmp_path: Path, device: str, command: dict[str, object], closed: set[str]
) -> None:
    async with bay(tmp_path) as found:
        found.virtual[device].control(command)
        check = on(Overview, Order(Verb.CHECK, "", "1"))
        assert await found.visit(login(), check, on(SelfTest, LEAVE, lambda screen: screen.verdict)) == "exit"
        screen = found.desk.last(SelfTest)
        kept = (await found.tools.logbook.last_checkup()).result  # type: ignore[attr-defined]
        assert {name for name, standing in kept["services"].items() if standing == "closed"} == closed
        assert screen.verdict == "limited"
        name = found.tools.table.name(device)
        assert any(row.device == name and row.state == "failed" for row in screen.rows)
        names = "、".join(found.tools.titles[service] for service in SERVICES if service in closed)
        assert screen.verdict_text == f"部分可用。不能办理：{names}。"


async def test_without_any_printer_the_machine_is_not_ready(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        found.virtual["receipt_printer"].control({"do": "unplug"})
        found.virtual["document_printer"].control({"do": "fault", "id": "A4.OFFLINE", "count": None})
        check = on(Overview, Order(Verb.CHECK, "", "1"))
        assert await found.visit(login(), check, on(SelfTest, LEAVE, lambda screen: screen.verdict)) == "exit"
        screen = found.desk.last(SelfTest)
        assert (screen.verdict, screen.verdict_text) == ("not_ready", "不能使用：没有一项业务可以办理。")
        kept = await found.tools.logbook.last_checkup()  # type: ignore[attr-defined]
        assert kept.verdict == "not_ready"
        assert kept.result["services"] == dict.fromkeys(("violation", "fine", "form", "reprint"), "closed")
        assert [row["verdict"] for row in await found.audited("health_check")] == ["started", "not_ready"]


async def test_a_check_broken_off_leaves_the_devices_to_the_next_citizen(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        # The reader never answers, so that the check stands there until it is stopped.
        found.virtual["id_card"].control({"do": "fault", "id": "LINE.MUTE", "count": None})
        check = on(Overview, Order(Verb.CHECK, "id_card", "1"))
        stop = on(SelfTest, Order(Verb.STOP), lambda screen: screen.running)
        steps = (login(), check, stop, on(SelfTest, LEAVE, lambda screen: not screen.running and screen.rows))
        assert await found.visit(*steps) == "exit"
        assert "没有做完" in found.desk.last(SelfTest).verdict_text
        assert [detail["verdict"] for detail in await found.audited("health_check")] == ["started", "broken_off"]
        found.virtual["id_card"].control({"do": "clear"})
        async with found.tools.supervisor.lease(Holder.CITIZEN):
            assert (await found.tools.supervisor.look_now("id_card")).status.link is Link.READY


async def test_a_person_judges_the_slip_and_is_named_as_the_judge(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        check = on(Overview, Order(Verb.CHECK, "receipt_printer", "3"))
        saw = on(SelfTest, Order(Verb.SAY, "", "no"), lambda screen: screen.is_question)
        assert await found.visit(login(), check, saw, on(SelfTest, LEAVE, lambda screen: screen.verdict)) == "exit"
        asked = next(screen for screen in found.desk.of(SelfTest) if screen.is_question)
        assert asked.ask == "凭条出来了吗？字迹清楚，并且已经切断？"
        done = found.desk.last(SelfTest)
        assert (done.verdict, done.verdict_text, done.level) == ("not_ready", "这台设备没有通过自检。", 3)
        (row,) = [row for row in done.rows if row.state == "failed"]
        assert "人工判断" in row.value
        assert (await found.audited("person_said")) == [
            {"device": "receipt_printer", "question": "saw_slip", "answer": "no"}
        ]


async def test_a_question_that_nobody_answers_ends_with_the_visit(tmp_path: Path) -> None:
    """Waiting for a person is no work of the machine: the technician who went away is signed out."""
    async with bay(tmp_path, diagnostics_table=table(idle_s=1.0)) as found:
        check = on(Overview, Order(Verb.CHECK, "receipt_printer", "3"))
        assert await found.visit(login(), check) == "idle"
        assert [detail["verdict"] for detail in await found.audited("health_check")] == ["started", "broken_off"]
        assert found.tools.supervisor.holder is None


async def test_a_visit_that_is_cancelled_leaves_everything_free(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        found.virtual["id_card"].control({"do": "fault", "id": "LINE.MUTE", "count": None})
        check = on(Overview, Order(Verb.CHECK, "id_card", "1"))
        visit = asyncio.ensure_future(found.visit(login(), check))
        while found.tools.supervisor.holder is not Holder.HEALTH:
            await asyncio.sleep(0.01)
        visit.cancel()
        await asyncio.gather(visit, return_exceptions=True)
        assert visit.cancelled()
        assert found.tools.supervisor.holder is None
        assert found.desk.wiped == 1
        assert (await found.audited("technician_left")) == [{"why": "shutdown"}]


async def test_logs_are_filtered_paused_and_turned(tmp_path: Path) -> None:
    async with bay(tmp_path, diagnostics_table=table(log_page=10)) as found:
        for number in range(1, 31):
            level = "warning" if number % 3 == 0 else "info"
            found.tools.ring(None, level, {"level": level, "event": f"e{number}", "device": "camera"})
        steps = [
            on(Overview, go(Section.LOGS)),
            on(Logs, Order(Verb.PAGE, "", "older"), lambda s: s.older and not s.newer),
            on(Logs, Order(Verb.PAGE, "", "newer"), lambda s: s.newer and s.rows[-1].text == "e20"),
            on(Logs, Order(Verb.FILTER, "level", "WARN"), lambda s: not s.newer),
            on(Logs, Order(Verb.FILTER, "text", " E3 "), lambda s: s.total == 10),
            on(Logs, Order(Verb.PAUSE, "", "yes"), lambda s: [row.text for row in s.rows] == ["e3", "e30"]),
            on(Logs, LEAVE, lambda s: s.paused),
        ]
        assert await found.visit(login(), *steps) == "exit"
