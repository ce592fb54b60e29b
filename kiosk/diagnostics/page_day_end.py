"""T08: the end of a day."""

from __future__ import annotations

import datetime as dt

import structlog

from kiosk.diagnostics.day_end import SIMULATED
from kiosk.diagnostics.visit import Visit
from kiosk.domain.money import format_amount
from kiosk.ledger.reconcile import ALL_WALLETS
from kiosk.ledger.reconcile_breaks import ALARMS, HELD, Break
from kiosk.ledger.reconcile_desk import DayEnd
from kiosk.ledger.reconcile_refunds import Refund
from kiosk.ledger.reconcile_slip import CHANNELS
from kiosk.ledger.reconcile_words import WORDS
from kiosk.ledger.states import PaymentState
from kiosk.ledger.store import LedgerError, Record
from kiosk.screens.day_end import DayEndView, LateView, RefundRow, WorkRow
from kiosk.screens.diagnostics import Fact, Order, Tone, Verb

log = structlog.get_logger(__name__)
SETTLE = "查清后，用 kiosk ledger settle 编号 --reason 写明原因。"
_REFUND_TONES: dict[str, Tone] = {
    PaymentState.REFUND_DUE: "warn",
    PaymentState.REFUND_INTENT: "warn",
    PaymentState.REFUNDED: "ok",
    PaymentState.MANUAL: "bad",
}


class DayEndPage:
    """Begins with yesterday, the newest day that can be matched."""

    def __init__(self, visit: Visit) -> None:
        assert visit.tools.day_end is not None
        self._visit = visit
        self._desk = visit.tools.day_end
        self._day = self._desk.today() - dt.timedelta(days=1)
        self._found: DayEnd | None = None
        self._late: LateView | None = None

    async def enter(self) -> None:
        late = self._visit.tools.late
        try:
            self._found = await self._desk.read(self._day)
            self._late = await late.read() if late is not None else None
        except LedgerError as error:
            log.error("day_end_not_read", exc_info=error)
            self._found = self._late = None
            self._visit.say("账本读不出来，请检查磁盘。", "bad")

    async def leave(self) -> None: ...

    async def obey(self, order: Order) -> None:
        if order.verb is not Verb.PAGE:
            return
        step = {"older": -1, "newer": 1}.get(order.value, 0)
        self._day = min(self._day + dt.timedelta(days=step), self._desk.today())
        await self.enter()

    def screen(self) -> DayEndView:
        head, found = self._visit.head(), self._found
        ended = self._day < self._desk.today()
        if found is None:
            return DayEndView(head, self._day.isoformat(), newer=ended, can_match="账本读不出来。")
        tone, verdict, text = _verdict(found, len(self._desk.alarms))
        return DayEndView(
            head,
            self._day.isoformat(),
            tone,
            verdict,
            text,
            _told(found),
            _sums(found),
            tuple(_count(what, count) for what, count in found.counts.items() if count),
            tuple(_work(row) for row in sorted(found.work, key=_alarms_first)),
            tuple(_refund(refund) for refund in found.refunds),
            newer=ended,
            can_match="" if self._desk.can_match and ended else SIMULATED if ended else "这一天还没有结束。",
            late=self._late,
        )


def _verdict(found: DayEnd, alarms: int) -> tuple[Tone, str, str]:
    breaks = sum(count for what, count in found.counts.items() if what not in HELD)
    stopped = f"有 {alarms} 项报警没有处理，本机暂停缴款。{SETTLE}" if alarms else ""
    if found.matched_at is None:
        waits = f"没有核对成：{found.trouble}" if found.trouble else ""
        return ("bad" if alarms else "warn" if waits else "muted"), "还没有核对", stopped or waits
    if not breaks:
        return ("bad", "这一天一致，本机有报警", stopped) if alarms else ("ok", "三方账目一致", "")
    return ("bad" if alarms else "warn"), f"有 {breaks} 项不一致", stopped or "请按待办清单逐项处理。"


def _told(found: DayEnd) -> str:
    if found.matched_at is None:
        return ""
    names = "全部钱包" if ALL_WALLETS in found.wallets else "、".join(CHANNELS.get(w, w) for w in sorted(found.wallets))
    police = "公安入账" if found.posted_known else "没有核对公安入账"
    return f"{found.matched_at:%Y-%m-%d %H:%M} 核对 · {names or '没有账单'} · {police}"


def _sums(found: DayEnd) -> tuple[Fact, ...]:
    sums, data = found.sums, found.data
    unknown = Fact("付款结果未知", f"{data.unknown} 笔", "warn" if data.unknown else "muted")
    return (
        Fact("本机收款", _of(sums.ledger_count, sums.ledger_fen)),
        *(Fact(f"　{wallet.name}", _of(wallet.count, wallet.fen)) for wallet in data.wallets),
        Fact("钱包账单", _of(sums.bill_count, sums.bill_fen) if found.wallets else "没有账单"),
        Fact("退款、手续费", f"{format_amount(sums.bill_back_fen)}　{format_amount(sums.fee_fen)}"),
        Fact("公安入账", _of(sums.posted_count, sums.posted_fen) if found.posted_known else "没有核对"),
        Fact("待退款", _of(data.refund_open, data.refund_open_fen), "warn" if data.refund_open else "muted"),
        unknown,
    )


def _of(count: int, fen: int) -> str:
    return f"{count} 笔　{format_amount(fen)}"


def _count(what: Break, count: int) -> Fact:
    tone: Tone = "bad" if what in ALARMS else "muted" if what in HELD else "warn"
    return Fact(WORDS[what].zh, f"{count} 项", tone)


def _alarms_first(row: Record) -> tuple[bool, str, str]:
    return row["what"] not in ALARMS, row.created_at, row.id


def _work(row: Record) -> WorkRow:
    words = WORDS[Break(row["what"])]
    return WorkRow(row.id, words.zh, format_amount(row["fen"] or 0), row["day"], words.todo, row["what"] in ALARMS)


def _refund(refund: Refund) -> RefundRow:
    wallet = CHANNELS.get(refund.wallet, refund.wallet)
    since = refund.since[:16].replace("T", " ")
    return RefundRow(
        refund.id,
        format_amount(refund.fen),
        refund.stands.zh,
        _REFUND_TONES[refund.state],
        f"{wallet} {refund.trade_no} · {since} 起",
    )
