"""The second factor: RFC 6238 by its own vectors, the window, no code twice, and the file with the secret."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kiosk.diagnostics import totp
from kiosk.diagnostics.access import Denied, Entered
from tests.diagnostics.access_parts import OTHER_PIN, PIN, SECRET, Door, HandUptime, door, one_time_code, technician
from tests.ledger.conftest import clock, empty_ledger, ledger_file
from tests.ledger.parts import HandClock

__all__ = ["clock", "empty_ledger", "ledger_file"]

VECTORS = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}
"""RFC 6238, appendix B, SHA-1, seconds since 1970 and eight figures; six figures are the last six of them."""


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    return kept(tmp_path / "T0300.totp", SECRET)


def kept(file: Path, content: str, mode: int = 0o600) -> Path:
    file.write_text(content)
    file.chmod(mode)
    return file


@pytest.fixture
async def entrance(ledger_file: Path, clock: HandClock, secret_file: Path) -> AsyncIterator[Door]:
    staff = (technician("T0271", PIN), technician("T0300", OTHER_PIN, secret_file))
    async with door(ledger_file, staff, clock, HandUptime()) as made:
        yield made


def at(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


@pytest.mark.parametrize("seconds", VECTORS)
def test_the_vectors_of_rfc_6238(seconds: int) -> None:
    code = VECTORS[seconds][-6:]
    assert totp.matching_step(code, SECRET, at(seconds), -1) == seconds // 30
    assert one_time_code(seconds // 30) == code, "the tests' own telephone agrees"


@pytest.mark.parametrize(
    ("off", "taken"), [(-91, False), (-60, False), (-30, True), (0, True), (30, True), (60, False)]
)
def test_one_step_early_or_late(off: int, taken: bool) -> None:
    now = 1111111110  # the beginning of a step
    found = totp.matching_step(one_time_code((now + off) // 30), SECRET, at(now), -1)
    assert found == ((now + off) // 30 if taken else None)


def test_no_step_before_1970() -> None:
    assert totp.matching_step(one_time_code(0), SECRET, at(3), -1) == 0


@pytest.mark.parametrize("typed", ["", "28708", "2870820", "94287082", "28708x", "２８７０８２", "-87082", "287082\0"])
def test_what_is_no_code(typed: str) -> None:
    assert totp.matching_step(typed, SECRET, at(59), -1) is None


def test_blanks_in_a_code_are_how_telephones_show_it() -> None:
    assert totp.matching_step(" 287 082 ", SECRET, at(59), -1) == 1


def test_the_time_zone_makes_no_difference(clock: HandClock) -> None:
    now = clock.now()
    assert now.utcoffset() == dt.timedelta(hours=8)
    step = int(now.timestamp()) // 30
    assert totp.matching_step(one_time_code(step), SECRET, now, -1) == step


# -- at the door --------------------------------------------------------------------------------------------------------


async def test_pin_and_one_time_code_let_in(entrance: Door) -> None:
    assert entrance.access.asks_totp
    assert await entrance.access.troubles() == []
    assert await entrance.access.enter("T0300", OTHER_PIN, entrance.code()) == Entered("T0300")
    (entry,) = await entrance.audit.rows()
    assert (entry.who, entry.what, dict(entry.detail)) == ("T0300", "technician_entered", {"second": "totp"})


async def test_who_has_no_second_factor_is_not_asked(entrance: Door) -> None:
    assert await entrance.access.enter("T0271", PIN, "123456") == Entered("T0271")


@pytest.mark.parametrize(("pin", "off"), [(OTHER_PIN, 5), (PIN, 0), (OTHER_PIN, None)])
async def test_each_of_the_two_is_needed(entrance: Door, pin: str, off: int | None) -> None:
    code = "" if off is None else entrance.code(off)
    assert await entrance.access.enter("T0300", pin, code) == Denied("wrong", 2, 0)


async def test_a_wrong_pin_does_not_use_the_code_up(entrance: Door) -> None:
    assert isinstance(await entrance.access.enter("T0300", PIN, entrance.code()), Denied)
    assert await entrance.access.enter("T0300", OTHER_PIN, entrance.code()) == Entered("T0300")


async def test_no_code_is_taken_twice_and_none_before_it(entrance: Door) -> None:
    code = entrance.code()
    assert await entrance.access.enter("T0300", OTHER_PIN, code) == Entered("T0300")
    assert await entrance.access.enter("T0300", OTHER_PIN, code) == Denied("wrong", 2, 0)
    assert await entrance.access.enter("T0300", OTHER_PIN, entrance.code(-1)) == Denied("wrong", 1, 0)
    assert await entrance.access.enter("T0300", OTHER_PIN, entrance.code(1)) == Entered("T0300")
    entrance.clock.forward(seconds=60)
    assert await entrance.access.enter("T0300", OTHER_PIN, entrance.code()) == Entered("T0300")


async def test_a_code_used_before_a_restart_stays_used(ledger_file: Path, clock: HandClock, secret_file: Path) -> None:
    staff = (technician("T0300", OTHER_PIN, secret_file),)
    for expected in (Entered("T0300"), Denied("wrong", 2, 0)):
        async with door(ledger_file, staff, clock, HandUptime()) as entrance:
            assert await entrance.access.enter("T0300", OTHER_PIN, entrance.code()) == expected
    clock.forward(seconds=-3600)  # set back, to use a code that was seen an hour ago
    async with door(ledger_file, staff, clock, HandUptime()) as entrance:
        assert await entrance.access.enter("T0300", OTHER_PIN, entrance.code()) == Denied("wrong", 1, 0)


async def test_two_technicians_with_one_secret_do_not_hinder_each_other(
    ledger_file: Path, clock: HandClock, secret_file: Path
) -> None:
    staff = (technician("T0300", OTHER_PIN, secret_file), technician("T0301", PIN, secret_file))
    async with door(ledger_file, staff, clock, HandUptime()) as entrance:
        assert await entrance.access.enter("T0300", OTHER_PIN, entrance.code()) == Entered("T0300")
        assert await entrance.access.enter("T0301", PIN, entrance.code()) == Entered("T0301")


async def test_a_secret_that_cannot_be_used_lets_nobody_in(entrance: Door, secret_file: Path) -> None:
    """Whatever was typed; that the file is broken tells nothing about the PIN."""
    secret_file.chmod(0o640)
    assert await entrance.access.enter("T0300", OTHER_PIN, entrance.code()) == Denied("second_factor", 2, 0)
    assert await entrance.access.enter("T0300", PIN, "") == Denied("second_factor", 1, 0)
    (trouble,) = await entrance.access.troubles()
    assert "others may read" in trouble
    assert await entrance.access.enter("T0271", PIN) == Entered("T0271"), "the others come in"
    secret_file.chmod(0o600)
    assert await entrance.access.enter("T0300", OTHER_PIN, entrance.code()) == Entered("T0300"), "read at every entry"


# -- the file -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", [SECRET, SECRET.lower(), f"  {SECRET[:8]} {SECRET[8:]}\n", SECRET + "====", SECRET[:26]]
)
def test_secrets_as_people_keep_them(tmp_path: Path, content: str) -> None:
    found = totp.read_secret(kept(tmp_path / "s", content))
    assert base64.b32decode(found + "=" * (-len(found) % 8))[:16] == b"1234567890123456"


@pytest.mark.parametrize(
    ("content", "mode", "says"),
    [
        (SECRET, 0o644, "others may read"),
        (SECRET, 0o620, "others may read"),
        ("", 0o600, "too short"),
        (SECRET[:24], 0o600, "too short"),
        ("0189" * 8, 0o600, "not a secret"),
        ("密钥", 0o600, "not a secret"),
    ],
)
def test_secrets_that_are_none(tmp_path: Path, content: str, mode: int, says: str) -> None:
    with pytest.raises(totp.SecretFileError, match=says) as told:
        totp.read_secret(kept(tmp_path / "s", content, mode))
    assert not content or content not in str(told.value)


def test_no_file(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(totp.SecretFileError, match="cannot be read"):
            totp.read_secret(path)


def test_a_new_secret(tmp_path: Path) -> None:
    file = tmp_path / "new"
    secret = totp.write_new_secret(file)
    assert (len(base64.b32decode(secret)), file.stat().st_mode & 0o777) == (20, 0o600)
    assert totp.read_secret(file) == secret
    with pytest.raises(totp.SecretFileError, match="already"):
        totp.write_new_secret(file)
    assert totp.read_secret(file) == secret, "left as it was"
    with pytest.raises(totp.SecretFileError, match="cannot be written"):
        totp.write_new_secret(tmp_path / "none" / "new")


def test_the_address_for_the_telephone() -> None:
    assert totp.uri(SECRET, "T0271") == f"otpauth://totp/OneTrip:T0271?secret={SECRET}&issuer=OneTrip"
