"""C07: pictures, figures and law behind one record. What cannot be looked at is not to be accepted (行政处罚法 第41条; 公安部令105 第18条):
a record whose pictures do not come or cannot be shown stays on the list, greyed."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import structlog

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.domain.identity import Photo
from kiosk.domain.plate import display_plate
from kiosk.domain.violation import ViolationRecord
from kiosk.journeys.kit import Kit
from kiosk.journeys.violation.objection import object_to
from kiosk.journeys.violation.visit import UNSEEN, Visit
from kiosk.journeys.words import moment
from kiosk.screens.base import Back, Row
from kiosk.screens.violation import Evidence, Measured, PhotoBroken

log = structlog.get_logger(__name__)
_FIGURE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(\D*?)\s*")


async def show_evidence(visit: Visit, kit: Kit, record: ViolationRecord) -> Visit:
    """From here the citizen may object. Back and close lead to the list."""
    law = f"违反规定：{record.provisions}\n处罚依据：{record.basis}"
    plain = tuple(row.text for row in kit.tables.plain.find(record.provisions, record.basis))
    screen = Evidence(record.act, _facts(record), law, plain=plain, measured=measured(record))
    page = kit.desk.open(screen)
    photos = await _fetch(kit, record)
    screen = replace(screen, photos=photos)
    if len(photos) < max(record.photos, 1):
        screen = _lock(visit, record, screen)
    page.update(screen)
    while True:
        try:
            answer = await page.answer()
        except Back:
            return visit
        if isinstance(answer, PhotoBroken):
            screen = _lock(visit, record, screen)
            page.update(screen)
        else:
            return await object_to(visit, kit, record) if answer == "object" else visit


async def _fetch(kit: Kit, record: ViolationRecord) -> tuple[Photo, ...]:
    try:
        async with asyncio.timeout(kit.settings.police.read_s):
            return tuple(await kit.police.evidence(record.record_id))
    except (GatewayUnavailable, Refused, TimeoutError) as error:
        log.warning("evidence_not_had", error=type(error).__name__)
        return ()


def _lock(visit: Visit, record: ViolationRecord, screen: Evidence) -> Evidence:
    """It was ticked perhaps; it is no more."""
    log.warning("evidence_not_whole")
    visit.kept.unseen.add(record.record_id)
    visit.kept.ticked = tuple(each for each in visit.kept.ticked if each != record.record_id)
    return replace(screen, locked=UNSEEN.message)


def _facts(record: ViolationRecord) -> tuple[Row, ...]:
    return (
        Row("时间", moment(record.at)),
        Row("地点", record.place),
        Row("车牌", display_plate(record.plate)),
        Row("采集机关", record.authority),
    )


def measured(record: ViolationRecord) -> Measured | None:
    """What the platform measured; drawn only where both are figures of one unit. Over the limit is counted as 公安部令163 does: the limit
    is the whole."""
    if not record.measured:
        return None
    value, limit = _FIGURE.fullmatch(record.measured), _FIGURE.fullmatch(record.limit)
    units = {match[2] for match in (value, limit) if match is not None and match[2]}
    if value is None or limit is None or len(units) > 1 or float(limit[1]) <= 0:
        return Measured(record.measured, record.limit)
    found, allowed = float(value[1]), float(limit[1])
    over = f"超过 {_percent(found, allowed)}%" if found > allowed else ""
    return Measured(record.measured, record.limit, found, allowed, over)


def _percent(found: float, allowed: float) -> str:
    """Cut off, not rounded: 19.96 is not twenty."""
    tenths = int((found - allowed) * 1000 / allowed + 1e-9)
    return f"{tenths // 10}" if tenths % 10 == 0 else f"{tenths / 10:.1f}"
