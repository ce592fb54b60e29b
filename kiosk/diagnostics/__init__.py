"""The technician's mode: signing in, and the pages behind it."""
