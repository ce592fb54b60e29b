"""`kiosk audit`: whether the audit chain is whole, and what stands in it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from config.settings import Settings, SettingsError
from kiosk.ledger.audit import Audit, Chain, Entry
from kiosk.ledger.audit_head import head_file
from kiosk.ledger.audit_rows import read_anchor
from kiosk.ledger.cipher import KeyFileError, load_key
from kiosk.ledger.store import Store
from kiosk.ports.clock import SystemClock
from kiosk.verbs.device_words import WrongUsage
from kiosk.verbs.ledger_file import opened
from kiosk.verbs.report import Report


async def verify(settings: Settings, anchor: str = "") -> Report:
    """May run while the kiosk does. Raises SettingsError where there is no ledger or no key, WrongUsage for an anchor that is none."""
    try:
        read_anchor(anchor)
    except ValueError as error:
        raise WrongUsage(f"--anchor: {error}.") from None
    async with opened(settings) as store:
        chain = await _audit(settings, store, await _key(settings, store)).verify(anchor)
    return _verdict(chain, anchor)


async def listed(settings: Settings, limit: int) -> Report:
    """The newest rows, oldest first as in a log; not verified, so no key is needed."""
    async with opened(settings) as store:
        entries = (await _audit(settings, store, bytes(32)).rows(limit=limit))[::-1]
    rows = [_row(entry) for entry in entries]
    text = "\n".join(
        f"{entry.seq:>7}  {_plain(entry.at):29}  {_plain(entry.who):10}  {_said(entry)}" for entry in entries
    )
    return Report({"version": 1, "good": True, "rows": rows}, text or "nothing is recorded yet", True)


def _audit(settings: Settings, store: Store, key: bytes) -> Audit:
    return Audit(store, SystemClock(), key, head_file(settings.ledger.url, settings.ledger.key_file))


async def _key(settings: Settings, store: Store) -> bytes:
    """A key that is not there is made by the kiosk, with its first start; until then there is nothing to verify."""
    path = settings.ledger.key_file
    try:
        return load_key(path, create=False)
    except KeyFileError as error:
        if not _is_there(path) and not await _has_rows(settings, store):
            return bytes(32)
        raise SettingsError(str(error)) from None


async def _has_rows(settings: Settings, store: Store) -> bool:
    head = head_file(settings.ledger.url, settings.ledger.key_file)
    return _is_there(head) or bool(await _audit(settings, store, bytes(32)).rows(limit=1))


def _is_there(path: Path) -> bool:
    return os.path.lexists(path)


def _verdict(chain: Chain, anchor: str) -> Report:
    data: dict[str, Any] = {
        "version": 1,
        "good": chain.whole,
        "rows": chain.rows,
        "head": chain.head,
        "anchor": chain.anchor,
        "trouble": chain.trouble or None,
        "row": chain.bad,
    }
    if not chain.whole:
        text = f"the audit chain is broken: {_plain(chain.trouble)}."
        return Report({**data, "error": "broken", "hint": text[0].upper() + text[1:]}, text, False)
    if not chain.rows:
        return Report(data, "nothing is recorded yet", True)
    kept = "; the row on paper is in it" if anchor else ""
    return Report(data, f"the audit chain is whole: {chain.rows} rows, the newest is {chain.anchor}{kept}", True)


def _row(entry: Entry) -> dict[str, Any]:
    told = {"seq": entry.seq, "at": entry.at, "who": entry.who, "what": entry.what, "detail": dict(entry.detail)}
    return {**told, "said": entry.say()}


def _said(entry: Entry) -> str:
    known = entry.event is not None
    return _plain(entry.say() if known else f"{entry.what} (not in this version's catalogue) {dict(entry.detail)}")


def _plain(text: str) -> str:
    """A row that was altered by hand does not command the terminal it is shown on."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
