"""`kiosk ledger check|list`: what the ledger says, without personal data."""

from __future__ import annotations

from typing import Any

from config.settings import Settings, SettingsError
from kiosk.ledger.check import check
from kiosk.ledger.states import FINAL, WORK_LIST, Kind
from kiosk.ledger.store import LedgerError, Record, Store
from kiosk.ports.clock import SystemClock
from kiosk.verbs.report import Report


async def inspect(settings: Settings, action: str) -> Report:
    clock = SystemClock()
    store = Store(settings.ledger.url, clock)
    try:
        await store.open()
    except LedgerError as error:
        raise SettingsError(str(error)) from None
    try:
        return await (_check(store, clock) if action == "check" else _list(store))
    finally:
        await store.close()


async def _check(store: Store, clock: SystemClock) -> Report:
    breaches = await check(store, clock.now())
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
