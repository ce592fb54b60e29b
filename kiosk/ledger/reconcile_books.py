"""The other sides' books in the ledger's file, and what the three sides say about all that a day concerns.

Books of a day are written over when they come again: a run may be repeated. They stay, as evidence, and because what happened around
midnight may stand in the neighbouring day's.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from config.zone import SHANGHAI
from kiosk.domain.bill import BillKind, BillRow, PostedRow
from kiosk.ledger.reconcile import ALL_WALLETS, EDGE, Fine, OpenOrder, Paid, Sides
from kiosk.ledger.schema import bill_row, book_day, posted_row
from kiosk.ledger.states import FINAL, MOVES, Kind, WorkState
from kiosk.ledger.store import Record, Store

POLICE = "police"
MATCHED = "match"
"""Among the sources of a day: no books, but the mark that they were laid side by side; `rows` is the number of breaks."""
_WALLET = "wallet:"
_CHUNK = 400
"""Numbers asked for in one statement; SQLite takes 999 in old builds."""
_MONEY = (Kind.ORDER, Kind.DECISION, Kind.PAYMENT, Kind.POSTING, Kind.ISSUANCE)


async def keep_bill(store: Store, day: dt.date, rows: Sequence[BillRow], at: dt.datetime, wallet: str = "") -> None:
    """Write a day's bill: of one wallet, or of all of them. Raises LedgerError."""
    values = [
        {
            "day": day.isoformat(),
            "kind": str(row.kind),
            "order_no": row.order_no,
            "trade_no": row.trade_no,
            "refund_no": row.refund_no,
            "fen": row.fen,
            "fee_fen": row.fee_fen,
            "at": row.at.isoformat(),
            "wallet": row.wallet,
        }
        for row in rows
    ]

    def write(connection: sa.Connection) -> None:
        of_day = bill_row.c.day == day.isoformat()
        connection.execute(bill_row.delete().where(of_day, bill_row.c.wallet == wallet if wallet else sa.true()))
        if values:
            connection.execute(bill_row.insert(), values)
        _told(connection, day, f"{_WALLET}{wallet or ALL_WALLETS}", at, len(values))

    await store.work(write)


async def keep_posted(store: Store, day: dt.date, rows: Sequence[PostedRow], at: dt.datetime) -> None:
    """Write the fines the police side had booked on a day. Raises LedgerError."""
    values = [
        {
            "day": day.isoformat(),
            "decision_no": row.decision_no,
            "fen": row.fen,
            "trade_no": row.trade_no,
            "at": row.at.isoformat(),
        }
        for row in rows
    ]

    def write(connection: sa.Connection) -> None:
        connection.execute(posted_row.delete().where(posted_row.c.day == day.isoformat()))
        if values:
            connection.execute(posted_row.insert(), values)
        _told(connection, day, POLICE, at, len(values))

    await store.work(write)


async def mark_matched(store: Store, day: dt.date, at: dt.datetime, breaks: int) -> None:
    """The day's match has come to its end. Raises LedgerError."""
    await store.work(lambda connection: _told(connection, day, MATCHED, at, breaks))


async def matched_days(store: Store) -> dict[dt.date, dt.datetime]:
    """Which days have been matched, and when last. Raises LedgerError."""
    query = sa.select(book_day.c.day, book_day.c.at).where(book_day.c.source == MATCHED)
    rows = await store.work(lambda connection: connection.execute(query).all())
    return {dt.date.fromisoformat(day): local(at) for day, at in rows}


def _told(connection: sa.Connection, day: dt.date, source: str, at: dt.datetime, rows: int) -> None:
    known = (book_day.c.day == day.isoformat(), book_day.c.source == source)
    connection.execute(book_day.delete().where(*known))
    told = {"day": day.isoformat(), "source": source, "at": at.isoformat(timespec="milliseconds"), "rows": rows}
    connection.execute(book_day.insert(), told)


async def sides_of(store: Store, day: dt.date) -> Sides:
    """All three sides about the orders that this day concerns, and about what is on the work list. Raises LedgerError."""
    listed = await store.find(Kind.WORK, [WorkState.OPEN])
    subjects = {entry["subject"] for entry in listed}
    bill_today = await _bill(store, bill_row.c.day == day.isoformat())
    posted_today = await _posted(store, posted_row.c.day == day.isoformat())
    numbers = {row.order_no for row in bill_today} | subjects
    decided = {row.decision_no for row in posted_today} | subjects
    order_ids = {entry.order_id for entry in listed if entry.order_id} | await _orders_of_day(store, day)
    order_ids |= {row.order_id for row in await _by(store, Kind.PAYMENT, "id", numbers)}
    order_ids |= {row.order_id for row in await _by(store, Kind.DECISION, "number", decided)}
    payments = await _payments(store, order_ids)
    numbers |= {payment.id for payment in payments}
    decided |= {fine.decision_no for payment in payments for fine in payment.fines}
    bill_days, posted_days = await known_days(store)
    return Sides(
        payments=payments,
        open_orders=await _open_orders(store, day),
        bill=[row for some in _chunks(numbers) for row in await _bill(store, bill_row.c.order_no.in_(some))],
        posted=[row for some in _chunks(decided) for row in await _posted(store, posted_row.c.decision_no.in_(some))],
        bill_days=bill_days,
        posted_days=posted_days,
    )


async def _orders_of_day(store: Store, day: dt.date) -> set[str]:
    """Orders with a payment or a posting that was made or moved on the day, as far as its edges."""
    begin = dt.datetime.combine(day, dt.time(), SHANGHAI) - EDGE
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), SHANGHAI) + EDGE
    # A record moves when or after its money does; a wallet's clock may be ahead of ours.
    since = (begin - dt.timedelta(hours=1)).isoformat(timespec="milliseconds")
    found: set[str] = set()
    for kind in (Kind.PAYMENT, Kind.POSTING):
        for row in await store.find(kind, moved_since=since):
            paid_at = row.data.get("paid_at")
            times = [local(row.moved_at), *([local(paid_at)] if paid_at else [])]
            if any(begin <= moment < end for moment in times) or row.state not in FINAL[kind]:
                found.add(row.order_id)
    return found


async def _payments(store: Store, order_ids: set[str]) -> list[Paid]:
    fines: defaultdict[str, list[Fine]] = defaultdict(list)
    numbers = {row.id: row["number"] or "" for row in await _by(store, Kind.DECISION, "order_id", order_ids)}
    for row in await _by(store, Kind.POSTING, "order_id", order_ids):
        number = numbers.get(row["decision_id"], "")
        fines[row["payment_id"]].append(Fine(row.id, number, row["amount_fen"], row.state, local(row.moved_at)))
    return [
        Paid(
            id=row.id,
            order_id=row.order_id,
            state=row.state,
            asked_fen=row["amount_fen"],
            moved_at=local(row.moved_at),
            paid_fen=row["paid_fen"] or 0,
            paid_at=local(row["paid_at"]) if row["paid_at"] else None,
            trade_no=row["trade_no"] or "",
            wallet=row["wallet"] or "",
            fines=tuple(fines[row.id]),
        )
        for row in await _by(store, Kind.PAYMENT, "order_id", order_ids)
    ]


async def _open_orders(store: Store, day: dt.date) -> list[OpenOrder]:
    parts: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for kind in _MONEY:
        for row in await store.find(kind, MOVES[kind].keys() - FINAL[kind]):
            parts[row.order_id][row.id] = row.state
    orders = await _by(store, Kind.ORDER, "id", set(parts))
    found = [OpenOrder(row.id, row["amount_fen"], local(row.created_at), parts[row.id]) for row in orders]
    return [order for order in found if order.created_at.date() <= day]


async def _by(store: Store, kind: Kind, column: str, values: set[str]) -> list[Record]:
    found: list[Record] = []
    for some in _chunks(values):
        wanted: dict[str, Any] = {column: some}
        found += await store.find(kind, **wanted)
    return found


async def bill_of(store: Store, day: dt.date) -> list[BillRow]:
    """The bill of one day as it is in the ledger's file."""
    return await _bill(store, bill_row.c.day == day.isoformat())


async def posted_of(store: Store, day: dt.date) -> list[PostedRow]:
    return await _posted(store, posted_row.c.day == day.isoformat())


async def _bill(store: Store, wanted: sa.ColumnElement[bool]) -> list[BillRow]:
    query = sa.select(bill_row).where(wanted).order_by(bill_row.c.at, bill_row.c.id)
    rows = await store.work(lambda connection: connection.execute(query).mappings().all())
    return [
        BillRow(
            kind=BillKind(row["kind"]),
            order_no=row["order_no"],
            trade_no=row["trade_no"],
            fen=row["fen"],
            at=local(row["at"]),
            wallet=row["wallet"],
            refund_no=row["refund_no"],
            fee_fen=row["fee_fen"],
        )
        for row in rows
    ]


async def _posted(store: Store, wanted: sa.ColumnElement[bool]) -> list[PostedRow]:
    query = sa.select(posted_row).where(wanted).order_by(posted_row.c.at, posted_row.c.id)
    rows = await store.work(lambda connection: connection.execute(query).mappings().all())
    return [PostedRow(row["decision_no"], row["fen"], row["trade_no"], local(row["at"])) for row in rows]


async def known_days(store: Store) -> tuple[dict[dt.date, frozenset[str]], frozenset[dt.date]]:
    """Of which days the wallets (and which of them) have told, and of which the police side."""
    query = sa.select(book_day.c.day, book_day.c.source).where(book_day.c.source != MATCHED)
    rows = await store.work(lambda connection: connection.execute(query).all())
    wallets: defaultdict[dt.date, set[str]] = defaultdict(set)
    posted: set[dt.date] = set()
    for text, source in rows:
        day = dt.date.fromisoformat(text)
        if source == POLICE:
            posted.add(day)
        else:
            wallets[day].add(source.removeprefix(_WALLET))
    return {day: frozenset(names) for day, names in wallets.items()}, frozenset(posted)


def _chunks(values: set[str]) -> Iterator[frozenset[str]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), _CHUNK):
        yield frozenset(ordered[start : start + _CHUNK])


def local(text: str) -> dt.datetime:
    """A time as the ledger keeps it, in Asia/Shanghai whatever its offset."""
    return dt.datetime.fromisoformat(text).astimezone(SHANGHAI)
