"""Keypads of our own: large keys, nothing learned, nothing written to disk."""
