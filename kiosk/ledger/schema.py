"""The ledger's tables. One row per record, and one append-only event per move, chained by hash.

Personal data stands only in columns ending in `_enc` (AES-256-GCM, see `cipher`) and, as a keyed hash, in `subject_index`.
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _record(
    name: str, *columns: sa.Column[object] | sa.UniqueConstraint, parent: bool = True, from_the_start: bool = True
) -> sa.Table:
    """`from_the_start`: there is an order before there is such a record."""
    link = (sa.Column("order_id", sa.String(40), sa.ForeignKey("order.id"), nullable=not from_the_start, index=True),)
    return sa.Table(
        name,
        metadata,
        sa.Column("id", sa.String(40), primary_key=True),
        *(link if parent else ()),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("moved_at", sa.String(32), nullable=False),
        *columns,
    )


order = _record(
    "order",
    sa.Column("journey", sa.String(24), nullable=False),
    sa.Column("amount_fen", sa.Integer, nullable=False),
    sa.Column("subject_index", sa.String(64), nullable=False, index=True),
    sa.Column("subject_enc", sa.LargeBinary, nullable=False),
    parent=False,
)

decision = _record(
    "decision",
    sa.Column("record_id", sa.String(16), nullable=False, index=True),
    sa.Column("fine_fen", sa.Integer, nullable=False),
    sa.Column("points", sa.Integer, nullable=False),
    sa.Column("number", sa.String(16), index=True),
    sa.Column("issued", sa.JSON),
    sa.Column("detail_enc", sa.LargeBinary, nullable=False),
)

number = _record(
    "number",
    sa.Column("decision_id", sa.String(40), sa.ForeignKey("decision.id"), nullable=False, unique=True),
    sa.Column("number", sa.String(16)),
)

payment = _record(
    "payment",
    sa.Column("amount_fen", sa.Integer, nullable=False),
    sa.Column("covers", sa.JSON, nullable=False),
    sa.Column("expires_at", sa.String(32)),
    sa.Column("paid_fen", sa.Integer),
    sa.Column("paid_at", sa.String(32)),
    sa.Column("trade_no", sa.String(64)),
    sa.Column("wallet", sa.String(16)),
)

posting = _record(
    "posting",
    sa.Column("decision_id", sa.String(40), sa.ForeignKey("decision.id"), nullable=False, unique=True),
    sa.Column("payment_id", sa.String(40), sa.ForeignKey("payment.id"), nullable=False),
    sa.Column("amount_fen", sa.Integer, nullable=False),
)

print_job = _record(
    "print",
    sa.Column("slip", sa.String(24), nullable=False),
    sa.Column("subject_id", sa.String(40), nullable=False),
    sa.Column("copy", sa.Integer, nullable=False),
    sa.Column("trouble", sa.String(32)),
    sa.UniqueConstraint("slip", "subject_id", "copy"),
    from_the_start=False,
)

issuance = _record(
    "issuance",
    sa.Column("application_no", sa.String(32)),
    sa.Column("fee_fen", sa.Integer, nullable=False),
    sa.Column("options", sa.JSON, nullable=False),
    sa.Column("grants", sa.JSON),
    sa.Column("job_id", sa.String(40)),
    sa.Column("trouble", sa.String(64)),
    sa.Column("detail_enc", sa.LargeBinary, nullable=False),
)

custody = _record(
    "custody",
    sa.Column("permit_enc", sa.LargeBinary),
    sa.Column("bin_before", sa.Integer),
    sa.Column("place", sa.String(16)),
    sa.Column("trouble", sa.String(64)),
    from_the_start=False,
)

work = _record(
    "work",
    sa.Column("what", sa.String(24), nullable=False),
    sa.Column("day", sa.String(10), nullable=False),
    sa.Column("subject", sa.String(64), nullable=False),
    sa.Column("fen", sa.Integer),
    sa.Column("said", sa.JSON, nullable=False),
    sa.Column("settled_by", sa.String(8)),
    sa.Column("reason", sa.String(160)),
    from_the_start=False,
)
"""`day` is the day that was matched, `said` what each side said: numbers, amounts and states, never a person."""

event = sa.Table(
    "event",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("record", sa.String(40), nullable=False),  # found by the unique index below
    sa.Column("old", sa.String(16)),
    sa.Column("new", sa.String(16), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("why", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.UniqueConstraint("record", "version"),
    sqlite_autoincrement=True,
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("who", sa.String(24), nullable=False),
    sa.Column("what", sa.String(32), nullable=False),
    # The text that was hashed, not a JSON column: a value read and written again need not be the same text.
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)
"""What people did in diagnostics (`audit`). No personal data: `who` is the code of a staff pass."""

device_count = sa.Table(
    "device_count",
    metadata,
    sa.Column("device", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("total", sa.BigInteger, nullable=False),
)

checkup = sa.Table(
    "checkup",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("level", sa.Integer, nullable=False),
    sa.Column("verdict", sa.String(16), nullable=False),
    sa.Column("result", sa.JSON, nullable=False),
)

consumable = sa.Table(
    "consumable",
    metadata,
    sa.Column("device", sa.String(32), primary_key=True),
    sa.Column("what", sa.String(32), primary_key=True),
    sa.Column("since_at", sa.String(32), nullable=False),
    sa.Column("base", sa.JSON, nullable=False),
)

access_lock = sa.Table(
    "access_lock",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("rounds", sa.Integer, nullable=False),
    sa.Column("lock_s", sa.Float, nullable=False),
    sa.Column("boot", sa.String(64), nullable=False),
    sa.Column("since_s", sa.Float, nullable=False),
)
"""One row (id 1): who may try to come into diagnostics, and from when on. No wall-clock time stands in it (`kiosk.diagnostics.lockout`)."""

access_code = sa.Table(
    "access_code",
    metadata,
    sa.Column("code", sa.String(24), primary_key=True),
    sa.Column("totp_step", sa.BigInteger, nullable=False),
)
"""The newest one-time code each technician has used, as its time step: none is taken twice."""

bill_row = sa.Table(
    "bill_row",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("day", sa.String(10), nullable=False, index=True),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("order_no", sa.String(64), nullable=False, index=True),
    sa.Column("trade_no", sa.String(64), nullable=False),
    sa.Column("refund_no", sa.String(64), nullable=False),
    sa.Column("fen", sa.BigInteger, nullable=False),
    sa.Column("fee_fen", sa.BigInteger, nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("wallet", sa.String(32), nullable=False),
)
"""The wallets' bills as they were matched: evidence, and what a payment near midnight is looked for in."""

posted_row = sa.Table(
    "posted_row",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("day", sa.String(10), nullable=False, index=True),
    sa.Column("decision_no", sa.String(16), nullable=False, index=True),
    sa.Column("fen", sa.BigInteger, nullable=False),
    sa.Column("trade_no", sa.String(200), nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
)
"""The fines the police side had booked on a day."""

book_day = sa.Table(
    "book_day",
    metadata,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("source", sa.String(40), primary_key=True),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
)
"""Which books of which day are in the ledger: `wallet:*` (all wallets), `wallet:<name>`, `police`."""

TABLES: dict[str, sa.Table] = {
    "order": order,
    "decision": decision,
    "number": number,
    "payment": payment,
    "posting": posting,
    "print": print_job,
    "issuance": issuance,
    "custody": custody,
    "work": work,
}
