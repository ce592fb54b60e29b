"""Diagnostics: the audit chain, the devices' logbook, and who may come in."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("who", sa.String(24), nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "device_count",
        sa.Column("device", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("total", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "checkup",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("result", sa.JSON, nullable=False),
    )
    op.create_table(
        "consumable",
        sa.Column("device", sa.String(32), primary_key=True),
        sa.Column("what", sa.String(32), primary_key=True),
        sa.Column("since_at", sa.String(32), nullable=False),
        sa.Column("base", sa.JSON, nullable=False),
    )
    op.create_table(
        "access_lock",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("rounds", sa.Integer, nullable=False),
        sa.Column("lock_s", sa.Float, nullable=False),
        sa.Column("boot", sa.String(64), nullable=False),
        sa.Column("since_s", sa.Float, nullable=False),
    )
    op.create_table(
        "access_code",
        sa.Column("code", sa.String(24), primary_key=True),
        sa.Column("totp_step", sa.BigInteger, nullable=False),
    )
