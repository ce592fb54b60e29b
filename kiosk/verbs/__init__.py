"""What the command line does, one module a verb; each imports what it needs when it is asked for."""
