"""`kiosk front`: run the payment front, look into its ledger, make its keys, compare it with the wallets' bills.

Its words are light and loaded with every start of the command line; what works is imported when it is asked for.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.verbs.report import Report

if TYPE_CHECKING:
    from kiosk.front.room import Room
    from kiosk.front.settings import FrontSettings
    from kiosk.front.store import Record, Store

CONFIG = "/etc/onetrip/front.toml"


def front_words(verb: argparse.ArgumentParser) -> None:
    actions = verb.add_subparsers(dest="action", required=True, metavar="ACTION")

    def act(name: str, text: str, example: str, *, config: bool = True, tells: bool = True) -> argparse.ArgumentParser:
        action = actions.add_parser(
            name,
            help=text,
            description=text[0].upper() + text[1:] + ".",
            epilog=f"example: {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if config:
            action.add_argument(
                "--config",
                type=Path,
                default=Path(CONFIG),
                metavar="FILE",
                help="the front's settings (default: %(default)s)",
            )
        if tells:
            action.add_argument("--json", action="store_true", help="one JSON document on stdout")
        return action

    act("run", "serve kiosks until told to stop", f"kiosk front run --config {CONFIG}", tells=False)
    check = act(
        "check",
        "whether the settings, the keys and the ledger are sound; what is open and what waits for staff",
        f"kiosk front check --config {CONFIG} --wallets",
    )
    check.add_argument("--wallets", action="store_true", help="also ask each wallet something harmless")
    settled = act(
        "settled",
        "take a trade or a refund off the work list",
        f"kiosk front settled NB01261120000017P1 --config {CONFIG}",
    )
    settled.add_argument(
        "record", metavar="NUMBER", help="the order's or the refund's number, from `kiosk front check`"
    )
    reconcile = act(
        "reconcile",
        "compare the front's ledger with the wallets' bills of a day",
        f"kiosk front reconcile --config {CONFIG} --date 2026-11-20",
    )
    reconcile.add_argument("--date", type=_day, metavar="YYYY-MM-DD", help="default: yesterday (Beijing time)")
    keys = act(
        "keys",
        "make the front's signing key and kiosks' device keys, in new files with mode 0600",
        "kiosk front keys --out /etc/onetrip --device NB01 --device NB02",
        config=False,
    )
    keys.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to; it must exist")
    keys.add_argument("--device", action="append", default=[], metavar="ID", help="a kiosk (several)")


def _day(word: str) -> dt.date:
    try:
        return dt.date.fromisoformat(word)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{word!r} is no date such as 2026-11-20") from None


def front(arguments: argparse.Namespace) -> Report | None:
    """What was asked; None for `run`, which ends when it is told to. Raises SettingsError."""
    from config.settings import SettingsError
    from kiosk.domain.errors import GatewayUnavailable, Refused
    from kiosk.front.channel import BillSpoilt
    from kiosk.ledger.store import LedgerError

    if arguments.action == "keys":
        return _keys(arguments.out, arguments.device)
    from kiosk.front.settings import load

    settings = load(arguments.config)
    try:
        match arguments.action:
            case "run":
                return asyncio.run(_run(settings))
            case "check":
                return asyncio.run(_check(settings, ask=arguments.wallets))
            case "settled":
                return asyncio.run(_settled(settings, arguments.record))
            case _:
                return asyncio.run(_reconcile(settings, arguments.date))
    except LedgerError as error:
        raise SettingsError(str(error)) from None
    except OSError as error:
        where = f"{settings.server.host} port {settings.server.port}"
        raise SettingsError(f"The front cannot listen at {where}: {error.strerror or error}.") from None
    except Refused as refused:
        sentence = "the wallets make their bill on the next day, from 10:00 Beijing time"
        hint = sentence if refused.code == "bill_not_ready" else refused.message
        raise SettingsError(f"There is no bill of that day ({refused.code}): {hint}.") from None
    except BillSpoilt as spoilt:
        raise SettingsError(
            f"The bill of {spoilt.gateway} is not taken, and no order was moved by it: {spoilt.hint}. Try again later; when it stays so, "
            "ask the wallet for a sound one."
        ) from None
    except GatewayUnavailable as trouble:
        raise SettingsError(f"A wallet gave no usable answer ({trouble}); try again.") from None


async def _run(settings: FrontSettings) -> None:
    from kiosk.front.front import build
    from kiosk.front.serving import run
    from kiosk.ports.clock import SystemClock

    def announce(url: str, found: int) -> None:
        print(f"payment front: {url} ({', '.join(settings.wallets)}; {found} open)", flush=True)

    await run(build(settings, SystemClock()), settings.server, announce)


async def _check(settings: FrontSettings, *, ask: bool) -> Report:
    from kiosk.front.check import check
    from kiosk.front.front import build
    from kiosk.front.states import OPEN_REFUNDS, OPEN_TRADES, Kind
    from kiosk.ports.clock import SystemClock

    clock = SystemClock()
    made = build(settings, clock)  # keys and addresses are read by this
    try:
        troubles = [f"{file}: others can read this key; chmod 600" for file in _open_to_others(settings)]
        wallets = {channel.name: await _asked(channel) for channel in made.channels} if ask else {}
    finally:
        for channel in made.channels:
            await channel.aclose()
    troubles += [f"{name}: {said}" for name, said in wallets.items() if said]
    free = _free_mb(made.room)
    if free is not None and free < made.room.least_mb:
        troubles.append(f"the ledger's disk has {free} MB free: below {made.room.least_mb} MB no new order is taken")
    async with _guest(settings) as store:
        breaches = await check(store, clock.now())
        troubles += [f"{breach.invariant} {breach.record}: {breach.what}" for breach in breaches]
        listed = await store.on_work_list()
        rows = await store.find(Kind.TRADE, OPEN_TRADES) + await store.find(Kind.REFUND, OPEN_REFUNDS)
    data: dict[str, Any] = {
        "version": 1,
        "good": not troubles,
        "troubles": troubles,
        "wallets": {name: not said for name, said in wallets.items()} if ask else list(settings.wallets),
        "disk": {"free_mb": free, "least_mb": made.room.least_mb},
        "open": [_told(row) for row in rows],
        "work_list": [_told(row) for row in listed],
    }
    lines = [*troubles] or ["settings, keys and ledger are sound" + (", and every wallet answers" if ask else "")]
    if free is not None:
        lines.append(f"disk       {free} MB free, new orders are taken down to {made.room.least_mb} MB")
    lines += [f"open       {_line(row)}" for row in rows] + [f"for staff  {_line(row)}" for row in listed]
    return Report(data, "\n".join(lines), not troubles)


async def _settled(settings: FrontSettings, number: str) -> Report:
    from kiosk.front.store import Note
    from kiosk.ledger.states import Stale

    async with _guest(settings) as store:
        found = [row for row in await store.on_work_list() if row.id == number]
        if not found:
            sentence = f"{number} is not on the front's work list; see `kiosk front check`."
            return Report({"version": 1, "good": False, "error": "refused", "hint": sentence}, sentence, False)
        try:
            await store.commit(*(Note(row, f"settled:{row['staff']}", {"staff": None}) for row in found))
        except Stale:
            sentence = f"The front has just moved {number} itself; see `kiosk front check`."
            return Report({"version": 1, "good": False, "error": "refused", "hint": sentence}, sentence, False)
    data = {"version": 1, "good": True, "id": number}
    return Report(data, f"{number} is off the work list. It is {found[0].state}.", True)


async def _reconcile(settings: FrontSettings, day: dt.date | None) -> Report:
    from kiosk.front.bills import DayBills
    from kiosk.front.front import open_channels
    from kiosk.front.reconcile import reconcile
    from kiosk.front.till import Till
    from kiosk.ports.clock import SystemClock

    clock = SystemClock()
    day = day or clock.now().date() - dt.timedelta(days=1)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(_guest(settings))
        channels = open_channels(settings, clock)
        for channel in channels:
            stack.push_async_callback(channel.aclose)
        till = Till(store, {channel.name: channel for channel in channels}, clock)
        outcome = await reconcile(store, till, DayBills(store, channels, clock), day)
    counts = {what.value: count for what, count in outcome.counts.items()}
    data = {
        "version": 1,
        "good": outcome.good,
        "day": day.isoformat(),
        "bill": {"payments": outcome.bill_count, "kept_fen": outcome.bill_fen},
        "proved": list(outcome.proved),
        "counts": counts,
        "findings": [
            {"what": found.what.value, "subject": found.subject, "fen": found.fen, "said": dict(found.said)}
            for found in outcome.findings
        ],
    }
    lines = [f"{day}: {outcome.bill_count} payments in the bills, {outcome.bill_fen / 100:.2f} yuan kept"]
    lines += [f"  {what:15} {count}" for what, count in counts.items()]
    lines += [f"{found.what:15} {found.subject}  {found.fen / 100:.2f} yuan" for found in outcome.findings]
    lines += [f"paid, by the bill  {number}" for number in outcome.proved]
    return Report(data, "\n".join(lines), outcome.good)


def _keys(out: Path, devices: list[str]) -> Report:
    from pydantic import TypeAdapter, ValidationError

    from config.front import DeviceId
    from config.settings import SettingsError
    from kiosk.front.keys import new_device_key, new_signing_key

    if not out.is_dir():
        raise SettingsError(f"--out {out}: there is no such directory.")
    for device in devices:
        try:
            TypeAdapter(DeviceId).validate_python(device)
        except ValidationError:
            raise SettingsError(f"--device {device}: use 1 to 64 letters, digits or . _ -.") from None
    made: list[Path] = []
    private, public = out / "front.pem", out / "front.pub.pem"
    if not private.exists():
        new_signing_key(private, public)
        made += [private, public]
    for device in devices:
        new_device_key(file := out / f"{device}.key")
        made.append(file)
    lines = [f"made {file}" for file in made] or [f"{private} is there already; nothing was made."]
    lines += ["", "For the front's settings:", f'signing_key_file = "{private}"']
    for device in devices:
        lines += ["[[device]]", f'id = "{device}"', f'key_file = "{out / f"{device}.key"}"']
    lines += [
        "",
        "Each kiosk gets its own key (wallet.device_key_file, by a way that nobody else reads) and the front's public one",
        f"(wallet.public_key_file = {public.name}).",
    ]
    return Report({"version": 1, "good": True, "made": [str(file) for file in made]}, "\n".join(lines), True)


def _free_mb(room: Room) -> int | None:
    """None where it cannot be known."""
    try:
        return room.free_mb()
    except OSError:
        return None  # there is no such folder: the ledger says so itself


@asynccontextmanager
async def _guest(settings: FrontSettings) -> AsyncIterator[Store]:
    """The front's ledger, beside a front that may be running. Raises LedgerError."""
    from kiosk.front.store import Store
    from kiosk.ports.clock import SystemClock

    store = Store(settings.ledger.url, SystemClock(), guest=True)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


async def _asked(channel: Any) -> str:
    """Empty when the wallet answers a question about an order that does not exist; else what is wrong."""
    from kiosk.domain.errors import GatewayUnavailable, Refused

    try:
        await channel.query("ONETRIP_FRONT_CHECK")
    except Refused as refused:
        return f"refuses with {refused.code}"
    except GatewayUnavailable as trouble:
        return trouble.hint
    return ""


def _open_to_others(settings: FrontSettings) -> list[Path]:
    files = [settings.signing_key_file, *(device.key_file for device in settings.device)]
    with suppress(OSError):
        return [file for file in files if file.stat().st_mode & 0o077]
    return []


def _told(row: Record) -> dict[str, Any]:
    return {"kind": row.kind.value, "id": row.id, "state": row.state, "since": row.moved_at, "staff": row["staff"]}


def _line(row: Record) -> str:
    return f"{row.kind:7} {row.id:34} {row.state:10} since {row.moved_at}" + (
        f"  ({row['staff']})" if row["staff"] else ""
    )
