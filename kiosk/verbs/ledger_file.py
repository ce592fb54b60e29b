"""The ledger's file, opened for a command."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from config.sections import Ledger
from config.settings import Settings, SettingsError
from kiosk.ledger.states import Stale
from kiosk.ledger.store import LedgerError, Store
from kiosk.ports.clock import Clock, SystemClock
from kiosk.verbs.report import Report


@asynccontextmanager
async def opened(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Store]:
    """Raises SettingsError with the ledger's sentence."""
    _require_file(settings.ledger.url)
    store = Store(settings.ledger.url, clock or SystemClock())
    try:
        await store.open()
        try:
            yield store
        finally:
            await store.close()
    except LedgerError as error:
        raise SettingsError(str(error)) from None
    except Stale:
        raise SettingsError("The kiosk has just moved this record itself; see `kiosk ledger list`.") from None


def refused(sentence: str) -> Report:
    return Report({"version": 1, "good": False, "error": "refused", "why": sentence, "hint": sentence}, sentence, False)


def _require_file(url: str) -> None:
    """An address that was set and leads to no ledger is a wrong one: a new, empty ledger there would hold every invariant.

    A machine without settings (profile demo) makes its own at the first question. Raises SettingsError.
    """
    kind, _, rest = url.partition(":///")
    file = Path(rest.partition("?")[0])
    if not kind.startswith("sqlite") or url == Ledger().url or rest == ":memory:":
        return
    hint = "see that these are this machine's settings; the kiosk makes its ledger when it first starts."
    try:
        if file.stat().st_size == 0 and not Path(f"{file}-wal").exists():
            raise SettingsError(f"The file {file} is empty: {hint}")
    except OSError as error:
        raise SettingsError(f"There is no ledger at {file} ({error.strerror}): {hint}") from None
