"""A ledger's database brought to the newest revision of its schema. Alembic is imported only when there is something to do."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
import structlog

from kiosk.ledger.states import LedgerError

log = structlog.get_logger(__name__)


def revision_of(connection: sa.Connection) -> str | None:
    """None for a database that has none yet."""
    with connection.begin():
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        return None if found is None else str(found)


def upgrade(connection: sa.Connection, migrations: Path, whose: str, *, older: str = "") -> None:
    """`whose` ledger it is, as it begins a sentence. With `older`, what to do about one of an older revision, nothing is changed.

    Raises LedgerError for a newer revision, and for an older one where nothing is to be changed.
    """
    known = sorted(path.name.split("_")[0] for path in (migrations / "versions").glob("[0-9]*.py"))
    found = revision_of(connection)
    if found == known[-1]:
        return
    if found is not None and found not in known:
        raise LedgerError(
            f"{whose} was written by a newer version of this software (revision {found}, known up to {known[-1]}); "
            "install that version again."
        )
    if older:
        raise LedgerError(f"{whose} is of an older version; {older}")
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option(
        "script_location", str(migrations).replace("%", "%%")
    )  # it would fill in what stands behind one
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()
    log.info("ledger_migrated", found=found, now=known[-1])
