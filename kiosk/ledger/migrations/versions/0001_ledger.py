"""The first ledger: orders, decisions, payments, postings, print jobs, events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _record(name: str, *columns: sa.Column[object] | sa.UniqueConstraint, parent: bool = True) -> None:
    link = (sa.Column("order_id", sa.String(40), sa.ForeignKey("order.id"), nullable=False),)
    op.create_table(
        name,
        sa.Column("id", sa.String(40), primary_key=True),
        *(link if parent else ()),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("moved_at", sa.String(32), nullable=False),
        *columns,
    )
    op.create_index(f"ix_{name}_state", name, ["state"])
    if parent:
        op.create_index(f"ix_{name}_order_id", name, ["order_id"])


def upgrade() -> None:
    _record(
        "order",
        sa.Column("journey", sa.String(24), nullable=False),
        sa.Column("amount_fen", sa.Integer, nullable=False),
        sa.Column("subject_index", sa.String(64), nullable=False),
        sa.Column("subject_enc", sa.LargeBinary, nullable=False),
        parent=False,
    )
    op.create_index("ix_order_subject_index", "order", ["subject_index"])
    _record(
        "decision",
        sa.Column("record_id", sa.String(16), nullable=False),
        sa.Column("fine_fen", sa.Integer, nullable=False),
        sa.Column("points", sa.Integer, nullable=False),
        sa.Column("number", sa.String(16)),
        sa.Column("issued", sa.JSON),
        sa.Column("detail_enc", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_decision_record_id", "decision", ["record_id"])
    _record(
        "payment",
        sa.Column("amount_fen", sa.Integer, nullable=False),
        sa.Column("covers", sa.JSON, nullable=False),
        sa.Column("expires_at", sa.String(32)),
        sa.Column("paid_fen", sa.Integer),
        sa.Column("paid_at", sa.String(32)),
        sa.Column("trade_no", sa.String(64)),
        sa.Column("wallet", sa.String(16)),
    )
    _record(
        "posting",
        sa.Column("decision_id", sa.String(40), sa.ForeignKey("decision.id"), nullable=False, unique=True),
        sa.Column("payment_id", sa.String(40), sa.ForeignKey("payment.id"), nullable=False),
        sa.Column("amount_fen", sa.Integer, nullable=False),
    )
    _record(
        "print",
        sa.Column("slip", sa.String(24), nullable=False),
        sa.Column("subject_id", sa.String(40), nullable=False),
        sa.Column("copy", sa.Integer, nullable=False),
        sa.Column("trouble", sa.String(32)),
        sa.UniqueConstraint("slip", "subject_id", "copy"),
    )
    op.create_table(
        "event",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("record", sa.String(40), nullable=False),
        sa.Column("old", sa.String(16)),
        sa.Column("new", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("why", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("record", "version"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_record", "event", ["record"])
