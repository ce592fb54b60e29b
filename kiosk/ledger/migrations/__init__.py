"""Alembic migrations of the ledger, one file a revision, each with an upgrade test."""
