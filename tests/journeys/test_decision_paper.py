"""Deciding at the last moment, and what the citizen takes home: A4 and receipt paper, electronic bills, the last page."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from structlog.testing import capture_logs

from config.scenarios import Scenario, load_scenario
from config.tables import load_tables
from kiosk.domain.fine import PayableFine
from kiosk.domain.violation import HandledRecord
from kiosk.gateways.sim_server import SimRefusal
from kiosk.journeys import ebills
from kiosk.journeys.fine.late import note_difference
from kiosk.journeys.papers import A4_LOST
from kiosk.journeys.violation.finish import _screen
from kiosk.journeys.violation.visit import Kept, Visit
from kiosk.ledger.changes import Record
from kiosk.ledger.states import Kind, PaymentState
from kiosk.ports.clock import SystemClock
from kiosk.rehearsal import SIGNATURE
from kiosk.screens import common, violation
from tests.journeys.stage import Stage, changed, staged
from tests.journeys.test_fine_scenarios import scenario as fine_scenario
from tests.journeys.test_violation_steps import FIRST, NOW, SECOND, happy
from tests.ledger.parts import MORNING, HandClock

CHAOS = partial(pytest.param, marks=pytest.mark.chaos)
DECISION, VOUCHER = "简易程序处罚决定书", "交通违法缴款凭证"


def scenario(name: str) -> Scenario:
    return changed(load_scenario(name, SystemClock().now().date()), NOW, looks_at_evidence=False)


def on_a4(of: Scenario, wanted: str = "a4") -> Scenario:
    object.__setattr__(of, "settings", {**of.settings, "printing.decision": wanted})
    return of


def plain(text: str) -> str:
    return "".join(text.split())


def words_of(pdf: bytes) -> str:
    told = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True, timeout=30)
    return plain(told.stdout.decode())


def finish_of(stage: Stage) -> common.Finish:
    return next(screen for screen in stage.desk.shown if isinstance(screen, common.Finish))


class TestLastMoment:
    async def test_what_the_platform_says_is_told_in_a_sentence(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy()) as stage:
            decide_there = stage.police.world.decide

            def strict(record_id: str, *more: Any) -> Any:
                if record_id == SECOND:
                    raise SimRefusal(422, "points_limit", "…")
                return decide_there(record_id, *more)

            stage.police.world.decide = strict
            assert (await stage.visit()).outcome == "paid"
            assert set(stage.decided()) == {FIRST}
            assert (
                "有 1 条违法没有处理成，没有扣款。处理后累积记分会达到 12 分，请到人工窗口处理。" in stage.desk.words()
            )
            assert "另有 1 条没有处理成，没有处罚，也没有扣款。" in finish_of(stage).notes

    @pytest.mark.parametrize("what", ["two_places", "plates", "status", CHAOS("handled")])
    async def test_the_rules_are_asked_again_with_what_is_known_by_then(self, tmp_path: Path, what: str) -> None:
        """Minutes have passed: the licence is blocked, a record of another car at the same time was taken elsewhere (W10, staff are
        called), and nothing of it is sent. Taken on other people's cars elsewhere does not count against one's own (S1)."""
        async with staged(tmp_path, happy(choose=(FIRST,))) as stage:
            world = stage.police.world
            record, _ = world._records[FIRST]
            asked: list[str] = []
            decide_there = world.decide
            world.decide = lambda record_id, *more: asked.append(record_id) or decide_there(record_id, *more)

            def meanwhile(_: violation.PenaltyNotice) -> Any:
                if what == "two_places":
                    other = HandledRecord("9" * 16, "浙B00001", "02", "own", record.at, record.authority_code, 0)
                    world.handled = lambda _: (other,)
                elif what == "plates":
                    world.handled = lambda _: tuple(
                        HandledRecord(f"{n:016d}", f"浙B0000{n}", "02", "filed", MORNING, "330200000000", 1)
                        for n in range(4)
                    )
                elif what == "status":
                    object.__setattr__(stage.scenario.licence, "status", "D")
                else:
                    object.__setattr__(record, "handled", True)
                return violation.Signed(SIGNATURE, ())

            with capture_logs() as logs:
                ended = await stage.visit({violation.PenaltyNotice: [meanwhile]})
            if what == "plates":
                assert ended.outcome == "paid"
                return
            assert (ended.outcome, asked, stage.papers) == ("decision_rejected", [], [])
            code = {"two_places": "W10", "status": "E10", "handled": "W01"}[what]
            (row,) = await stage.machine.books.store.find(Kind.DECISION)
            assert (await stage.machine.books.store.events(row.id))[-1]["why"] == f"rule:{code}"
            alarmed = [log["code"] for log in logs if log["event"] == "staff_wanted"]
            assert alarmed == (["W10"] if what == "two_places" else [])

    async def test_a_platform_that_falls_silent_right_before_keeps_nobody(self, tmp_path: Path) -> None:
        """The questions change nothing, and the platform asks its own rules."""
        async with staged(tmp_path, happy()) as stage:

            def silent(screen: violation.PenaltyNotice) -> Any:
                for call in ("identify", "vehicles", "handled", "open_records"):
                    stage.police.control({"do": "fault", "id": f"{call}.error_503", "count": None})
                return violation.Signed(SIGNATURE if screen.sign else b"", ())

            assert (await stage.visit({violation.PenaltyNotice: [silent, silent]})).outcome == "paid"
            assert len(stage.decided()) == 2


class TestA4:
    async def test_decisions_on_a4_and_the_voucher_on_receipt_paper(self, tmp_path: Path) -> None:
        async with staged(tmp_path, on_a4(happy(choose=(FIRST,)))) as stage:
            assert (await stage.visit()).outcome == "paid"
            (page,) = stage.documents.papers
            assert page.pages == 1
            assert stage.paper(DECISION) == []
            assert len(stage.paper(VOUCHER)) == 1
            assert (await stage.reprint()).outcome == "completed"
            (copy,) = stage.documents.papers  # the first one was taken
            assert "补打第1次" in words_of(copy.pdf)
            assert "补打" not in words_of(page.pdf)
            jobs = await stage.machine.books.store.find(Kind.PRINT, slip="a4_decision")
            assert [(job.state, job["copy"]) for job in jobs] == [("done", 1), ("done", 2)]
            assert await stage.breaches() == []

    async def test_on_both(self, tmp_path: Path) -> None:
        async with staged(tmp_path, on_a4(happy(choose=(FIRST,)), "both")) as stage:
            assert (await stage.visit()).outcome == "paid"
            assert len(stage.documents.papers) == len(stage.paper(DECISION)) == 1
            assert "补打" not in stage.paper(DECISION)[0], "two originals of the same decision"

    @pytest.mark.parametrize("wanted", ["a4", CHAOS("both")])
    async def test_the_a4_printer_is_lost(self, tmp_path: Path, wanted: str) -> None:
        """Each decision comes out on receipt paper, as an original, and the citizen reads why."""
        async with staged(tmp_path, on_a4(happy(), wanted)) as stage:
            await stage.machine.devices.by_name["document_printer"].close()
            assert (await stage.visit()).outcome == "paid"
            assert len(stage.paper(DECISION)) == 2
            assert not any("补打" in plain(paper) for paper in stage.paper(DECISION))
            notes = [screen.note for screen in stage.desk.of(common.Working)]
            assert A4_LOST in notes
            assert finish_of(stage).take[-1] == "凭证"

    @pytest.mark.parametrize("fault", ["A4.REFUSE", CHAOS("A4.ABORT")])
    async def test_the_a4_printer_gives_up_in_the_middle(self, tmp_path: Path, fault: str) -> None:
        """The decision at hand comes out on receipt paper, and so do those after it: nobody waits for that printer twice."""
        async with staged(tmp_path, on_a4(happy())) as stage:
            stage.documents.control({"do": "fault", "id": fault})
            assert (await stage.visit()).outcome == "paid"
            assert stage.documents.papers == []
            assert len(stage.paper(DECISION)) == 2
            jobs = await stage.machine.books.store.find(Kind.PRINT, slip="a4_decision")
            assert [job.state for job in jobs] in (["failed"], ["uncertain"])
            copies = await stage.machine.books.store.find(Kind.PRINT, slip="penalty_decision")
            assert [(job.state, job["copy"]) for job in copies] == [("done", 1)] * 2

    async def test_receipt_paper_is_what_a_hall_has_that_says_nothing(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy(choose=(FIRST,))) as stage:
            assert (await stage.visit()).outcome == "paid"
            assert stage.documents.papers == []
            assert len(stage.paper(DECISION)) == 1


class TestEBill:
    async def test_issued(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy(choose=(FIRST,))) as stage:
            assert (await stage.visit()).outcome == "paid"
            bill = stage.police.world.ebills.find(next(iter(stage.decided().values())).decision.number)
            (voucher,) = stage.paper(VOUCHER)
            for told in (bill.code, bill.number, bill.check):
                assert told in plain(voucher)
            assert "财政电子票据已开出，凭证上有二维码。" in finish_of(stage).notes
            png = next(p.png for p in stage.machine.virtual["receipt_printer"].papers if VOUCHER in p.text)  # type: ignore[attr-defined]
            assert bill.url in {code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))}

    async def test_late_and_fetched_with_a_copy(self, tmp_path: Path) -> None:
        async with staged(tmp_path, scenario("v_ebill_late")) as stage:
            assert (await stage.visit()).outcome == "paid"
            assert "还没有开出" in plain(stage.paper(VOUCHER)[0])
            assert any("补打凭证" in note for note in finish_of(stage).notes)
            for issued in (False, True):  # the platform is asked once for each copy
                assert (await stage.reprint()).outcome == "completed"
                assert ("校验码" in plain(stage.paper(VOUCHER)[-1])) is issued

    @pytest.mark.parametrize("fault", ["silence", CHAOS("error_503"), CHAOS("garbage")])
    async def test_nobody_waits_for_a_platform_that_does_not_say(
        self, tmp_path: Path, fault: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Shorter than any deadline of the gateway: what is not told in time is fetched later, and it is no error."""
        monkeypatch.setattr(ebills, "PATIENCE_S", 0.2)
        async with staged(tmp_path, happy(choose=(FIRST,))) as stage:
            stage.police.control({"do": "fault", "id": f"ebill.{fault}", "count": None})
            assert (await stage.visit()).outcome == "paid"
            assert "还没有开出，或者暂时查不到" in plain(stage.paper(VOUCHER)[0])
            assert stage.desk.of(common.Finish)[0].tone == "ok"

    async def test_paid_by_number(self, tmp_path: Path) -> None:
        """Overdue, with the cap of the surcharge: the platform's figures are ours, so technicians read of no difference."""
        async with staged(tmp_path, fine_scenario("pay_capped")) as stage:
            with capture_logs() as logs:
                assert (await stage.visit()).outcome == "paid"
            assert "校验码" in plain(stage.paper(VOUCHER)[0])
            assert any("财政电子票据已开出" in note for note in finish_of(stage).notes)
            assert [log for log in logs if log["event"] == "late_payment_differs"] == []

    async def test_nothing_is_asked_before_it_is_paid(self, tmp_path: Path) -> None:
        async with staged(tmp_path, changed(happy(), {"preset": "human"}, cancel_at="pay")) as stage:
            assert (await stage.visit()).outcome == "unpaid"
            assert not any("财政电子票据" in note for note in finish_of(stage).notes)
            assert stage.police.world.ebills._asked == {}


def record(kind: Kind, name: str, state: str, **data: Any) -> Record:
    return Record(kind, name, "O1", state, 1, "", "", data)


def decided(fine_fen: int = 150_00) -> Record:
    issued = {
        "number": "330203260000001",
        "check_char": "2",
        "record_id": FIRST,
        "decided_at": MORNING.isoformat(),
        "fine_fen": fine_fen,
        "points": 1,
        "points_total": 1,
        "deadline": "2026-04-02",
        "authority": "x",
        "officer": "",
    }
    return record(Kind.DECISION, "O1D1", "decided", fine_fen=fine_fen, issued=issued)


class TestLastPage:
    def paid(self, state: str) -> Record:
        return record(Kind.PAYMENT, "O1P1", state, amount_fen=150_00, paid_fen=150_00, wallet="alipay")

    def test_undone_says_where_the_money_goes_before_the_deadline(self) -> None:
        """And not that nothing has to be paid: it still has to be (行政处罚法 第67条)."""
        notes = _screen(Visit(decisions=(decided(),), payment=self.paid(PaymentState.REFUNDED))).notes
        assert notes[0] == "刚才的付款已撤销，¥150.00 会自动退回原来付款的支付宝，不用您操作，订单号 O1P1。"
        assert "请在 2026年4月2日 前缴清" in notes[1]

    def test_paid_elsewhere_in_the_meantime(self) -> None:
        screen = _screen(Visit(decisions=(decided(),), payment=self.paid(PaymentState.REFUND_DUE)), "3 号窗口")
        assert "已经缴清" in screen.title
        assert screen.notes == ("多付的 ¥150.00 由3 号窗口办理退回，不用再付，订单号 O1P1。",)

    @pytest.mark.parametrize(
        ("kept", "rejected", "told"),
        [
            ({}, 0, None),
            ({"objected": {"1", "2"}}, 0, "另有 2 条提出了异议，没有处罚，也没有扣款。"),
            (
                {"objected": {"1"}, "defended": {"2"}},
                3,
                "另有 1 条提出了异议、1 条陈述了申辩、3 条没有处理成，没有处罚，也没有扣款。",
            ),
        ],
    )
    def test_what_stays_open_is_named_in_one_line(
        self, kept: Mapping[str, Any], rejected: int, told: str | None
    ) -> None:
        visit = Visit(decisions=(decided(0),), kept=Kept(**kept), rejected=rejected)
        assert list(_screen(visit).notes) == ([told] if told else [])


async def test_reprints_keep_the_remedies_of_the_day_of_the_decision(tmp_path: Path) -> None:
    """行政复议法 2023: until 2023-12-31 review or lawsuit, since then review first, whenever the copy is printed; from the ledger."""
    last, first = "2023-12-31T23:59:59+08:00", "2024-01-01T00:00:00+08:00"
    async with staged(tmp_path, happy()) as stage:
        await stage.visit()
        store = stage.machine.books.store

        def backdate() -> None:
            with store._begin() as connection:
                for when, which in ((last, FIRST), (first, SECOND)):
                    connection.exec_driver_sql(
                        "UPDATE decision SET issued = json_set(issued, '$.decided_at', ?) WHERE record_id = ?",
                        (when, which),
                    )

        await store._in_thread(backdate)
        assert (await stage.reprint()).outcome == "completed"
        copies = [plain(paper) for paper in stage.paper(DECISION) if "补打" in plain(paper)]
        found = {("2023年12月31日" in copy, "六个月内" in copy, "应当先申请行政复议" in copy) for copy in copies}
        assert found == {(True, True, False), (False, False, True)}


@pytest.mark.parametrize(
    ("surcharge", "said"), [(6_00, None), (18_00, "surcharge in fen: platform 1800, own 600 for 1 days"), (None, None)]
)
def test_a_surcharge_that_differs_from_ours_is_noted_for_technicians(surcharge: int | None, said: str | None) -> None:
    """Both figures and the reason, nobody's name, and no number of a decision (行政处罚法 第72条)."""
    clock = HandClock(MORNING)
    decided_at = clock.now().replace(month=3, day=2)
    fine = PayableFine(
        "330203260000001", "2", decided_at, "张*明", "违停", "x", "330203000000", 200_00, surcharge, None
    )
    kit: Any = SimpleNamespace(tables=load_tables(), settings=None, clock=clock)
    with capture_logs() as logs:
        note_difference(fine, kit)
    assert [log["reason"] for log in logs] == ([said] if said else [])
    assert "330203260000001" not in str(logs)
    assert "张" not in str(logs)
