"""Who may apply at the machine, and for what. Ids of the cases name the rule."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest

from config.endorsement_tables import EndorsementTables, load_endorsements
from kiosk.domain.chip_text import encode_name, parse_dg1
from kiosk.domain.eligibility import headline
from kiosk.domain.endorsement import Destination, Endorsement, Offer, RegistryRecord
from kiosk.domain.endorsement_holder import difference, same_holder
from kiosk.domain.endorsement_rules import (
    Applicant,
    Phase,
    first_stop,
    in_force,
    offers,
    shared_stop,
    shown,
    shown_code,
    stops,
)
from kiosk.domain.endorsement_rules_option import OPTION_RULES
from kiosk.domain.endorsement_rules_person import PERSON_RULES
from kiosk.domain.identity import CardKind, id_check_character
from kiosk.domain.mrz import make_line, parse_line
from kiosk.domain.permit import ChipHolder, PermitKind, PermitLine
from tests.domain.conftest import TODAY, make_card

PHASES: tuple[Phase, ...] = ("card", "permit", "person")
NUMBER, NAME, BIRTH = "330203199001010006", "张伟明", dt.date(1990, 1, 1)
PERMIT = "C12345678"
HKG_G = ["HKG-G-3M1", "HKG-G-3M2", "HKG-G-1Y1", "HKG-G-1Y2"]


@pytest.fixture(scope="module")
def tables() -> EndorsementTables:
    return load_endorsements()


def limited(tables: EndorsementTables, **values: Any) -> EndorsementTables:
    """The catalogue as another hall may have set it."""
    return tables.model_copy(update={"limits": tables.limits.model_copy(update=values)})


def make_permit_line(
    number: str = PERMIT, expiry: dt.date = dt.date(2033, 6, 30), birth: str = "900101", kind: str = "CS"
) -> PermitLine:
    return parse_line(make_line(PermitKind(kind), number, expiry, birth), TODAY)


def make_chip(line: PermitLine | None = None, name: str = NAME) -> ChipHolder:
    line = line or make_permit_line()
    text = make_line(line.kind, line.number, line.expiry, line.birth) + encode_name(name) + "ZHANG<<WEIMING<<<<F"
    return parse_dg1(text.ljust(90, "<"), TODAY)


def make_registry(**changes: Any) -> RegistryRecord:
    fields: dict[str, Any] = {
        "id_number": NUMBER,
        "name": NAME,
        "birth": BIRTH,
        "permit_number": PERMIT,
        "permit_valid_to": dt.date(2033, 6, 30),
        "hukou_area": "330212",
    }
    return RegistryRecord(**(fields | changes))


def make_applicant(**changes: Any) -> Applicant:
    fields: dict[str, Any] = {
        "card": make_card(),
        "line": make_permit_line(),
        "chip": make_chip(),
        "registry": make_registry(),
    }
    return Applicant(**(fields | changes))


def held(destination: Destination = Destination.HONG_KONG, **changes: Any) -> Endorsement:
    fields: dict[str, Any] = {
        "number": "E1",
        "destination": destination,
        "kind": "G",
        "entries": 2,
        "entries_left": 1,
        "issued_on": dt.date(2025, 10, 1),
        "valid_to": dt.date(2026, 10, 1),
    }
    return Endorsement(**(fields | changes))


def code(
    applicant: Applicant, tables: EndorsementTables, phase: Phase = "person", today: dt.date = TODAY
) -> str | None:
    stop = first_stop(applicant, today, tables, phase=phase)
    return stop.refusal.code if stop else None


def offered(
    tables: EndorsementTables, today: dt.date = TODAY, allowed: tuple[str, ...] = (), **changes: Any
) -> dict[str, Offer]:
    found = offers(make_registry(**changes), make_card(), today, tables, allowed)
    return {offer.option.id: offer for offer in found}


def against(offer: Offer) -> list[str]:
    return [stop.refusal.code for stop in offer.stops]


# --- person and permit ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", PHASES)
def test_nothing_against_an_ordinary_holder(tables: EndorsementTables, phase: Phase) -> None:
    assert stops(make_applicant(), TODAY, tables, phase=phase) == ()


@pytest.mark.parametrize(
    ("phase", "changes"),
    [("card", {"line": None, "chip": None, "registry": None}), ("permit", {"chip": None, "registry": None})],
)
def test_what_is_not_known_yet_does_not_stop(tables: EndorsementTables, phase: Phase, changes: dict[str, Any]) -> None:
    assert code(make_applicant(**changes), tables, phase) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"number": "330203199001010005"}, "EE01", id="check digit GB 11643"),
        pytest.param({"birth": dt.date(1990, 1, 2)}, "EE01", id="chip and number disagree"),
        pytest.param({"valid_from": dt.date(2026, 3, 19)}, "EE01", id="not valid yet"),
        pytest.param({"valid_from": dt.date(2026, 3, 18)}, None, id="first day"),
        pytest.param({"valid_to": dt.date(2026, 3, 17)}, "EE01", id="expired yesterday"),
        pytest.param({"valid_to": dt.date(2026, 3, 18)}, None, id="last day"),
        pytest.param({"valid_to": None}, None, id="no end"),
        pytest.param({"kind": CardKind.HMT_RESIDENT}, "EE01", id="residence permit of a Hong Kong resident"),
        pytest.param({"kind": CardKind.FOREIGNER_2017}, "EE01", id="foreigner's card"),
    ],
)
def test_ee01_identity_card(tables: EndorsementTables, changes: dict[str, Any], expected: str | None) -> None:
    assert code(Applicant(make_card(**changes)), tables, "card") == expected


def test_ee01_unreadable(tables: EndorsementTables) -> None:
    stop = first_stop(Applicant(None), TODAY, tables, phase="card")
    assert stop is not None
    assert (stop.refusal.code, stop.outcome) == ("EE01", "refuse")


OUTCOMES = {"EE01": "refuse", "EE02": "refuse", "EE21": "refuse"}


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        ("EE02", {"line": make_permit_line(birth="900102"), "chip": None, "registry": None}),
        ("EE02", {"chip": make_chip(name="李小明"), "registry": None}),
        ("EE02", {"chip": make_chip(make_permit_line(number="C87654321")), "registry": None}),
        ("EE02", {"chip": None, "registry": None, "chip_full_name": "张伟"}),
        ("EE02", {"chip": None, "registry": None, "chip_personal_number": "330212199001010002"}),
        ("EE02", {"registry": make_registry(id_number="330212199001010002")}),
        ("EE02", {"registry": make_registry(name="张伟")}),
        ("EE02", {"registry": make_registry(birth=dt.date(1990, 1, 2))}),
        ("EE02", {"registry": make_registry(permit_number="C87654321")}),
        ("EE05", {"registry": make_registry(booklet=True)}),
        ("EE06", {"line": make_permit_line(expiry=TODAY - dt.timedelta(days=1)), "chip": None, "registry": None}),
        ("EE06", {"registry": make_registry(permit_valid_to=TODAY - dt.timedelta(days=1))}),
        ("EE06", {"registry": make_registry(permit_state="lost")}),
        ("EE06", {"registry": make_registry(permit_state="cancelled")}),
        ("EE06", {"registry": make_registry(permit_state="damaged")}),
        ("EE06", {"registry": make_registry(permit_state="replaced")}),
        ("EE18", {"registry": make_registry(data_changed=True)}),
        ("EE18", {"registry": make_registry(data_changed=True, name="张明"), "chip": make_chip(name="张明")}),
        ("EE19", {"chip": None, "chip_dead": True, "registry": None}),
        ("EE19", {"registry": make_registry(chip_writes=255)}),
    ],
)
def test_permit(tables: EndorsementTables, expected: str, changes: dict[str, Any]) -> None:
    applicant = make_applicant(**changes)
    for phase in PHASES[1:]:
        stop = first_stop(applicant, TODAY, tables, phase=phase)
        assert stop is not None
        assert (stop.refusal.code, stop.outcome) == (expected, OUTCOMES.get(expected, "window"))
    assert code(applicant, tables, "card") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"line": make_permit_line(expiry=TODAY), "chip": None, "registry": make_registry(permit_valid_to=TODAY)},
        {"registry": make_registry(chip_writes=254)},
        {"registry": make_registry(id_number=f" {NUMBER} ", name="张 伟明", permit_number=PERMIT.lower())},
        {"chip_full_name": NAME, "chip_personal_number": NUMBER},
        {"chip_personal_number": "E1234"},
    ],
)
def test_permit_that_is_still_good(tables: EndorsementTables, changes: dict[str, Any]) -> None:
    assert code(make_applicant(**changes), tables) is None


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        ("EE03", {"face_failed": True}),
        ("EE09", {"registry": make_registry(registered_official=True)}),
        ("EE10", {"registry": make_registry(military=True)}),
        ("EE11", {"registry": make_registry(exit_barred=True)}),
        ("EE12", {"registry": make_registry(false_statement=True)}),
        ("EE17", {"registry": make_registry(review=True)}),
        pytest.param("EE17", {"registry": None}, id="EE17 the platform knows no such permit"),
        ("EE22", {"registry": make_registry(face_on_file="old")}),
        ("EE22", {"registry": make_registry(face_on_file="missing")}),
    ],
)
def test_person(tables: EndorsementTables, expected: str, changes: dict[str, Any]) -> None:
    applicant = make_applicant(**changes)
    stop = first_stop(applicant, TODAY, tables, phase="person")
    assert stop is not None
    assert (stop.refusal.code, stop.outcome) == (expected, "window")
    assert code(applicant, tables, "permit") is None


@pytest.mark.parametrize(
    ("birth", "expected"),
    [
        pytest.param(dt.date(2010, 3, 19), "EE04", id="15 years and 364 days"),
        pytest.param(dt.date(2010, 3, 18), None, id="16th birthday"),
        pytest.param(dt.date(2010, 3, 17), None, id="a day later"),
    ],
)
def test_ee04_age(tables: EndorsementTables, birth: dt.date, expected: str | None) -> None:
    head = f"330203{birth:%Y%m%d}000"
    number = head + id_check_character(head)
    applicant = make_applicant(
        card=make_card(birth=birth, number=number),
        line=make_permit_line(birth=f"{birth:%y%m%d}"),
        chip=None,
        registry=make_registry(birth=birth, id_number=number),
    )
    assert [code(applicant, tables, phase) for phase in PHASES] == [expected] * 3


def test_ee14_only_where_the_hall_wants_it(tables: EndorsementTables) -> None:
    applicant = make_applicant(registry=make_registry(first_here=True))
    assert code(applicant, tables) is None
    assert code(applicant, limited(tables, first_here=True)) == "EE14"
    assert code(make_applicant(), limited(tables, first_here=True)) is None


@pytest.mark.parametrize(("ok", "expected"), [(True, None), (False, "EE20"), (None, "EE20")])
def test_ee20_only_where_the_hall_wants_it(tables: EndorsementTables, ok: bool | None, expected: str | None) -> None:
    applicant = make_applicant(fingerprint_ok=ok)
    assert code(applicant, tables) is None
    assert code(applicant, limited(tables, fingerprint=True)) == expected
    assert code(applicant, limited(tables, fingerprint=True), "permit") is None


def test_ee21_service_closed(tables: EndorsementTables) -> None:
    assert code(make_applicant(), limited(tables, open=False), "card") == "EE21"


def test_ee21_taiwan_permit(tables: EndorsementTables) -> None:
    line = make_permit_line("L12345678", kind="CD")
    applicant = make_applicant(line=line, chip=make_chip(line), registry=make_registry(permit_number="L12345678"))
    assert code(applicant, tables, "permit") == "EE21"
    blocks = tuple(block.model_copy(update={"on": True}) for block in tables.block)
    assert code(applicant, tables.model_copy(update={"block": blocks})) is None


def test_ee22_by_config(tables: EndorsementTables) -> None:
    lax = limited(tables, photo_on_file=("missing",))
    assert code(make_applicant(registry=make_registry(face_on_file="old")), lax) is None
    assert code(make_applicant(registry=make_registry(face_on_file="missing")), lax) == "EE22"


def test_order_and_everything_is_collected(tables: EndorsementTables) -> None:
    """Identity, state of the permit, age and special groups, what forbids."""
    worst = make_registry(
        name="某某",
        booklet=True,
        permit_state="lost",
        chip_writes=999,
        face_on_file="missing",
        registered_official=True,
        military=True,
        exit_barred=True,
        false_statement=True,
        review=True,
        first_here=True,
    )
    strict = limited(tables, open=False, fingerprint=True, first_here=True)
    applicant = make_applicant(card=make_card(valid_to=dt.date(2020, 1, 1)), face_failed=True, registry=worst)
    found = [stop.refusal.code for stop in stops(applicant, TODAY, strict, phase="person")]
    assert found == [
        *("EE01", "EE21", "EE02", "EE03", "EE20"),
        *("EE05", "EE06", "EE19", "EE22"),
        *("EE09", "EE10", "EE11", "EE12", "EE17", "EE14"),
    ]


def test_a_change_explains_name_or_number_but_not_both() -> None:
    card, line = make_card(), make_permit_line()
    changed = make_registry(data_changed=True)
    assert same_holder(card, line, make_chip(), replace(changed, name="张明"))
    assert same_holder(card, line, make_chip(name="张明"), replace(changed, name="张明"), full_name="张明")
    assert same_holder(card, line, None, replace(changed, id_number="330212199001010002"))
    other = replace(changed, name="张明", id_number="330212199001010002")
    assert difference(card, line, None, other) == "registry_number"
    assert difference(card, line, None, replace(changed, birth=dt.date(1990, 1, 2))) == "registry_birth"


# --- held back --------------------------------------------------------------------------------------------------------


def test_what_is_held_back_cannot_be_told_apart(tables: EndorsementTables) -> None:
    """出境入境管理法 第12条: the ground is shown nowhere, and the sentence does not hint at one."""
    found = [
        first_stop(make_applicant(registry=make_registry(**{name: True})), TODAY, tables, phase="person")
        for name in ("exit_barred", "false_statement", "review")
    ]
    assert {stop.refusal.code for stop in found if stop} == {"EE11", "EE12", "EE17"}
    assert {(s.refusal.message, s.refusal.source, s.outcome, shown_code(s)) for s in found if s} == {
        ("暂无法自助办理。请到人工窗口办理。", "出境入境管理法", "window", "EE17")
    }
    ground = re.compile("不准|限制|刑|案|犯|法院|遣返|虚假|编造|十二条|12条|barred|court|crim|ban|exit|false")
    for stop in found:
        assert stop is not None
        assert not ground.search(stop.refusal.message + stop.refusal.source + stop.refusal.reason)


def test_other_codes_are_shown_as_they_are(tables: EndorsementTables) -> None:
    stop = first_stop(make_applicant(face_failed=True), TODAY, tables, phase="person")
    assert stop is not None
    assert shown_code(stop) == "EE03"


# --- options ----------------------------------------------------------------------------------------------------------


def test_offers_of_a_holder_from_ningbo(tables: EndorsementTables) -> None:
    found = offered(tables)
    free = [option_id for option_id, offer in found.items() if not offer.stops]
    assert free == [
        *HKG_G,
        *("MAC-G-3M1", "MAC-G-1Y1"),
        *("HKG-L-3M1", "HKG-L-3M2", "HKG-L-1Y1", "HKG-L-1Y2"),
        *("MAC-L-3M1", "MAC-L-1Y1"),
    ]
    assert found["HKG-G-3M1"].fee_fen == 15_00
    assert found["HKG-G-1Y2"].fee_fen == 30_00
    assert found["HKG-G-3M1"].valid_to == dt.date(2026, 6, 18)
    assert found["MAC-S-1YM"].fee_fen == 80_00
    assert against(found["HKG-S-3M1"]) == ["EE15"]
    assert against(found["HKG-T-3M1"]) == ["EE21", "EE15"]
    assert not any(option_id.startswith("TWN") for option_id in found)


@pytest.mark.parametrize(
    ("today", "stopped"),
    [
        ("2025-12-10", ["EE07"]),
        ("2025-12-02", ["EE07"]),
        pytest.param("2025-12-01", [], id="ends on the permit's last day"),
        ("2025-11-30", []),
    ],
)
def test_ee07_permit_ends_2026_03_01(tables: EndorsementTables, today: str, stopped: list[str]) -> None:
    found = offered(tables, dt.date.fromisoformat(today), permit_valid_to=dt.date(2026, 3, 1))
    assert against(found["HKG-G-3M1"]) == stopped
    assert against(found["HKG-G-1Y1"]) == ["EE07"]


def test_ee07_margin_and_convention(tables: EndorsementTables) -> None:
    day, end = dt.date(2025, 12, 1), dt.date(2026, 3, 1)
    assert against(offered(limited(tables, end_margin_days=1), day, permit_valid_to=end)["HKG-G-3M1"]) == ["EE07"]
    late = limited(tables, end_convention="day_before")
    assert against(offered(late, dt.date(2025, 12, 2), permit_valid_to=end)["HKG-G-3M1"]) == []


@pytest.mark.parametrize(
    ("changes", "stopped"),
    [
        pytest.param({}, True, id="one entry left"),
        pytest.param({"entries_left": None, "entries": None}, True, id="any number"),
        pytest.param({"entries_left": 0}, False, id="used up"),
        pytest.param({"valid_to": TODAY}, True, id="last day"),
        pytest.param({"valid_to": TODAY - dt.timedelta(days=1)}, False, id="over"),
        pytest.param({"kind": "S"}, True, id="another kind"),
        pytest.param({"issued_on": TODAY + dt.timedelta(days=1)}, True, id="begins tomorrow"),
    ],
)
def test_ee08_same_place(tables: EndorsementTables, changes: dict[str, Any], stopped: bool) -> None:
    found = offered(tables, endorsements=(held(**changes),))
    assert in_force(held(**changes), TODAY) is stopped
    for option_id in HKG_G:
        assert against(found[option_id]) == (["EE08"] if stopped else [])
    assert against(found["MAC-G-1Y1"]) == []


BOTH = (held(), held(Destination.MACAO, number="E2"))


def test_ee08_names_every_place_it_stands_against(tables: EndorsementTables) -> None:
    found = list(offered(tables, endorsements=BOTH).values())
    stop = shared_stop(found, tables)
    assert stop is not None
    assert (stop.refusal.code, stop.outcome) == ("EE08", "refuse")
    assert stop.refusal.message == "去香港和澳门的签注还在有效期内，用完或到期后再来办理。"
    one = shared_stop([offer for offer in found if offer.option.destination is Destination.MACAO], tables)
    assert one is not None
    assert one.refusal.message == "去澳门的签注还在有效期内，用完或到期后再来办理。"


def test_a_place_that_something_else_stands_against_is_not_named(tables: EndorsementTables) -> None:
    """Macao's last endorsement is used up, but it is too recent there (EE16)."""
    used_up = held(Destination.MACAO, entries_left=0, issued_on=TODAY)
    found = offered(limited(tables, min_interval_days=60), endorsements=(held(), used_up))
    assert {against(offer)[0] for offer in found.values()} == {"EE08", "EE16"}
    stop = shared_stop(list(found.values()), tables)
    assert stop is not None
    assert stop.refusal.message.startswith("去香港的签注还在有效期内")


def test_what_no_machine_makes_is_the_reason_only_where_there_is_no_other(tables: EndorsementTables) -> None:
    nothing = offered(tables, allowed=("TWN-L-3M1",))
    stop = shared_stop(list(nothing.values()), tables)
    assert stop is not None
    assert stop.refusal.code == "EE21"
    mixed = offered(tables, allowed=("MAC-L-3M1",), endorsements=(held(Destination.MACAO),))
    stop = shared_stop(list(mixed.values()), tables)
    assert stop is not None
    assert stop.refusal.message.startswith("去澳门的签注")


def test_no_reason_is_shared_where_something_is_free(tables: EndorsementTables) -> None:
    assert shared_stop(list(offered(tables, endorsements=BOTH[:1]).values()), tables) is None
    assert shared_stop([], tables) is None


@pytest.mark.parametrize(
    ("areas", "individual"),
    [
        pytest.param({"hukou_area": "330212"}, True, id="Yinzhou"),
        pytest.param({"hukou_area": "360482", "residence_area": ""}, False, id="Gongqingcheng"),
        pytest.param({"hukou_area": "360482", "residence_area": "330212"}, True, id="residence permit of Ningbo"),
        pytest.param({"hukou_area": "", "residence_area": ""}, False, id="nothing known"),
        pytest.param({"hukou_area": "310115"}, True, id="municipality"),
    ],
)
def test_ee13_individual_visit(tables: EndorsementTables, areas: dict[str, str], individual: bool) -> None:
    found = offered(tables, **areas)
    for option_id in (*HKG_G, "MAC-G-3M1", "MAC-G-1Y1"):
        assert against(found[option_id]) == ([] if individual else ["EE13"])
    assert against(found["HKG-L-3M1"]) == []
    if not individual:
        assert "团队旅游" in found["HKG-G-3M1"].stops[0].refusal.message


def test_ee13_follows_the_day_a_city_joined(tables: EndorsementTables) -> None:
    assert against(offered(tables, dt.date(2024, 5, 26), hukou_area="620102")["HKG-G-3M1"]) == ["EE13"]
    assert against(offered(tables, dt.date(2024, 5, 27), hukou_area="620102")["HKG-G-3M1"]) == []


@pytest.mark.parametrize(
    ("option_id", "areas", "stopped"),
    [
        ("HKG-G-1YM", {"hukou_area": "440305"}, []),
        ("HKG-G-1YM", {"hukou_area": "360482", "residence_area": "440305"}, []),
        ("HKG-G-1YM", {"hukou_area": "330212"}, ["EE13"]),
        ("MAC-G-1YW", {"hukou_area": "440402"}, []),
        pytest.param("MAC-G-1YW", {"hukou_area": "330212", "residence_area": "440402"}, ["EE13"], id="hukou only"),
        ("MAC-G-1YM", {"hukou_area": "440402"}, ["EE21"]),
    ],
)
def test_ee13_options_of_one_place(
    tables: EndorsementTables, option_id: str, areas: dict[str, str], stopped: list[str]
) -> None:
    assert against(offered(tables, **areas)[option_id]) == stopped


def test_options_of_another_place_need_not_be_shown(tables: EndorsementTables) -> None:
    for area, expected in (("330212", set()), ("440305", {"HKG-G-1YM"}), ("440402", {"MAC-G-1YW", "MAC-G-1YM"})):
        found = offers(make_registry(hukou_area=area), make_card(), TODAY, tables)
        left = {offer.option.id for offer in shown(found, TODAY, tables)}
        assert left & {"HKG-G-1YM", "MAC-G-1YW", "MAC-G-1YM"} == expected
        assert {offer.option.id for offer in found} - left <= {"HKG-G-1YM", "MAC-G-1YW", "MAC-G-1YM"}


@pytest.mark.parametrize(
    ("option_id", "changes", "stopped"),
    [
        ("HKG-S-3M1", {}, ["EE15"]),
        ("HKG-S-3M1", {"business_filed": True}, []),
        ("HKG-S-3M1", {"papers_for": ("S",)}, []),
        ("MAC-S-1YM", {"business_filed": True}, []),
        pytest.param("MAC-S-1YM", {"papers_for": ("S",)}, ["EE15"], id="several entries for filed firms only"),
        ("HKG-T-3MM", {}, ["EE21", "EE15"]),
        ("HKG-T-3MM", {"papers_for": ("T",)}, ["EE21"]),
        ("HKG-R-5YM", {"business_filed": True}, ["EE21", "EE15"]),
        ("MAC-D-1YM", {}, ["EE21", "EE15"]),
        ("MAC-Q-1YM", {"papers_for": ("T",)}, ["EE21", "EE15"]),
    ],
)
def test_ee15_papers(tables: EndorsementTables, option_id: str, changes: dict[str, Any], stopped: list[str]) -> None:
    offer = offered(tables, **changes)[option_id]
    assert against(offer) == stopped
    assert all(s.outcome == "window" for s in offer.stops if s.refusal.code == "EE15")


@pytest.mark.parametrize(
    ("days", "entries", "per_entry", "stopped"),
    [
        (29, 1, True, True),
        (30, 1, True, False),
        (59, 2, True, True),
        (60, 2, True, False),
        (59, 2, False, False),
        (29, None, True, True),
        (30, None, True, False),
    ],
)
def test_ee16_interval(
    tables: EndorsementTables, days: int, entries: int | None, per_entry: bool, stopped: bool
) -> None:
    used = held(entries=entries, entries_left=0, issued_on=TODAY - dt.timedelta(days=days))
    strict = limited(tables, min_interval_days=30, interval_per_entry=per_entry)
    assert against(offered(strict, endorsements=(used,))["HKG-G-3M1"]) == (["EE16"] if stopped else [])
    assert against(offered(strict, endorsements=(used,))["MAC-G-3M1"]) == []
    assert against(offered(tables, endorsements=(used,))["HKG-G-3M1"]) == []


def test_ee16_says_from_when(tables: EndorsementTables) -> None:
    used = held(entries=1, entries_left=0, issued_on=dt.date(2026, 3, 1))
    offer = offered(limited(tables, min_interval_days=30), endorsements=(used,))["HKG-G-3M1"]
    assert offer.stops[0].refusal.message == "距上次签注时间过短，2026年3月31日起可以再办理。"


def test_ee21_the_halls_own_list(tables: EndorsementTables) -> None:
    found = offered(tables, allowed=("MAC-G-1Y1", "HKG-T-3M1"), papers_for=("T",))
    assert [option_id for option_id, offer in found.items() if not offer.stops] == ["MAC-G-1Y1", "HKG-T-3M1"]
    assert against(found["HKG-G-3M1"]) == ["EE21"]


def test_all_reasons_are_collected(tables: EndorsementTables) -> None:
    found = offered(
        limited(tables, min_interval_days=365),
        allowed=("MAC-G-1Y1",),
        hukou_area="360482",
        permit_valid_to=TODAY,
        endorsements=(held(),),
    )
    assert against(found["HKG-G-3M1"]) == ["EE08", "EE16", "EE21", "EE13", "EE07"]
    assert against(found["HKG-G-1YM"]) == ["EE08", "EE16", "EE21", "EE13", "EE07"]
    assert against(found["HKG-S-1YM"]) == ["EE08", "EE16", "EE21", "EE15", "EE07"]
    assert against(found["MAC-G-1Y1"]) == ["EE13", "EE07"]


def test_a_taiwan_permit_gets_taiwan_options(tables: EndorsementTables) -> None:
    assert offered(tables, permit_number="L12345678") == {}
    blocks = tuple(block.model_copy(update={"on": True}) for block in tables.block)
    found = offered(tables.model_copy(update={"block": blocks}), permit_number="L12345678")
    assert found
    assert {offer.option.destination for offer in found.values()} == {Destination.TAIWAN}
    older = offered(tables.model_copy(update={"block": blocks}), permit_number=" t12345678")
    assert list(older) == list(found)


# --- what the rules say -----------------------------------------------------------------------------------------------


def test_every_code_has_its_rule() -> None:
    codes = {rule.code for rule in PERSON_RULES} | {rule.code for rule in OPTION_RULES}
    assert codes == {f"EE{n:02d}" for n in range(1, 23)}


@pytest.mark.parametrize("rule", [*PERSON_RULES, *OPTION_RULES], ids=lambda r: r.code)
def test_sentences_are_plain(rule: Any) -> None:
    sentence = rule.what + rule.todo
    assert not set(sentence) & set("!！?？;；,:。")
    assert not any(word in sentence for word in ("错误", "非法", "失败", "异常", "接口", "您没有", "不得"))
    assert len(rule.what) <= 24
    assert rule.reason.isascii()
    assert rule.source
    assert rule.one_sentence is (rule in OPTION_RULES)


def test_a_page_gets_two_sentences_and_a_row_one(tables: EndorsementTables) -> None:
    stop = first_stop(make_applicant(registry=make_registry(permit_state="lost")), TODAY, tables, phase="person")
    assert stop is not None
    assert headline(stop.refusal) == ("通行证已经挂失", "请到人工窗口补发。")
    row = offered(tables, endorsements=(held(),))["HKG-G-3M1"].stops[0]
    assert row.refusal.message == "去香港的签注还在有效期内，用完或到期后再来办理。"


def test_nothing_personal_is_printed_by_accident() -> None:
    text = repr(make_applicant(chip_full_name=NAME, chip_personal_number=NUMBER))
    assert not any(secret in text for secret in (NUMBER, NAME, PERMIT, "330212", "900101"))
