"""The answers as a draft at the exit-entry platform, so that the window finds them and the form carries its bar codes.

A service to the citizen, never a condition: where the platform does not answer, the form is printed without bar codes, and the signed
code on it carries the same answers.
"""

from __future__ import annotations

import asyncio
import uuid

import structlog

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.domain.forms.conditions import only_valid
from kiosk.domain.forms.draft import Draft
from kiosk.domain.forms.record import Record
from kiosk.domain.identity import Photo
from kiosk.journeys.form.visit import Kept, Visit
from kiosk.journeys.kit import SOON, Applications, Kit, applications_of, working
from kiosk.ports.forms import DraftDesk
from kiosk.screens.common import Phase

log = structlog.get_logger(__name__)
WITHDRAW_S = 5.0
"""The next citizen waits meanwhile; the platform forgets drafts by itself."""


async def submit(visit: Visit, kit: Kit) -> Visit:
    """Sent again after every change, under the same key, which keeps number and bar codes."""
    made, kept = applications_of(kit), visit.kept
    if made.drafts is None:
        return visit
    record = _without_system(made, visit.record)
    answers = only_valid(made.form, record)
    kept.stale = bool(kept.draft_key)
    kept.draft_key, kept.draft = kept.draft_key or uuid.uuid4().hex, None
    kept.draft = await _sent(kit, made.drafts, kept.draft_key, answers, visit.photo)
    if kept.draft is not None:
        kept.stale, record = False, _with_system(made, record, kept.draft)
    kept.record = record
    return visit


async def _sent(kit: Kit, drafts: DraftDesk, key: str, answers: Record, photo: Photo | None) -> Draft | None:
    """None where the platform does not take it or does not answer."""
    job = asyncio.ensure_future(drafts.submit(key, answers, photo))
    try:
        async with kit.guard.hold():
            await asyncio.wait((job,), timeout=SOON)
            if not job.done():
                kit.desk.open(working("正在准备申请表", (Phase("发送到业务系统", "doing"),)))
            return await job
    except GatewayUnavailable as trouble:
        log.warning("draft_not_sent", gateway=trouble.gateway, hint=trouble.hint)
    except Refused as refused:
        log.warning("draft_refused", code=refused.code)
    finally:
        if not job.done():
            job.cancel()
            await asyncio.gather(job, return_exceptions=True)
    return None


async def withdraw(kept: Kept, kit: Kit) -> None:
    """At the end of a visit: the draft stays where a form with its answers may have come out, and nowhere else."""
    if not kept.draft_key or (kept.printed and not kept.stale):
        return
    # The citizen's pages are gone already; whoever stands here sees that the machine is at work.
    kit.desk.allow(back=False, cancel=False)
    try:
        await take_back(kept, kit)
    finally:
        kit.desk.wipe()


async def take_back(kept: Kept, kit: Kit) -> None:
    """Withdraw the draft that was sent, if any. Best effort: what cannot be reached now expires at the platform."""
    drafts = applications_of(kit).drafts
    if drafts is None or not kept.draft_key:
        return
    job = asyncio.ensure_future(_withdrawn(drafts, kept.draft_key))
    try:
        async with kit.guard.hold():
            await asyncio.wait((job,), timeout=SOON)
            if not job.done():
                kit.desk.open(working("请稍等", (Phase("清除前面填的内容", "doing"),)))
            await job
    finally:
        if not job.done():
            job.cancel()
            await asyncio.gather(job, return_exceptions=True)
    kept.draft_key, kept.draft, kept.stale = "", None, False


async def _withdrawn(drafts: DraftDesk, key: str) -> None:
    try:
        async with asyncio.timeout(WITHDRAW_S):
            await drafts.withdraw(key)
    except (GatewayUnavailable, Refused, TimeoutError) as error:
        log.warning("draft_not_withdrawn", kind=type(error).__name__)


def _without_system(made: Applications, record: Record) -> Record:
    """What the platform gave for an earlier sending is asked for anew."""
    for field in made.form.field:
        if field.kind == "barcode" or field.fill == "hall.appointment":
            record = record.put(field.key, "", "system")
    return record


def _with_system(made: Applications, record: Record, draft: Draft) -> Record:
    for field in made.form.field:
        if field.kind == "barcode":
            record = record.put(field.key, draft.barcodes.get(field.key, ""), "system")
    key = made.form.key_of("hall.appointment")
    if key and draft.appointment is not None:
        record = record.put(key, draft.appointment.number, "system")
    return record
