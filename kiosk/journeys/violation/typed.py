"""A vehicle by its plate: the characters, what kind of plate it is, and the proof that its licence is at hand (V01)."""

from __future__ import annotations

from functools import partial

from kiosk.domain.eligibility import plate_refusal
from kiosk.domain.errors import Refusal
from kiosk.domain.plate import (
    PlateError,
    display_plate,
    fitting_types,
    normalise_plate,
    parse_plate,
    plate_colour,
    plate_type_name,
)
from kiosk.domain.vin import ProofError, normalise_proof
from kiosk.domain.violation import Vehicle
from kiosk.journeys.kit import Kit, reach, refuse
from kiosk.journeys.violation.filing import OTHER
from kiosk.screens.base import Back, ask
from kiosk.screens.vehicle import ChoosePlateType, PlateTypeRow
from kiosk.screens.violation import EnterPlate, EnterVehicleProof, PlateAnswer

MISMATCH = Refusal("V01", "车牌和车架号（发动机号）对不上。请核对行驶证，或到窗口办理。", "", "proof mismatch")


async def ask_plate(kit: Kit) -> Vehicle:
    """Plate keypad, kind of plate, then the last six characters of VIN or engine number. Raises Back to the vehicle list, Ended."""
    trouble, value = "", ""
    while True:
        answer = await ask(kit.desk, EnterPlate(kit.settings.kiosk.site_plate, value, trouble))
        trouble, value = "", answer.plate
        try:
            return await _of_plate(kit, answer)
        except PlateError:
            trouble = "车牌号码不完整或有误，请核对后再输入。"
        except Back:
            continue


async def _of_plate(kit: Kit, answer: PlateAnswer) -> Vehicle:
    """One plate may stand on several kinds of vehicle; where it can stand on one only, nobody is asked which. Raises Back to the
    keypad, PlateError, Ended."""
    plate = normalise_plate(answer.plate)
    fitting = fitting_types(plate)
    if len(fitting) < 2:
        plate_type = fitting[0] if fitting else answer.plate_type
        return await _proved(kit, parse_plate(plate, plate_type), plate_type)
    rows = tuple(PlateTypeRow(each, plate_type_name(each), plate_colour(each)) for each in fitting)
    while True:
        plate_type = await ask(kit.desk, ChoosePlateType(display_plate(plate), rows, answer.plate_type))
        try:
            return await _proved(kit, parse_plate(plate, plate_type), plate_type)
        except Back:
            continue


async def _proved(kit: Kit, plate: str, plate_type: str) -> Vehicle:
    """Raises Back, Ended."""
    refusal = plate_refusal(plate, plate_type, kit.tables.rules)
    if refusal is not None:
        raise await refuse(kit, refusal, other=OTHER)
    wrong = ""
    while True:
        typed = await ask(kit.desk, EnterVehicleProof(display_plate(plate), wrong))
        try:
            proof = normalise_proof(typed)
        except ProofError:
            wrong = "请输入后 6 位，字母和数字都可以。"
            continue
        found = await reach(kit, "正在核对车辆", partial(kit.police.verify_vehicle, plate, plate_type, proof))
        if found is None:
            raise await refuse(kit, MISMATCH, "车辆信息没有核对上")
        return found
