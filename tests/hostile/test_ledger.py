"""The ledger that cannot be used: one sentence, never a traceback, and no money without a record of it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings, SettingsError
from kiosk.app import assemble, serve_citizens
from kiosk.journeys.lobby import Service
from kiosk.journeys.services import SERVICES
from kiosk.ledger.cipher import KeyFileError
from kiosk.ledger.states import Kind
from kiosk.ledger.store import LedgerError
from kiosk.rehearsal import Citizen, Rehearsal
from kiosk.screens import common
from kiosk.screens.robot import WAIT
from tests.hostile.hall import hall, plain, quick_settings

EXPECTED = (LedgerError, KeyFileError, SettingsError)


async def refusal(settings: Settings) -> str:
    """The sentence a machine with this ledger ends with."""
    with pytest.raises(EXPECTED) as caught:
        async with assemble(settings, attend=False):
            pass
    said = str(caught.value)
    assert "\n" not in said
    assert "Traceback" not in said
    assert said.endswith(".")
    return said


@pytest.fixture
async def used(tmp_path: Path) -> Path:
    """A folder with a ledger in which something stands."""
    async with hall(tmp_path) as place:
        assert (await place.visit()).ended.outcome == "paid"
    return tmp_path


async def test_key_missing(used: Path) -> None:
    (used / "ledger.key").unlink()
    assert "missing" in await refusal(quick_settings(used))


async def test_key_open_to_others(used: Path) -> None:
    (used / "ledger.key").chmod(0o644)
    assert "chmod 600" in await refusal(quick_settings(used))


@pytest.mark.parametrize("content", [b"", b"no key", b"\xff\xfe\x00", b"ab" * 31, b"zz" * 32], ids=range(5))
async def test_key_is_none(used: Path, content: bytes) -> None:
    (used / "ledger.key").write_bytes(content)
    assert "64 hex digits" in await refusal(quick_settings(used))


async def test_key_of_another_ledger(used: Path) -> None:
    (used / "ledger.key").write_text(os.urandom(32).hex())
    assert "does not fit" in await refusal(quick_settings(used))


async def test_key_file_is_a_directory(used: Path) -> None:
    (used / "ledger.key").unlink()
    (used / "ledger.key").mkdir(mode=0o700)
    assert "ledger.key" in await refusal(quick_settings(used))


async def test_key_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = await refusal(quick_settings(tmp_path, ledger={"key_file": tmp_path / "file" / "ledger.key"}))
    assert "ledger.key" in said


async def test_ledger_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    await refusal(quick_settings(tmp_path, ledger={"url": f"sqlite:///{tmp_path}/file/ledger.db"}))


async def test_ledger_is_a_directory(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").mkdir()
    await refusal(quick_settings(tmp_path))


@pytest.mark.parametrize("url", ["sqlite://", "nonsense", "oracle://x/y", "sqlite:///"])
async def test_ledger_address_makes_no_sense(tmp_path: Path, url: str) -> None:
    """Also a ledger in memory is none: it would be gone at the next power cut."""
    await refusal(quick_settings(tmp_path, ledger={"url": url}))


async def test_newer_schema(used: Path) -> None:
    with sqlite3.connect(used / "ledger.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "newer version" in await refusal(quick_settings(used))


async def test_not_a_database(used: Path) -> None:
    (used / "ledger.db").write_bytes(os.urandom(8192))
    for rest in ("ledger.db-wal", "ledger.db-shm"):
        (used / rest).unlink(missing_ok=True)
    await refusal(quick_settings(used))


async def test_torn_database(used: Path) -> None:
    with sqlite3.connect(used / "ledger.db") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw = bytearray((used / "ledger.db").read_bytes())
    raw[4096 : 4096 * 6] = os.urandom(4096 * 5)
    (used / "ledger.db").write_bytes(raw)
    await refusal(quick_settings(used))


async def test_locked_by_another_program(used: Path) -> None:
    import kiosk.ledger.transaction as transaction

    other = sqlite3.connect(used / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    original = transaction._settings

    def impatient(connection: Any, record: object) -> None:
        original(connection, record)
        connection.execute("PRAGMA busy_timeout=50")

    transaction._settings = impatient
    try:
        await refusal(quick_settings(used))
    finally:
        transaction._settings = original
        other.rollback()
        other.close()


READ_ONLY = """
import asyncio, os, sys
from pathlib import Path
from kiosk.app import assemble
from kiosk.ledger.cipher import KeyFileError
from kiosk.ledger.store import LedgerError
from tests.hostile.hall import quick_settings
async def main(folder):
    try:
        async with assemble(quick_settings(Path(folder)), attend=False):
            print("opened")
    except (KeyFileError, LedgerError) as error:
        print(type(error).__name__, str(error).count(chr(10)), error)
asyncio.run(main(sys.argv[2]))  # everything is imported while the interpreter's own files can still be read
if os.geteuid() == 0:
    os.setgid(65534); os.setuid(65534)
asyncio.run(main(sys.argv[1]))
"""


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    chain = [folder, *folder.parents]
    before = {path: stat.S_IMODE(path.stat().st_mode) for path in chain if path.owner() and path.is_relative_to("/tmp")}
    for path in before:
        if path != Path("/tmp"):
            path.chmod(0o755)
    folder.chmod(0o555)
    try:
        yield
    finally:
        for path, mode in before.items():
            path.chmod(mode)


@pytest.mark.parametrize("state", ["empty", "used"])
async def test_read_only_directory(tmp_path: Path, state: str, request: pytest.FixtureRequest) -> None:
    """In a process without privileges, as the service runs."""
    here = Path(__file__).resolve()
    if os.geteuid() == 0 and not all(parent.stat().st_mode & stat.S_IXOTH for parent in here.parents):
        pytest.skip("this checkout lies where a process without privileges cannot read it")
    folder = tmp_path / "var"
    folder.mkdir()
    if state == "used":
        async with hall(folder) as place:
            assert (await place.visit()).ended.outcome == "paid"
    with read_only(folder):
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-c", READ_ONLY, str(folder), str(tmp_path / "warm")],
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
            check=False,
        )
    first, second = [line for line in done.stdout.splitlines() if line.startswith(("opened", "LedgerE", "KeyFileE"))]
    assert first == "opened"
    assert second.startswith(("LedgerError 0", "KeyFileError 0"))


@pytest.mark.parametrize(
    ("section", "key"),
    [("police", "missing"), ("police", "binary")]
    + [("wallet", key) for key in ("missing", "empty", "binary", "short", "no_hex")],
)
async def test_device_keys(tmp_path: Path, section: str, key: str) -> None:
    content = {"empty": b"", "binary": b"\xff\xfe\x80", "short": b"ab", "no_hex": b"not hex at all, but long enough."}
    file, public = tmp_path / "device.key", tmp_path / "front.pub"
    public.write_text("22" * 32)
    if key != "missing":
        file.write_bytes(content[key])
    wanted = {"url": "http://127.0.0.1:9/", "device_key_file": file}
    if section == "wallet":
        wanted["public_key_file"] = public
    await refusal(quick_settings(tmp_path, **{section: wanted}))


@pytest.mark.parametrize("url", ["http:", "https://", "http://user:secret@host/", "http://host/?a=b"])
@pytest.mark.parametrize("section", ["police", "wallet"])
async def test_addresses(tmp_path: Path, section: str, url: str) -> None:
    key, public = tmp_path / "device.key", tmp_path / "front.pub"
    key.write_text("11" * 32)
    public.write_text("22" * 32)
    said = await refusal(
        quick_settings(tmp_path, **{section: {"url": url, "device_key_file": key, "public_key_file": public}})
    )
    assert "secret" not in said


@pytest.mark.parametrize("after", [0, 1, 3, 5, 7])
async def test_the_disk_fills_up_in_the_middle_of_a_visit(tmp_path: Path, after: int) -> None:
    """A citizen is told; nothing is taken that is not on record; the machine goes on serving what it can."""
    async with hall(tmp_path) as place:
        store = place.machine.books.store
        commits: list[int] = []

        def full(moment: str, _: Any) -> None:
            if moment == "before":
                commits.append(1)
                if len(commits) > after:
                    import sqlalchemy as sa

                    raise sa.exc.OperationalError(
                        "INSERT", {"name": "谢演练"}, sqlite3.OperationalError("disk is full")
                    )

        store._on_commit = full
        homes: list[int] = []

        def at_home(_: common.Home) -> Any:
            homes.append(1)
            return "violation" if len(homes) == 1 else WAIT

        citizen = Citizen(place.people[0], place.machine.virtual)
        citizen.replies[common.Home] = at_home
        desk = Rehearsal(citizen)
        citizen.arrive()
        services = {"violation": Service(SERVICES["violation"].card, SERVICES["violation"].run, ())}
        serving = asyncio.ensure_future(serve_citizens(place.machine, desk, services))
        async with asyncio.timeout(10):
            while len(homes) < 2:
                await asyncio.sleep(0.02)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        apology = [screen for screen in desk.shown if isinstance(screen, common.Message)][-1]
        assert plain(apology.title)
        assert plain(apology.body)
        assert place.events() & {"ledger_failed", "order_not_opened"}
        store._on_commit = None
        citizen.leave()
        await place.machine.sweeper.sweep()
        await place.in_order()
        taken = sum(place.machine.virtual["wallet"].ledger.totals().values())  # type: ignore[attr-defined]
        posted = [entry.amount_fen for entry in place.machine.virtual["police_platform"].world.books.payments.values()]  # type: ignore[attr-defined]
        assert taken == sum(posted)
        await place.served()
        assert all(row.state != "paid" or row["trade_no"] for row in await store.find(Kind.PAYMENT))
