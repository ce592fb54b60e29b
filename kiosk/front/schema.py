"""The front's tables. One row per trade and per refund, one append-only event per change, chained by hash.

No payer code, key, name, ID number or subject stands here; `content` is a keyed digest of what the kiosk asked for. A code that a kiosk
shows is kept, because the same request again must give the same code.
"""

from __future__ import annotations

import sqlalchemy as sa

from kiosk.front.states import Kind

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _row() -> tuple[sa.Column[str] | sa.Column[int], ...]:
    return (
        sa.Column("device", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("moved_at", sa.String(32), nullable=False),
        sa.Column("staff", sa.String(32), index=True),
        sa.Column("tries", sa.Integer, nullable=False, default=0),
    )


trade = sa.Table(
    "trade",
    metadata,
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
"""`id` is the kiosk's order number and the wallets' out_trade_no. Times are ISO 8601 at +08:00, so that they sort. `reason` is a code: why
a trade was refused, why a charge was closed, or that it was undone."""

refund = sa.Table(
    "refund",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("trade_id", sa.String(32), sa.ForeignKey("trade.id"), nullable=False, index=True),
    *_row(),
    sa.Column("fen", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.String(64)),
)

event = sa.Table(
    "event",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("record", sa.String(64), nullable=False, index=True),
    sa.Column("old", sa.String(16)),
    sa.Column("new", sa.String(16), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("why", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.UniqueConstraint("kind", "record", "version"),
    sqlite_autoincrement=True,
)

nonce = sa.Table(
    "nonce",
    metadata,
    sa.Column("device", sa.String(64), primary_key=True),
    sa.Column("nonce", sa.String(64), primary_key=True),
    sa.Column("used_at", sa.BigInteger, nullable=False, index=True),
)
"""What each device has used lately, in unix seconds: a request that is played again is known also after a restart."""

TABLES: dict[Kind, sa.Table] = {Kind.TRADE: trade, Kind.REFUND: refund}
