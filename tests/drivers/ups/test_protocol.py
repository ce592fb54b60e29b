"""Words, quotes and statuses of Network UPS Tools, as its documents give them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.ups import connect
from drivers.ups.protocol import REFUSALS, number, quoted, supply, words
from kiosk.domain.errors import ErrorKind
from kiosk.ports.controls import Power


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('VAR su700 ups.status "OL"', ("VAR", "su700", "ups.status", "OL")),
        ('VAR su700 ups.mfr "American Power Conversion"', ("VAR", "su700", "ups.mfr", "American Power Conversion")),
        ('VAR u x "a \\"quoted\\" \\\\ word"', ("VAR", "u", "x", 'a "quoted" \\ word')),
        ('VAR u empty ""', ("VAR", "u", "empty", "")),
        ("  ERR   DATA-STALE \r", ("ERR", "DATA-STALE")),
        ("", ()),
    ],
)
def test_words(line: str, found: tuple[str, ...]) -> None:
    assert words(line) == found


def test_a_quote_must_close() -> None:
    for line in ('VAR u x "OL', 'VAR u x "OL\\"', "VAR u x OL\\"):
        with pytest.raises(ValueError, match="not closed"):
            words(line)


@given(st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\n\r"), max_size=40))
@settings(deadline=None)
def test_what_is_quoted_is_one_word_again(word: str) -> None:
    assert words(f"VAR {quoted(word)}") == ("VAR", word)


@given(st.text(max_size=80))
@settings(deadline=None)
def test_any_line_is_survived(line: str) -> None:
    try:
        found = words(line)
    except ValueError:
        return
    assert all(isinstance(each, str) for each in found)
    supply(line)
    number(line)


@pytest.mark.parametrize(
    ("status", "power", "battery"),
    [
        ("OL", Power.MAINS, "ok"),
        ("OL CHRG", Power.MAINS, "ok"),
        ("ol trim", Power.MAINS, "ok"),
        ("OL CHRG LB", Power.MAINS, "low"),
        ("OB DISCHRG", Power.BATTERY, "ok"),
        ("OB LB", Power.LOW, "low"),
        ("OB LB CAL", Power.BATTERY, "low"),
        ("FSD OL", Power.LOW, "ok"),
        ("OL RB", Power.MAINS, "replace"),
        ("OL BYPASS", Power.MAINS, "ok"),
        ("ALARM OL RB", Power.MAINS, "replace"),
        ("OFF", Power.UNKNOWN, "unknown"),
        ("WAIT", Power.UNKNOWN, "unknown"),
        ("", Power.UNKNOWN, "unknown"),
    ],
)
def test_what_a_status_means(status: str, power: Power, battery: str) -> None:
    assert supply(status)[:2] == (power, battery)


def test_refusals_have_a_kind() -> None:
    assert REFUSALS["DATA-STALE"].kind is ErrorKind.OFFLINE
    assert REFUSALS["UNKNOWN-UPS"].kind is ErrorKind.CONFIG
    assert REFUSALS["ACCESS-DENIED"].kind is ErrorKind.PERMISSION


def test_figures() -> None:
    assert [number(text) for text in ("100", "99.5", "0", None, "n/a", "-3", "nan", "1e99", "")] == [
        100.0, 99.5, 0.0, None, None, None, None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nut:///ups", "not a power supply"),
        ("nut+tcp://host/ups", "not a power supply"),
        ("ups://host/ups", "not a power supply"),
        ("nut://host:port/ups", "port"),
        ("nut://host/ups?poll=99", "poll"),
        ("nut://host/ups?poll=often", "poll"),
        ("nut://host/a/b", "not a power supply"),
        ("nut://host/ups?colour=red", "colour"),
        ("nut://kiosk@host/ups", "go together"),
        ("nut://kiosk@host/ups?password_file=/nowhere", "cannot be read"),
    ],
)
def test_wrong_addresses_are_told_in_a_sentence(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        connect(url)


def test_a_password_is_in_no_message_and_no_name() -> None:
    with pytest.raises(ValueError, match="colour") as wrong:
        connect("nut://kiosk:topsecret@10.0.0.8/ups?colour=red")
    assert "topsecret" not in str(wrong.value)
    ups = connect("nut://kiosk:topsecret@10.0.0.8:3493/ups")
    assert "topsecret" not in repr(ups) + str(ups.capabilities)
    assert ups.capabilities["line"] == "10.0.0.8:3493"
