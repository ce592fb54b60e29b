"""Each revision upgrades an empty ledger, and the newest is what the code expects."""

from __future__ import annotations

import re
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from kiosk.ledger.cipher import FieldCipher
from kiosk.ledger.schema import metadata
from kiosk.ledger.states import Kind
from kiosk.ledger.store import MIGRATIONS, LedgerError, New, Store
from tests.ledger.parts import HandClock, order_data

REVISIONS = sorted(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def upgrade(file: Path, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    engine = sa.create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()
    engine.dispose()


def test_revisions_are_numbered_without_a_gap_and_follow_each_other() -> None:
    assert [f"{n:04d}" for n in range(1, len(REVISIONS) + 1)] == REVISIONS
    for number, revision in enumerate(REVISIONS):
        (file,) = (MIGRATIONS / "versions").glob(f"{revision}_*.py")
        text = file.read_text()
        assert re.search(rf'^revision = "{revision}"$', text, re.M)
        before = f'"{REVISIONS[number - 1]}"' if number else "None"
        assert re.search(rf"^down_revision = {before}$", text, re.M)


@pytest.mark.parametrize("revision", REVISIONS)
async def test_upgrade_from_each_revision(tmp_path: Path, clock: HandClock, cipher: FieldCipher, revision: str) -> None:
    file = tmp_path / "ledger.db"
    upgrade(file, revision)
    store = Store(f"sqlite:///{file}", clock)
    await store.open()
    await store.commit(New(Kind.ORDER, "O1", "O1", "signed", order_data(cipher)))
    await store.close()
    with sqlite3.connect(file) as hand:
        assert hand.execute("SELECT version_num FROM alembic_version").fetchall() == [(REVISIONS[-1],)]
    hand.close()


async def test_a_ledger_of_the_first_revision_keeps_every_row(
    tmp_path: Path, clock: HandClock, cipher: FieldCipher
) -> None:
    """Rows of every kind it knew, written as the first version wrote them, are the same afterwards, byte for byte."""
    file = tmp_path / "ledger.db"
    upgrade(file, "0001")
    with sqlite3.connect(file) as hand:
        times = ("2026-03-18T09:30:00.000+08:00", "2026-03-18T09:31:00.000+08:00")
        for n in (1, 2):
            at = f"O{n}"
            subject = cipher.seal({"name": "张示例"}, "order", "subject_enc", at)
            hand.execute(
                'INSERT INTO "order" VALUES (?,?,?,?,?,?,?,?,?)', (at, "open", 1, *times, "violation", n, "i", subject)
            )
            hand.execute(
                "INSERT INTO decision VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
                (f"{at}D1", at, "decided", 2, *times, "r", 15000, 3, "330", '{"x": 1}', b"\x01"),
            )
            hand.execute(
                "INSERT INTO payment VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
                (f"{at}P1", at, "paid", 3, *times, 15000, f'["{at}D1"]', times[1], 15000, times[1], "T1", "alipay"),
            )
            hand.execute(
                "INSERT INTO posting VALUES (?,?,?,?,?,?,?,?,?)",
                (f"{at}D1S", at, "posted", 2, *times, f"{at}D1", f"{at}P1", 15000),
            )
            for copy in (1, 2):
                hand.execute(
                    "INSERT INTO print VALUES (?,?,?,?,?,?,?,?,?,?)",
                    (f"{at}J{copy}", at, "done", 3, *times, "payment_voucher", f"{at}P1", copy, None),
                )
            hand.execute(
                "INSERT INTO event (kind, record, old, new, version, at, why, hash) VALUES (?,?,?,?,?,?,?,?)",
                ("order", at, None, "open", 1, times[0], "signed", f"h{n}"),
            )
    tables = ("order", "decision", "payment", "posting", "print", "event")
    before = {table: hand.execute(f'SELECT * FROM "{table}" ORDER BY 1').fetchall() for table in tables}
    hand.close()
    store = Store(f"sqlite:///{file}", clock)
    await store.open()
    await store.commit(New(Kind.CUSTODY, "C1", "", "slot_opens", {"bin_before": 0}))
    await store.commit(New(Kind.PRINT, "J3", "", "asked", {"slip": "retained", "subject_id": "C1", "copy": 1}))
    assert [row.order_id for row in await store.find(Kind.PRINT, subject_id="C1")] == [""]
    await store.close()
    with sqlite3.connect(file) as hand:
        hand.execute("DELETE FROM event WHERE record IN ('C1', 'J3')")
        hand.execute("DELETE FROM print WHERE id = 'J3'")
        for table in tables:
            assert hand.execute(f'SELECT * FROM "{table}" ORDER BY 1').fetchall() == before[table]
        with pytest.raises(sqlite3.IntegrityError):
            hand.execute("UPDATE print SET copy = 1")
        hand.commit()
        hand.execute("PRAGMA foreign_keys=ON")
        with pytest.raises(sqlite3.IntegrityError):
            hand.execute("UPDATE print SET order_id = 'O9'")
        assert hand.execute("PRAGMA foreign_key_check").fetchall() == []
    hand.close()


def test_the_schema_is_what_the_code_expects(ledger_file: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{ledger_file}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": metadata})
        differences: list[Any] = compare_metadata(context, metadata)
    engine.dispose()
    assert differences == []


async def test_opening_twice_migrates_once(ledger_file: Path, clock: HandClock) -> None:
    before = ledger_file.read_bytes()
    store = Store(f"sqlite:///{ledger_file}", clock)
    await store.open()
    await store.close()
    assert ledger_file.read_bytes()[100:] == before[100:]


@pytest.mark.parametrize("revision", ["0999", "abcdef"])
async def test_a_newer_schema_is_refused_untouched(ledger_file: Path, clock: HandClock, revision: str) -> None:
    with sqlite3.connect(ledger_file) as hand:
        hand.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        hand.execute("CREATE TABLE of_the_future (x)")
    hand.close()
    store = Store(f"sqlite:///{ledger_file}", clock)
    with pytest.raises(LedgerError, match="newer version"):
        await store.open()
    await store.close()
    with sqlite3.connect(ledger_file) as hand:
        assert hand.execute("SELECT version_num FROM alembic_version").fetchone() == (revision,)
    hand.close()


async def test_a_migration_that_breaks_off_leaves_the_ledger_as_it_was(
    ledger_file: Path, tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A revision that fails in its middle, as with a full disk: nothing of it stays, and the old software can go on."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    number = f"{len(REVISIONS) + 1:04d}"
    (folder / "versions" / f"{number}_next.py").write_text(
        f'from alembic import op\nimport sqlalchemy as sa\nrevision = "{number}"\ndown_revision = "{REVISIONS[-1]}"\n'
        'def upgrade():\n    op.create_table("half", sa.Column("x", sa.Integer))\n    op.execute("SELECT nonsense FROM nowhere")\n'
    )
    monkeypatch.setattr("kiosk.ledger.store.MIGRATIONS", folder)
    store = Store(f"sqlite:///{ledger_file}", clock)
    with pytest.raises(LedgerError):
        await store.open()
    await store.close()
    monkeypatch.undo()
    with sqlite3.connect(ledger_file) as hand:
        assert hand.execute("SELECT name FROM sqlite_master WHERE name = 'half'").fetchall() == []
    hand.close()
    store = Store(f"sqlite:///{ledger_file}", clock)
    await store.open()
    await store.close()
