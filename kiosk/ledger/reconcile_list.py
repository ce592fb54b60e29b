"""The work list: what the match found stays there until a later match explains it, or staff say why it is settled.

An entry is a record of the ledger (`Kind.WORK`): its moves are events of the chain. Its number is made of what was found about what, so
that the same thing found again is the same entry.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable

from kiosk.ledger.reconcile import Break, Finding
from kiosk.ledger.states import IllegalMove, Kind, WorkState
from kiosk.ledger.store import Change, Move, New, Note, Record, Store

BY_MATCH, BY_STAFF = "match", "staff"
LONGEST_REASON = 160
_LONGEST_ID = 40
_FIGURES = re.compile(r"\d{7,}[Xx]?")
_LETTERS = {
    Break.PAID_NOT_POSTED: "PNP",
    Break.PAID_TWICE: "PT",
    Break.POSTED_NOT_PAID: "PNM",
    Break.BILL_ONLY: "BO",
    Break.JOURNAL_ONLY: "JO",
    Break.AMOUNT_DIFFERS: "AD",
    Break.CROSS_MIDNIGHT: "CM",
    Break.REFUND_MISSING: "RM",
    Break.STILL_OPEN: "SO",
}


def entry_id(what: Break, subject: str) -> str:
    """PNP-NB0120261121000017XD1S"""
    number = f"{_LETTERS[what]}-{subject}"
    if len(number) <= _LONGEST_ID:
        return number
    return f"{_LETTERS[what]}-{hashlib.sha256(subject.encode()).hexdigest()[:32].upper()}"


async def put_down(store: Store, day: dt.date, findings: Iterable[Finding]) -> list[Record]:
    """An open entry for each finding; one that staff have settled stays settled. Returns the entries that are open for them."""
    known = {row.id: row for row in await store.find(Kind.WORK)}
    changes: list[Change] = []
    for finding in findings:
        number = entry_id(finding.what, finding.subject)
        entry = known.get(number)
        if entry is None:
            changes.append(await _new(store, day, number, finding))
        elif entry.state == WorkState.SETTLED and entry["settled_by"] == BY_MATCH:
            again = {"said": dict(finding.said), "fen": finding.fen, "settled_by": None, "reason": None}
            changes.append(Move(entry, WorkState.OPEN, "found_again", again))
        elif entry.state == WorkState.OPEN and (entry["said"], entry["fen"]) != (dict(finding.said), finding.fen):
            changes.append(Note(entry, "said_anew", {"said": dict(finding.said), "fen": finding.fen}))
    if changes:
        await store.commit(*changes)
    wanted = {entry_id(finding.what, finding.subject) for finding in findings}
    return [row for row in await store.find(Kind.WORK, [WorkState.OPEN]) if row.id in wanted]


async def _new(store: Store, day: dt.date, number: str, finding: Finding) -> New:
    # The order may be unknown to this ledger: money without a record is what the list is for.
    known = bool(finding.order_id and await store.find(Kind.ORDER, id=finding.order_id))
    data = {
        "what": str(finding.what),
        "day": day.isoformat(),
        "subject": finding.subject[:64],
        "fen": finding.fen,
        "said": dict(finding.said),
    }
    return New(Kind.WORK, number, finding.order_id if known else "", str(finding.what), data)


async def explained(store: Store, day: dt.date, findings: Iterable[Finding]) -> list[Record]:
    """Settle every open entry of this day or before that is not found any more; returns them. Those of later days were not looked at."""
    still = {entry_id(finding.what, finding.subject) for finding in findings}
    listed = [row for row in await store.find(Kind.WORK, [WorkState.OPEN]) if row["day"] <= day.isoformat()]
    gone = [row for row in listed if row.id not in still]
    if not gone:
        return []
    settled = {"settled_by": BY_MATCH, "reason": None}
    return list(await store.commit(*(Move(row, WorkState.SETTLED, "explained", settled) for row in gone)))


async def settled_by_staff(store: Store, entry: Record, reason: str) -> Record:
    """Staff have seen to it, and say how. Raises ValueError without a reason, IllegalMove for an entry that is settled already."""
    said = clean_reason(reason)
    if not said:
        raise ValueError("an entry is settled with a reason")
    if entry.state != WorkState.OPEN:
        raise IllegalMove(f"work: {entry.id} is {entry.state}")
    return (await store.commit(Move(entry, WorkState.SETTLED, "staff", {"settled_by": BY_STAFF, "reason": said})))[0]


def clean_reason(reason: str) -> str:
    """One line, without long figures: people type what should not stand in a ledger, an ID or telephone number most of all."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in reason).split())
    return _FIGURES.sub("…", line)[:LONGEST_REASON]
