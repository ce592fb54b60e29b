"""The end-of-day match: its work list, and the books the ledger is matched with. Decisions are found by their number; events have one
index less to be written with every move, as the unique one finds them as well."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "work",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("order_id", sa.String(40), sa.ForeignKey("order.id"), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("moved_at", sa.String(32), nullable=False),
        sa.Column("what", sa.String(24), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("fen", sa.Integer),
        sa.Column("said", sa.JSON, nullable=False),
        sa.Column("settled_by", sa.String(8)),
        sa.Column("reason", sa.String(160)),
    )
    op.create_index("ix_work_state", "work", ["state"])
    op.create_index("ix_work_order_id", "work", ["order_id"])
    op.create_table(
        "bill_row",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("order_no", sa.String(64), nullable=False),
        sa.Column("trade_no", sa.String(64), nullable=False),
        sa.Column("refund_no", sa.String(64), nullable=False),
        sa.Column("fen", sa.BigInteger, nullable=False),
        sa.Column("fee_fen", sa.BigInteger, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("wallet", sa.String(32), nullable=False),
    )
    op.create_index("ix_bill_row_day", "bill_row", ["day"])
    op.create_index("ix_bill_row_order_no", "bill_row", ["order_no"])
    op.create_table(
        "posted_row",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("decision_no", sa.String(16), nullable=False),
        sa.Column("fen", sa.BigInteger, nullable=False),
        sa.Column("trade_no", sa.String(200), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_index("ix_posted_row_day", "posted_row", ["day"])
    op.create_index("ix_posted_row_decision_no", "posted_row", ["decision_no"])
    op.create_table(
        "book_day",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("source", sa.String(40), primary_key=True),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
    )
    op.create_index("ix_decision_number", "decision", ["number"])
    op.drop_index("ix_event_record", "event")
