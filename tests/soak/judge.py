"""What must be so after a soak: the kiosk's ledger against the books of the remote sides, and against the paper in the trays."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from pathlib import Path
from typing import Any

from kiosk.app import Machine
from kiosk.gateways.exit_entry.sim_ledger import Books as Applications
from kiosk.gateways.police.sim_ledger import Books as Decisions
from kiosk.gateways.wallet.fake_ledger import FakeLedger
from kiosk.ledger.cashier import Cashier
from kiosk.ledger.check import check
from kiosk.ledger.issuer import Issuer
from kiosk.ledger.registrar import Registrar
from kiosk.ledger.states import FINAL, Kind
from kiosk.ledger.sweeper import Sweeper
from kiosk.ports.clock import SystemClock
from tests.soak.paper import receipts

LATER = (dt.timedelta(minutes=15), dt.timedelta(hours=2))
TITLES = ("简易程序处罚决定书", "交通违法缴款凭证", "业务核对单", "出入境证件缴费凭条", "通行证领取单")


class Later(SystemClock):
    """Requests that never landed are given up, and closed codes asked about for the last time. Signatures go by the real clock."""

    def __init__(self) -> None:
        self.by = dt.timedelta()

    def now(self) -> dt.datetime:
        return super().now() + self.by


async def settle(machine: Machine) -> None:
    """As hours later: everything that is open ends."""
    clock, books, store = Later(), machine.books, machine.books.store
    till = machine.settings.wallet
    cipher, wallet = books.registrar._cipher, books.cashier._wallet
    registrar = Registrar(store, machine.police, cipher, clock)
    cashier = Cashier(store, wallet, machine.police, clock, expires_in=till.code_s, late=till.late_s)
    issuer = None
    if machine.permits is not None:
        await machine.permits.keeper.recover()
        issuer = Issuer(store, machine.permits.platform, cipher, clock)
    sweeper = Sweeper(store, books.orders, registrar, cashier, clock, issuer)
    for clock.by in LATER:
        for _ in range(3):
            if machine.permits is not None:
                await machine.permits.keeper.recover()
            await sweeper.sweep()


async def troubles(machine: Machine, folder: Path) -> list[str]:
    """Every sentence is one thing that must not be; an empty list is the only good answer."""
    store = machine.books.store
    rows = {kind: await store.find(kind) for kind in Kind}
    found = [f"{b.invariant} {b.record}: {b.what}" for b in await check(store, machine.clock.now())]
    for kind in Kind:
        found += [f"{row.id} is still {row.state}" for row in rows[kind] if row.state not in FINAL[kind]]
    return found + _money(folder, rows) + _slips(folder, rows)


def _money(folder: Path, rows: dict[Kind, list[Any]]) -> list[str]:
    wallet = FakeLedger(SystemClock(), folder / "wallet.json")
    police, office = Decisions(folder / "police.json"), Applications(folder / "exit_entry.json")
    found = []
    payments = {row.id: row for row in rows[Kind.PAYMENT]}
    kept = {number: fen for number, fen in wallet.totals().items() if fen}
    paid = {number: row["paid_fen"] for number, row in payments.items() if row.state == "paid"}
    if kept != paid:
        found.append(f"the wallet kept {kept.items() - paid.items()}, the ledger says {paid.items() - kept.items()}")
    twice = [order for order, n in Counter(payments[number].order_id for number in kept).items() if n > 1]
    found += [f"{order}: charged twice" for order in twice]
    for entry in wallet.entries():
        if len(entry.refunds) > 1 or sum(entry.refunds.values()) not in (0, entry.paid_fen):
            found.append(f"{entry.order_no}: given back {entry.refunds}, paid {entry.paid_fen}")
    posted = sum(entry.amount_fen for entry in police.payments.values())
    fees = sum(entry.fee_fen for entry in office.applications.values() if entry.state == "written")
    if posted + fees != sum(kept.values()):
        found.append(f"{posted} fen posted and {fees} fen of fees, {sum(kept.values())} fen kept")
    decided = {row["record_id"] for row in rows[Kind.DECISION] if row.state == "decided"}
    if decided != set(police.decisions) or police.serial != len(police.decisions):
        found.append("a record was decided twice, or one side knows nothing of it")
    open_there = [entry.number for entry in office.applications.values() if entry.open]
    found += [f"application {number} was left open" for number in open_there]
    confirmed = sum(row.state == "confirmed" for row in rows[Kind.ISSUANCE])
    written = sum(entry.state == "written" for entry in office.applications.values())
    if confirmed != written:
        found.append(f"{confirmed} issuances are confirmed, {written} are in force")
    return found


def _slips(folder: Path, rows: dict[Kind, list[Any]]) -> list[str]:
    """No slip twice; each job that is done has come out; nothing came out that was not on record before."""
    out = Counter(slip_of(text) for text in receipts(folder / "paper"))
    found = [f"printed twice: {slip}" for slip, n in out.items() if n > 1]
    jobs = [row for row in rows[Kind.PRINT] if not re.search(r"E1B[0-9]+$", row.id)]
    done = sum(row.state == "done" for row in jobs)
    perhaps = done + sum(row.state == "uncertain" for row in jobs)
    if not done <= sum(out.values()) <= perhaps:
        found.append(f"{sum(out.values())} slips came out; {done} jobs are done, {perhaps} may be")
    return found


def slip_of(text: str) -> tuple[str, str, str]:
    """What it is, the number in its code, and its mark as a copy."""
    title = next((title for title in TITLES if title in text), text[:20])
    code = re.search(r"\[qr\] (\S+)", text)
    copy = re.search(r"补打.*", text)
    return title, code.group(1) if code else "", copy.group(0) if copy else ""
