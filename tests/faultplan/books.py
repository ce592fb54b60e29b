"""The kiosk's ledger against the books of the remote sides, which are written by nobody but them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from kiosk.gateways.exit_entry.sim_ledger import Books as Applications
from kiosk.gateways.police.sim_ledger import Books as Decisions
from kiosk.gateways.wallet.fake_ledger import FakeLedger
from kiosk.ledger.check import check
from kiosk.ledger.states import FINAL, Kind
from kiosk.ledger.store import Store
from kiosk.ports.clock import Clock


async def found_in(store: Store, clock: Clock) -> dict[str, Any]:
    """All that stands in the ledger, as JSON."""
    rows = {kind: await store.find(kind) for kind in Kind}
    return {
        "open": [f"{row.id} {row.state}" for kind in Kind for row in rows[kind] if row.state not in FINAL[kind]],
        "breaches": [f"{b.invariant} {b.record}: {b.what}" for b in await check(store, clock.now())],
        "payments": {row.id: [row.order_id, row.state, row["paid_fen"], row["trade_no"]] for row in rows[Kind.PAYMENT]},
        "postings": {row["decision_id"]: row.state for row in rows[Kind.POSTING]},
        "decisions": {row.id: [row["record_id"], row.state, row["number"]] for row in rows[Kind.DECISION]},
        "issuances": [row.state for row in rows[Kind.ISSUANCE]],
        "custodies": [row.state for row in rows[Kind.CUSTODY]],
        "orders": {row.id: row.state for row in rows[Kind.ORDER]},
        "prints": {row.id: row.state for row in rows[Kind.PRINT]},
    }


def agree(found: dict[str, Any], wallet: FakeLedger, police: Decisions, office: Applications | None = None) -> None:
    """Nothing lost, taken, posted or given back twice; what staff look into counts for neither side. Raises AssertionError."""
    rows = found["payments"]
    by_hand = {number for number, row in rows.items() if row[1] == "manual"}
    kept = {number: fen for number, fen in wallet.totals().items() if fen and number not in by_hand}
    assert all(fen > 0 for fen in kept.values()), "more was given back than was paid"
    assert kept.keys() <= rows.keys(), "the wallet has money of an order that the ledger does not know"
    paid = {number: row[2] for number, row in rows.items() if row[1] == "paid"}
    assert kept == paid, f"the wallet kept {kept.items() - paid.items()}, the ledger says {paid.items() - kept.items()}"
    twice = [order for order, n in Counter(rows[number][0] for number in kept).items() if n > 1]
    assert not twice, f"charged twice: {twice}"
    for entry in wallet.entries():
        back = sum(entry.refunds.values())
        assert len(entry.refunds) <= 1, f"{entry.order_no} was given back more than once"
        assert back in (0, entry.paid_fen), f"{entry.order_no}: given back {back} of {entry.paid_fen}"
        state = rows.get(entry.order_no, ["", "failed"])[1]
        assert (state == "refunded") is bool(back), f"{entry.order_no} is {state}, and {back} was given back"
    decided = {row[0] for row in found["decisions"].values() if row[0] and row[1] == "decided"}
    spare = [number for number in police.numbers if police.by_number(number) is None]
    assert police.serial == len(police.decisions) + len(spare), "a record was decided twice"
    assert decided == set(police.decisions), "a decision was made that the ledger does not know, or the reverse"
    rows_of = {row[2]: decision for decision, row in found["decisions"].items() if row[2]}
    posted = {rows_of[entry.number]: entry for entry in police.payments.values()}
    assert posted.keys() == {row for row, state in found["postings"].items() if state == "posted"}, "postings differ"
    entries = office.applications.values() if office is not None else ()
    fees = sum(entry.fee_fen for entry in entries if entry.state == "written")
    assert sum(entry.amount_fen for entry in posted.values()) + fees == sum(kept.values()), "money is lost"
    assert {entry.trade_no for entry in posted.values()} <= {row[3] for row in rows.values() if row[1] == "paid"}
