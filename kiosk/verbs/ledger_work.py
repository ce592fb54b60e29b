"""`kiosk ledger work`, `settle --reason` and `refunds`: what the end-of-day match left to be done, and where money that is due back is."""

from __future__ import annotations

from config.settings import Settings
from kiosk.ledger.reconcile_alarm import open_alarms
from kiosk.ledger.reconcile_breaks import ALARMS
from kiosk.ledger.reconcile_list import settled_by_staff
from kiosk.ledger.reconcile_refunds import refund_queue
from kiosk.ledger.reconcile_report import entry_json, work_text, yuan
from kiosk.ledger.states import Kind, WorkState
from kiosk.ports.clock import SystemClock
from kiosk.verbs.ledger_file import opened, refused
from kiosk.verbs.report import Report


async def work_list(settings: Settings, *, everything: bool) -> Report:
    async with opened(settings) as store:
        rows = await store.find(Kind.WORK, None if everything else [WorkState.OPEN])
    text = work_text(rows, SystemClock().now()) or "nothing is on the work list"
    return Report({"version": 1, "work": [entry_json(row) for row in rows]}, text, True)


async def settle_entry(settings: Settings, number: str, reason: str) -> Report:
    """Staff have seen to an entry, and say how."""
    async with opened(settings) as store:
        found = await store.find(Kind.WORK, id=number)
        if not found:
            return refused(f"There is no entry {number} on the work list; see `kiosk ledger work`.")
        if found[0].state != WorkState.OPEN:
            return refused(f"{number} is {found[0].state}: there is nothing for staff to settle.")
        try:
            entry = await settled_by_staff(store, found[0], reason)
        except ValueError:
            return refused("An entry is settled with a reason: what was found out, and what was done.")
        left = [row.id for row in await open_alarms(store)]
    told = {"version": 1, "good": True, "id": entry.id, "state": entry.state, "reason": entry["reason"], "alarms": left}
    text = f"{entry.id}: settled by staff ({entry['reason']})."
    if entry["what"] in ALARMS:
        text += " The machine takes money again." if not left else f" Still no money is taken: {', '.join(left)}."
    return Report(told, text, True)


async def refunds(settings: Settings) -> Report:
    """The queue of refunds, the oldest first; what is back already for a month."""
    async with opened(settings) as store:
        queue = await refund_queue(store, SystemClock())
    text = "\n".join(
        f"{row.id:28} {yuan(row.fen):>10}  {row.stands.en:20} since {row.since}  {row.wallet} {row.trade_no}  ({row.why})"
        for row in queue
    )
    rows = [
        {
            "id": row.id,
            "order": row.order_id,
            "refund_no": row.refund_no,
            "state": row.state,
            "stands": row.stands.en,
            "fen": row.fen,
            "wallet": row.wallet,
            "trade_no": row.trade_no,
            "why": row.why,
            "since": row.since,
        }
        for row in queue
    ]
    return Report({"version": 1, "refunds": rows}, text or "no money is due back", True)
