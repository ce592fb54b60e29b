"""The table of payment codes, and the hours of payment."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.hours import Hours
from config.payer_codes import load_payer_codes
from config.sections import WalletFront
from config.tables import TablesError
from kiosk.ports.clock import SHANGHAI

GOOD = """
[[wallet]]
id = "alipay"
name = "支付宝"
first = [25, 30]
length = [16, 24]
confidence = "M"

[[other]]
id = "web"
pattern = 'https?://.*'
told = "这是网页"
confidence = "H"
"""


def read(folder: Path, text: str) -> None:
    path = folder / "payer_codes.toml"
    path.write_text(text)
    load_payer_codes(path)


def test_the_table_that_comes_with_the_kiosk() -> None:
    table = load_payer_codes()
    assert [wallet.id for wallet in table.wallet] == ["alipay", "wechat", "unionpay"]
    assert {wallet.confidence for wallet in table.wallet} == {"M"}
    assert len(table.only(("wechat", "alipay"))) == 2
    with pytest.raises(ValueError, match="there is no jdpay"):
        table.only(("alipay", "jdpay"))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("[25, 30]", "[30, 25]", "ends before it begins"),
        ("[16, 24]", "[24, 16]", "ends before it begins"),
        ("[25, 30]", "[0, 9]", "first"),
        ("https?://.*", "https?://(", "no regular expression"),
        ('confidence = "M"', 'confidence = "X"', "confidence"),
        ('id = "alipay"', 'id = "alipay"\nfee = 3', "fee"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(tmp_path: Path, old: str, new: str, why: str) -> None:
    read(tmp_path, GOOD)
    with pytest.raises(TablesError, match=why):
        read(tmp_path, GOOD.replace(old, new))


def test_a_code_that_could_be_of_two_wallets_is_refused(tmp_path: Path) -> None:
    second = GOOD[: GOOD.index("[[other]]")].replace('"alipay"', '"second"').replace("[25, 30]", "[30, 31]")
    with pytest.raises(TablesError, match="of second and of alipay"):
        read(tmp_path, second + GOOD)


def at(text: str) -> dt.datetime:
    return dt.datetime.combine(dt.date(2026, 11, 21), dt.time.fromisoformat(text), SHANGHAI)


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [
        ("03:00-21:00", ("03:00", "12:00", "20:59:59"), ("02:59:59", "21:00", "23:00")),
        ("22:00-06:00", ("22:00", "23:59", "00:00", "05:59"), ("06:00", "12:00", "21:59")),
        ("08:30-24:00", ("08:30", "23:59:59"), ("00:00", "08:29")),
        ("", ("00:00", "12:00", "23:59"), ()),
    ],
)
def test_hours(hours: str, inside: tuple[str, ...], outside: tuple[str, ...]) -> None:
    read = Hours.parse(hours)
    assert all(read.cover(at(text)) for text in inside)
    assert not any(read.cover(at(text)) for text in outside)


def test_hours_that_last() -> None:
    hours = Hours.parse("03:00-21:00")
    assert hours.cover_for(at("20:50"), dt.timedelta(minutes=9, seconds=59))
    assert not hours.cover_for(at("20:50"), dt.timedelta(minutes=10))
    assert not hours.cover_for(at("02:00"), dt.timedelta(hours=2)), "all between must lie within"
    assert Hours.parse("22:00-06:00").cover_for(at("23:00"), dt.timedelta(hours=6))
    assert Hours.parse("").cover_for(at("23:00"), dt.timedelta(days=2))
    assert str(hours.beginning(dt.timedelta(minutes=10))) == "03:00 到 20:50"
    assert hours.beginning(dt.timedelta(hours=18)) is None


def test_hours_are_told_as_they_are() -> None:
    assert str(Hours.parse("03:00-21:00")) == "03:00 到 21:00"
    assert str(Hours.parse("08:30-24:00")) == "08:30 到 24:00"


@pytest.mark.parametrize("text", ["3-21", "25:00-26:00", "03:00", "03:00–21:00", "24:00-03:00", "03:60-04:00"])
def test_hours_of_another_form_stop_the_start(text: str) -> None:
    with pytest.raises(ValidationError, match="write hours as"):
        WalletFront(hours=text)


def test_a_wallet_nobody_knows_stops_the_start() -> None:
    with pytest.raises(ValidationError):
        WalletFront.model_validate({"payer_codes": ["alipay", "paypal"]})
