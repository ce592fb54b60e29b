"""The chip's text block: four layouts, and all that real cards put into them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.id_card.text import (
    LAYOUTS,
    CardDataError,
    UnsupportedCardType,
    pack_addresses,
    pack_text,
    parse_addresses,
    parse_text,
)
from kiosk.domain.identity import CardKind, IdCard, Sex

People = dict[str, dict[str, Any]]


def test_resident(people: People) -> None:
    assert parse_text(pack_text(people["resident"])) == IdCard(
        kind=CardKind.RESIDENT,
        name="测试甲",
        sex=Sex.FEMALE,
        birth=dt.date(1990, 1, 1),
        number="330299199001011220",
        issuer="宁波市公安局测试分局",
        valid_from=dt.date(2020, 1, 1),
        valid_to=dt.date(2040, 1, 1),
        nation="01",
        address="浙江省宁波市测试区样例路1号",
    )


def test_rare_name_and_no_end_of_validity(people: People) -> None:
    card = parse_text(pack_text(people["long_term"]))
    assert (card.name, card.nation, card.valid_to) == ("䶮𠮷", "97", None)


def test_residence_permit(people: People) -> None:
    card = parse_text(pack_text(people["hmt"]))
    assert card.kind is CardKind.HMT_RESIDENT
    assert (card.number, card.pass_number, card.issue_count) == ("81000019850505001X", "H00000000", "01")
    assert card.nation == ""


def test_foreigner_2017(people: People) -> None:
    card = parse_text(pack_text(people["foreigner_2017"]))
    assert card.kind is CardKind.FOREIGNER_2017
    assert (card.name, card.name_latin) == ("测试丙", "TEST, SAMPLE PERSON")
    assert (card.number, card.nationality, card.issuer) == ("UTO330290010101", "UTO", "3302")


def test_foreigner_2023_with_a_name_over_two_fields(people: People) -> None:
    latin = "TEST SAMPLE PERSON OF A LONG FAMIL ABCDEFGHIJ"
    assert latin[34] == " "  # the first part ends with a blank, which is not padding
    card = parse_text(pack_text({**people["foreigner_2023"], "name_latin": latin}))
    assert (card.kind, card.name_latin, card.issue_count) == (CardKind.FOREIGNER_2023, latin, "01")


def test_foreigner_without_a_chinese_name_is_called_by_the_latin_one(people: People) -> None:
    assert parse_text(pack_text({**people["foreigner_2017"], "name": ""})).name == "TEST, SAMPLE PERSON"


@pytest.mark.parametrize("kind", CardKind)
def test_layouts_fill_the_block(kind: CardKind) -> None:
    sizes = dict(LAYOUTS[kind])
    assert sum(sizes.values()) == 256
    assert len(sizes) == len(LAYOUTS[kind])


@pytest.mark.parametrize("who", ["resident", "long_term", "hmt", "foreigner_2017", "foreigner_2023"])
def test_nul_padding_reads_the_same(people: People, who: str) -> None:
    assert parse_text(pack_text(people[who], pad="\0")) == parse_text(pack_text(people[who]))


@pytest.mark.parametrize("nation", ["99", "98", "57", "", "??", "7"])
def test_unknown_nation_is_kept(people: People, nation: str) -> None:
    assert parse_text(pack_text({**people["resident"], "nation": nation})).nation == nation


@pytest.mark.parametrize(("code", "sex"), [("0", Sex.UNKNOWN), ("9", Sex.UNSPECIFIED), ("7", Sex.UNKNOWN), ("", "0")])
def test_sex_codes(people: People, code: str, sex: Sex) -> None:
    assert parse_text(pack_text({**people["resident"], "sex": code})).sex == sex


@pytest.mark.parametrize("name", ["\ud842测", "测\udfb7", "测试甲测试甲测试甲测试甲测试\ud842"])
def test_half_a_surrogate_pair_can_be_printed_and_stored(people: People, name: str) -> None:
    card = parse_text(pack_text({**people["resident"], "name": name}))
    assert "测" in card.name
    assert "\ufffd" in card.name.encode("utf-8").decode("utf-8")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("birth", "19901332"),
        ("birth", "19900230"),
        ("birth", ""),
        ("birth", "１９９００１０１"),
        ("from", "2020"),
        ("to", "无期"),
        ("number", "33029919900101122"),
        ("number", "3302991990010112ZZ"),
        ("name", ""),
    ],
)
def test_senseless_fields_are_named_and_not_quoted(people: People, field: str, value: str) -> None:
    block = pack_text({**people["resident"], field: value or " "})
    with pytest.raises(CardDataError) as caught:
        parse_text(block)
    assert caught.value.field == field
    assert not value or value not in str(caught.value)


def test_unknown_type_letter(people: People) -> None:
    block = pack_text(people["resident"])
    with pytest.raises(UnsupportedCardType) as caught:
        parse_text(block[:248] + b"Q\0" + block[250:])
    assert caught.value.letter == "Q"


@pytest.mark.parametrize("blank", [" ", "\0", "\u3000", "\uffff"])
def test_blank_type_is_a_resident(people: People, blank: str) -> None:
    block = pack_text(people["resident"])
    assert parse_text(block[:248] + blank.encode("utf-16-le") + block[250:]).kind is CardKind.RESIDENT


@pytest.mark.parametrize("size", [0, 255, 257])
def test_wrong_size(size: int) -> None:
    with pytest.raises(CardDataError):
        parse_text(bytes(size))


@given(st.binary(min_size=256, max_size=256))
def test_any_block_is_a_card_or_a_clear_error(block: bytes) -> None:
    try:
        card = parse_text(block)
    except CardDataError:
        return
    replace(card).name.encode("utf-8")


def test_addresses() -> None:
    given_ = ("浙江省宁波市测试区迁移路1号", "浙江省宁波市测试区迁移路2号")
    assert parse_addresses(pack_addresses(given_)) == given_
    for size in (0, 69, 71):
        with pytest.raises(CardDataError):
            parse_addresses(bytes(size))


def test_pack_accepts_dates_in_the_ways_people_write_them(people: People) -> None:
    plain = pack_text(people["resident"])
    assert pack_text({**people["resident"], "birth": dt.date(1990, 1, 1), "from": "2020-01-01"}) == plain
    other = {k: v for k, v in people["resident"].items() if k not in ("from", "to")}
    assert pack_text({**other, "valid_from": "20200101", "valid_to": "20400101"}) == plain


def test_pack_refuses_what_does_not_fit(people: People) -> None:
    with pytest.raises(ValueError, match="name is too long"):
        pack_text({**people["resident"], "name": "测" * 16})
