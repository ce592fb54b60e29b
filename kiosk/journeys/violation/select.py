"""The vehicle and the records: what there is, what may be chosen here, and for everything else the reason."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial

import structlog

from kiosk.domain import eligibility, identity
from kiosk.domain.calendar import work_calendar
from kiosk.domain.errors import GatewayUnavailable, Refusal, Refused
from kiosk.domain.plate import display_plate, plate_type_name
from kiosk.domain.points_check import points_doubts
from kiosk.domain.texts import written_date
from kiosk.domain.violation import HandledRecord, Vehicle, ViolationRecord
from kiosk.journeys.kit import EXIT, Kit, reach, refuse, tell
from kiosk.journeys.violation.evidence import show_evidence
from kiosk.journeys.violation.filing import OTHER, file_vehicle
from kiosk.journeys.violation.let_go import let_go_soon
from kiosk.journeys.violation.typed import ask_plate
from kiosk.journeys.violation.visit import Kept, Visit
from kiosk.journeys.walker import Ended
from kiosk.journeys.words import moment
from kiosk.screens.base import Back, Button, Cancelled, ask
from kiosk.screens.violation import (
    ChooseVehicle,
    ChooseViolations,
    Chosen,
    ReviewSelection,
    SummaryLine,
    VehicleRow,
    ViewEvidence,
    ViolationRow,
)

log = structlog.get_logger(__name__)
RELATIONS = {"own": "本人车辆", "filed": "已备案车辆", "typed": "手工输入"}
NEAR_FULL = "处理后记分接近 12 分，请谨慎驾驶。"
AGAIN = Button("again", "重新选择")
PROXY = "请由实际驾驶人本人处理。代他人处理违法记分是违法行为。"


async def choose_vehicle(visit: Visit, kit: Kit) -> Visit:
    """Own and filed vehicles, or a typed plate with proof, filed where its owner consents (V01–V11); then its open records."""
    card = visit.holder
    vehicles, handled = await reach(kit, "正在查询您的车辆", partial(_known, kit, card.number))
    counts = await asyncio.gather(*(_count(kit, vehicle) for vehicle in vehicles))
    rows = tuple(_vehicle_row(visit, kit, vehicle, count) for vehicle, count in zip(vehicles, counts, strict=True))
    by_key = {vehicle.plate_type + vehicle.plate: vehicle for vehicle in vehicles}
    notice = PROXY if any(v.relation == "filed" for v in vehicles) else ""
    while True:
        key = await ask(kit.desk, ChooseVehicle(identity.mask_name(card.name), rows, notice))
        try:
            vehicle = await _handleable(visit, kit, by_key[key] if key is not None else await ask_plate(kit))
        except Back:
            continue
        records = await reach(
            kit, "正在查询违法记录", partial(kit.police.open_records, vehicle.plate, vehicle.plate_type)
        )
        if records:
            if visit.kept.ticked and not {record.record_id for record in records}.issuperset(visit.kept.ticked):
                visit.kept.ticked = ()
            _doubt(kit, vehicle, records)
            cautions = _cautions(visit, kit, vehicle)
            return replace(
                visit, vehicle=vehicle, records=tuple(records), handled=handled, cautions=cautions, chosen=()
            )
        body = f"{display_plate(vehicle.plate)} 没有未处理的违法。"
        if await tell(kit, "没有未处理的违法", body, OTHER, EXIT, tone="ok") != OTHER.id:
            raise Ended("nothing_open")


async def _known(kit: Kit, id_number: str) -> tuple[tuple[Vehicle, ...], tuple[HandledRecord, ...]]:
    """The person's vehicles, and what they took in this points cycle. One without the other is not enough to judge by."""
    vehicles, handled = await asyncio.gather(kit.police.vehicles(id_number), kit.police.handled(id_number))
    return tuple(vehicles), tuple(handled)


async def _handleable(visit: Visit, kit: Kit, vehicle: Vehicle) -> Vehicle:
    """The vehicle, filed on the way where that was missing only. Raises Back to the list, Ended where the citizen leaves because it is
    refused, or staff are wanted."""
    refusal = _against(visit, kit, vehicle)
    if refusal is not None and refusal.code == "V02" and vehicle.relation == "typed":
        vehicle = await file_vehicle(visit, kit, vehicle, PROXY)
        refusal = _against(visit, kit, vehicle)
    if refusal is None:
        return vehicle
    if eligibility.alarms(refusal):
        log.error("staff_wanted", code=refusal.code)
        raise await refuse(kit, refusal)
    raise await refuse(kit, refusal, other=OTHER)


def _against(visit: Visit, kit: Kit, vehicle: Vehicle) -> Refusal | None:
    today = kit.clock.now().date()
    return eligibility.vehicle_refusal(vehicle, kit.tables.rules, today=today, driver=visit.driver)


def _cautions(visit: Visit, kit: Kit, vehicle: Vehicle) -> tuple[str, ...]:
    today, rules = kit.clock.now().date(), kit.tables.rules
    licence = eligibility.licence_warnings(visit.driver, today, rules)
    return tuple(
        caution.message
        for caution in (*licence, *eligibility.vehicle_warnings(vehicle, rules, today=today, driver=visit.driver))
    )


def _doubt(kit: Kit, vehicle: Vehicle, records: Sequence[ViolationRecord]) -> None:
    """Points that do not fit the law's lists are told to staff; what the platform says is shown and booked all the same."""
    today = kit.clock.now().date()
    for record in records:
        for doubt in points_doubts(record, vehicle, kit.tables.codes, today):
            log.warning("points_doubtful", code=doubt.code, reason=doubt.reason)


async def _count(kit: Kit, vehicle: Vehicle) -> int | None:
    """How many open records to show beside the plate; not knowing must not stop anybody."""
    try:
        return len(await kit.police.open_records(vehicle.plate, vehicle.plate_type))
    except (GatewayUnavailable, Refused):
        return None


def _vehicle_row(visit: Visit, kit: Kit, vehicle: Vehicle, count: int | None) -> VehicleRow:
    refusal = _against(visit, kit, vehicle)
    return VehicleRow(
        display_plate(vehicle.plate),
        vehicle.plate_type,
        plate_type_name(vehicle.plate_type),
        RELATIONS.get(vehicle.relation, vehicle.relation),
        count,
        refusal.message if refusal else "",
    )


async def choose_records(visit: Visit, kit: Kit) -> Visit:
    """C06: tick records; after each tick the points decide anew what else may be chosen (V03, V12, E05, E16, E17, W01–W11, S1–S5)."""
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
                raise Ended("objected" if visit.kept.objected else "none_eligible") from None
            if isinstance(answer, ViewEvidence):
                visit.kept.ticked, shown = answer.chosen, answer.page
                break
            chosen = visit.kept.ticked = _admit(visit, kit, answer.record_ids)
            if isinstance(answer, Chosen) and chosen:
                return replace(visit, chosen=chosen)
            page.update(_list(visit, _verdicts(visit, kit, chosen), chosen, shown))
        record = next(record for record in visit.records if record.record_id == answer.record_id)
        visit = await show_evidence(visit, kit, record)
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
        visit.records,
        visit.vehicle,
        visit.driver,
        chosen,
        kit.clock.now().date(),
        kit.tables.rules,
        handled=visit.handled,
        held=visit.kept.held,
    )
    return verdicts | {name: why for name, why in visit.kept.locks().items() if name in verdicts}


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


async def review(visit: Visit, kit: Kit) -> Visit:
    """C08: what was chosen, the sum, and the points before and after; then the records are this visit's, or somebody else's (W11)."""
    picked = visit.picked()
    calendar = work_calendar(kit.tables.holidays, kit.tables.rules.deadline)
    before = visit.driver.points if visit.driver else 0
    added = sum(record.points for record in picked)
    near = before + added >= kit.tables.rules.set.near_full_from
    warnings = (*((NEAR_FULL,) if near else ()), *visit.cautions)
    screen = ReviewSelection(
        lines=tuple(SummaryLine(r.act, f"{moment(r.at)}　{r.place}", r.fine_fen, r.points) for r in picked),
        total_fen=sum(record.fine_fen for record in picked),
        points_before=before,
        points_added=added,
        pay_by=written_date(calendar.deadline(kit.clock.now().date())),
        warning="\n".join(warnings),
    )
    await ask(kit.desk, screen)
    await _hold(visit, kit)
    return visit


async def _hold(visit: Visit, kit: Kit) -> None:
    """Keep the chosen records for this visit. Raises Back to the list, where those that somebody else has are locked now."""
    chosen, kept = visit.chosen, visit.kept
    elsewhere = await reach(
        kit, "正在确认违法记录", partial(kit.police.hold, chosen, visit.holder.number, kept.session)
    )
    kept.holding |= set(chosen) - set(elsewhere)
    if not elsewhere:
        return
    log.warning("records_held_elsewhere", count=len(elsewhere))
    kept.held |= set(elsewhere)
    kept.ticked = tuple(record_id for record_id in kept.ticked if record_id not in kept.held)
    body = f"有 {len(elsewhere)} 条正在别的机器或窗口办理，请重新选择。"
    await tell(kit, "有的违法正在别处办理", body, AGAIN, tone="warn", code="W11")
    raise Back


async def let_go(kept: Kept, kit: Kit) -> None:
    """Give back what was held and not handled, so that the next machine can have it; where that fails it ends by itself."""
    if kept.holding:
        await let_go_soon(kit.police.release(kept.session), "records")
