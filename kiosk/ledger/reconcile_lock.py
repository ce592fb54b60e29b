"""One run of the match at a time, whichever program it is in: the kiosk by its clock, a technician at its screen, the command line."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.ledger.store import LedgerError


class MatchUnderWay(Exception):
    """Another program, or another part of this one, matches right now."""


@contextmanager
def only_match(ledger_url: str) -> Iterator[None]:
    """Held while the block runs; gone with the process, however it ends. Raises MatchUnderWay, LedgerError where the ledger's folder takes
    no file.

    The lock is a file of its own: closing a second handle of the database would take away SQLite's locks.
    """
    kind, _, rest = ledger_url.partition(":///")
    if not kind.startswith("sqlite") or not rest:
        yield  # a server's database: its machines share no folder
        return
    path = Path(f"{rest.partition('?')[0]}.match")
    try:
        # Reading is enough for a lock, so that a file which root's command left does not shut the kiosk out.
        file = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise LedgerError(f"{path} cannot be opened ({error.strerror}); run this as the kiosk's user.") from None
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise MatchUnderWay from None
        except OSError as error:
            raise LedgerError(f"{path} cannot be locked ({error.strerror}).") from None
        yield
    finally:
        os.close(file)
