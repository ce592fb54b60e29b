"""What the endorsement service says, and where: the same words on the pages, the slip and the permit's back; what was paid and kept;
and a hall's list of options that nobody can have meant."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.endorsement_tables import EndorsementTables, load_endorsements
from config.settings import SettingsError
from kiosk.app import assemble
from kiosk.domain.endorsement import Destination, Endorsement, Grant, RegistryRecord
from kiosk.domain.endorsement_rules import offers
from kiosk.domain.identity import CardKind, IdCard, Sex
from kiosk.domain.mrz import make_line
from kiosk.domain.permit import PermitKind, PermitLine
from kiosk.journeys.endorsement.choose import entries_screen, kinds_screen
from kiosk.journeys.endorsement.visit import Kept, Visit
from kiosk.journeys.endorsement.words import (
    back_row,
    fee_title,
    grant_text,
    grant_title,
    kind_detail,
    kind_name,
    place_name,
)
from kiosk.ledger.states import Kind, PaymentState
from kiosk.screens import common, endorsement
from kiosk.screens.base import Row
from kiosk.screens.robot import WAIT
from tests.journeys.stage import Stage, settings, staged
from tests.journeys.test_endorsement import scenario

TODAY = dt.date(2026, 3, 18)
HELD = Endorsement("E1", Destination.MACAO, "Z", 1, TODAY, TODAY.replace(year=2027), 1)


@pytest.fixture(scope="module")
def tables() -> EndorsementTables:
    return load_endorsements()


def chosen(tables: EndorsementTables, kind: str, place: str, **record: Any) -> Visit:
    """Somebody registered in Shenzhen with every paper, at the machine that makes every option."""
    birth = dt.date(1980, 1, 1)
    card = IdCard(CardKind.RESIDENT, "张示例", Sex.FEMALE, birth, "440303198001010000", "", TODAY, None)
    facts = {"hukou_area": "440303", "papers_for": tuple("TSQDR"), **record}
    end = TODAY.replace(year=2033)
    registry = RegistryRecord(card.number, card.name, birth, "C12345678", end, **facts)
    found = offers(registry, card, TODAY, tables, tables.option_ids)
    line = PermitLine(PermitKind.HK_MACAO, "C12345678", end, f"{birth:%y%m%d}")
    return Visit(card=card, line=line, registry=registry, offers=found, kept=Kept(kind=kind, places=(place,)))


def cards(tables: EndorsementTables, kind: str, place: str) -> dict[str, endorsement.EntryOption]:
    (group,) = entries_screen(chosen(tables, kind, place), tables).groups
    return {option.id: option for option in group.options}


# -- words ---------------------------------------------------------------------------------------------------------------


def test_a_stay_without_days_is_not_called_no_days(tables: EndorsementTables) -> None:
    assert cards(tables, "D", "HKG")["HKG-D-1YM"].detail == "可用到 2027年3月18日，停留时间以对方许可为准"
    assert cards(tables, "G", "HKG")["HKG-G-3M1"].detail == "可用到 2026年6月18日，每次停留不超过 7 天"


def test_options_with_a_name_of_their_own_carry_it(tables: EndorsementTables) -> None:
    found = cards(tables, "G", "HKG")
    assert [found[f"HKG-G-{kind}"].title for kind in ("3M1", "1Y2", "1YM")] == [
        *("一次 · 3 个月", "二次 · 1 年", "一签多行 · 多次 · 1 年"),
    ]
    assert cards(tables, "G", "MAC")["MAC-G-1YW"].title == "一周一行 · 每周一次 · 1 年"
    (offer,) = (o for o in chosen(tables, "G", "MAC").offers if o.option.id == "MAC-G-1YW")
    assert fee_title(tables, offer.option) == "澳门 · 个人旅游 · 一周一行 · 每周一次 · 1 年"


def test_names_are_the_catalogues(tables: EndorsementTables) -> None:
    kinds = tuple(k.model_copy(update={"name": "自由行"}) if k.letter == "G" else k for k in tables.kind)
    places = tuple(p.model_copy(update={"name": "澳门特区"}) if p.id == "MAC" else p for p in tables.place)
    own = tables.model_copy(update={"kind": kinds, "place": places})
    screen = entries_screen(chosen(own, "G", "MAC"), own)
    assert (screen.kind, screen.groups[0].place) == ("自由行", "澳门特区")
    rows = {row.id: row.title for row in kinds_screen(chosen(own, "G", "MAC"), own).kinds}
    assert (rows["G"], rows["L"]) == ("自由行", "团队旅游")


def test_the_same_letter_means_other_things_for_taiwan(tables: EndorsementTables) -> None:
    assert (kind_name(tables, "HKG", "D"), kind_name(tables, "TWN", "D")) == ("逗留", "定居")
    assert kind_detail("MAC", "D")
    assert not kind_detail("TWN", "D")


def test_a_letter_that_only_the_registry_knows_breaks_no_page(tables: EndorsementTables) -> None:
    screen = kinds_screen(chosen(tables, "G", "HKG", endorsements=(HELD,)), tables)
    assert screen.held == (endorsement.HeldRow("澳门", "Z，还剩 1 次，到 2027年3月18日"),)
    assert back_row(tables, HELD) == ("Z", "澳门", "20270318", "一次")
    assert place_name(tables, "XXX") == "XXX"


def test_one_trip_a_week_is_said_on_slip_and_back_too(tables: EndorsementTables) -> None:
    weekly = Grant("E2", "MAC-G-1YW", Destination.MACAO, "G", None, TODAY, dt.date(2027, 3, 18))
    assert grant_title(tables, weekly) == "澳门 个人旅游 每周一次 到 2027-03-18"
    assert grant_text(tables, weekly) == "个人旅游，每周一次，可用到 2027年3月18日"
    assert back_row(tables, weekly) == ("个人旅游", "澳门", "20270318", "每周一次")
    often = replace(weekly, option_id="MAC-G-1YM")
    assert back_row(tables, often)[3] == "多次"


async def test_two_entries_have_one_word_on_screen_slip_and_back(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario("endorse_happy_both")) as stage:
        assert (await stage.visit()).outcome == "endorsed"
        desk = stage.desk
        said = [
            *(option.title for s in desk.of(endorsement.ChooseEntries) for g in s.groups for option in g.options),
            *(row.value for s in desk.of(endorsement.ReviewEndorsement) for row in s.rows),
            *(line.title for s in desk.of(endorsement.ReviewEndorsement) for line in s.fees),
            *(row.value for s in desk.of(endorsement.CheckPermit) for row in s.rows),
            *(s.cost for s in desk.of(common.ServiceStart)),
            *stage.papers,
            *(" ".join(row) for row in stage.unit.mechanics.hand.back),
        ]
        assert sum("二次" in text for text in said) >= 7
        assert not [text for text in said if "两次" in text]
        (check,) = {screen.rows for screen in desk.of(endorsement.CheckPermit)}
        assert check[0].value.startswith("个人旅游，二次，可用到")
        assert [row[:2] + row[3:] for row in stage.unit.mechanics.hand.back] == [
            ["个人旅游", "香港", "二次"],
            ["个人旅游", "澳门", "一次"],
        ]
        (voucher,) = stage.papers
        assert "香港 个人旅游 二次" in voucher


# -- the hall's settings -------------------------------------------------------------------------------------------------


async def test_options_that_no_catalogue_has_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        async with assemble(listing(tmp_path, "HKG-L-3M1", "HKG-L-3M9", "hkg-g-3m1"), attend=False):
            pass
    said = str(caught.value)
    assert said.startswith("endorsement.allowed: ")
    assert "'HKG-L-3M9'" in said
    assert "'hkg-g-3m1'" in said
    assert "'HKG-L-3M1'" not in said
    assert "config/endorsements.toml" in said
    assert said.count(". ") == 0
    assert said.endswith(".")


async def test_options_of_other_days_may_be_listed(tmp_path: Path) -> None:
    async with assemble(listing(tmp_path, "HKG-G-1YW", "TWN-L-3M1", "HKG-L-3M1"), attend=False) as machine:
        assert machine.permits is not None


def listing(tmp_path: Path, *allowed: str) -> Any:
    base = settings(tmp_path)
    return base.model_copy(update={"endorsement": base.endorsement.model_copy(update={"allowed": allowed})})


@pytest.mark.parametrize("name", ["endorse_happy_hk", "endorse_not_taken"])
async def test_the_slot_is_where_the_settings_say_on_every_page(tmp_path: Path, name: str) -> None:
    async with staged(tmp_path, scenario(name)) as stage:
        object.__setattr__(stage.machine.settings.devices, "slot_arrow", "right")
        object.__setattr__(stage.machine.settings.devices, "slot_position", "插卡口在屏幕旁边")
        await stage.visit()
        for kind in (endorsement.InsertPermit, endorsement.TakePermit):
            screens = stage.desk.of(kind)
            assert screens
            assert {(screen.arrow, screen.position) for screen in screens} == {("right", "插卡口在屏幕旁边")}


@pytest.mark.parametrize(("legacy", "outcome"), [(True, "refused:EE21"), (False, "card_unreadable")])
async def test_older_taiwan_numbers_are_read_where_the_catalogue_says_so(
    tmp_path: Path, legacy: bool, outcome: str
) -> None:
    async with staged(tmp_path, scenario("endorse_ee21_taiwan")) as stage:
        permits, permit = stage.machine.permits, stage.scenario.permit
        assert permits is not None
        assert permit is not None
        limits = permits.tables.limits.model_copy(update={"legacy_taiwan_number": legacy})
        tables = permits.tables.model_copy(update={"limits": limits})
        object.__setattr__(stage.machine, "permits", replace(permits, tables=tables))
        card = permit.card(stage.scenario.person)
        born = f"{stage.scenario.person.birth:%y%m%d}"
        card["line"] = make_line(PermitKind.TAIWAN, "T10000188", permit.expiry, born)

        def puts_in(screen: endorsement.InsertPermit) -> Any:
            if screen.state in ("waiting", "given_back"):
                stage.unit.control({"do": "insert", "card": card})
            return WAIT

        assert (await stage.visit({endorsement.InsertPermit: [puts_in] * 99})).outcome == outcome


# -- refusals ------------------------------------------------------------------------------------------------------------


async def test_a_refusal_for_both_places_names_both(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario("endorse_ee08_both_in_force")) as stage:
        assert (await stage.visit()).outcome == "refused:EE08"
        (message,) = {m.body for m in stage.desk.of(common.Message) if m.code == "EE08"}
        assert message == "去香港和澳门的签注还在有效期内，用完或到期后再来办理。"


def test_a_kind_that_is_taken_for_both_places_says_so(tables: EndorsementTables) -> None:
    taken = tuple(replace(HELD, destination=place, kind="L") for place in (Destination.HONG_KONG, Destination.MACAO))
    visit = chosen(tables, "G", "HKG", endorsements=taken)
    locked = {row.locked for row in kinds_screen(visit, tables).kinds}
    assert locked == {"去香港和澳门的签注还在有效期内，用完或到期后再来办理。"}
    (group,) = entries_screen(visit, tables).groups
    assert {option.locked for option in group.options} == {"去香港的签注还在有效期内，用完或到期后再来办理。"}


# -- money ---------------------------------------------------------------------------------------------------------------


def offered_again(stage: Stage) -> list[Row]:
    (screen,) = {s.rows: s for s in stage.desk.of(common.Message) if s.title == "要补打这次的凭证吗？"}.values()
    return [row for row in screen.rows if row.label not in ("办理时间", "凭证")]


def plain(paper: str) -> str:
    return paper.replace(" ", "")


async def test_a_copy_says_what_was_paid(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario("endorse_happy_both")) as stage:
        await stage.visit()
        assert (await stage.reprint()).outcome == "completed"
        assert offered_again(stage) == [Row("已付", "¥45.00")]
        assert "退" not in stage.papers[-1]


async def test_a_copy_says_that_the_fee_went_back(tmp_path: Path) -> None:
    """First that it is on its way, and once the wallet has done it, that it was done."""
    async with staged(tmp_path, scenario("endorse_write_failed")) as stage:
        await stage.visit()
        (first,) = stage.papers
        assert (await stage.reprint()).outcome == "completed"
        assert offered_again(stage) == [Row("已付", "¥15.00"), Row("正在退款", "¥15.00"), Row("实收", "¥0.00")]
        for paper in (first, stage.papers[-1]):
            assert "退款申请已经提交" in plain(paper)
            assert "实收费用" in paper
            assert "已经退款" not in paper
        assert await stage.sweep()
        assert await stage.states(Kind.PAYMENT) == [PaymentState.REFUNDED]
        assert (await stage.reprint()).outcome == "completed"
        assert offered_again(stage) == [Row("已付", "¥15.00"), Row("已退款", "¥15.00"), Row("实收", "¥0.00")]
        last = plain(stage.papers[-1])
        assert all(part in last for part in ("已缴费用", "已经退款", "实收费用", "0.00元", "退款已经原路退回付款账户"))
        assert "退款申请已经提交" not in last
        assert "费用已经收到" not in last


async def test_a_fee_that_went_back_before_anything_was_granted_is_no_open_application(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario("endorse_authorise_down")) as stage:
        await stage.visit()
        stage.exits.control({"do": "clear"})
        assert await stage.sweep()
        assert await stage.states(Kind.PAYMENT) == [PaymentState.REFUNDED]
        for paper in stage.paper("签注业务核对单"):
            assert "签注没有写入通行证" in plain(paper)
            assert "不要重复申请" not in plain(paper)
        assert stage.paper("签注业务核对单")


async def test_an_amount_that_is_not_ours_is_for_the_window(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario("endorse_wallet_wrong_amount")) as stage:
        assert (await stage.visit()).outcome == "amount_alarm"
        assert (await stage.reprint()).outcome == "completed"
        assert offered_again(stage) == [Row("已付", "¥14.99"), Row("待窗口核对", "¥14.99"), Row("实收", "¥0.00")]
        for paper in map(plain, stage.paper("签注业务核对单")):
            assert "这笔付款需要工作人员核对，签注没有办理" in paper
            assert "14.99元" in paper
            assert "没有查到" not in paper
