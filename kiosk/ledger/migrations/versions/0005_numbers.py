"""Decision numbers that were taken out of an authority's pool, and what became of them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "number",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("order_id", sa.String(40), sa.ForeignKey("order.id"), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("moved_at", sa.String(32), nullable=False),
        sa.Column("decision_id", sa.String(40), sa.ForeignKey("decision.id"), nullable=False, unique=True),
        sa.Column("number", sa.String(16)),
    )
    op.create_index("ix_number_state", "number", ["state"])
    op.create_index("ix_number_order_id", "number", ["order_id"])
