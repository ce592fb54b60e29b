"""Visits made at random: payers of every kind, faults of every kind, kiosks that give up, notifications true and false.

Whatever happened, in the end the front's ledger and the wallet's books say the same, and nobody was charged twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front.acquirer.books import No
from kiosk.front.check import check
from kiosk.front.states import OPEN_REFUNDS, OPEN_TRADES, Kind
from kiosk.gateways.sim_faults import KINDS
from kiosk.ports.wallet import TradeState
from tests.front.hall import SUBJECT, Hall, hall

PAYERS = ("human", "after", "never", "says_no", "at_close", "after_close")
FAULTS = sorted(set(KINDS) - {"huge", "delay", "late", "drip", "silence", "html_200"})
OPERATIONS = ("show", "charge", "query", "close", "undo", "refund", "refund_query")
PACE = {"cap": 1000, "first_s": 0.05, "every_s": 0.05, "later_s": [0.05], "late_s": [0.05, 0.05], "refund_s": [0.05]}


class Visit:
    """One order from its opening to its end, as a kiosk of many moods would take it."""

    def __init__(self, pay: Hall, dice: random.Random, number: str) -> None:
        self.pay, self.dice, self.number = pay, dice, number
        self.charged = dice.random() < 0.5
        self.told: list[TradeState] = []
        payer = dice.choice(PAYERS)
        fields: dict[str, Any] = {
            "payer": payer,
            "seconds": dice.choice([0.0, 0.05]),
            "refund_s": dice.choice([0.0, 0.05]),
        }
        if dice.random() < 0.1:
            fields["amount_off"] = -1
        if self.charged and dice.random() < 0.15:
            fields |= {"refuses": "insufficient_balance", "keeps_open": dice.random() < 0.5}
        pay.script(number, **fields)

    async def run(self) -> None:
        steps: list[Callable[[], Any]] = [self.open, self.query, self.query, self.human, self.notice, self.query]
        steps += [self.close] if self.dice.random() < 0.5 else [self.open]
        steps += [self.refund, self.refund] if self.dice.random() < 0.3 else [self.query]
        if self.dice.random() < 0.1:
            self.dice.shuffle(steps)
        for step in steps:
            if self.dice.random() < 0.25:
                self.pay.fault(f"{self.dice.choice(OPERATIONS)}.{self.dice.choice(FAULTS)}")
            try:
                trade = await step()
            except (GatewayUnavailable, Refused):
                continue
            if trade is not None:
                self.told.append(trade.state)

    async def open(self) -> Any:
        if self.charged:
            return await self.pay.kiosk.charge(self.number, 20000, SUBJECT, f"28{self.number[1:]:0>16}", 1)
        await self.pay.kiosk.create(self.number, 20000, SUBJECT, 1)
        return None

    async def query(self) -> Any:
        return await self.pay.kiosk.query(self.number)

    async def close(self) -> Any:
        return await self.pay.kiosk.close(self.number)

    async def refund(self) -> Any:
        fen = (
            self.pay.acquirer.books.orders[self.number].paid_fen if self.number in self.pay.acquirer.books.orders else 1
        )
        return await self.pay.kiosk.refund(self.number, f"{self.number}R1", max(1, fen))

    async def human(self) -> None:
        entry = self.pay.acquirer.books.orders.get(self.number)
        if entry is not None and entry.state in ("waiting", "paying") and self.dice.random() < 0.5:
            with contextlib.suppress(No):  # it has run out
                self.pay.acquirer.books.pay(self.number)

    async def notice(self) -> None:
        if self.number not in self.pay.acquirer.books.orders:
            return
        how = self.dice.choice(["good", "good", "forged", "stale", "unsigned"])
        headers, body = self.pay.acquirer.notice(self.number, how=how)
        async with httpx.AsyncClient(trust_env=False, verify=False) as wallet:
            await wallet.post(f"{self.pay.url}/notify/acquirer", content=body, headers=headers)


async def everything_at_rest(pay: Hall) -> None:
    store = pay.front.store
    async with asyncio.timeout(120):  # a machine may be busy
        while await store.find(Kind.TRADE, OPEN_TRADES) or await store.find(Kind.REFUND, OPEN_REFUNDS):
            await asyncio.sleep(0.02)
        while pay.front.engine._plans:  # the late checks, too
            await asyncio.sleep(0.02)


async def a_day(folder: Path, seed: int, visits: int) -> None:
    dice = random.Random(seed)
    folder.mkdir()
    async with hall(folder, polling=PACE) as pay:
        made = [Visit(pay, dice, f"N{seed:04}{n:04}") for n in range(visits)]
        await asyncio.gather(*(visit.run() for visit in made))
        pay.acquirer.control({"do": "clear"})
        await everything_at_rest(pay)
        books = pay.acquirer.books.totals()
        rows = {row.id: row for row in await pay.front.store.find(Kind.TRADE)}
        assert await check(pay.front.store, pay.clock.now()) == [], seed
        for number, kept in books.items():
            row = rows[number]
            assert pay.acquirer.books.orders[number].charges <= 1, (seed, number)
            assert (row.state == "paid") == (kept > 0), (seed, number, row.state, kept)
            assert not kept or row["paid_fen"] == kept, (seed, number)
        for visit in made:
            if TradeState.CLOSED in visit.told and (row := rows[visit.number]).state == "paid":
                assert row["staff"] is not None, (seed, visit.number, "told closed, found paid, and nobody knows")
            assert TradeState.PAID not in visit.told or rows[visit.number].state in ("paid", "refunded"), (
                seed,
                visit.number,
            )


@pytest.mark.timeout(170)
async def test_some_visits_at_random(tmp_path: Path) -> None:
    await a_day(tmp_path / "day", random.SystemRandom().randrange(10_000), 12)


@pytest.mark.chaos
@pytest.mark.timeout(300)
async def test_many_visits_at_random(tmp_path: Path) -> None:
    for seed in range(12):
        await a_day(tmp_path / str(seed), seed, 25)
