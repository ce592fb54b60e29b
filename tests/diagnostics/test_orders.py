"""What a technician orders is done to the devices, and stands in the audit chain."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from kiosk.ports.devices import Link
from kiosk.screens.diagnostics import (
    AuditView,
    DeviceDetail,
    FaultBoard,
    Logs,
    Order,
    Overview,
    Section,
    SelfTest,
    Verb,
)
from tests.diagnostics.bay import CODE, LEAVE, bay, go, login, on, table

PRINTER = "receipt_printer"


def device(name: str) -> Any:
    return on(Overview, go(Section.DEVICE, name))


def noted(words: str) -> Any:
    return lambda screen: words in screen.head.note


async def test_a_test_page_comes_out(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        act = on(
            DeviceDetail, Order(Verb.DO, PRINTER, "print_test"), lambda s: any(a.id == "print_test" for a in s.acts)
        )
        done = on(DeviceDetail, LEAVE, noted("测试页已打印"))
        await found.visit(login(), device(PRINTER), act, done)
        assert "打印测试" in found.papers[0]
        assert await found.audited("device_act") == [
            {"device": PRINTER, "act": "print_test", "outcome": "asked"},
            {"device": PRINTER, "act": "print_test", "outcome": "done"},
        ]


async def test_an_act_that_fails_says_so_and_the_page_stays(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        found.virtual[PRINTER].control({"do": "paper", "state": "out"})
        act = on(DeviceDetail, Order(Verb.DO, PRINTER, "print_test"))
        await found.visit(login(), device(PRINTER), act, on(DeviceDetail, LEAVE, noted("没有打印")))
        assert found.desk.last(DeviceDetail).head.note_tone == "bad"
        async with asyncio.timeout(10):  # whoever leaves at once is faster than the row
            while len(rows := await found.audited("device_act")) < 2:
                await asyncio.sleep(0.02)
        assert [row["outcome"] for row in rows] == ["asked", "failed"]


async def test_what_a_device_cannot_do_is_refused_and_not_recorded(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        steps = [on(DeviceDetail, Order(Verb.DO, PRINTER, "read")), on(DeviceDetail, LEAVE, noted("不能这样操作"))]
        await found.visit(login(), device(PRINTER), *steps)
        assert not await found.audited("device_act")


async def test_a_card_is_read_and_nothing_of_it_is_shown(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        found.virtual["id_card"].control({"do": "place", "person": CARD})
        act = on(DeviceDetail, Order(Verb.DO, "id_card", "read"))
        await found.visit(login(), device("id_card"), act, on(DeviceDetail, LEAVE, noted("读到一张卡")))
        everything = repr([found.desk.shown, found.desk.updates, await found.audit()])
        assert CARD["name"] not in everything
        assert CARD["number"] not in everything


async def test_a_second_order_waits_for_the_first(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        read = on(DeviceDetail, Order(Verb.DO, "id_card", "read"))
        again = on(DeviceDetail, Order(Verb.DO, "id_card", "check"), noted("正在操作"))
        await found.visit(login(), device("id_card"), read, again, on(DeviceDetail, LEAVE, noted("还没有结束")))
        # Leaving breaks it off, and the devices are free.
        assert [row["outcome"] for row in await found.audited("device_act")] == ["asked", "broken_off"]
        assert found.tools.supervisor.holder is None


async def test_the_simulator_takes_the_place_and_gives_it_back(tmp_path: Path) -> None:
    async with bay(tmp_path, real_reader=True) as found:
        assert not found.tools.supervisor.state("id_card").simulated
        offered = on(DeviceDetail, Order(Verb.SWAP, "id_card", "  "), lambda s: s.swap == "to_simulator")
        reasoned = on(DeviceDetail, Order(Verb.SWAP, "id_card", "读卡器待修"), noted("原因"))
        back = on(
            DeviceDetail,
            Order(Verb.SWAP, "id_card", ""),
            lambda s: s.swap == "to_device" and s.tile.simulated and s.tile.tone == "ok",
        )
        ready = on(
            DeviceDetail, LEAVE, lambda s: s.swap == "to_simulator" and not s.tile.simulated and s.tile.tone == "ok"
        )
        await found.visit(login(), device("id_card"), offered, reasoned, back, ready)
        assert await found.audited("simulator_in") == [{"device": "id_card", "reason": "读卡器待修"}]
        assert len(await found.audited("simulator_out")) == 1


async def test_a_simulator_left_in_is_taken_away_before_citizens_come(tmp_path: Path) -> None:
    async with bay(tmp_path, real_reader=True) as found:
        put = on(DeviceDetail, Order(Verb.SWAP, "id_card", "试一下"))
        await found.visit(login(), device("id_card"), put, on(DeviceDetail, LEAVE, lambda s: s.swap == "to_device"))
        assert not found.tools.supervisor.state("id_card").simulated
        assert await found.audited("simulator_out") == [{"device": "id_card", "reason": "left"}]


async def test_on_a_trial_machine_it_stays_and_the_next_technician_can_take_it_away(tmp_path: Path) -> None:
    async with bay(tmp_path, real_reader=True, stay=True) as found:
        put = on(DeviceDetail, Order(Verb.SWAP, "id_card", "试一下"))
        await found.visit(login(), device("id_card"), put, on(DeviceDetail, LEAVE, lambda s: s.swap == "to_device"))
        assert found.tools.supervisor.state("id_card").simulated
        away = on(DeviceDetail, Order(Verb.SWAP, "id_card", ""), lambda s: s.swap == "to_device")
        await found.visit(login(), device("id_card"), away, on(DeviceDetail, LEAVE, lambda s: s.swap == "to_simulator"))
        assert not found.tools.supervisor.state("id_card").simulated


async def test_a_fault_is_armed_and_cleared_and_seen_on_the_board(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        key = "id_card:SAM.41"

        def armed(screen: FaultBoard) -> str:
            return next(
                row.armed for card in screen.cards if card.key == "id_card" for row in card.rows if row.id == "SAM.41"
            )

        steps = [
            on(Overview, go(Section.FAULTS)),
            on(FaultBoard, Order(Verb.ARM, key, "3")),
            on(FaultBoard, Order(Verb.ARM, key, "until"), lambda s: armed(s) == "3 次" and s.head.armed == 1),
            on(FaultBoard, Order(Verb.DISARM, key), lambda s: armed(s) == "直到清除"),
            on(FaultBoard, LEAVE, lambda s: armed(s) == "" and s.head.armed == 0),
        ]
        await found.visit(login(), *steps)
        board = found.desk.last(FaultBoard)
        assert [card.name for card in board.cards] == ["身份证读卡器", "凭证打印机", "A4 打印机"]
        assert [row["times"] for row in await found.audited("fault_armed")] == ["3", "until"]
        assert found.virtual["id_card"].state()["faults"] == {}


async def test_a_preset_is_armed_and_everything_disarmed(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        steps = [
            on(Overview, go(Section.FAULTS)),
            on(FaultBoard, Order(Verb.PRESET, "read_fails_twice")),
            on(FaultBoard, Order(Verb.PRESET, "payment_unknown"), lambda s: s.head.armed == 1),
            on(FaultBoard, Order(Verb.DISARM, ""), noted("设备不是模拟的")),
            on(FaultBoard, LEAVE, lambda s: s.head.armed == 0),
        ]
        await found.visit(login(), *steps)
        board = found.desk.last(FaultBoard)
        assert {act.id: act.enabled for act in board.presets} == {
            "paper_out": True,
            "read_fails_twice": True,
            "payment_unknown": False,
            "camera_frozen": False,
            "flapping": True,
        }


async def test_a_real_device_has_no_faults_to_arm(tmp_path: Path) -> None:
    async with bay(tmp_path, real_reader=True) as found:
        steps = [on(Overview, Order(Verb.ARM, "id_card:SAM.41", "once")), on(Overview, LEAVE, noted("只有模拟的设备"))]
        await found.visit(login(), *steps)
        assert not await found.audited("fault_armed")


async def test_the_report_is_on_paper_with_what_it_needs(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        check = on(Overview, Order(Verb.CHECK, "", "1"))
        print_it = on(SelfTest, Order(Verb.PRINT), lambda s: s.verdict)
        await found.visit(login(), check, print_it, on(SelfTest, LEAVE, noted("就绪报告已打印")))
        text = found.papers[-1]
        for words in ("设备就绪报告", "可以使用", "CI01", CODE, "身份证读卡器", "通过", "审计链末行", "签名"):
            assert words in text, text
        kept = await found.tools.audit.rows(limit=100)
        anchors = {f"{row.seq}" for row in kept}
        assert any(line.strip().split("-")[0].split(":")[0] in anchors for line in text.splitlines())
        assert await found.audited("readiness_printed") == [{"verdict": "ready"}]


async def test_nothing_is_printed_before_anything_was_checked(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        steps = [
            on(Overview, go(Section.CHECKS)),
            on(SelfTest, Order(Verb.PRINT)),
            on(SelfTest, LEAVE, noted("请先自检")),
        ]
        await found.visit(login(), *steps)
        assert not found.papers


async def test_the_last_result_is_there_on_the_next_visit(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        check = on(Overview, Order(Verb.CHECK, "", "1"))
        await found.visit(login(), check, on(SelfTest, LEAVE, lambda s: s.verdict))
        before = found.desk.last(SelfTest)
        await found.visit(login(), on(Overview, go(Section.CHECKS)), on(SelfTest, LEAVE))
        after = found.desk.last(SelfTest)
        assert (after.rows, after.verdict, after.at) == (before.rows, before.verdict, before.at)


async def test_log_report_and_chain_are_saved_whole(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        found.tools.ring(
            None, "info", {"timestamp": "2026-11-21T08:00:00.000001", "level": "info", "event": "device_lost"}
        )
        check = on(Overview, Order(Verb.CHECK, "", "1"))
        steps = [
            on(SelfTest, Order(Verb.EXPORT, "readiness", "folder:out"), lambda s: s.verdict),
            on(SelfTest, go(Section.LOGS), noted("已保存到 out")),
            on(Logs, Order(Verb.EXPORT, "log", "folder:out"), lambda s: s.folders == (("folder:out", "out"),)),
            on(Logs, go(Section.AUDIT), noted("已保存")),
            on(AuditView, Order(Verb.EXPORT, "audit", "")),
            on(AuditView, LEAVE, noted("已保存")),
        ]
        await found.visit(login(), check, *steps)
        files = {path.suffix: path for path in (tmp_path / "out").iterdir()}
        assert set(files) == {".json", ".log", ".jsonl"}
        report = json.loads(files[".json"].read_text())
        assert (report["version"], report["verdict"], report["kiosk"]) == (1, "ready", "CI01")
        assert files[".log"].read_text().startswith("2026-11-21T08:00:00.000001 INFO  device_lost")
        chain = [json.loads(line) for line in files[".jsonl"].read_text().splitlines()]
        assert [row["seq"] for row in chain] == list(range(1, len(chain) + 1))
        exported = await found.audited("exported")
        assert [row["what"] for row in exported] == ["readiness", "log", "audit"]
        assert exported[2]["rows"] == len(chain)


async def test_a_stick_that_is_gone_is_said(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        steps = [on(Overview, go(Section.LOGS)), on(Logs, Order(Verb.EXPORT, "log", "usb:STICK"))]
        await found.visit(login(), *steps, on(Logs, LEAVE, noted("没有找到 U 盘")))
        assert not await found.audited("exported")


async def test_a_refill_that_is_told_starts_the_forecast(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        told = on(
            DeviceDetail, Order(Verb.DO, PRINTER, "refilled_paper"), lambda s: s.forecast[0].value == "未登记换装"
        )
        printed = on(DeviceDetail, Order(Verb.DO, PRINTER, "print_test"), noted("已登记"))
        await found.visit(login(), device(PRINTER), told, printed, on(DeviceDetail, LEAVE, noted("测试页已打印")))
        assert any(screen.forecast[0].value == "约 80 米（100%）" for screen in found.desk.of(DeviceDetail))
        assert await found.audited("consumable_refilled") == [{"device": PRINTER, "what": "paper"}]


async def test_what_cannot_be_recorded_is_not_done(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        act = on(DeviceDetail, Order(Verb.DO, PRINTER, "print_test"))
        await found.visit(
            login(),
            device(PRINTER),
            lambda s: (_no_more_rows(tmp_path), act(s))[1],
            on(DeviceDetail, LEAVE, noted("没有执行")),
        )
        assert not found.papers


def _no_more_rows(folder: Path) -> None:
    """As whoever breaks the disk's file would: the chain's table is gone."""
    import sqlite3

    with sqlite3.connect(folder / "ledger.db") as hand:
        hand.execute(
            "CREATE TRIGGER IF NOT EXISTS full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )


async def test_the_link_is_up_again_after_all_of_it(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        act = on(DeviceDetail, Order(Verb.DO, "id_card", "check"))
        await found.visit(login(), device("id_card"), act, on(DeviceDetail, LEAVE, noted("应答")))
        assert found.tools.supervisor.state("id_card").status.link in (Link.READY, Link.BUSY)


CARD = {
    "name": "测试甲",
    "sex": "2",
    "nation": "01",
    "birth": "19900101",
    "address": "浙江省宁波市测试区样例路1号",
    "number": "330299199001010008",
    "issuer": "宁波市公安局测试分局",
    "from": "20200101",
    "to": "20400101",
}


async def test_paper_that_will_not_last_is_on_the_overview(tmp_path: Path) -> None:
    shipped = table()
    items = tuple(
        item.model_copy(update={"full": 140}) if item.device == PRINTER else item for item in shipped.supplies.item
    )
    little = shipped.model_copy(update={"supplies": shipped.supplies.model_copy(update={"item": items})})
    async with bay(tmp_path, diagnostics_table=little) as found:
        await found.tools.counting.refilled(PRINTER, "paper")
        test = on(DeviceDetail, Order(Verb.DO, PRINTER, "print_test"))
        back = on(DeviceDetail, go(Section.OVERVIEW), lambda s: any(fact.tone == "warn" for fact in s.forecast))
        low = on(Overview, LEAVE, lambda s: any(tile.state == "余纸不足" and tile.tone == "warn" for tile in s.tiles))
        assert await found.visit(login(), device(PRINTER), test, back, low) == "exit"
