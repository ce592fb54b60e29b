"""The audit chain as it is written: what may stand in it, how it is hashed, and that it reads back."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from kiosk.ledger.audit import Audit
from kiosk.ledger.audit_head import HeadAltered, HeadFile, Mark, head_file
from kiosk.ledger.store import LedgerError, Store
from tests.ledger.audit_parts import audit_of, head_of, write_rows
from tests.ledger.parts import KEY, HandClock


@pytest.fixture
def audit(store: Store, ledger_file: Path) -> Audit:
    return audit_of(store, ledger_file)


def hkdf(key: bytes, info: bytes) -> bytes:
    """RFC 5869, one block, no salt."""
    return hmac.digest(hmac.digest(bytes(32), key, "sha256"), info + b"\x01", "sha256")


async def test_rows_are_numbered_and_hashed_as_documented(audit: Audit, store: Store, ledger_file: Path) -> None:
    """Worked out here with nothing but HMAC: a verifier in another language needs no more (docs/audit.md)."""
    assert await audit.write("T0271", "simulator_in", reason="镜头脏了", device="camera") == 1
    assert await audit.write("unknown", "technician_denied", reason="wrong", left=2) == 2
    rows = await store.work(lambda connection: connection.exec_driver_sql("SELECT * FROM audit ORDER BY seq").all())
    key, before = hkdf(KEY, b"onetrip audit chain 1"), ""
    for seq, at, who, what, detail, digest in rows:
        said = json.dumps([before, seq, at, who, what, detail], ensure_ascii=False, separators=(",", ":"))
        assert digest == hmac.new(key, said.encode(), hashlib.sha256).hexdigest()
        before = digest
    assert rows[0][:5] == (
        1,
        "2026-03-18T09:30:00.000+08:00",
        "T0271",
        "simulator_in",
        '{"device":"camera","reason":"镜头脏了"}',
    )
    head = json.loads(head_of(ledger_file).read_text())
    seal = hmac.new(hkdf(KEY, b"onetrip audit head 1"), f"2|{before}".encode(), hashlib.sha256).hexdigest()
    assert head == {"version": 1, "seq": 2, "hash": before, "seal": seal}
    assert head_of(ledger_file).stat().st_mode & 0o777 == 0o600


async def test_a_new_chain_is_whole_and_empty(audit: Audit) -> None:
    chain = await audit.verify()
    assert (chain.whole, chain.rows, chain.head, chain.anchor, chain.trouble) == (True, 0, "", "", "")
    assert await audit.rows() == []
    assert await audit.anchor() == ""


async def test_it_reads_back_newest_first_and_page_by_page(audit: Audit) -> None:
    await write_rows(audit, 7)
    first = await audit.rows(limit=3)
    assert [entry.seq for entry in first] == [7, 6, 5]
    assert [entry.seq for entry in await audit.rows(before=5, limit=3)] == [4, 3, 2]
    assert [entry.seq for entry in await audit.rows(before=2)] == [1]
    assert await audit.rows(before=1) == []
    entry = (await audit.rows(before=4, limit=1))[0]
    assert (entry.who, entry.what, dict(entry.detail)) == (
        "T0002",
        "simulator_in",
        {"device": "camera", "reason": "试一试 2"},
    )
    assert entry.say() == "put the simulator in the place of camera: 试一试 2"
    assert entry.say("zh") == "camera 换成模拟器，原因：试一试 2"


async def test_a_chain_over_many_transactions_of_the_check_is_whole(audit: Audit, store: Store) -> None:
    await write_rows(audit, 3)
    await asyncio.gather(*(audit.write("T0271", "page_opened", page="logs") for _ in range(3)))
    chain = await audit.verify()
    assert (chain.whole, chain.rows) == (True, 6)
    assert chain.anchor == await audit.anchor() == f"6-{chain.head[:16]}"


async def test_two_processes_write_one_chain(ledger_file: Path) -> None:
    """Two stores on one file, as the kiosk and a command beside it."""

    one, two = (Store(f"sqlite:///{ledger_file}", HandClock()) for _ in range(2))
    await one.open()
    await two.open()
    try:
        hands = [audit_of(one, ledger_file), audit_of(two, ledger_file)]
        numbers = await asyncio.gather(
            *(hand.write("T0271", "page_opened", page="logs") for _ in range(15) for hand in hands)
        )
        assert sorted(numbers) == list(range(1, 31))
        chain = await hands[0].verify()
        assert (chain.whole, chain.rows) == (True, 30)
    finally:
        await one.close()
        await two.close()


async def test_a_chain_is_whole_at_every_moment_that_another_process_looks(audit: Audit, ledger_file: Path) -> None:
    other = Store(f"sqlite:///{ledger_file}", HandClock())
    await other.open()
    try:
        reader = audit_of(other, ledger_file)
        writing = asyncio.ensure_future(write_rows(audit, 60))
        seen = []
        while not writing.done():
            chain = await reader.verify()
            assert chain.whole, chain.trouble
            seen.append(chain.rows)
        await writing
        assert seen == sorted(seen)
        assert (await reader.verify()).rows == 60
    finally:
        await other.close()


@pytest.mark.parametrize(
    ("who", "what", "detail", "sentence"),
    [
        ("T0271", "something_else", {}, "not in the catalogue"),
        ("T0271", "audit_broken", {"trouble": "cut_short"}, "not in the catalogue"),
        ("T0271", "device_reset", {"device": "camera", "name": "张示例"}, "name may not stand in it"),
        ("张示例", "device_reset", {"device": "camera"}, "who is not"),
        ("", "device_reset", {"device": "camera"}, "who is not"),
        ("T0271 x", "device_reset", {"device": "camera"}, "who is not"),
        ("T0271", "device_reset", {"device": "摄像头"}, "device is no word"),
        ("T0271", "device_reset", {"device": "a b"}, "device is no word"),
        ("T0271", "device_reset", {"device": None}, "device is no word"),
        ("T0271", "device_reset", {"device": {"a": 1}}, "device is no word"),
        ("T0271", "health_check", {"level": "1"}, "level is no number"),
        ("T0271", "health_check", {"level": float("nan")}, "not JSON compliant"),
        ("T0271", "simulator_in", {"reason": 3}, "reason is no text"),
    ],
)
async def test_what_is_not_in_the_catalogue_is_refused(
    audit: Audit, who: str, what: str, detail: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence) as refused:
        await audit.write(who, what, **detail)
    assert "张示例" not in str(refused.value), "what was refused is not quoted"
    assert await audit.rows() == []


async def test_what_people_type_is_cut_down_to_what_may_stand_there(audit: Audit) -> None:
    typed = "  给 330106199003150005 换机\n13800000000\x1b[31m" + "长" * 200
    await audit.write("T0271", "simulator_in", device="camera", reason=typed)
    reason = (await audit.rows())[0].detail["reason"]
    assert reason.startswith("给 … 换机 … [31m长")
    assert len(reason) == 120
    assert "3301" not in reason
    assert (await audit.verify()).whole


async def test_a_head_that_cannot_be_written_stops_the_chain_before_it_can_mislead(
    audit: Audit, ledger_file: Path
) -> None:
    """One row may be ahead of the file, never two: a full disk must not look like tampering, nor hide it."""
    await write_rows(audit, 2)
    part = head_of(ledger_file).with_name(head_of(ledger_file).name + ".part")
    part.mkdir()
    for _ in range(3):
        with pytest.raises(LedgerError, match="head file cannot be written"):
            await audit.write("T0271", "page_opened", page="logs")
    chain = await audit.verify()
    assert (chain.whole, chain.rows) == (True, 3)
    part.rmdir()
    assert await audit.write("T0271", "page_opened", page="logs") == 4
    assert (await audit.verify()).whole


async def test_a_write_that_is_cancelled_leaves_the_chain_whole(audit: Audit) -> None:
    for turns in range(12):
        writing = asyncio.ensure_future(audit.write("T0271", "page_opened", page="logs"))
        for _ in range(turns):
            await asyncio.sleep(0)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    await audit.write("T0271", "page_opened", page="logs")
    assert (await audit.verify()).whole


async def test_a_clock_that_goes_back_is_no_trouble(store: Store, ledger_file: Path) -> None:
    clock = HandClock()
    audit = Audit(store, clock, KEY, head_of(ledger_file))
    await audit.write("T0271", "page_opened", page="logs")
    clock.forward(days=-400)
    await audit.write("T0271", "page_opened", page="logs")
    assert (await audit.verify()).whole


async def test_a_long_chain_is_checked_in_parts_and_other_work_comes_in_between(audit: Audit, store: Store) -> None:
    await write_rows(audit, 500)
    assert (await audit.verify()).rows == 500
    await write_rows(audit, 1)
    done: list[str] = []

    async def check() -> None:
        chain = await audit.verify()
        assert (chain.whole, chain.rows) == (True, 501)
        done.append("check")

    async def beside() -> None:
        await store.work(lambda connection: connection.exec_driver_sql("SELECT 1").scalar())
        done.append("beside")

    await asyncio.gather(check(), beside())
    assert done == ["beside", "check"]


# -- the head file ------------------------------------------------------------------------------------------------------


def test_the_head_lies_beside_the_ledger() -> None:
    key = Path("/var/lib/onetrip/ledger.key")
    assert head_file("sqlite:////var/lib/onetrip/ledger.db", key) == Path("/var/lib/onetrip/ledger.db-audit-head")
    assert head_file("sqlite:///var/onetrip.db?timeout=3", key) == Path("var/onetrip.db-audit-head")
    assert head_file("postgresql+psycopg:///onetrip", key) == Path("/var/lib/onetrip/audit-head")


def test_the_head_only_goes_forward(tmp_path: Path) -> None:
    head = HeadFile(tmp_path / "head", KEY)
    assert head.read() is None
    for seq in (0, 1, 5, 3, 5):
        head.advance(Mark(seq, f"{seq:064x}"))
    assert head.read() == Mark(5, f"{5:064x}")
    assert [path.name for path in tmp_path.iterdir()] == ["head"], "nothing is left over"


@pytest.mark.parametrize(
    "content",
    [
        *(
            b"",
            b"{}",
            b"[]",
            b"null",
            b"\xff\xfe",
            b"[" * 900,
            b'{"version":1,"seq":true,"hash":"","seal":""}',
            b"x" * 9000,
        ),
        b'{"version":1,"seq":1,"hash":"a","seal":"\xe4\xb8\xad"}',
        b'{"version":1,"seq":1,"hash":"\\ud800","seal":"a"}',
    ],
)
def test_anything_else_in_the_file_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "head").write_bytes(content)
    with pytest.raises(HeadAltered):
        HeadFile(tmp_path / "head", KEY).read()


def test_the_head_of_another_machine_is_told(tmp_path: Path) -> None:
    HeadFile(tmp_path / "head", bytes(32)).advance(Mark(3, "ab"))
    with pytest.raises(HeadAltered):
        HeadFile(tmp_path / "head", KEY).read()


async def test_a_head_that_cannot_be_read_is_an_error_and_no_verdict(audit: Audit, ledger_file: Path) -> None:
    await write_rows(audit, 1)
    head_of(ledger_file).unlink()
    head_of(ledger_file).mkdir()
    with pytest.raises(LedgerError, match="cannot be read"):
        await audit.verify()
    with pytest.raises(LedgerError, match="cannot be read"):
        await audit.write("T0271", "page_opened", page="logs")
    os.rmdir(head_of(ledger_file))


async def test_the_table_is_only_what_it_seems(ledger_file: Path) -> None:
    with sqlite3.connect(ledger_file) as hand:
        columns = [row[1] for row in hand.execute("PRAGMA table_info(audit)")]
    hand.close()
    assert columns == ["seq", "at", "who", "what", "detail", "hash"]
