"""Alembic migrations of the payment front's ledger, one file a revision."""
