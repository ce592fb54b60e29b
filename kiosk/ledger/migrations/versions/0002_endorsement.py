"""The endorsement service: issuances, and the permits the machine takes in."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def _record(name: str, *columns: sa.Column[object], order_required: bool) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("order_id", sa.String(40), sa.ForeignKey("order.id"), nullable=not order_required),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("moved_at", sa.String(32), nullable=False),
        *columns,
    )
    op.create_index(f"ix_{name}_state", name, ["state"])
    op.create_index(f"ix_{name}_order_id", name, ["order_id"])


def upgrade() -> None:
    _record(
        "issuance",
        sa.Column("application_no", sa.String(32)),
        sa.Column("fee_fen", sa.Integer, nullable=False),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("grants", sa.JSON),
        sa.Column("job_id", sa.String(40)),
        sa.Column("trouble", sa.String(64)),
        sa.Column("detail_enc", sa.LargeBinary, nullable=False),
        order_required=True,
    )
    _record(
        "custody",
        sa.Column("permit_enc", sa.LargeBinary),
        sa.Column("bin_before", sa.Integer),
        sa.Column("place", sa.String(16)),
        sa.Column("trouble", sa.String(64)),
        order_required=False,
    )
    # A slip about a permit that was kept before there was an order.
    with op.batch_alter_table("print") as table:
        table.alter_column("order_id", existing_type=sa.String(40), nullable=True)
