"""`kiosk recording`: the recordings of signings (公安机关办理行政案件程序规定 第263条). Listing needs no key; looking inside does."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from config.settings import Settings, SettingsError
from drivers.recorder.sealed import SealBroken
from drivers.recorder.vault import Vault
from kiosk.ledger.cipher import FieldCipher, KeyFileError, load_key
from kiosk.ledger.states import DecisionState, Kind
from kiosk.ledger.store import Store
from kiosk.verbs.device_words import WrongUsage
from kiosk.verbs.ledger_file import opened
from kiosk.verbs.report import Report


async def recording(settings: Settings, arguments: argparse.Namespace) -> Report:
    """One action of the command line. May run while the kiosk does. Raises SettingsError, WrongUsage."""
    match arguments.action:
        case "list":
            return await asyncio.to_thread(_listed, _vault(settings))
        case "verify":
            return await _verify(settings, arguments.file)
        case _:
            return await asyncio.to_thread(_export, settings, arguments.file, arguments.key, arguments.out)


def _vault(settings: Settings, key_file: Path | None = None) -> Vault:
    wanted, path = settings.signing, key_file or settings.ledger.key_file

    def key() -> bytes:
        try:
            return load_key(path, create=False)
        except KeyFileError as error:
            raise SettingsError(str(error)) from None

    return Vault(wanted.folder, key, keep_days=wanted.keep_days, most_bytes=wanted.most_mb * 1024 * 1024)


def _told(vault: Vault, look: Callable[[], Any]) -> Any:
    """Raises SettingsError with one sentence for a folder that cannot be read."""
    try:
        return look()
    except OSError as error:
        raise SettingsError(f"{vault.folder}: cannot be used: {error.strerror or error}.") from None


def _listed(vault: Vault) -> Report:
    kept = _told(vault, vault.kept)
    rows = [{"file": each.name, "began": each.at.isoformat(), "bytes": each.size} for each in kept]
    used = sum(each.size for each in kept)
    lines = [f"{each.at:%Y-%m-%d %H:%M:%S}  {each.size / 1e6:8.1f} MB  {each.name}" for each in kept]
    lines.append(
        f"{len(kept)} recordings, {used / 1e6:.1f} of {vault.most_bytes / 1e6:.0f} MB; each is kept for {vault.keep_days} days"
    )
    data = {"version": 1, "good": True, "recordings": rows, "bytes": used, "most_bytes": vault.most_bytes}
    return Report({**data, "keep_days": vault.keep_days}, "\n".join(lines), True)


async def _verify(settings: Settings, name: str) -> Report:
    vault = _vault(settings)
    names = [each.name for each in _told(vault, vault.kept) if name in ("", each.name)]
    if name and not names:
        raise WrongUsage(f"there is no recording {name}; see `kiosk recording list`.")
    found: dict[str, str] = {}
    broken: dict[str, str] = {}
    for each in names:
        try:
            found[each] = await asyncio.to_thread(vault.digest, each)
        except SealBroken as error:
            broken[each] = str(error)
        except OSError as error:
            broken[each] = f"{each}: cannot be read: {error.strerror}."
    wanted = {} if name else await _named(settings)
    missing = sorted(decision for decision, sha256 in wanted.items() if sha256 not in found.values())
    named = set(wanted.values())
    rows = [
        {"file": each, "sha256": sha256, "decided": sha256 in named if not name else None}
        for each, sha256 in found.items()
    ]
    good = not broken and not missing
    lines = [
        *broken.values(),
        *(f"{each}: the recording of this decision is not here, or not whole." for each in missing),
    ]
    lines.append(
        f"{len(found)} recordings are whole"
        + (f", {len(named & set(found.values()))} belong to decisions" if not name else "")
    )
    data = {"version": 1, "good": good, "whole": rows, "broken": sorted(broken), "missing": missing}
    if not good:
        data |= {"error": "broken", "hint": lines[0]}
    return Report(data, "\n".join(lines), good)


async def _named(settings: Settings) -> Mapping[str, str]:
    """Decision of the ledger and the hash it names, of those that are still to be kept."""
    async with opened(settings) as store:
        return await _hashes(settings, store)


async def _hashes(settings: Settings, store: Store) -> Mapping[str, str]:
    rows = [row for row in await store.find(Kind.DECISION, [DecisionState.DECIDED]) if row["record_id"]]
    if not rows:
        return {}
    try:
        cipher = FieldCipher(load_key(settings.ledger.key_file, create=False))
    except KeyFileError as error:
        raise SettingsError(str(error)) from None
    named: dict[str, str] = {}
    for row in rows:
        detail = cipher.open(row["detail_enc"], "decision", "detail_enc", row.id)
        if sha256 := detail.get("recording_sha256", ""):
            named[row.id] = sha256
    return named


def _export(settings: Settings, name: str, key: Path, out: Path) -> Report:
    vault = _vault(settings, key)
    if name not in {each.name for each in _told(vault, vault.kept)}:
        raise WrongUsage(f"there is no recording {name}; see `kiosk recording list`.")
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise WrongUsage(f"--out: {out} cannot be made: {error.strerror}.") from None
    whole = False
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in vault.plain(name):
                file.write(piece)
        whole = True
    except SealBroken as error:
        raise SettingsError(str(error)) from None
    except OSError as error:
        raise SettingsError(f"{out}: cannot be written: {error.strerror}.") from None
    finally:
        if not whole:
            out.unlink(missing_ok=True)  # half a recording is none
    size = out.stat().st_size
    data = {"version": 1, "good": True, "file": name, "out": str(out), "bytes": size}
    return Report(data, f"{name}: written to {out} ({size / 1e6:.1f} MB); it is not encrypted any more.", True)
