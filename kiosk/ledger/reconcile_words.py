"""What each class of finding is called, and what is to be done: for terminals in English, for staff's paper and page in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.ledger.reconcile import Break


@dataclass(frozen=True, slots=True)
class Words:
    en: str
    zh: str
    todo: str


WORDS: Mapping[Break, Words] = {
    Break.PAID_NOT_POSTED: Words(
        "paid, and not booked by the police side; it is posted again",
        "已付款未入账",
        "本机会继续补登记；仍未入账的，请联系非税收入平台。",
    ),
    Break.PAID_TWICE: Words(
        "paid twice; one of the two goes back",
        "重复付款",
        "本机会退回其中一笔；退款没有完成的，请在商户平台退款。",
    ),
    Break.POSTED_NOT_PAID: Words(
        "ALARM: booked as paid, and the wallet has no money for it",
        "已入账未收款",
        "本机已暂停缴款。请报告负责人，查清这笔罚款是谁缴的。",
    ),
    Break.BILL_ONLY: Words(
        "the wallet has money that the ledger does not know of",
        "只有账单有",
        "请在商户平台查清来源；多收的，请退回。",
    ),
    Break.JOURNAL_ONLY: Words(
        "the ledger has money that the wallet's bill does not know of",
        "只有本机有",
        "请在商户平台按订单号查询。",
    ),
    Break.AMOUNT_DIFFERS: Words(
        "ALARM: the amounts differ",
        "金额不一致",
        "本机已暂停缴款。请逐项核对金额，并报告负责人。",
    ),
    Break.CROSS_MIDNIGHT: Words(
        "around midnight; the next day's books will say",
        "跨日",
        "等次日账单，暂不用处理。",
    ),
    Break.REFUND_MISSING: Words(
        "due back to the payer, and not gone back",
        "应退未退",
        "本机会继续退款；仍未退的，请在商户平台退款。",
    ),
    Break.STILL_OPEN: Words(
        "not brought to its end",
        "没有办结",
        "本机会继续核对；超过两天的，请逐笔查清。",
    ),
}
