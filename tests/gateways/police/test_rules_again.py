"""A kiosk that forgot a rule meets the platform's own refusal; one that keeps them all gets its decision."""

from __future__ import annotations

import pytest

from config.scenarios import load_scenario
from kiosk.domain.errors import Refused
from kiosk.domain.violation import Consent
from kiosk.gateways.police.simulated import SimulatedPolice
from kiosk.gateways.sim_server import SimRefusal
from tests.gateways.halls import SIGNATURE, WAIVED
from tests.gateways.scenario_files import TODAY, asks_owner

REFUSES = {
    "v_e14_key_person": ("others_closed",),
    "v_e15_suspected_proxy": ("suspected_proxy",),
    "v_e16_class": ("wrong_class",),
    "v_e17_before_licence": ("not_licensed_then",),
    "v_e17_suspended_then": ("not_licensed_then", ""),
    "v_e19_foreign": ("licence_kind",),
    "v_e19_military": ("licence_kind",),
    "v_e19_temporary": ("licence_kind",),
    "v_v03_before_filing": ("not_filed_in_time", "not_filed_in_time", ""),
    "v_v05_unit": ("unit_vehicle",),
    "v_v06_hazmat": ("key_vehicle",),
    "v_v07_police_plate": ("plate_type",),
    "v_v08_stolen": ("vehicle_status",),
    "v_v08_scrap": ("vehicle_status",),
    "v_v12_case": ("under_case",),
    "v_w01_handled": ("already_decided",),
    "v_w02_fine_201": ("general_procedure", ""),
    "v_w03_detention": ("general_procedure",),
    "v_w04_nine_points": ("too_many_points",),
    "v_w05_eleven_stays": ("", "points_limit"),
    "v_w06_objected": ("record_not_open",),
    "v_w06_auditing": ("record_not_open",),
    "v_w06_correcting": ("record_not_open",),
    "v_w07_no_photo": ("record_incomplete",),
    "v_w07_no_basis": ("record_incomplete",),
    "v_w09_window_only": ("window_only",),
    "v_w10_two_places": ("two_places",),
    "v_w11_held": ("record_held",),
    "v_w11_held_meanwhile": ("record_held", ""),
    "v_s1_fourth_plate": ("too_many_plates", ""),
    "v_s2_fourth_licence": ("too_many_licences",),
    "v_number_refused": ("not_now",),
    "v_number_pool": ("number_missing", "number_missing"),
    # What is open although it looks like the ones above.
    "v_e14_own_vehicle": ("",),
    "v_e16_class_fits": ("",),
    "v_e18_probation": ("",),
    "v_v05_unit_filed": ("",),
    "v_v09_seized": ("",),
    "v_v10_inspection": ("",),
    "v_v11_insurance": ("",),
    "v_w08_other_province": ("", ""),
    "v_s1_third_plate": ("",),
    "v_s2_among_three": ("",),
    "v_s3_others_vehicle": ("",),
    "v_s4_same_vehicle": ("", "points_limit"),
}


@pytest.mark.parametrize("name", REFUSES)
def test_record_by_record(name):
    scenario = load_scenario(name, TODAY)
    world = SimulatedPolice([scenario]).world
    said = []
    for record in scenario.records:
        try:
            world.decide(record.id, scenario.person.number, Consent(WAIVED, SIGNATURE), record.id)
            said.append("")
        except SimRefusal as no:
            said.append(no.code)
    assert tuple(said) == REFUSES[name]


@pytest.mark.parametrize("consent", [Consent(WAIVED), Consent(WAIVED, SIGNATURE, "", "027001")])
async def test_either_signed_or_noted(hall, consent):
    with pytest.raises(Refused) as no:
        await hall.client.decide(hall.record, hall.number, consent, hall.record)
    assert no.value.code == "no_consent"


async def test_a_refusal_to_sign_stands_on_the_decision(hall):
    decision = await hall.client.decide(hall.record, hall.number, Consent(WAIVED, refusal_noted_by="027001"), "k")
    assert decision.refused_to_sign
    assert await hall.client.find_decision(hall.record) == decision
    assert hall.sim.world.books.decisions[hall.record].refusal_noted_by == "027001"


async def test_a_signature_that_must_be_recorded(open_hall, tmp_path):
    async with open_hall(asks_owner(tmp_path, platform="wants_recording = true")) as hall:
        number = (await hall.client.reserve_number(hall.record, "n")).number
        with pytest.raises(Refused) as no:
            await hall.client.decide(hall.record, hall.number, Consent(WAIVED, SIGNATURE), "k", number)
        assert no.value.code == "not_recorded"
        decision = await hall.client.decide(hall.record, hall.number, Consent(WAIVED, SIGNATURE, "1" * 64), "k", number)
        assert not decision.refused_to_sign
