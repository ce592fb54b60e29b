"""Revision 0003 adds the diagnostics' tables and leaves every row of revision 0002 as it was."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from kiosk.ledger.cipher import FieldCipher
from kiosk.ledger.logbook import Logbook
from kiosk.ledger.states import Kind
from kiosk.ledger.store import New, Store
from tests.ledger.audit_parts import audit_of
from tests.ledger.parts import HandClock, order_data
from tests.ledger.test_migrations import upgrade

TIMES = ("2026-03-18T09:30:00.000+08:00", "2026-03-18T09:31:00.000+08:00")
ADDED = {"audit", "device_count", "checkup", "consumable", "access_lock", "access_code"}


def filled(file: Path, cipher: FieldCipher) -> None:
    """One row of every kind that the revision knew, and two of some."""
    with contextlib.closing(sqlite3.connect(file)) as hand, hand:
        subject = cipher.seal({"name": "张示例"}, "order", "subject_enc", "O1")
        rows = {
            "order": ("O1", "open", 1, *TIMES, "endorsement", 1500, "i", subject),
            "decision": ("O1D1", "O1", "decided", 2, *TIMES, "r", 15000, 3, "330", '{"x": 1}', b"\x01"),
            "payment": ("O1P1", "O1", "paid", 3, *TIMES, 1500, '["O1E1"]', TIMES[1], 1500, TIMES[1], "T1", "alipay"),
            "posting": ("O1D1S", "O1", "posted", 2, *TIMES, "O1D1", "O1P1", 15000),
            "print": ("J1", None, "done", 3, *TIMES, "retained", "C1", 1, None),
            "issuance": ("O1E1", "O1", "written", 5, *TIMES, "A1", 1500, '["HKG-L-3M1"]', None, "J9", None, b"\x02"),
            "custody": ("C1", None, "retained", 4, *TIMES, b"\x03", 2, "bin", None),
        }
        for table, values in rows.items():
            hand.execute(f'INSERT INTO "{table}" VALUES ({",".join("?" * len(values))})', values)
        for version in (1, 2):
            hand.execute(
                "INSERT INTO event (kind, record, old, new, version, at, why, hash) VALUES (?,?,?,?,?,?,?,?)",
                ("order", "O1", None, "open", version, TIMES[0], "signed", f"h{version}"),
            )


def contents(file: Path) -> dict[str, list[tuple[object, ...]]]:
    with contextlib.closing(sqlite3.connect(file)) as hand:
        names = [name for (name,) in hand.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: hand.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall() for name in names}


def shape(file: Path) -> set[tuple[str, str]]:
    with contextlib.closing(sqlite3.connect(file)) as hand:
        return set(hand.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))


async def test_every_row_and_every_index_stays(tmp_path: Path, clock: HandClock, cipher: FieldCipher) -> None:
    file = tmp_path / "ledger.db"
    upgrade(file, "0002")
    filled(file, cipher)
    before, looked = contents(file), shape(file)
    assert all(before[name] for name in before), "a table without a row proves nothing"
    upgrade(file, "0003")
    after = contents(file)
    assert after.keys() - before.keys() == ADDED
    assert {name: rows for name, rows in after.items() if name in before and name != "alembic_version"} == {
        name: rows for name, rows in before.items() if name != "alembic_version"
    }
    assert looked <= shape(file)
    assert not any(after[name] for name in ADDED)


async def test_the_new_tables_are_used_at_once(tmp_path: Path, clock: HandClock, cipher: FieldCipher) -> None:
    file = tmp_path / "ledger.db"
    upgrade(file, "0002")
    store = Store(f"sqlite:///{file}", clock)
    await store.open()
    try:
        audit, logbook = audit_of(store, file), Logbook(store, clock)
        assert (await audit.verify()).whole, "a machine that had no chain yet has an empty one"
        await audit.write("T0271", "page_opened", page="logs")
        await logbook.add("camera", {"frames": 3})
        await store.commit(New(Kind.ORDER, "O1", "O1", "signed", order_data(cipher)))
        assert ((await audit.verify()).rows, await logbook.totals()) == (1, {"camera": {"frames": 3}})
    finally:
        await store.close()
