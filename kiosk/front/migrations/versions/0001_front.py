"""The payment front's first ledger: trades, refunds, events, nonces."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _row() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("device", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("moved_at", sa.String(32), nullable=False),
        sa.Column("staff", sa.String(32)),
        sa.Column("tries", sa.Integer, nullable=False),
    )


def _indexed(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def upgrade() -> None:
    op.create_table(
        "trade",
        sa.Column("id", sa.String(32), primary_key=True),
        *_row(),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.String(32), nullable=False),
        sa.Column("code_payload", sa.String(1024)),
        sa.Column("paid_fen", sa.BigInteger),
        sa.Column("paid_at", sa.String(32)),
        sa.Column("trade_no", sa.String(64)),
        sa.Column("wallet", sa.String(32)),
        sa.Column("reason", sa.String(64)),
    )
    _indexed("trade", "state", "staff")
    op.create_table(
        "refund",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("trade_id", sa.String(32), sa.ForeignKey("trade.id"), nullable=False),
        *_row(),
        sa.Column("fen", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(64)),
    )
    _indexed("refund", "trade_id", "state", "staff")
    op.create_table(
        "event",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("record", sa.String(64), nullable=False),
        sa.Column("old", sa.String(16)),
        sa.Column("new", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("why", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("kind", "record", "version"),
        sqlite_autoincrement=True,
    )
    _indexed("event", "record")
    op.create_table(
        "nonce",
        sa.Column("device", sa.String(64), primary_key=True),
        sa.Column("nonce", sa.String(64), primary_key=True),
        sa.Column("used_at", sa.BigInteger, nullable=False),
    )
    _indexed("nonce", "used_at")
