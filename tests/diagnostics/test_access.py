"""Coming into diagnostics: code, PIN, one-time code, the lock, and what the audit chain tells of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import structlog

from config.sections import Technician
from kiosk.diagnostics.access import Denied, Entered
from kiosk.diagnostics.lockout import SystemUptime
from kiosk.diagnostics.pin import MEMORY_KIB, TIME_COST, check_new_pin, hash_of_nobody, hash_pin, pin_matches
from kiosk.ledger.store import LedgerError
from tests.diagnostics.access_parts import OTHER_PIN, PIN, SECRET, Door, HandUptime, door, technician
from tests.ledger.conftest import clock, empty_ledger, ledger_file
from tests.ledger.parts import HandClock

__all__ = ["clock", "empty_ledger", "ledger_file"]


@pytest.fixture(scope="session")
def secret_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("totp") / "T0300.totp"
    file.write_text(SECRET + "\n")
    file.chmod(0o600)
    return file


@pytest.fixture(scope="session")
def staff(secret_file: Path) -> tuple[Technician, ...]:
    return (technician("T0271", PIN), technician("T0300", OTHER_PIN, secret_file))


@pytest.fixture
def uptime() -> HandUptime:
    return HandUptime()


@pytest.fixture
async def entrance(
    ledger_file: Path, staff: tuple[Technician, ...], clock: HandClock, uptime: HandUptime
) -> AsyncIterator[Door]:
    async with door(ledger_file, staff, clock, uptime) as made:
        yield made


async def told(entrance: Door) -> list[tuple[str, str, dict[str, Any]]]:
    return [(entry.who, entry.what, dict(entry.detail)) for entry in (await entrance.audit.rows())[::-1]]


# -- PIN ----------------------------------------------------------------------------------------------------------------


async def test_code_and_pin_let_in(entrance: Door) -> None:
    assert await entrance.access.enter("T0271", PIN) == Entered("T0271")
    assert await entrance.access.enter(" t0271 ", PIN) == Entered("T0271"), "as typed on any keypad"
    assert await told(entrance) == [("T0271", "technician_entered", {"second": "none"})] * 2


@pytest.mark.parametrize(
    ("code", "pin", "who"),
    [
        ("T0271", OTHER_PIN, "T0271"),
        ("T0271", "", "T0271"),
        ("T0271", PIN + "0", "T0271"),
        ("T0271", "９" * 6, "T0271"),
        ("T0271", "\ud800", "T0271"),
        ("T9999", PIN, "unknown"),
        ("", "", "unknown"),
        ("张示例", PIN, "unknown"),
        (PIN, "T0271", "unknown"),
    ],
)
async def test_anything_else_does_not(entrance: Door, code: str, pin: str, who: str) -> None:
    assert await entrance.access.enter(code, pin) == Denied("wrong", 2, 0)
    assert await told(entrance) == [(who, "technician_denied", {"reason": "wrong", "left": 2})]


async def test_neither_pin_nor_unknown_code_stands_anywhere(entrance: Door, ledger_file: Path) -> None:
    with structlog.testing.capture_logs() as logs:
        await entrance.access.enter("T8888", "739164")
        await entrance.access.enter("T0271", "739164")
        await entrance.access.enter("T0271", PIN)
    written = ledger_file.read_bytes() + Path(f"{ledger_file}-wal").read_bytes() + repr(logs).encode()
    for secret in ("T8888", "739164", PIN):
        assert secret.encode() not in written


async def test_nobody_is_configured(ledger_file: Path, clock: HandClock, uptime: HandUptime) -> None:
    async with door(ledger_file, (), clock, uptime) as entrance:
        assert not entrance.access.configured
        assert await entrance.access.enter("T0271", PIN) == Denied("wrong", 2, 0)


def test_a_code_that_does_not_exist_costs_a_real_hash() -> None:
    """The same work by its parameters, which the hash names; how long it takes is not measured here."""
    like = hash_pin(PIN)
    assert hash_of_nobody(like).split("$")[:4] == like.split("$")[:4]
    assert hash_of_nobody().split("$")[:4] == like.split("$")[:4]
    assert [len(part) for part in hash_of_nobody(like).split("$")] == [len(part) for part in like.split("$")]
    assert not pin_matches(PIN, hash_of_nobody(like))
    assert hash_of_nobody() != hash_of_nobody()


def test_an_unknown_code_is_hashed_like_a_wrong_pin() -> None:
    """Processor time of the two; a comparison of texts would be thousands of times shorter."""
    spent = []
    for stored in (hash_pin(PIN), hash_of_nobody()):
        begun = time.process_time()
        pin_matches("111111", stored)
        spent.append(time.process_time() - begun)
    assert max(spent) < 20 * min(spent)


def test_the_hash_is_argon2id_as_ordered() -> None:
    stored = hash_pin(PIN)
    assert stored.startswith(f"$argon2id$v=19$m={MEMORY_KIB},t={TIME_COST},p=1$")
    assert (MEMORY_KIB, TIME_COST) == (19456, 3)
    assert hash_pin(PIN) != stored, "salted"
    assert pin_matches(PIN, stored)
    assert Technician(code="T0271", pin_hash=stored).pin_hash == stored
    assert PIN not in repr(Technician(code="T0271", pin_hash=stored))
    assert "argon2id" not in repr(Technician(code="T0271", pin_hash=stored))


def test_a_hash_made_elsewhere_fits() -> None:
    """From the tests of the authors' own implementation (phc-winner-argon2): Argon2id, version 1.3, "password" with "somesalt"."""
    made = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
    assert pin_matches("password", made)
    assert not pin_matches("passwort", made)
    for broken in ("", "x", made[:-4], made.replace("argon2id", "argon2x"), "scrypt$a$b"):
        assert not pin_matches("password", broken)


@pytest.mark.parametrize(
    "pin",
    ["12345", "1234567890123", "12345a", "４８２９１５", "", " 482915", "-48291"],
)
def test_a_new_pin_is_6_to_12_digits(pin: str) -> None:
    with pytest.raises(ValueError, match="6 to 12 digits"):
        check_new_pin(pin)


WEAK = """
000000 111111 999999 123456 654321 234567 012345 543210 987654 890123 024680 121212 123123 112233 111222 100000 000001
159357 147258 520520 1234567 12345678 87654321 123456789012 112211 11111111 12121212 1212121 246810
"""


@pytest.mark.parametrize("pin", WEAK.split())
def test_a_new_pin_is_none_that_is_tried_first(pin: str) -> None:
    with pytest.raises(ValueError, match="tried first"):
        check_new_pin(pin)


@pytest.mark.parametrize("pin", ["482915", "730164", "901733", "20471983", "118204", "593027561840"])
def test_a_good_pin(pin: str) -> None:
    check_new_pin(pin)


# -- the lock -----------------------------------------------------------------------------------------------------------


async def failures(entrance: Door, count: int) -> Denied:
    for _ in range(count):
        answer = await entrance.access.enter("T0271", OTHER_PIN)
        assert isinstance(answer, Denied)
    return answer


async def test_the_third_failure_locks(entrance: Door) -> None:
    assert await failures(entrance, 1) == Denied("wrong", 2, 0)
    assert await entrance.access.enter("T9999", PIN) == Denied("wrong", 1, 0)
    assert await entrance.access.locked_s() == 0
    assert await failures(entrance, 1) == Denied("wrong", 0, 300)
    assert await entrance.access.locked_s() == 300
    assert await entrance.access.enter("T0271", PIN) == Denied("locked", 0, 300), "not even the right one"
    assert (await told(entrance))[-3:] == [
        ("T0271", "technician_denied", {"reason": "wrong", "left": 0}),
        ("T0271", "access_locked", {"seconds": 300, "round": 1}),
        ("T0271", "technician_denied", {"reason": "locked", "left": 0}),
    ]
    entrance.uptime.forward(299.5)
    assert await entrance.access.enter("T0271", PIN) == Denied("locked", 0, 1)
    entrance.uptime.forward(0.5)
    assert await entrance.access.enter("T0271", PIN) == Entered("T0271")
    assert (await entrance.audit.verify()).whole


async def test_attempts_during_the_lock_do_not_make_it_longer(entrance: Door) -> None:
    await failures(entrance, 3)
    entrance.uptime.forward(100)
    assert await failures(entrance, 5) == Denied("locked", 0, 200)


async def test_each_round_is_twice_as_long_up_to_an_hour(entrance: Door) -> None:
    lengths = []
    for _ in range(6):
        locked = await failures(entrance, 3)
        lengths.append(locked.locked_s)
        entrance.uptime.forward(locked.locked_s)
    assert lengths == [300, 600, 1200, 2400, 3600, 3600]
    assert await entrance.access.enter("T0271", PIN) == Entered("T0271")
    assert (await failures(entrance, 3)).locked_s == 300, "who came in begins anew"


async def test_an_entry_forgives_failures(entrance: Door) -> None:
    for _ in range(3):
        assert (await failures(entrance, 2)).left == 1
        assert await entrance.access.enter("T0271", PIN) == Entered("T0271")


async def test_the_lock_outlives_a_restart(
    ledger_file: Path, staff: tuple[Technician, ...], clock: HandClock, uptime: HandUptime
) -> None:
    async with door(ledger_file, staff, clock, uptime) as entrance:
        assert (await failures(entrance, 2)).left == 1
    async with door(ledger_file, staff, clock, uptime) as entrance:
        assert (await failures(entrance, 1)).locked_s == 300, "failures are not forgotten either"
    uptime.forward(120)
    async with door(ledger_file, staff, clock, uptime) as entrance:
        assert await entrance.access.locked_s() == 180
        assert await entrance.access.enter("T0271", PIN) == Denied("locked", 0, 180)
    uptime.forward(180)
    async with door(ledger_file, staff, clock, uptime) as entrance:
        assert await entrance.access.enter("T0271", PIN) == Entered("T0271")


@pytest.mark.parametrize("days", [-4000, -1, 1, 4000])
async def test_the_wall_clock_has_no_part_in_it(entrance: Door, days: int) -> None:
    """Set back it must not make the lock shorter, set back by years not endless, set on not over."""
    await failures(entrance, 3)
    entrance.clock.forward(days=days)
    assert await entrance.access.locked_s() == 300
    entrance.uptime.forward(200)
    entrance.clock.forward(days=-days)
    assert await entrance.access.locked_s() == 100


async def test_a_boot_begins_the_lock_anew(
    ledger_file: Path, staff: tuple[Technician, ...], clock: HandClock, uptime: HandUptime
) -> None:
    async with door(ledger_file, staff, clock, uptime) as entrance:
        await failures(entrance, 3)
        uptime.forward(250)
        assert await entrance.access.locked_s() == 50
    clock.forward(days=3)
    uptime.reboot("b", 20)
    async with door(ledger_file, staff, clock, uptime) as entrance:
        assert await entrance.access.locked_s() == 280, "the time that it was off counts for nothing"
    uptime.reboot("c", 299.9)
    async with door(ledger_file, staff, clock, uptime) as entrance:
        assert await entrance.access.enter("T0271", PIN) == Denied("locked", 0, 1)
    uptime.reboot("d", 300)
    async with door(ledger_file, staff, clock, uptime) as entrance:
        assert await entrance.access.enter("T0271", PIN) == Entered("T0271")


async def test_an_uptime_that_goes_back_makes_nothing_shorter(entrance: Door) -> None:
    await failures(entrance, 3)
    entrance.uptime.forward(-900)
    assert await entrance.access.locked_s() == 300


async def test_pulling_the_plug_wins_no_attempt(
    ledger_file: Path, staff: tuple[Technician, ...], clock: HandClock, uptime: HandUptime
) -> None:
    """Ended while the PIN is being looked at, even the right one: the attempt stands in the file as failed."""
    async with door(ledger_file, staff, clock, uptime) as entrance:
        trying = asyncio.ensure_future(entrance.access.enter("T0271", PIN))
        while not await entrance.store.work(_attempts):
            assert not trying.done()
        trying.cancel()
        await asyncio.gather(trying, return_exceptions=True)
        assert trying.cancelled()
    async with door(ledger_file, staff, clock, uptime) as entrance:
        assert await failures(entrance, 1) == Denied("wrong", 1, 0)


def _attempts(connection: sa.Connection) -> int:
    return int(connection.exec_driver_sql("SELECT COALESCE(SUM(failures), 0) FROM access_lock").scalar_one())


async def test_many_at_once_get_three_tries(entrance: Door) -> None:
    answers = await asyncio.gather(*(entrance.access.enter("T0271", OTHER_PIN) for _ in range(6)))
    assert [answer.reason for answer in answers if isinstance(answer, Denied)] == ["wrong"] * 3 + ["locked"] * 3


async def test_what_cannot_be_recorded_lets_nobody_in(entrance: Door) -> None:
    refuse = "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    await entrance.store.work(lambda connection: connection.exec_driver_sql(refuse) and None)
    with pytest.raises(LedgerError):
        await entrance.access.enter("T0271", PIN)


def test_the_machines_own_uptime() -> None:
    uptime = SystemUptime()
    assert uptime.boot() == SystemUptime().boot()
    first = uptime.seconds()
    assert 0 < first <= uptime.seconds()
