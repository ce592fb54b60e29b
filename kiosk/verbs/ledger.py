"""`kiosk ledger`: what the ledger says, without personal data; and what staff have settled of what stood on their list."""

from __future__ import annotations

import argparse
from typing import Any

from config.settings import Settings
from kiosk.ledger.check import check
from kiosk.ledger.custody import given_back
from kiosk.ledger.issuance import decided_by_staff
from kiosk.ledger.orders import conclude
from kiosk.ledger.states import FINAL, WORK_LIST, IssuanceState, Kind, PaymentState
from kiosk.ledger.store import Record, Store
from kiosk.ports.clock import SystemClock
from kiosk.verbs.ledger_day import day_end
from kiosk.verbs.ledger_file import opened, refused
from kiosk.verbs.ledger_match import reconcile
from kiosk.verbs.ledger_work import refunds, settle_entry, work_list
from kiosk.verbs.report import Report


async def ledger(settings: Settings, arguments: argparse.Namespace) -> Report:
    """One action of the command line. Raises SettingsError, WrongUsage."""
    match arguments.action:
        case "given-back":
            return await give_back(settings, arguments.record)
        case "settle" if getattr(arguments, "reason", None) is not None:
            return await settle_entry(settings, arguments.record, arguments.reason)
        case "settle":
            return await settle(settings, arguments.record, in_force=arguments.in_force)
        case "reconcile":
            return await reconcile(settings, arguments)
        case "day-end":
            return await day_end(
                settings, getattr(arguments, "date", None), on_paper=bool(getattr(arguments, "on_paper", False))
            )
        case "work":
            return await work_list(settings, everything=bool(getattr(arguments, "all", False)))
        case "refunds":
            return await refunds(settings)
        case action:
            return await inspect(settings, action)


async def inspect(settings: Settings, action: str) -> Report:
    async with opened(settings) as store:
        return await (_check(store) if action == "check" else _list(store))


async def give_back(settings: Settings, custody_id: str) -> Report:
    """Staff have handed out a permit that the machine kept, or that was found in it. May be told while the kiosk runs."""
    async with opened(settings) as store:
        custody, why_not = await _on_list(store, Kind.CUSTODY, custody_id, "permit")
        if custody is None:
            return refused(why_not)
        custody = await given_back(store, custody)
        return _done(custody, f"{custody.id}: the permit is back with its holder.")


async def settle(settings: Settings, issuance_id: str, *, in_force: bool) -> Report:
    """Staff have looked at the chip and at the platform. Not in force: the kiosk gives the fee back by itself."""
    async with opened(settings) as store:
        issuance, why_not = await _on_list(store, Kind.ISSUANCE, issuance_id, "application")
        if issuance is None:
            return refused(why_not)
        payments = await store.find(Kind.PAYMENT, order_id=issuance.order_id)
        paid = any(payment.state == PaymentState.PAID for payment in payments)
        if in_force and not paid:
            return refused(f"{issuance.id} is not paid any more: its endorsements cannot be in force.")
        issuance = await decided_by_staff(store, issuance, in_force=in_force)
        await conclude(store, issuance.order_id, citizen_present=False)
        if issuance.state == IssuanceState.CONFIRMED:
            return _done(issuance, f"{issuance.id}: the endorsements are in force, and the fee is kept.")
        money = "the fee goes back as soon as the kiosk runs." if paid else "there is no fee to give back."
        return _done(issuance, f"{issuance.id}: no endorsements; {money}")


async def _on_list(store: Store, kind: Kind, record_id: str, word: str) -> tuple[Record | None, str]:
    """The record, or why staff have nothing to decide about it."""
    found = await store.find(kind, id=record_id)
    if not found:
        return None, f"There is no {word} {record_id} in this ledger; see `kiosk ledger list`."
    if found[0].state not in WORK_LIST[kind]:
        return None, f"{record_id} is {found[0].state}: there is nothing for staff to settle."
    return found[0], ""


def _done(row: Record, sentence: str) -> Report:
    return Report({"version": 1, "good": True, "id": row.id, "state": row.state}, sentence, True)


async def _check(store: Store) -> Report:
    breaches = await check(store, SystemClock().now())
    rows = [{"invariant": b.invariant, "record": b.record, "what": b.what} for b in breaches]
    text = "\n".join(f"{b.invariant} {b.record}: {b.what}" for b in breaches) or "all money invariants hold"
    return Report({"version": 1, "good": not breaches, "breaches": rows}, text, not breaches)


async def _list(store: Store) -> Report:
    """What is open, and what waits for staff: orders on the work list, permits in the bin, stuck or missing."""
    rows = []
    for kind in Kind:
        for row in await store.find(kind):
            waits = row.state in WORK_LIST.get(kind, ())
            if waits or row.state not in FINAL[kind]:
                rows.append(_told(row, waits))
    text = "\n".join(
        f"{r['kind']:9} {r['id']:28} {r['state']:14} since {r['since']}"
        + (f"  order {r['order']}" if r["order"] not in (None, r["id"]) else "")
        + (f"  ({r['trouble']})" if r["trouble"] else "")
        + ("  for staff" if r["staff"] else "")
        for r in rows
    )
    return Report({"version": 1, "open": rows}, text or "nothing is open", True)


def _told(row: Record, waits: bool) -> dict[str, Any]:
    return {
        "kind": str(row.kind),
        "id": row.id,
        "order": row.order_id or None,
        "state": row.state,
        "since": row.moved_at,
        "trouble": row.data.get("trouble"),
        "staff": waits,
    }
