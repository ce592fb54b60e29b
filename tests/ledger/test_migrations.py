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
from kiosk.ledger.store import _MIGRATIONS, LedgerError, New, Store
from tests.ledger.parts import HandClock, order_data

REVISIONS = sorted(path.name.split("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


def upgrade(file: Path, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    engine = sa.create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()
    engine.dispose()


def test_revisions_are_numbered_without_a_gap_and_follow_each_other() -> None:
    assert [f"{n:04d}" for n in range(1, len(REVISIONS) + 1)] == REVISIONS
    for number, revision in enumerate(REVISIONS):
        (file,) = (_MIGRATIONS / "versions").glob(f"{revision}_*.py")
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
    shutil.copytree(_MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    number = f"{len(REVISIONS) + 1:04d}"
    (folder / "versions" / f"{number}_next.py").write_text(
        f'from alembic import op\nimport sqlalchemy as sa\nrevision = "{number}"\ndown_revision = "{REVISIONS[-1]}"\n'
        'def upgrade():\n    op.create_table("half", sa.Column("x", sa.Integer))\n    op.execute("SELECT nonsense FROM nowhere")\n'
    )
    monkeypatch.setattr("kiosk.ledger.store._MIGRATIONS", folder)
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
