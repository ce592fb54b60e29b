"""`kiosk ledger check|list`: what the ledger says, without personal data."""

from __future__ import annotations

from config.settings import Settings, SettingsError
from kiosk.ledger.check import check
from kiosk.ledger.states import FINAL, WORK_LIST, Kind
from kiosk.ledger.store import LedgerError, Store
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
    open_rows = []
    for kind in Kind:
        for row in await store.find(kind):
            if row.state not in FINAL[kind] or row.state in WORK_LIST.get(kind, ()):
                open_rows.append({"kind": str(kind), "id": row.id, "state": row.state, "since": row.moved_at})
    text = "\n".join(f"{r['kind']:9} {r['id']:28} {r['state']:14} since {r['since']}" for r in open_rows)
    return Report({"version": 1, "open": open_rows}, text or "nothing is open", True)
