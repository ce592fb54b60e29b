"""The front's ledger on SQLite and on a real PostgreSQL server: moves, the chain, who may write, newer schemas, lost connections."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from kiosk.front.check import check
from kiosk.front.schema import metadata
from kiosk.front.states import Kind, RefundAt, TradeAt, Way
from kiosk.front.store import Exists, Move, New, Note, Store
from kiosk.ledger.states import IllegalMove, Stale
from kiosk.ledger.store import LedgerError
from tests.front import postgres
from tests.front.hall import Watch

DATA: dict[str, Any] = {
    "channel": "acquirer",
    "way": Way.SHOWN,
    "amount_fen": 20000,
    "content": "c",
    "expires_at": "2026-11-21T09:02:00+08:00",
}


def new(number: str = "A1") -> New:
    return New(Kind.TRADE, number, "NB01", TradeAt.INTENT, "asked", DATA)


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    made = Store(database, Watch())
    await made.open()
    yield made
    await made.close()


async def test_moves_and_their_chain(store: Store) -> None:
    (row,) = await store.commit(new())
    (row,) = await store.commit(Move(row, TradeAt.WAITING, "code", {"code_payload": "x"}))
    assert (row.state, row.version, row["code_payload"], row["amount_fen"]) == ("waiting", 2, "x", 20000)
    assert [event["new"] for event in await store.events()] == ["intent", "waiting"]
    assert await check(store, Watch().now()) == []


async def test_what_a_commit_answers_is_what_is_read(store: Store) -> None:
    """The answer is put together, the database is not asked for it."""

    def found(row: Any) -> Any:
        return row, {name: type(value) for name, value in row.data.items()}, type(row.state)

    (row,) = await store.commit(new())
    assert found(row) == found(await store.get(Kind.TRADE, "A1"))
    (row,) = await store.commit(Move(row, TradeAt.WAITING, "code", {"code_payload": "x", "way": Way.SHOWN}))
    assert found(row) == found(await store.get(Kind.TRADE, "A1"))
    (row,) = await store.commit(Note(row, "asked", {"tries": 2, "staff": None}))
    assert found(row) == found(await store.get(Kind.TRADE, "A1"))
    refund = New(Kind.REFUND, "R1", "NB01", RefundAt.INTENT, "asked", {"trade_id": "A1", "fen": 1})
    (back,) = await store.commit(refund)
    assert found(back) == found(await store.get(Kind.REFUND, "R1"))


async def test_a_row_moved_by_another_hand_is_not_moved(store: Store) -> None:
    (row,) = await store.commit(new())
    await store.commit(Move(row, TradeAt.WAITING, "code"))
    other = new("B1")
    with pytest.raises(Stale):
        await store.commit(other, Move(row, TradeAt.CLOSED, "late"))
    assert await store.get(Kind.TRADE, "B1") is None, "all or none"
    with pytest.raises(Stale):
        await store.commit(Note(row, "late", {"staff": "x"}))


async def test_what_is_no_move(store: Store) -> None:
    (row,) = await store.commit(new())
    with pytest.raises(IllegalMove):
        await store.commit(Move(row, TradeAt.INTENT, "x"))
    with pytest.raises(ValueError, match="version"):
        await store.commit(Note(row, "x", {"version": 9}))
    with pytest.raises(Exists):
        await store.commit(new())
    (row,) = await store.commit(Move(row, TradeAt.PAID, "x", {"paid_fen": 1, "trade_no": "t", "paid_at": "p"}))
    with pytest.raises(IllegalMove):
        await store.commit(Move(row, TradeAt.CLOSED, "x"))


async def test_a_nonce_is_used_once_and_for_its_time(store: Store) -> None:
    assert await store.use_nonce("NB01", "n" * 16, 1000, 600)
    assert not await store.use_nonce("NB01", "n" * 16, 1600, 600)
    assert await store.use_nonce("NB02", "n" * 16, 1600, 600), "each device has its own"
    assert await store.use_nonce("NB01", "n" * 16, 1601, 600)


def behind(database: str, *statements: str) -> None:
    """Somebody else's hand in the database."""
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


async def test_a_ledger_changed_behind_the_front_is_found(store: Store, database: str) -> None:
    (row,) = await store.commit(new())
    await store.commit(Move(row, TradeAt.WAITING, "code"))
    behind(database, "UPDATE trade SET state = 'paid' WHERE id = 'A1'")
    assert {breach.invariant for breach in await check(store, Watch().now())} == {"F1", "F5"}
    behind(database, "UPDATE event SET new = 'paid' WHERE version = 2")
    assert [b.what for b in await check(store, Watch().now()) if b.invariant == "F5"] == [
        "event 2 does not follow the one before it"
    ]


async def test_only_one_front_and_any_guest(store: Store, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.front.database.LOCK_WAIT_S", 0.1)
    second = Store(database, Watch())
    with pytest.raises(LedgerError, match="Another payment front"):
        await second.open()
    await store.commit(new())
    guest = Store(database, Watch(), guest=True)
    await guest.open()
    row = await guest.get(Kind.TRADE, "A1")
    assert row is not None
    await guest.commit(Note(row, "seen", {"staff": "x"}))
    await store.commit(new("B1"))
    assert await check(guest, Watch().now()) == []
    await guest.close()


async def test_a_newer_ledger_is_refused(database: str) -> None:
    store = Store(database, Watch())
    await store.open()
    await store.close()
    behind(database, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(LedgerError, match=r"newer version of this software \(revision 9999"):
        await Store(database, Watch()).open()


async def test_the_migrations_make_the_schema_the_code_has(store: Store, database: str) -> None:
    engine = sa.create_engine(database)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


async def test_sqlite_survives_a_power_cut_by_its_settings(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/l.db", Watch())
    await store.open()
    with store._database.begin() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]
    await store.close()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite:///", "names no file"),
        ("mysql://x/y", "cannot be kept in mysql"),
        ("no address", "no usable address"),
        ("postgresql+psycopg://nobody@/x?host=/nowhere", "cannot be opened"),
    ],
)
async def test_addresses_that_are_none(url: str, sentence: str) -> None:
    with pytest.raises(LedgerError, match=sentence):
        await Store(url, Watch()).open()


async def test_a_kiosks_ledger_is_not_taken_for_the_fronts(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "l.db") as other:
        other.execute('CREATE TABLE "order" (id TEXT)')
    with pytest.raises(LedgerError, match="a database of its own"):
        await Store(f"sqlite:///{tmp_path}/l.db", Watch()).open()


@pytest.mark.xdist_group("postgresql")
async def test_a_database_server_that_was_gone_is_reached_again(
    postgresql: postgres.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.front.database.LOCK_WAIT_S", 0.1)
    store = Store(address := postgresql.new_database(), Watch())
    await store.open()
    (row,) = await store.commit(new())
    postgresql.restart()
    with pytest.raises(LedgerError):
        await store.commit(Move(row, TradeAt.WAITING, "code"))
    (row,) = await store.commit(Move(row, TradeAt.WAITING, "code"))
    assert row.version == 2
    with pytest.raises(LedgerError, match="Another payment front"):
        await Store(address, Watch()).open()
    await store.close()
