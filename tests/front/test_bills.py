"""Bills for kiosks, page by page and only their own; and the front's daily check."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kiosk.domain.bill import BillKind, BillRow
from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front.bills import PAGE, DayBills
from kiosk.front.reconcile import Outcome, reconcile
from kiosk.gateways.http import Deadlines
from kiosk.gateways.wallet.bills import WalletBills
from kiosk.ledger.reconcile import Break
from kiosk.ports.clock import SHANGHAI, Clock
from tests.front.hall import DEVICES, SUBJECT, Hall, Watch, hall

DAY = dt.date(2026, 11, 21)
ASLEEP = {"first_s": 3600.0, "every_s": 3600.0, "late_s": [3600.0]}


@pytest.fixture
async def pay(tmp_path: Path) -> AsyncIterator[Hall]:
    async with hall(tmp_path, clock=Watch(), polling=ASLEEP) as made:
        yield made


def forward(pay: Hall, seconds: float) -> None:
    assert isinstance(pay.clock, Watch)
    pay.clock.forward(seconds)


def bills(pay: Hall, device: str = "NB01") -> WalletBills:
    clock: Clock = pay.clock
    return WalletBills(
        pay.url,
        device_id=device,
        device_key=DEVICES[device],
        front_keys=[pay.files.public_key],
        terminal_id=device,
        clock=clock,
        deadlines=Deadlines(2, 8, 10),
    )


async def day(pay: Hall) -> Outcome:
    """The check of DAY, on the morning after."""
    return await reconcile(
        pay.front.store, pay.front.till, DayBills(pay.front.store, pay.front.channels, pay.clock), DAY
    )


async def test_a_kiosk_gets_its_own_rows(pay: Hall) -> None:
    await pay.charge("NB01A")
    await pay.charge("NB01B", fen=500)
    await pay.kiosk.refund("NB01B", "NB01BR1", 500)
    await pay.other.charge("NB02A", 700, SUBJECT, "280000000000000002", 60)
    forward(pay, 24 * 3600 + 3600)
    kiosk, other = bills(pay), bills(pay, "NB02")
    found = await kiosk.bill(DAY)
    assert [(row.kind, row.order_no, row.fen, row.refund_no) for row in found] == [
        (BillKind.PAID, "NB01A", 20000, ""),
        (BillKind.PAID, "NB01B", 500, ""),
        (BillKind.REFUND, "NB01B", 500, "NB01BR1"),
    ]
    assert {row.wallet for row in found} == {"acquirer"}
    assert [row.order_no for row in await other.bill(DAY)] == ["NB02A"]
    assert pay.asked("bill") == 1, "fetched once for all"
    await kiosk.aclose()
    await other.aclose()


async def test_a_long_bill_comes_in_pages(pay: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 2 * PAGE + 1
    row = await pay.charge("NB01A")
    at = dt.datetime(2026, 11, 21, 9, tzinfo=SHANGHAI)
    long = [
        BillRow(BillKind.PAID, "NB01A", f"T{n:062}", 10**10, at, "acquirer", "R" * 64, 10**10) for n in range(count)
    ]
    assert row.amount_fen == 20000

    async def bill(_: dt.date) -> list[BillRow]:
        return long

    monkeypatch.setattr(pay.front.channels[0], "bill", bill)
    forward(pay, 24 * 3600 + 3600)
    kiosk = bills(pay)
    assert list(await kiosk.bill(DAY)) == long
    await kiosk.aclose()


async def test_no_bill_before_the_wallets_have_made_it(pay: Hall) -> None:
    kiosk = bills(pay)
    with pytest.raises(Refused, match="bill_not_ready"):
        await kiosk.bill(DAY)
    forward(pay, 24 * 3600 - 1)
    with pytest.raises(Refused, match="bill_not_ready"):
        await kiosk.bill(DAY)
    forward(pay, 2 * 3600)
    pay.fault("bill.drop_before")
    with pytest.raises(GatewayUnavailable):
        await kiosk.bill(DAY)
    assert await kiosk.bill(DAY) == ()
    await kiosk.aclose()


async def test_a_day_that_agrees(pay: Hall) -> None:
    await pay.charge("NB01A")
    await pay.charge("NB01B")
    await pay.kiosk.refund("NB01B", "R1", 20000)
    pay.script("NB01C", payer="at_close", seconds=60)
    await pay.charge("NB01C")
    await pay.kiosk.close("NB01C")
    await pay.show("NB01D")
    await pay.kiosk.close("NB01D")
    forward(pay, 24 * 3600 + 3600)
    outcome = await day(pay)
    assert outcome.good, outcome.findings
    assert set(outcome.counts.values()) == {0}
    assert (outcome.bill_count, outcome.bill_fen) == (3, 20000)


async def test_what_a_bill_proves_is_put_on_record(pay: Hall) -> None:
    await pay.show("NB01A")
    pay.acquirer.books.pay("NB01A")
    await pay.show("NB01B")
    await pay.kiosk.close("NB01B")
    pay.acquirer.books.orders["NB01B"].pays_in_spite = True
    assert pay.acquirer.books.totals() == {"NB01A": 20000, "NB01B": 20000}
    forward(pay, 24 * 3600 + 3600)
    outcome = await day(pay)
    assert outcome.proved == ("NB01A", "NB01B")
    assert outcome.good
    assert (await pay.row("NB01A")).state == "paid"
    assert (await pay.row("NB01B")).data["staff"] == "paid_after_close"


async def test_another_wallets_bill_proves_nothing(pay: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    await pay.show("NB01A")
    strange = BillRow(BillKind.PAID, "NB01A", "T1", 20000, dt.datetime(2026, 11, 21, 9, tzinfo=SHANGHAI), "wechat")

    async def bill(_: dt.date) -> list[BillRow]:
        return [strange]

    monkeypatch.setattr(pay.front.channels[0], "bill", bill)
    forward(pay, 24 * 3600 + 3600)
    outcome = await day(pay)
    assert (outcome.proved, outcome.good) == ((), False)
    assert (await pay.row("NB01A")).state == "waiting"


async def test_what_does_not_agree_is_told_by_class(pay: Hall) -> None:
    for number in ("GONE", "LESS", "BACK"):
        await pay.charge(number)
    await pay.show("OPEN")
    await pay.kiosk.refund("BACK", "R1", 20000)
    books = pay.acquirer.books
    del books.orders["GONE"]
    books.orders["LESS"].paid_fen = 19999
    del books.refunds["R1"]
    books.charge(
        {
            "order_no": "ELSE",
            "amount_fen": 5,
            "subject": "x",
            "expires_at": "2026-11-21T09:05:00+08:00",
            "terminal_id": "t",
        }
    )
    forward(pay, 24 * 3600 + 3600)
    outcome = await day(pay)
    assert {(found.what, found.subject) for found in outcome.findings} == {
        (Break.JOURNAL_ONLY, "GONE"),
        (Break.AMOUNT_DIFFERS, "LESS"),
        (Break.REFUND_MISSING, "BACK"),
        (Break.BILL_ONLY, "ELSE"),
        (Break.STILL_OPEN, "OPEN"),
    }
    assert not outcome.good
