"""C03 of the form service, and the form filled by the card."""

from __future__ import annotations

from kiosk.domain.forms.fill import fill_from_card
from kiosk.domain.forms.naming import TableNames
from kiosk.domain.names import romanise, split_name
from kiosk.journeys.consent import Face, ask_consent
from kiosk.journeys.form.visit import Visit
from kiosk.journeys.kit import Kit, applications_of

FOR_THE_FORM = Face("form_photo_consent", "我同意本机拍摄证件照片，只用于这份申请，本机办完即清除。")


async def start(visit: Visit, kit: Kit) -> Visit:
    studio = applications_of(kit).studio
    return await ask_consent(
        visit,
        kit,
        title="出入境证件申请表",
        bring="本人居民身份证",
        duration="约 4 分钟",
        cost="填表、拍照、打印都不收费",
        terms="form_terms",
        face=FOR_THE_FORM if studio is not None else None,
    )


async def begin(visit: Visit, kit: Kit) -> Visit:
    """Everything the card says and what follows from it. A card that is read again begins the form again only for somebody else."""
    made, kept, card = applications_of(kit), visit.kept, visit.holder
    if kept.record is not None and kept.record.text(made.id_key) == card.number:
        return visit
    kept.record = fill_from_card(made.form, card, made.codes, TableNames(made.names), kit.clock.now().date())
    parts = split_name(card.name, made.names)
    kept.certain, kept.spelt = parts.certain, romanise(parts, made.names)
    kept.seen.clear()
    kept.way, kept.photo, kept.draft = None, None, None
    return visit
