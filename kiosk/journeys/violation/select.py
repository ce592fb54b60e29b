"""The vehicle and the records: what there is, what may be chosen here, and for everything else the reason."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial

from kiosk.domain import eligibility, identity
from kiosk.domain.calendar import work_calendar
from kiosk.domain.errors import GatewayUnavailable, Refusal, Refused
from kiosk.domain.plate import PlateError, display_plate, parse_plate, plate_type_name
from kiosk.domain.texts import written_date
from kiosk.domain.vin import ProofError, normalise_proof
from kiosk.domain.violation import Vehicle, ViolationRecord
from kiosk.journeys.kit import EXIT, Kit, reach, refuse, tell
from kiosk.journeys.violation.objection import object_to
from kiosk.journeys.violation.visit import Visit
from kiosk.journeys.walker import Ended
from kiosk.journeys.words import moment
from kiosk.screens.base import Back, Button, Cancelled, Row, ask
from kiosk.screens.violation import (
    ChooseVehicle,
    ChooseViolations,
    Chosen,
    EnterPlate,
    EnterVehicleProof,
    Evidence,
    ReviewSelection,
    SummaryLine,
    VehicleRow,
    ViewEvidence,
    ViolationRow,
)

OTHER = Button("other", "换一辆车")
RELATIONS = {"own": "本人车辆", "filed": "已备案车辆", "typed": "手工输入"}
OBJECTED = Refusal("W06", "您已对这条记录提出异议，核查期间不处理、不罚款。", "公安部令105 第5条", "under objection")


async def choose_vehicle(visit: Visit, kit: Kit) -> Visit:
    """Own and filed vehicles, or a typed plate with proof (V01–V03, V06); then the vehicle's open records."""
    card = visit.holder
    vehicles = await reach(kit, "正在查询您的车辆", lambda: kit.police.vehicles(card.number))
    counts = await asyncio.gather(*(_count(kit, vehicle) for vehicle in vehicles))
    rows = tuple(_vehicle_row(kit, vehicle, count) for vehicle, count in zip(vehicles, counts, strict=True))
    by_key = {vehicle.plate_type + vehicle.plate: vehicle for vehicle in vehicles}
    notice = (
        "请由实际驾驶人本人处理。代他人处理违法记分是违法行为。" if any(v.relation == "filed" for v in vehicles) else ""
    )
    while True:
        key = await ask(kit.desk, ChooseVehicle(identity.mask_name(card.name), rows, notice))
        try:
            vehicle = by_key[key] if key is not None else await _typed(kit)
        except Back:
            continue
        refusal = eligibility.vehicle_refusal(vehicle, kit.tables.rules)
        if refusal is not None:
            raise await refuse(kit, refusal)
        records = await reach(
            kit, "正在查询违法记录", partial(kit.police.open_records, vehicle.plate, vehicle.plate_type)
        )
        if records:
            if visit.kept.ticked and not {record.record_id for record in records}.issuperset(visit.kept.ticked):
                visit.kept.ticked = ()
            return replace(visit, vehicle=vehicle, records=tuple(records), chosen=())
        body = f"{display_plate(vehicle.plate)} 没有未处理的违法。"
        if await tell(kit, "没有未处理的违法", body, OTHER, EXIT, tone="ok") != OTHER.id:
            raise Ended("nothing_open")


async def _count(kit: Kit, vehicle: Vehicle) -> int | None:
    """How many open records to show beside the plate; not knowing must not stop anybody."""
    try:
        return len(await kit.police.open_records(vehicle.plate, vehicle.plate_type))
    except (GatewayUnavailable, Refused):
        return None


def _vehicle_row(kit: Kit, vehicle: Vehicle, count: int | None) -> VehicleRow:
    refusal = eligibility.vehicle_refusal(vehicle, kit.tables.rules)
    return VehicleRow(
        display_plate(vehicle.plate),
        vehicle.plate_type,
        plate_type_name(vehicle.plate_type),
        RELATIONS.get(vehicle.relation, vehicle.relation),
        count,
        refusal.message if refusal else "",
    )


async def _typed(kit: Kit) -> Vehicle:
    """Plate keypad, then the last six characters of VIN or engine number. Raises Back to the vehicle list."""
    trouble, value = "", ""
    while True:
        answer = await ask(kit.desk, EnterPlate(kit.settings.kiosk.site_plate, value, trouble))
        try:
            plate = parse_plate(answer.plate, answer.plate_type)
        except PlateError:
            trouble, value = "车牌号码不完整或有误，请核对后再输入。", answer.plate
            continue
        wrong = ""
        while True:
            try:
                typed = await ask(kit.desk, EnterVehicleProof(display_plate(plate), wrong))
            except Back:
                trouble, value = "", answer.plate
                break
            try:
                proof = normalise_proof(typed)
            except ProofError:
                wrong = "请输入后 6 位，字母和数字都可以。"
                continue
            found = await reach(
                kit, "正在核对车辆", partial(kit.police.verify_vehicle, plate, answer.plate_type, proof)
            )
            if found is not None:
                return found
            refusal = Refusal(
                "V01", "车牌和车架号（发动机号）对不上。请核对行驶证，或到窗口办理。", "", "proof mismatch"
            )
            raise await refuse(kit, refusal, "车辆信息没有核对上")


async def choose_records(visit: Visit, kit: Kit) -> Visit:
    """C06: tick records; after each tick the points decide anew what else may be chosen (W01–W05)."""
    chosen, shown = visit.kept.ticked, 0
    while True:
        chosen = _admit(visit, kit, chosen)
        page = kit.desk.open(_list(visit, _verdicts(visit, kit, chosen), chosen, shown))
        while True:
            try:
                answer = await page.answer()
            except Cancelled:
                if any(verdict is None for verdict in _verdicts(visit, kit, ()).values()):
                    raise
                raise Ended("none_eligible") from None
            if isinstance(answer, ViewEvidence):
                visit.kept.ticked, shown = answer.chosen, answer.page
                break
            chosen = visit.kept.ticked = _admit(visit, kit, answer.record_ids)
            if isinstance(answer, Chosen) and chosen:
                return replace(visit, chosen=chosen)
            page.update(_list(visit, _verdicts(visit, kit, chosen), chosen, shown))
        visit = await _evidence(visit, kit, answer)
        chosen = visit.kept.ticked


def _admit(visit: Visit, kit: Kit, wanted: Collection[str]) -> tuple[str, ...]:
    """Those of the wanted records that may be handled together, taken in the order of the list."""
    admitted: tuple[str, ...] = ()
    for record in visit.records:
        if record.record_id in wanted and _verdicts(visit, kit, admitted)[record.record_id] is None:
            admitted = (*admitted, record.record_id)
    return admitted


def _verdicts(visit: Visit, kit: Kit, chosen: tuple[str, ...]) -> Mapping[str, Refusal | None]:
    if visit.vehicle is None:
        raise RuntimeError("records are chosen after the vehicle is known")
    verdicts = eligibility.record_verdicts(
        visit.records, visit.vehicle, visit.driver, chosen, kit.clock.now().date(), kit.tables.rules
    )
    return verdicts | dict.fromkeys(visit.kept.objected & verdicts.keys(), OBJECTED)


def _list(visit: Visit, verdicts: Mapping[str, Refusal | None], chosen: tuple[str, ...], page: int) -> ChooseViolations:
    rows = tuple(
        ViolationRow(
            record.record_id,
            record.act,
            moment(record.at),
            display_plate(record.plate),
            record.place,
            record.fine_fen,
            record.points,
            refusal.message if (refusal := verdicts[record.record_id]) else "",
            refusal.code if refusal else "",
        )
        for record in visit.records
    )
    return ChooseViolations(identity.mask_name(visit.holder.name), rows, chosen, page)


async def _evidence(visit: Visit, kit: Kit, view: ViewEvidence) -> Visit:
    """C07: the pictures and the law; from here the citizen may object."""
    record = next(record for record in visit.records if record.record_id == view.record_id)
    screen = Evidence(record.act, _facts(record), f"违反规定：{record.provisions}\n处罚依据：{record.basis}")
    page = kit.desk.open(screen)
    try:
        async with asyncio.timeout(kit.settings.police.read_s):
            photos = tuple(await kit.police.evidence(record.record_id))
    except (GatewayUnavailable, Refused, TimeoutError):
        photos = ()
    page.update(replace(screen, photos=photos))
    try:
        answer = await page.answer()
    except Back:
        return visit
    return await object_to(visit, kit, record) if answer == "object" else visit


def _facts(record: ViolationRecord) -> tuple[Row, ...]:
    rows = [Row("时间", moment(record.at)), Row("地点", record.place), Row("车牌", display_plate(record.plate))]
    if record.measured:
        rows.append(Row("测量值", f"{record.measured}（标准值 {record.limit}）" if record.limit else record.measured))
    return (*rows, Row("采集机关", record.authority))


async def review(visit: Visit, kit: Kit) -> Visit:
    """C08: what was chosen, the sum, and the points before and after."""
    picked = visit.picked()
    calendar = work_calendar(kit.tables.holidays, kit.tables.rules.deadline)
    before = visit.driver.points if visit.driver else 0
    added = sum(record.points for record in picked)
    near = before + added >= kit.tables.rules.set.near_full_from
    screen = ReviewSelection(
        lines=tuple(SummaryLine(r.act, f"{moment(r.at)}　{r.place}", r.fine_fen, r.points) for r in picked),
        total_fen=sum(record.fine_fen for record in picked),
        points_before=before,
        points_added=added,
        pay_by=written_date(calendar.deadline(kit.clock.now().date())),
        warning="处理后记分接近 12 分，请谨慎驾驶。" if near else "",
    )
    await ask(kit.desk, screen)
    return visit
