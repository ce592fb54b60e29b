"""A machine that was stopped with many orders open, and the two remote sides that know more than it does; `python -m
tests.bench.money_world COUNT FD` serves these in a process of their own, as in a hall, and tells their addresses on FD.

Four kinds in turn: paid while the machine was away; shown and never paid; paid, and nobody knows whether it was posted; paid twice,
and the refund was asked for without an answer.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import signal
import sys

from kiosk.domain.ids import order_no
from kiosk.domain.violation import Decision
from kiosk.gateways.embedded import serve
from kiosk.gateways.police.sim_ledger import DecisionEntry
from kiosk.gateways.police.simulated import SimulatedPolice
from kiosk.gateways.wallet.fake import FakeFront
from kiosk.ledger.states import Kind
from kiosk.ledger.store import Move, New, Record, Store
from kiosk.ports.clock import SystemClock

KIOSK, FEN, KEY = "BENCH1", 15000, b"the device key of a bench, 32 B."
KINDS = ("paid", "unpaid", "unposted", "twice")
DAY = dt.date(2026, 3, 18)
AT = "2026-03-18T10:00:00.000+08:00"


def numbers(count: int) -> list[tuple[str, str, str]]:
    """Kind, order and decision number."""
    return [(KINDS[n % 4], order_no(KIOSK, DAY, n + 1), f"330203{260000000 + n:09d}") for n in range(count)]


def trade(order: str, attempt: int) -> str:
    return f"T{order}{attempt}"


async def fill(store: Store, count: int) -> None:
    """The ledger as the machine left it."""
    order_data = {"journey": "violation", "amount_fen": FEN, "subject_index": "0" * 64, "subject_enc": b"0" * 64}
    decided = {"record_id": "3302031001000001", "fine_fen": FEN, "points": 3, "detail_enc": b"0" * 64}
    for kind, order, number in numbers(count):
        made = await store.commit(
            New(Kind.ORDER, order, order, "signed", order_data),
            New(Kind.DECISION, f"{order}D1", order, "signed", decided),
            *(
                New(Kind.PAYMENT, f"{order}P{n}", order, "asked", _asked(order))
                for n in range(1, 3 if kind == "twice" else 2)
            ),
        )
        decision, payments = made[1], made[2:]
        shown = await store.commit(
            Move(decision, "decided", "answered", {"number": number, "issued": {}}),
            *(Move(payment, "pending", "code_shown") for payment in payments),
        )
        if kind in ("unposted", "twice"):
            await _posted(store, order, shown[1], posted=kind == "twice")
        if kind == "twice":
            (due,) = await store.commit(Move(shown[2], "refund_due", "duplicate", _paid(order, 2)))
            await store.commit(Move(due, "refund_intent", "refund_asked"))


async def _posted(store: Store, order: str, payment: Record, *, posted: bool) -> None:
    data = {"decision_id": f"{order}D1", "payment_id": payment.id, "amount_fen": FEN}
    _, posting = await store.commit(
        Move(payment, "paid", "wallet_says_paid", _paid(order, 1)),
        New(Kind.POSTING, f"{order}D1S", order, "paid", data),
    )
    await store.commit(Move(posting, "posted" if posted else "unknown", "test"))


def _asked(order: str) -> dict[str, object]:
    return {"amount_fen": FEN, "covers": [f"{order}D1"], "expires_at": AT}


def _paid(order: str, attempt: int) -> dict[str, object]:
    return {"paid_fen": FEN, "paid_at": AT, "trade_no": trade(order, attempt), "wallet": "alipay"}


def wallet(count: int) -> FakeFront:
    front = FakeFront(SystemClock())
    front.register(KIOSK, KEY)
    for kind, order, _ in numbers(count):
        for attempt in range(1, 3 if kind == "twice" else 2):
            number = f"{order}P{attempt}"
            entry = front.ledger.create(number, FEN, "交通违法罚款", 3600, KIOSK, "http://127.0.0.1")
            if kind != "unpaid":
                front.ledger.pay(number)
                entry.trade_no = trade(order, attempt)
    return front


def police(count: int) -> SimulatedPolice:
    side = SimulatedPolice(clock=SystemClock())
    made = dt.datetime.fromisoformat(AT)
    for n, (_, order, number) in enumerate(numbers(count)):
        record = f"{3302031001000000 + n:016d}"
        decision = Decision(number, "0", record, made, FEN, 3, 3, dt.date(2026, 4, 2), "宁波交警")
        side.world.books.add_decision(DecisionEntry(decision, "330203199001010006", f"{order}D1", "0" * 64, AT))
    return side


async def _serve(count: int, fd: int) -> None:
    front, side = wallet(count), police(count)
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    async with serve(front.app) as wallet_at, serve(side.app) as police_at:
        said = {"wallet": wallet_at.url, "police": police_at.url, "key": front.public_key}
        with os.fdopen(fd, "w") as pipe:
            json.dump(said, pipe)
        await over.wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
