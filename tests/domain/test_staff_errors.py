"""The staff PIN, the words of errors, and some small values."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib

import pytest

from kiosk.domain.duties import DUTIES, duty
from kiosk.domain.ebill_blocks import ISSUED, LATER, finish_line
from kiosk.domain.endorsement import Period
from kiosk.domain.errors import ACTIONS, Action, DeviceError, ErrorKind, GatewayUnavailable, Refused
from kiosk.domain.staff import hash_pin, pin_matches
from kiosk.domain.violation import EBill
from kiosk.domain.violation import Period as Held

PIN, SALT = "135790", bytes(range(16))
HASHED = hash_pin(PIN, SALT)


def test_what_is_kept_of_a_pin() -> None:
    """RFC 7914: scrypt with 2^14, 8, 1; the salt beside it."""
    scheme, salt, digest = hash_pin(PIN, SALT).split("$")
    assert (scheme, base64.b64decode(salt)) == ("scrypt", SALT)
    assert base64.b64decode(digest) == hashlib.scrypt(PIN.encode(), salt=SALT, n=2**14, r=8, p=1)


def test_without_a_salt_a_new_one_is_drawn() -> None:
    first, second = hash_pin(PIN), hash_pin(PIN)
    assert first != second
    assert len(base64.b64decode(first.split("$")[1])) == 16
    assert pin_matches(PIN, first)


def test_a_pin_matches_its_own_hash_only() -> None:
    assert hash_pin(PIN, SALT) == HASHED
    assert pin_matches(PIN, HASHED)
    assert not pin_matches("135791", HASHED)


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "x",
        HASHED.replace("scrypt", "SCRYPT"),
        HASHED.removeprefix("scrypt$"),
        f"{HASHED}$",
        "scrypt$AAAA$!",
        "scrypt$A$A",
    ],
)
def test_an_unusable_hash_matches_nothing(stored: str) -> None:
    assert not pin_matches(PIN, stored)


@pytest.mark.parametrize("pin", ["", "13579", "1357901", "13579a", "１３５７９０", "٣٣٣٣٣٣", "      "])
def test_a_staff_pin_has_six_digits(pin: str) -> None:
    with pytest.raises(ValueError, match=r"^a staff PIN has 6 digits$"):
        hash_pin(pin, SALT)


def test_a_device_error_says_device_kind_and_hint() -> None:
    bare = DeviceError(ErrorKind.OFFLINE, "id_card", "no answer")
    assert str(bare) == "id_card: offline: no answer"
    assert (bare.kind, bare.device, bare.hint, bare.native) == (ErrorKind.OFFLINE, "id_card", "no answer", "")
    coded = DeviceError(ErrorKind.PROTOCOL, "id_card", "refused", "90")
    assert (str(coded), coded.native) == ("id_card: protocol: refused [90]", "90")


def test_remote_errors_say_who_and_what() -> None:
    gone = GatewayUnavailable("police", "no answer")
    assert (str(gone), gone.gateway, gone.hint) == ("police: no answer", "police", "no answer")
    refused = Refused("record_held", "held elsewhere")
    assert (str(refused), refused.code, refused.message) == (
        "record_held: held elsewhere",
        "record_held",
        "held elsewhere",
    )


def test_every_kind_of_error_has_a_remedy() -> None:
    assert set(ACTIONS) == set(ErrorKind)
    assert Action.NONE not in ACTIONS.values()
    assert ACTIONS[ErrorKind.FRAUD_SUSPECT] is Action.SUSPEND


def test_duties_by_their_number() -> None:
    """公安部令105 第44条: D5 is the handing over."""
    assert duty("D5").articles == "公安部令105 第44条"
    assert [duty(row.id) for row in DUTIES] == list(DUTIES)
    with pytest.raises(KeyError, match=r"^'D99'$"):
        duty("D99")


@pytest.mark.parametrize(("months", "shown"), [(3, "3M"), (6, "6M"), (12, "1Y"), (24, "2Y"), (13, "13M"), (60, "5Y")])
def test_a_period_in_years_where_they_are_whole(months: int, shown: str) -> None:
    assert str(Period(months)) == shown


def test_both_days_belong_to_a_time_without_licence() -> None:
    first, last = dt.date(2026, 3, 1), dt.date(2026, 3, 5)
    one = dt.timedelta(days=1)
    assert [Held(first, last).holds(day) for day in (first - one, first, last, last + one)] == [
        False,
        True,
        True,
        False,
    ]
    assert [Held(first).holds(day) for day in (first - one, first, dt.date(2099, 1, 1))] == [False, True, True]


MADE = EBill("issued", "33020126", "0000012345", "a1b2c3")


@pytest.mark.parametrize(
    ("bills", "said"),
    [
        ([], ""),
        ([MADE], ISSUED),
        ([MADE, MADE], ISSUED),
        ([MADE, None], LATER),
        ([None], LATER),
        ([EBill("issuing", number="0000012345")], LATER),
        ([EBill("issued")], LATER),
    ],
)
def test_last_page_says_whether_the_bill_is_there(bills: list[EBill | None], said: str) -> None:
    """财综〔2018〕72号"""
    assert finish_line(bills) == said
