"""T08: the end of a day before a technician: what it shows, the match once more, the slip, the alarm everywhere it must be seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from kiosk.domain.bill import BillKind, BillRow, PostedRow
from kiosk.ledger.reconcile_day import CannotMatch, DayBooks
from kiosk.ledger.reconcile_desk import DayEndDesk
from kiosk.ledger.reconcile_lock import only_match
from kiosk.ledger.reconcile_run import Settler
from kiosk.ledger.reconcile_timer import Matcher
from kiosk.ledger.states import Kind, PaymentState, WorkState
from kiosk.ledger.store import Move, Store
from kiosk.ports.clock import SHANGHAI, SystemClock
from kiosk.screens.day_end import DayEndView
from kiosk.screens.diagnostics import Fact, Order, Overview, Section, SelfTest, Verb
from tests.diagnostics.bay import LEAVE, Bay, bay, go, login, on
from tests.verbs.test_ledger_match import DAY, ORDER, TODAY, paid_order

MATCH, SLIP = Order(Verb.MATCH, "", DAY.isoformat()), Order(Verb.PRINT, "day_end", DAY.isoformat())
OLDER, NEWER = Order(Verb.PAGE, "", "older"), Order(Verb.PAGE, "", "newer")
THERE = (login(), on(Overview, go(Section.DAY_END)))
ENTRY = "AD-" + ORDER + "P1"


class Books:
    """What the other sides say of yesterday's one payment of 200 yuan."""

    def __init__(self) -> None:
        self.fen = 20000
        self.trouble = ""

    async def bill(self, day: dt.date) -> Mapping[str, Sequence[BillRow]]:
        if self.trouble:
            raise CannotMatch(self.trouble)
        at = dt.datetime.combine(DAY, dt.time(10, 16, 31), SHANGHAI)
        return {"": (BillRow(BillKind.PAID, f"{ORDER}P1", "TRADE17", self.fen, at, "alipay", fee_fen=120),)}

    async def posted(self, day: dt.date) -> Sequence[PostedRow] | None:
        return None


class Nobody:
    """Neither a cashier nor a platform: nothing of these days is to be done by them."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} is not asked here")


class Untouched(Settler):
    def __init__(self, store: Store) -> None:
        super().__init__(store, Nobody(), Nobody())  # type: ignore[arg-type]

    async def settle(self, findings: Any, sides: Any) -> None: ...


class Hall:
    def __init__(self, found: Bay, store: Store, books: DayBooks | None, url: str) -> None:
        self.bay = found
        self.store = store
        self.url = url
        clock = SystemClock()
        self.desk = DayEndDesk(store, clock, Matcher(store, clock, url, books, Untouched(store)), "CI01", "示例大厅")

    async def visit(self, *steps: Any) -> DayEndView:
        """From the sign-in on; what the page showed last."""
        await self.desk.paying.look()
        why = await self.bay.visit(*steps, day_end=self.desk, must_pay=frozenset({"fine"}))
        assert why == "exit"
        shown = self.bay.desk.of(DayEndView)
        return shown[-1] if shown else None  # type: ignore[return-value]

    async def done(self, what: str) -> list[dict[str, Any]]:
        return await self.bay.audited(what)


@asynccontextmanager
async def hall(folder: Path, books: DayBooks | None) -> AsyncIterator[Hall]:
    url = f"sqlite:///{folder}/ledger.db"
    async with bay(folder) as found:
        store = Store(url, SystemClock())
        await store.open()
        try:
            await paid_order()(store)
            yield Hall(found, store, books, url)
        finally:
            await store.close()


def note(text: str) -> Any:
    return lambda screen: text in screen.head.note


async def test_the_page_shows_the_day_and_matches_it(tmp_path: Path) -> None:
    async with hall(tmp_path, Books()) as at:
        view = await at.visit(*THERE, on(DayEndView, MATCH), on(DayEndView, LEAVE, note("一致")))
        before = at.bay.desk.of(DayEndView)[0]
        assert (before.day, before.verdict, before.told, before.can_match) == (DAY.isoformat(), "还没有核对", "", "")
        assert (view.tone, view.verdict) == ("ok", "三方账目一致")
        assert view.told.endswith("核对 · 全部钱包 · 没有核对公安入账")
        assert Fact("本机收款", "1 笔　200.00 元") in view.sums
        assert Fact("　支付宝", "1 笔　200.00 元") in view.sums
        assert Fact("钱包账单", "1 笔　200.00 元") in view.sums
        assert Fact("退款、手续费", "0.00 元　1.20 元") in view.sums
        assert Fact("公安入账", "没有核对") in view.sums
        assert (view.counts, view.work, view.refunds) == ((), (), ())
        day = DAY.isoformat()
        assert await at.done("day_matched") == [
            {"day": day, "outcome": "asked"},
            {"day": day, "outcome": "good", "breaks": 0},
        ]


async def test_an_alarm_is_on_the_page_and_wherever_a_technician_looks(tmp_path: Path) -> None:
    books = Books()
    books.fen = 15000
    async with hall(tmp_path, books) as at:
        view = await at.visit(*THERE, on(DayEndView, MATCH), on(DayEndView, LEAVE, note("暂停缴款")))
        assert (view.tone, view.verdict) == ("bad", "有 1 项不一致")
        assert "本机暂停缴款" in view.text
        assert [(row.number, row.what, row.amount, row.alarm) for row in view.work] == [
            (ENTRY, "金额不一致", "50.00 元", True)
        ]
        assert view.counts == (Fact("金额不一致", "1 项", "bad"),)
        assert [row["outcome"] for row in await at.done("day_matched")] == ["asked", "alarm"]

        check = on(Overview, Order(Verb.CHECK, "", "1"), note("1 项对账报警"))
        await at.visit(login(), check, on(SelfTest, LEAVE, lambda screen: screen.verdict))
        tested = at.bay.desk.last(SelfTest)
        assert tested.verdict == "limited"
        assert tested.verdict_text == ("部分可用。有 1 项对账报警没有处理，本机暂停缴款；不能办理：凭决定书缴罚款。")
        kept = await at.bay.tools.logbook.last_checkup()  # type: ignore[attr-defined]
        assert (kept.result["alarms"], kept.result["good"]) == ([ENTRY], False)

        # The wallet has corrected its bill: the same order on the same page ends it.
        books.fen = 20000
        view = await at.visit(*THERE, on(DayEndView, MATCH), on(DayEndView, LEAVE, note("一致")))
        assert (view.tone, view.work) == ("ok", ())
        assert not at.desk.paying.stopped


async def test_the_slip_on_paper(tmp_path: Path) -> None:
    async with hall(tmp_path, Books()) as at:
        await at.visit(*THERE, on(DayEndView, SLIP), on(DayEndView, LEAVE, note("已打印")))
        (paper,) = at.bay.papers
        assert "日终结账单" in paper
        assert DAY.isoformat() in paper
        assert "还没有核对" in paper
        assert [row["outcome"] for row in await at.done("day_slip_printed")] == ["asked", "done"]


async def test_a_printer_without_paper_is_said(tmp_path: Path) -> None:
    async with hall(tmp_path, Books()) as at:
        at.bay.virtual["receipt_printer"].control({"do": "paper", "state": "out"})
        view = await at.visit(*THERE, on(DayEndView, SLIP), on(DayEndView, LEAVE, note("没有打印")))
        assert view.head.note_tone == "bad"
        assert [row["outcome"] for row in await at.done("day_slip_printed")] == ["asked", "failed"]


async def test_days_are_turned_and_the_future_is_not_there(tmp_path: Path) -> None:
    async with hall(tmp_path, Books()) as at:
        days = lambda *back: [(TODAY - dt.timedelta(days=n)).isoformat() for n in back]  # noqa: E731
        steps = [
            on(DayEndView, OLDER, lambda s: s.day == days(1)[0]),
            on(DayEndView, NEWER, lambda s: s.day == days(2)[0]),
        ]
        steps += [
            on(DayEndView, NEWER, lambda s: s.day == days(1)[0]),
            on(DayEndView, NEWER, lambda s: s.day == days(0)[0]),
        ]
        steps += [on(DayEndView, Order(Verb.MATCH, "", TODAY.isoformat()), lambda s: not s.newer)]
        view = await at.visit(*THERE, *steps, on(DayEndView, LEAVE, note("还没有结束")))
        assert (view.day, view.newer, view.can_match) == (TODAY.isoformat(), False, "这一天还没有结束。")
        assert await at.done("day_matched") == [], "what is refused is not begun"


async def test_books_that_cannot_be_had(tmp_path: Path) -> None:
    books = Books()
    books.trouble = "The payment front does not give the bill."
    async with hall(tmp_path, books) as at:
        view = await at.visit(*THERE, on(DayEndView, MATCH), on(DayEndView, LEAVE, note("账单取不到")))
        assert (view.head.note_tone, view.verdict) == ("bad", "还没有核对")
        assert [row["outcome"] for row in await at.done("day_matched")] == ["asked", "no_books"]


async def test_the_command_line_is_at_it(tmp_path: Path) -> None:
    async with hall(tmp_path, Books()) as at:
        with only_match(at.url):
            await at.visit(*THERE, on(DayEndView, MATCH), on(DayEndView, LEAVE, note("另一个程序")))
        assert [row["outcome"] for row in await at.done("day_matched")] == ["asked", "under_way"]


async def test_a_simulated_front_has_no_books(tmp_path: Path) -> None:
    async with hall(tmp_path, None) as at:
        view = await at.visit(*THERE, on(DayEndView, MATCH), on(DayEndView, LEAVE, note("模拟")))
        assert view.can_match == "支付前置是模拟的，没有可以核对的账单。"


async def test_the_queue_of_refunds_with_its_states(tmp_path: Path) -> None:
    async with hall(tmp_path, Books()) as at:
        row = await at.store.get(Kind.PAYMENT, f"{ORDER}P1")
        words = []
        for state in (PaymentState.REFUND_DUE, PaymentState.REFUND_INTENT, PaymentState.REFUNDED):
            (row,) = await at.store.commit(Move(row, state, "duplicate"))
            view = await at.visit(*THERE, on(DayEndView, LEAVE))
            words += [(one.number, one.amount, one.state, one.tone) for one in view.refunds]
        assert words == [
            (row.id, "200.00 元", "待退款", "warn"),
            (row.id, "200.00 元", "已申请，等钱包确认", "warn"),
            (row.id, "200.00 元", "已退回", "ok"),
        ]


async def test_a_machine_that_takes_no_money_has_no_such_page(tmp_path: Path) -> None:
    async with bay(tmp_path) as found:
        steps = (on(Overview, go(Section.DAY_END)), on(Overview, SLIP), on(Overview, LEAVE, note("本机不收款")))
        assert await found.visit(login(), *steps) == "exit"
        assert Section.DAY_END not in found.desk.last(Overview).head.sections


async def test_entries_of_older_days_are_on_the_list_too(tmp_path: Path) -> None:
    books = Books()
    books.fen = 15000
    async with hall(tmp_path, books) as at:
        await at.desk.match(DAY)
        earlier = on(DayEndView, LEAVE, lambda s: s.day == (DAY - dt.timedelta(days=1)).isoformat())
        view = await at.visit(*THERE, on(DayEndView, OLDER), earlier)
        assert (view.counts, [row.day for row in view.work]) == ((), [DAY.isoformat()])
        assert await at.store.find(Kind.WORK, [WorkState.OPEN])
